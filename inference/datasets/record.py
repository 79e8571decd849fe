"""What every reader yields: one image of a data set with what is said of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

View = Literal["frontal", "lateral", "unknown"]
PRESENT, ABSENT, UNCERTAIN = 1, 0, -1
# The split of an image whose data set publishes none.
WHOLE = "whole"


@dataclass(frozen=True)
class Record:
    """One image.

    image    its file, which may be missing
    labels   CheXpert names to 1 (present), 0 (absent) or -1 (uncertain); what is not
             named is unknown
    split    train, valid or test as published, else "whole"
    place    the row that names the image, for messages
    report   findings and impression in one paragraph, or empty
    """

    image: Path
    labels: Mapping[str, int]
    view: View
    split: str
    patient: str
    study: str
    place: str
    report: str = ""


@dataclass
class Notes:
    """What a reader met besides records, counted.

    unknown   labels that the module's table does not have, by name
    left_out  images that no record was made of, by reason
    remarks   whatever else is worth a number
    said      whatever is worth a sentence
    """

    unknown: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class DataSet:
    """One data set: how it is called, what is expected, and its reader.

    origin   where the files come from
    terms    licence, or what has to be signed
    files    what is expected in the root folder
    splits   the splits that it publishes
    read     yields the records of a root folder; raises ValueError in a sentence
    """

    name: str
    title: str
    origin: str
    terms: str
    files: str
    splits: tuple[str, ...]
    read: Callable[[Path, Notes], Iterator[Record]]
