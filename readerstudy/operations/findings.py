"""What a look at the installation finds: sentences, and how much they matter."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much something matters."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    about     what was looked at, in a word
    sentence  how it is; without names, addresses or paths, for anybody may read it
    remedy    what to do, where something is to be done
    detail    what the machine said; for whoever runs the site alone
    """

    about: str
    level: Level
    sentence: str
    remedy: str = ""
    detail: str = ""

    @property
    def is_wrong(self) -> bool:
        return self.level == Level.WRONG

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def well(about: str, sentence: str, detail: str = "") -> Finding:
    """Something that is as it has to be."""
    return Finding(about, Level.WELL, sentence, detail=detail)


def note(about: str, sentence: str, remedy: str = "", detail: str = "") -> Finding:
    """Something that may be meant as it is."""
    return Finding(about, Level.NOTE, sentence, remedy, detail)


def wrong(about: str, sentence: str, remedy: str, detail: str = "") -> Finding:
    """Something with which the site does not work, or not safely."""
    return Finding(about, Level.WRONG, sentence, remedy, detail)
