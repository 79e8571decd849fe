"""`python -m inference COMMAND`: write reports, ask, train and evaluate from a shell.

A command is a module of `inference.commands`; only the one asked for is imported, so
that help comes at once and does not wait for torch.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "report": "write a report on each radiograph",
    "label": "name which of fourteen findings each radiograph shows",
    "ask": "put a question about each radiograph",
    "panel": "draw one case with questions and answers as a figure",
    "selftest": "prove whether a checkpoint looks at the image",
    "bench": "measure how fast a checkpoint writes",
    "data": "make a manifest for training from a public data set",
    "dialogues": "have a chat model write questions and answers on reports",
    "train": "run one stage of training",
    "curves": "draw the loss curves of training",
    "evaluate": "measure a checkpoint on phantoms it has not seen",
}
INTERRUPTED = 130
# torch's threads must not spin while they wait for each other: other work may share the
# cores. It is read once, when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that the words name and return its exit status."""
    words = sys.argv[1:] if words is None else list(words)
    parser = argparse.ArgumentParser(prog="python -m inference")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    try:
        for name, purpose in COMMANDS.items():
            command = commands.add_parser(name, help=purpose, description=purpose)
            if words[:1] == [name]:
                module = import_module(f"inference.commands.{name}")
                module.add_arguments(command)
        arguments = parser.parse_args(words)
        status: int = module.run(arguments)
    except ModuleNotFoundError as problem:
        if (problem.name or "inference").startswith("inference"):
            raise
        sys.stderr.write(
            f"The package {problem.name} is missing: install the worker's packages "
            "(requirements/worker.txt) first.\n"
        )
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. The same command goes on from here.\n")
        return INTERRUPTED
    return status


if __name__ == "__main__":
    sys.exit(main())
