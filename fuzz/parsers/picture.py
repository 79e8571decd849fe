"""PNG and JPEG."""

from readerstudy.cases.bitmaps import read_bitmap
from readerstudy.cases.radiograph import Refused

REFUSALS = (Refused,)


def parse(content: bytes) -> None:
    read_bitmap(content)
