"""Scores of findings at the size of the paper's external test set.

    .venv/bin/python -m benchmarks.finding_scores [--runs 3] [--seconds 2]

3,689 studies, fourteen labels and four models: every score, average and difference with
1,000 draws of studies, with the permutation tests and without. Shown are the fastest of
a few runs on the clock, which other work on the machine slows, and the seconds of the
processor. Ends with 1 where the draws alone take longer than `--seconds`.
"""

import argparse
import sys
import time
from dataclasses import replace

import numpy as np

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings import LabelTable, ScoreSettings, score

STUDIES, MODELS = 3_689, 4
# Positive, negative, uncertain, blank: what a labeler makes of reports, about.
SHARES = (0.12, 0.4, 0.05, 0.43)
_AGREEING = 0.7


def tables() -> tuple[LabelTable, dict[str, LabelTable]]:
    """A reference, and models that say the same of seven labels in ten."""
    random = np.random.default_rng(7)
    ids = tuple(f"CXR{number}" for number in range(1, STUDIES + 1))
    size = (STUDIES, len(FINDINGS))
    labels = np.array([1.0, 0.0, -1.0, np.nan])
    truth = random.choice(labels, p=SHARES, size=size)
    models = {}
    for number in range(1, MODELS + 1):
        said = random.choice(labels, p=SHARES, size=size)
        said = np.where(random.random(size) < _AGREEING, truth, said)
        models[f"model {number}"] = LabelTable(f"model {number}", ids, said)
    return LabelTable("reference", ids, truth), models


def timed(settings: ScoreSettings, runs: int) -> tuple[float, float]:
    """Seconds on the clock and of the processor, of the fastest run."""
    reference, models = tables()
    found = []
    for _ in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        score(reference, models, settings)
        found.append((time.perf_counter() - wall, time.process_time() - processor))
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    asked = parser.parse_args()
    drawn = ScoreSettings(permutations=0)
    wall, processor = timed(drawn, asked.runs)
    say(f"{drawn.draws} draws", wall, processor)
    for permutations in (2_000, 10_000):
        tested = timed(replace(drawn, permutations=permutations), asked.runs)
        say(f"{drawn.draws} draws, {permutations} permutations", *tested)
    if wall > asked.seconds:
        sys.exit(f"The draws took {wall:.2f} s, more than {asked.seconds:g} s.")


def say(what: str, wall: float, processor: float) -> None:
    sys.stdout.write(f"{what:40} {wall:6.2f} s  processor {processor:6.2f} s\n")


if __name__ == "__main__":
    main()
