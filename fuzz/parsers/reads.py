"""The table of reads that is analysed."""

from readerstudy.analysis.statistics.reads_csv import BadTable, read_csv

REFUSALS = (BadTable,)


def parse(content: bytes) -> None:
    read_csv(content)
