"""The manifest: studies as JSON lines, and what is known of each of them.

One study a line: `image` (a path, relative ones from the manifest's folder), `labels`
(names of chexpert.py to 1 or 0; a finding that is left out is unknown), `report` (text,
or absent) and, if one likes, `questions`: pairs of question and answer. `uncertain`
names unknown findings that may be there, so that their study is not called normal.
Further keys are for people. `python -m inference data` writes manifests of public data
sets.
"""

import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference.chexpert import FINDINGS, NO_FINDING


@dataclass(frozen=True)
class Facts:
    """What is known of one study, for its dialogues.

    labels: findings known to be present (True) or absent (False).
    sites: where a present finding is, such as "right lower lung", where known.
    report: the text; empty where there is none.
    questions: further pairs of question and answer that came with the study.
    uncertain: findings that may be there; "No Finding" where it was withheld.
    """

    labels: Mapping[str, bool]
    sites: Mapping[str, str] = field(default_factory=dict)
    report: str = ""
    questions: Sequence[tuple[str, str]] = ()
    uncertain: Collection[str] = ()

    @property
    def is_abnormal(self) -> bool | None:
        """Whether any finding is present; None where nothing says so.

        "No Finding" marked and nothing else is normal. Devices alone are no pathology,
        but the paper counts whatever is labelled, so they count here too.
        """
        if any(here for name, here in self.labels.items() if name != NO_FINDING):
            return True
        said = self.labels.get(NO_FINDING)
        others = [here for name, here in self.labels.items() if name != NO_FINDING]
        if said is not None:
            return not said
        if self.uncertain:
            return None
        return False if others else None

    @property
    def keywords(self) -> tuple[str, ...]:
        """The names of what is present, small letters, "no finding" for a normal.

        None where neither is known, as of a study that is abnormal in a way that the
        fourteen names do not tell.
        """
        present = [name for name in FINDINGS if self.labels.get(name)]
        if not present and self.is_abnormal is False:
            present = [NO_FINDING]
        return tuple(name.lower() for name in present)


def read_manifest(path: Path) -> list[tuple[Path, Facts]]:
    """Read a manifest; raises ValueError naming file and line."""
    studies = [(one.image, one.facts) for one in read_lines(path)]
    if not studies:
        raise ValueError(f"The manifest {path} holds no study.")
    return studies


@dataclass(frozen=True)
class Line:
    """One line of a manifest: the study as it is understood, and as it stands."""

    image: Path
    facts: Facts
    content: Mapping[str, Any]


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the studies of a manifest; raises ValueError naming file and line."""
    try:
        # Only these end a line: a report may hold other separators of Unicode.
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as problem:
        message = f"The manifest {path} cannot be read: {problem.strerror}."
        raise ValueError(message) from problem
    except UnicodeDecodeError as problem:
        raise ValueError(f"The manifest {path} is no UTF-8 text.") from problem
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            study = _study(json.loads(line), path.parent)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            message = f"Line {number} of the manifest {path} is no study: {problem}."
            raise ValueError(message) from problem
        yield study


def _study(content: Mapping[str, Any], folder: Path) -> Line:
    labels = content.get("labels") or {}
    for name, here in labels.items():
        if name not in FINDINGS or here not in (0, 1):
            raise ValueError(f"label {name!r} with the value {here!r}")
    questions = [(str(one), str(two)) for one, two in content.get("questions") or ()]
    uncertain = frozenset(content.get("uncertain") or ())
    if not uncertain <= set(FINDINGS):
        raise ValueError(f"{min(uncertain - set(FINDINGS))!r} is no finding")
    facts = Facts(
        labels={name: bool(here) for name, here in labels.items()},
        report=str(content.get("report") or ""),
        questions=questions,
        uncertain=uncertain,
    )
    return Line(folder / str(content["image"]), facts, content)


def image_name(image: Path, folder: Path) -> str:
    """How a manifest in `folder` names an image: from there if it lies in it."""
    whole = Path(os.path.abspath(image))
    with suppress(ValueError):
        return whole.relative_to(os.path.abspath(folder)).as_posix()
    return whole.as_posix()
