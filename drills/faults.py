"""The drill of faults: everything dies again and again, and nothing is lost.

    python -m drills.faults --seconds 600 --readers 50 --seed 7 --json drill.json

Scripted readers grade, a coordinator uploads and a worker writes reports, while web,
worker, PostgreSQL and Redis are killed, the disk fills, a clock goes wrong and lines
break.
Then every promise is checked; the exit is 1 where one is broken. Linux only.
"""

import argparse
import json
import os
import secrets
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.viewers.machine import machine
from drills.inside import enter
from drills.stack import DATABASES, Stack, stack

if TYPE_CHECKING:
    from drills.drill import Figures

LOG_LINES = 40


def main(words: Sequence[str] | None = None) -> int:
    """Run one drill and print what came of it."""
    arguments = _arguments(words)
    # A polite end, too, takes everything with it that was started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    about = machine("")
    del about["chromium"]
    _say(
        f"Drill of {arguments.seconds:g} s with {arguments.readers} readers on "
        f"{arguments.database}; seed {arguments.seed}."
    )
    lease = {"JOB_LEASE_SECONDS": str(arguments.lease)}
    with stack(arguments.database, arguments.seed, **lease) as site:
        try:
            figures = _drilled(site, arguments)
        except (TimeoutError, AssertionError):
            _say(f"The drill could not be finished; seed {arguments.seed}.")
            traceback.print_exc()
            _say("\n".join(log_of(site)[-LOG_LINES:]))
            return 1
        finally:
            _keep_log(site, arguments.log)
        # The proxy tells its cuts when it ends.
        site.stop()
        figures.told["cuts"] = {line: dict(cuts) for line, cuts in site.cuts.items()}
    about["load_after"] = os.getloadavg()[0]
    _report(figures, about, arguments)
    return 0 if figures.all_hold else 1


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drills.faults")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    parser.add_argument(
        "--pace",
        type=float,
        default=4.0,
        help="seconds that a reader looks at a report",
    )
    parser.add_argument(
        "--lease", type=int, default=30, help="JOB_LEASE_SECONDS of the site"
    )
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    parser.add_argument(
        "--log",
        type=Path,
        default=Path(tempfile.gettempdir(), "drill.log"),
        help="keep the log of all processes here",
    )
    arguments = parser.parse_args(words)
    if arguments.readers < 1 or arguments.seconds <= 0 or arguments.pace <= 0:
        parser.error("Readers, seconds and pace are above 0.")
    return arguments


def _drilled(site: Stack, arguments: argparse.Namespace) -> "Figures":
    enter(site)
    # Django's models can be imported only now.
    from drills.drill import Drill, tell
    from drills.world import World

    # Nobody may run out of reports: with two arms, twice as many as can be read.
    cases = max(6, int(arguments.seconds / arguments.pace / 2) + 30)
    tell(f"A study of {cases} cases is dealt to {arguments.readers} readers.")
    world = World(arguments.readers, cases, arguments.seed)
    site.start()
    drill = Drill(
        site, world, seconds=arguments.seconds, pace=arguments.pace, seed=arguments.seed
    )
    return drill.run()


def _keep_log(site: Stack, path: Path) -> None:
    """What goes wrong once in ten drills is found in the words of that one alone."""
    log = site.folder / "log"
    try:
        path.write_bytes(log.read_bytes())
    except OSError as problem:
        _say(f"The log of the processes is not kept: {problem}")


def log_of(site: Stack) -> list[str]:
    """What all processes have said."""
    log = site.folder / "log"
    return log.read_text(errors="replace").splitlines() if log.exists() else []


def _report(
    figures: "Figures", about: dict[str, Any], arguments: argparse.Namespace
) -> None:
    told = figures.told
    _say("\nWhat was done, when, and for how long the site was not to be had:")
    for event in told["events"]:
        back = event["back_after"]
        away = "never back" if back is None else f"{back:5.1f} s" if back else "      -"
        _say(f"  {event['at']:6.1f} s  {event['what']:34s} {away}")
    _say("\nFigures:")
    for name, value in told.items():
        if name not in {"events", "restarts"}:
            value = f"{value:.3g}" if isinstance(value, float) else value
            _say(f"  {name:32s} {value}")
    _say(
        f"  {about['processor']}, {about['cores']} cores, {about['measured_at']}, load "
        f"{about['load_before']:.1f} before and {about['load_after']:.1f} after"
    )
    _say("\nPromises:")
    for finding in figures.findings:
        _say(finding.told())
    verdict = "Everything holds" if figures.all_hold else "Something is broken"
    _say(f"\n{verdict}. To repeat it: make drill SEED={arguments.seed}")
    if not figures.all_hold:
        _say(f"What all processes said meanwhile: {arguments.log}")
    if arguments.json:
        document = {
            "arguments": {name: str(value) for name, value in vars(arguments).items()},
            "machine": about,
            "figures": told,
            "promises": [
                {
                    "rule": each.rule,
                    "is_timed": each.is_timed,
                    "problems": list(each.problems),
                }
                for each in figures.findings
            ],
        }
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
