"""Compressed pixels, in the process that may break on them."""

from readerstudy.cases.radiograph import Refused
from readerstudy.cases.reading import read_apart

REFUSALS = (Refused,)


def parse(content: bytes) -> None:
    read_apart(content, takes_burned_in=True)
