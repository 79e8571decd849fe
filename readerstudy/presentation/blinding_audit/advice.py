"""What a coordinator can do about what an audit found."""

from collections.abc import Iterator
from typing import Any

from readerstudy.presentation.blind import PROFILES

_TELLING = 0.65
# What a levelling layout evens out, at least in part.
_LEVELLED = {"capitals", "punctuation", "digits"}


def advice_of(found: dict[str, Any], layout_profile: str) -> list[str]:
    """Sentences, the most useful first; none where nothing is given away."""
    return list(_advice(found, layout_profile))


def _advice(found: dict[str, Any], layout_profile: str) -> Iterator[str]:
    kinds = {leak["kind"] for leak in found["leaks"]}
    telling = {row["feature"] for row in found["styles"] if row["auc"] >= _TELLING}
    profile = PROFILES.get(layout_profile)
    if kinds & {"model_name", "model_speech", "human_speech"}:
        yield (
            "Some reports say who wrote them. Have these mended at their source and "
            "import them anew, or take the cases out."
        )
    if profile is not None and not profile.levels and telling & _LEVELLED:
        yield (
            "Capitals or punctuation tell the arms. The layout Even makes most of that "
            "even; audit it and compare."
        )
    if "removed_words" in kinds:
        yield (
            "Marks for removed words stand in one arm alone, and no layout can hide "
            "that. Draw cases without them, or take the sentences that hold them out "
            "of the reference reports before they are imported."
        )
    if "length" in kinds or telling & {"words", "sentences"}:
        yield (
            "The arms differ in length. Ask every source for the same parts, such as "
            "findings and impression, or leave the impression out of all."
        )
    if kinds & {"template", "same_text"}:
        yield (
            "An arm repeats sentences over many cases. Layout never changes words: "
            "have reference reports written after one template, or accept that a "
            "practised reader learns to know the arm."
        )
    wording = found["auc"] is not None and found["auc"] >= _TELLING
    if wording:
        yield (
            "Let readers guess the source after each session (rules of reading): then "
            "the results say how far they could tell, which this number cannot."
        )
