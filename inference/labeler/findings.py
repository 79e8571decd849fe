"""What the labeler says of a report: one value per finding, and the words behind it."""

from dataclasses import dataclass
from enum import StrEnum


class Polarity(StrEnum):
    """What a report says of a finding where it mentions it."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Mention:
    """A place of the text that speaks of a finding.

    finding     one of the fourteen, or `OTHER_ABNORMALITY`
    quote       the words as they stand, text[start:end]
    start, end  offsets into the text as it was given, in characters
    rule        the name of the rule that decided the polarity
    """

    finding: str
    polarity: Polarity
    quote: str
    start: int
    end: int
    rule: str


@dataclass(frozen=True)
class Labelled:
    """The labels of one report.

    values    1 positive, 0 negative, -1 uncertain, None not mentioned, for each of the
              fourteen findings in the order of the CheXpert labeler
    mentions  the evidence, in the order of the text
    """

    values: dict[str, int | None]
    mentions: tuple[Mention, ...]
