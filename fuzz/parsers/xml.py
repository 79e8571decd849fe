"""A report of Open-i."""

from readerstudy.cases.openi import read_study
from readerstudy.cases.radiograph import Refused

REFUSALS = (Refused,)


def parse(content: bytes) -> None:
    read_study(content)
