"""What it costs to read pictures in a process apart: python -m benchmarks.reading_apart

Seconds of a processor for 300 PNG of 1024 x 1024, here and in a child.
"""

import os
import resource
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image

PICTURES, SIDE = 300, 1024


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readerstudy.settings")
    os.environ.setdefault("SECRET_KEY", "only-for-measuring")
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="readerstudy-"))
    from readerstudy.cases.apart.children import children
    from readerstudy.cases.bitmaps import read_bitmap
    from readerstudy.cases.reading import read_picture_apart

    pictures = [picture(number) for number in range(10)]
    here = seconds(resource.RUSAGE_SELF, read_bitmap, pictures)
    parent = seconds(resource.RUSAGE_SELF, read_picture_apart, pictures)
    children.stop()
    child = spent(resource.RUSAGE_CHILDREN)
    sys.stdout.write(
        f"in the same process {here:.1f} s\n"
        f"in a child {child:.1f} s with its start, and {parent:.1f} s in the parent\n"
    )


def picture(seed: int) -> bytes:
    """A smooth picture with a little noise."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    noise = np.random.default_rng(seed).normal(0, 4, (SIDE, SIDE))
    grey = 128 + 100 * np.sin(rows / 90 + seed) * np.cos(columns / 110) + noise
    stream = BytesIO()
    Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def seconds(who: int, read: Callable[[bytes], object], pictures: list[bytes]) -> float:
    """How long reading them again and again takes."""
    began = spent(who)
    for number in range(PICTURES):
        read(pictures[number % len(pictures)])
    return spent(who) - began


def spent(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
