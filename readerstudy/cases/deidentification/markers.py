"""Side and technique markers: what is written in a radiograph and names nobody.

A reading is a marker only if every word of it is one. A name beside an R makes the
whole reading no marker: then a person decides.
"""

import re

SIDES = frozenset({"L", "R", "LEFT", "RIGHT", "LT", "RT"})
_WORDS = (
    "PA AP LAT LATERAL ERECT UPRIGHT STANDING SITTING SEATED SEMI SEMIERECT SUPINE "
    "PRONE RECUMBENT DECUBITUS DECUB PORTABLE PORT MOBILE BEDSIDE INSP INSPIRATION "
    "EREC EXP EXPIRATION CHEST THORAX OBLIQUE LORDOTIC ICU ITU TRAUMA GRID"
)
TECHNIQUES = frozenset(_WORDS.split())
MARKERS = SIDES | TECHNIQUES
# Written together, "APERECT": the parts that may stand so. Not the sides' letters, of
# which many names begin and end.
_TOGETHER = re.compile(
    "(?:" + "|".join(sorted(TECHNIQUES, key=len, reverse=True)) + ")+"
)
# Shorter words differ from too many names by one letter.
LEAST_MISREAD = 5
# A letter in a circle, what is read in place of one, and a stroke that is no letter.
_ALIKE = str.maketrans("®ⓇⓁⓡⓛⓅ一", "RRLRLP ")


def words_of(reading: str) -> list[str]:
    """The runs of letters and of digits in a reading, in capitals."""
    return re.findall(r"[^\W\d_]+|\d+", reading.translate(_ALIKE).upper())


def is_marker(word: str) -> bool:
    """Whether one word is a marker: alone, run together, or with one letter misread."""
    if word in MARKERS or (len(word) > 3 and _TOGETHER.fullmatch(word)):
        return True
    return len(word) >= LEAST_MISREAD and any(
        _differ_by_one(word, marker) for marker in TECHNIQUES
    )


def _differ_by_one(word: str, marker: str) -> bool:
    """Whether one letter of a long marker is another one, or an end is missing."""
    if len(marker) <= LEAST_MISREAD:
        return False
    if len(word) == len(marker) - 1:
        return marker.startswith(word) or marker.endswith(word)
    is_as_long = len(word) == len(marker)
    return is_as_long and sum(map(str.__ne__, word, marker)) == 1


def marker_of(reading: str) -> str:
    """The markers that a reading consists of, or "" where it holds anything else."""
    words = words_of(reading)
    if not words or not all(map(is_marker, words)):
        return ""
    return " ".join(words)[:40]


def holds_marker(reading: str) -> bool:
    """Whether a side stands among other words."""
    words = words_of(reading)
    return any(word in SIDES for word in words) and not all(map(is_marker, words))
