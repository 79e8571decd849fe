"""What stored texts alone tell about their making, where no model is at hand to test.

It proves nothing of the image, but what was written without looking often shows: one
text under many cases, nothing at all, or texts that break off.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

FEW = 4
"""Under so few texts a repetition says nothing."""
REPEATED = 0.5
"""Of the cases, the share above which one text must not stand."""
BROKEN_OFF = 0.2
"""Of the texts, the share above which the last sentence must not be open."""
_ENDS = ".!?:;)]}\"'\u2019\u201d\u3002\u2026"


@dataclass(frozen=True)
class TextCheck:
    """Counts over the texts of one source, and sentences for what is conspicuous.

    commonest   cases under which the most frequent text stands
    broken_off  texts whose last sentence has no end
    """

    texts: int
    distinct: int
    commonest: int
    empty: int
    broken_off: int
    flags: tuple[str, ...]

    @property
    def duplicates(self) -> int:
        """Texts that another case has too, one of each kind not counted."""
        return self.texts - self.distinct


def check_texts(texts: Sequence[str]) -> TextCheck:
    """Count what is conspicuous in the texts of one source, one text a case."""
    trimmed = [" ".join(text.split()) for text in texts]
    written = [text for text in trimmed if text]
    counts = Counter(written)
    commonest = max(counts.values(), default=0)
    broken_off = sum(text[-1] not in _ENDS for text in written)
    empty = len(trimmed) - len(written)
    flags = []
    if len(written) >= FEW and commonest > REPEATED * len(written):
        flags.append(f"One text stands under {commonest} of {len(trimmed)} cases.")
    if empty:
        flags.append(f"{empty} of {len(trimmed)} reports are empty.")
    if len(written) >= FEW and broken_off > BROKEN_OFF * len(written):
        flags.append(f"{broken_off} of {len(trimmed)} reports break off.")
    return TextCheck(
        texts=len(trimmed),
        distinct=len(set(trimmed)),
        commonest=commonest,
        empty=empty,
        broken_off=broken_off,
        flags=tuple(flags),
    )
