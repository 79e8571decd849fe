"""What both forms are made of: one read, pseudonymous, with what its codes mean.

Readers are R1, R2, ... and cases C1, C2, ... as in reads.csv; no comment is taken over,
since a person may be named in it. Knows no Django.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

SCHEME = "99READERSTUDY"
URN = "urn:readerstudy"
NOTICE = (
    "A read of a blinded reader study, for research. It is no finding about a patient "
    "and makes no claim of clinical validity."
)
_SPACE = uuid.UUID("8a5c5a3a-4a0f-49f0-8f6f-7a52fb30c1d4")


@dataclass(frozen=True)
class Question:
    """One question of the protocol, with the words of each answer by its value."""

    name: str
    text: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Examination:
    """Where the radiograph came as DICOM: its UIDs as this site keeps them."""

    study_uid: str
    series_uid: str
    instance_uid: str
    class_uid: str


@dataclass(frozen=True)
class ReadRecord:
    """One graded read.

    answers    value by question, the grade first; what was not asked is missing
    errors     marked errors by category; empty where not asked
    seconds    active reading time; None where it was not timed
    submitted  ISO 8601 in UTC
    """

    study: str
    reader: str
    case: str
    stratum: str
    arm: str
    position: int
    session: int
    is_repeat: bool
    is_included: bool
    answers: Mapping[str, str]
    errors: Mapping[str, int]
    seconds: float | None
    submitted: str
    examination: Examination | None = None

    @property
    def name(self) -> str:
        """What the read is called in both forms."""
        return f"{self.study}/{self.reader}/{self.position}"


def uuid_of(*words: str) -> uuid.UUID:
    """The same number for the same words on every server and at every export."""
    return uuid.uuid5(_SPACE, "\0".join(words))
