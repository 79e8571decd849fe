"""How much burned-in text the search finds, and whether it spares the markers.

Run from the repository's root: python -m benchmarks.burned_in [NUMBER]. The pictures
are drawn chests with a name, a number and a marker each, 640 or 1024 pixels wide.
"""

import sys
import time

from readerstudy.cases.deidentification.ocr import readings_of
from readerstudy.cases.deidentification.regions import Region, regions_of
from readerstudy.cases.frames import render_8bit
from tests.cases.deidentification.burned import Written, burned

SIZES = (1024, 1024, 640)
# A text counts as found if so much of its area lies in regions to be blanked.
COVERED = 0.8


def covered(written: Written, regions: list[Region]) -> float:
    """The part of a text's area that lies in regions."""
    parts = [
        region.box.overlap(written.box) * min(region.box.area, written.box.area)
        for region in regions
    ]
    return min(1.0, sum(parts) / written.box.area)


def main(pictures: int) -> None:
    """Print one line of counts."""
    counts = {"texts": 0, "found": 0, "markers": 0, "spared": 0, "others": 0}
    begun = time.monotonic()
    for number in range(pictures):
        picture = burned(number, SIZES[number % len(SIZES)])
        rows, columns = picture.frame.pixels.shape
        readings = readings_of(render_8bit(picture.frame))
        regions = regions_of(readings, rows=rows, columns=columns)
        blank = [each for each in regions if not each.marker]
        for written in picture.texts:
            part = covered(written, blank)
            if written.is_marker:
                counts["markers"] += 1
                counts["spared"] += part == 0
            else:
                counts["texts"] += 1
                counts["found"] += part >= COVERED
        counts["others"] += sum(
            all(each.box.overlap(text.box) == 0 for text in picture.texts)
            for each in blank
        )
    seconds = (time.monotonic() - begun) / pictures
    sys.stdout.write(f"{counts} {seconds:.1f} s a picture\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
