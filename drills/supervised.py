"""The processes of a site under the supervisor of the demonstration.

    python -m drills.supervised PLAN.json

A process of its own, as the supervisor takes its signals from the main thread. The plan
is a list of [name, command, environment].
"""

import json
import sys
from pathlib import Path

from readerstudy.demo.supervisor import BackOff, Process, run

# Shorter pauses than the demonstration's: here everything dies again and again.
BACK_OFF = BackOff(first=1.0, longest=4.0, healthy=10.0)
# The environment variable by which a supervised process is found.
NAME = "READERSTUDY_DRILL_PROCESS"


def main(plan: Path) -> None:
    """Keep the processes of a plan running until a signal ends them all."""
    processes = [
        Process(name, command, environment | {NAME: name})
        for name, command, environment in json.loads(plan.read_text())
    ]
    run(processes, back_off=BACK_OFF)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
