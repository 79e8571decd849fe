"""Whether what is compared is of the kinds that a preset is named for."""

from collections.abc import Iterator, Mapping, Sequence

from readerstudy.analysis.statistics.findings.label_tables import BadLabels, LabelTable
from readerstudy.analysis.statistics.findings.presets import (
    ANSWERS,
    IMAGES,
    PRESETS,
    READER,
    READERS_PRESET,
    REPORTS,
    Preset,
)

_WORDS = {
    REPORTS: "labels of reports",
    IMAGES: "labels of radiographs",
    READER: "labels of a human reader",
    ANSWERS: "answers to the label prompt",
}


def check_readers(preset: str, readers: int) -> None:
    """Refuse the preset for human readers without any. Raises BadLabels."""
    if preset == READERS_PRESET and not readers:
        raise BadLabels(
            "The preset for human readers has none to compare: add the labels of a "
            "reader, or take another preset.",
            "The option for a reader is --reader NAME=CSV.",
        )


def unlike_preset(
    preset: str,
    reference: LabelTable,
    predicted: Mapping[str, LabelTable],
    readers: Sequence[str],
) -> list[str]:
    """A sentence for each side whose labels are not of the preset's kinds.

    preset   name of the preset; "" for none
    readers  names of those of `predicted` that are human readers

    A table of which nobody said the kind is not doubted.
    """
    asked = PRESETS.get(preset)
    if asked is None:
        return []
    kinds = {
        name: READER if name in readers else table.kind
        for name, table in predicted.items()
    }
    sides = (
        ("as the reference", {reference.name: reference.kind}, asked.reference),
        ("to compare with it", kinds, asked.predicted),
    )
    return [each for side in sides for each in _unlike(asked, *side)]


def _unlike(
    preset: Preset, role: str, kinds: Mapping[str, str], wanted: Sequence[str]
) -> Iterator[str]:
    """One side's sentence; none where every kind is wanted or unknown."""
    told = [
        f"{_WORDS[kind]} ({name})"
        for name, kind in kinds.items()
        if kind and kind not in wanted
    ]
    if told:
        takes = " or ".join(_WORDS[each] for each in wanted)
        yield (
            f"The preset {preset.name} takes {takes} {role}, and was given "
            f"{', '.join(told)}: its title and the paper's figures are of another "
            "comparison."
        )
