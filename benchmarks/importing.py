"""How many radiographs an import takes in a second: python -m benchmarks.importing

DICOM files of 1024 x 1024 and 12 bits are imported by the command into an embedded
site. Beside it stands the least that anything must do with such a file: pydicom reads
the pixels and Pillow writes them as PNG. Seconds of the processor, so that what else
the machine does falls out; what the site's own children do counts.
"""

import argparse
import io
import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pydicom
from PIL import Image

from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw
from tests.installation import KINDS, installation

SIDE = 1024
NOTHING = "print(0)"
IMPORT = """
from django.core.management import call_command
call_command("import_dicom", {folder!r}, "--collection", "films", verbosity=0)
print(0)
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="readerstudy-bench-") as name,
        installation(KINDS[0], Path(name) / "site") as site,
    ):
        films = Path(name) / "films"
        films.mkdir()
        for seed in range(asked.count):
            with (films / f"{seed}.dcm").open("wb") as file:
                write_dicom(draw(seed, size=SIDE), file)
        start = spent(lambda: site.shell(NOTHING))
        whole = spent(lambda: site.shell(IMPORT.format(folder=str(films))))
        least = spent(lambda: converted(films))
    figures = {
        "count": asked.count,
        "per_second": asked.count / (whole - start),
        "least_per_second": asked.count / least,
    }
    sys.stdout.write(
        f"{asked.count} radiographs: {figures['per_second']:.1f} a second imported, "
        f"{figures['least_per_second']:.1f} only read and written as PNG\n"
    )
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


def converted(films: Path) -> None:
    """Read every file's pixels and write them as PNG."""
    for path in films.iterdir():
        pixels = pydicom.dcmread(path).pixel_array
        Image.fromarray(pixels.astype("uint16")).save(io.BytesIO(), "PNG")


def spent(work: Callable[[], object]) -> float:
    """Seconds of the processor, of this process and the children that it waits for."""
    before = _until_now()
    work()
    return _until_now() - before


def _until_now() -> float:
    own, theirs = map(
        resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
