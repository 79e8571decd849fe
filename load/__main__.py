"""Let scripted readers read, and say how many grades a second that makes.

make load                                   both modes, a minute each
make load SECONDS=1800                      longer: is the memory flat?
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from load import figures
from load.modes import MODES, Wish, measured
from load.peer import beside


def main(words: Sequence[str] | None = None) -> int:
    """Run the modes that are asked for; 1 where a reader met an error."""
    arguments = _arguments(words)
    wish = Wish(
        seconds=arguments.seconds,
        warm_up=arguments.warm_up,
        side=arguments.side,
        readers={"saturation": arguments.readers, "pace": arguments.unhurried},
    )
    found: dict[str, Any] = {"about": figures.about()}
    for name in arguments.modes:
        found[name] = figures.figures(measured(name, wish))
        _say("\n".join(figures.lines(name, found[name])))
    if arguments.peers:
        found["peer"] = figures.figures(beside(arguments.peers, wish))
        _say("\n".join(figures.lines("Label Studio", found["peer"])))
        _say(figures.ratios(found["saturation"], found["peer"]))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")
    return int(any(found[name]["gave_up"] for name in arguments.modes))


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m load")
    parser.add_argument("modes", nargs="*", default=list(MODES))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=10.0)
    parser.add_argument("--readers", type=int, default=32, help="in saturation")
    parser.add_argument("--unhurried", type=int, default=200, help="at normal pace")
    parser.add_argument("--side", type=int, default=512, help="pixels of a radiograph")
    parser.add_argument("--peers", type=Path, help="where to install Label Studio")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args(words)
    if set(arguments.modes) - set(MODES):
        parser.error(f"The modes are {', '.join(MODES)}.")
    if arguments.peers and "saturation" not in arguments.modes:
        parser.error("Label Studio is compared with the mode saturation.")
    return arguments


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
