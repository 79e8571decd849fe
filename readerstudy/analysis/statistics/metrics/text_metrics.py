"""BLEU, ROUGE-L, length and repetition of reports; nothing is downloaded.

They compare words, not findings: a report that misses a pneumothorax may score well.
BLEU is sacrebleu's; ROUGE-L is the F measure of the longest common subsequence of words
(C.-Y. Lin 2004), over rapidfuzz's.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from readerstudy.analysis.statistics.metrics.metric_tables import MetricTable

METRICS = (
    "BLEU-4",
    "ROUGE-L",
    "words",
    "length ratio",
    "repeated 4-grams",
    "repeated sentences",
)
OURS = "readerstudy"
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_GRAM = 4


def text_metrics(
    reference: Mapping[str, str], generated: Mapping[str, str], *, source: str
) -> MetricTable:
    """Metrics of the studies (by id) that both sides have a text for.

    All lie between 0 and 1 but for words and length ratio. An empty reference leaves
    what is compared with it undefined (None); an empty report scores 0.
    """
    ids = tuple(study for study in reference if study in generated)
    rows = [_metrics(reference[study], generated[study]) for study in ids]
    values = {
        metric: tuple(row[place] for row in rows)
        for place, metric in enumerate(METRICS)
    }
    notes = []
    for sides, lacking in (
        ("reference", len(generated) - len(ids)),
        (source, len(reference) - len(ids)),
    ):
        if lacking:
            notes.append(f"Studies left out without a text of {sides}: {lacking}.")
    empty = sum(not generated[study].strip() for study in ids)
    if empty:
        notes.append(f"Reports of {source} that are empty, and score 0: {empty}.")
    return MetricTable(source, ids, values, dict.fromkeys(METRICS, OURS), tuple(notes))


def plain(text: str) -> str:
    """Text in one form of its signs: ligatures, typographic quotes, dashes, spaces."""
    text = unicodedata.normalize("NFKC", text)
    for signs, sign in (("\u2018\u2019\u201a", "'"), ("\u201c\u201d\u201e", '"')):
        text = re.sub(f"[{signs}]", sign, text)
    return re.sub("[\u2010-\u2015\u2212]", "-", text)


def words(text: str) -> list[str]:
    """Words and numbers in lower case; what stands between them splits them."""
    return _WORD.findall(plain(text).casefold())


def rouge_l(reference: Sequence[str], generated: Sequence[str]) -> float | None:
    """F measure of the longest common subsequence; None without a reference."""
    from rapidfuzz.distance import LCSseq

    if not reference:
        return None
    common = LCSseq.similarity(reference, generated)
    return 2 * common / (len(reference) + len(generated))


def _metrics(reference: str, generated: str) -> tuple[float | None, ...]:
    theirs, ours = words(reference), words(generated)
    return (
        _sentence_bleu(reference, generated) if theirs else None,
        rouge_l(theirs, ours),
        float(len(ours)),
        len(ours) / len(theirs) if theirs else None,
        _repeated(
            [tuple(ours[at : at + _GRAM]) for at in range(len(ours) - _GRAM + 1)]
        ),
        _repeated([tuple(words(each)) for each in _SENTENCE_END.split(generated)]),
    )


def _sentence_bleu(reference: str, generated: str) -> float:
    found = _bleu().sentence_score(plain(generated), [plain(reference)])
    # A score of 0 to 100; rounding takes some beyond 100.
    return min(float(found.score) / 100, 1.0)


@cache
def _bleu() -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(lowercase=True, tokenize="13a", effective_order=True)


def _repeated(parts: Sequence[tuple[str, ...]]) -> float | None:
    """Share of parts that stood there before; None where there is no part."""
    held = [part for part in parts if part]
    return 1 - len(set(held)) / len(held) if held else None
