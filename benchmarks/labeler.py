"""How many reports a second the labeler reads, and whether a long one costs no more.

    .venv/bin/python -m benchmarks.labeler [REPORTS.csv]

Without a table, with columns as label_reports takes them, the reports are put together
from sentences that reports are made of, a few hundred letters each. One core, in
seconds of the processor, so that what else the machine does falls out.
"""

import random
import sys
import time
from pathlib import Path

from inference.labeler import label
from readerstudy.reports.labelling import read_reports

SENTENCES = (
    "The heart size and pulmonary vascularity appear within normal limits.",
    "No focal consolidation, pleural effusion, or pneumothorax is identified.",
    "Stable cardiomediastinal silhouette.",
    "There is mild bibasilar atelectasis, left greater than right.",
    "Right lower lobe opacity, which may represent pneumonia or aspiration.",
    "A left-sided PICC line has its tip in the low SVC.",
    "Degenerative changes of the thoracic spine.",
    "Interval resolution of the small left effusion.",
    "No acute displaced rib fractures.",
    "Calcified granuloma in the right upper lobe.",
)
LENGTHS = (1_000, 10_000, 100_000)


def drawn(number: int) -> str:
    """A report of three to ten sentences."""
    chosen = random.Random(number)  # noqa: S311
    return " ".join(chosen.sample(SENTENCES, chosen.randint(3, len(SENTENCES))))


def measured(texts: list[str], *, strict: bool = False) -> float:
    """Seconds of the processor that labelling takes."""
    begun = time.process_time()
    for text in texts:
        label(text, strict_chexpert=strict)
    return time.process_time() - begun


def main(table: Path | None) -> None:
    """Print one line per measurement."""
    if table:
        texts = [row.text for row in read_reports(table, None).rows()]
    else:
        texts = [drawn(number) for number in range(5_000)]
    measured(texts[:10])
    letters = sum(map(len, texts)) / len(texts)
    speed, strict = (
        len(texts) / measured(texts, strict=strict) for strict in (False, True)
    )
    sys.stdout.write(
        f"{len(texts)} reports of {letters:.0f} letters: {speed:.0f} a second, "
        f"{strict:.0f} with --strict-chexpert\n"
    )
    for length in LENGTHS:
        long = " ".join(map(drawn, range(length // 100)))[:length]
        sys.stdout.write(f"one of {length} letters: {measured([long]):.3f} s\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
