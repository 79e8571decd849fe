"""The manifest that the dialogues go into, which a stopped run can be resumed from.

Every study of the source stands in it: with `questions` and, under `dialogue`, how they
were made; as it was, where it has no report; or with the `problem` of its answer, which
is then asked for again by the next run.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from inference.train.manifest import Line, image_name

Pair = tuple[str, str]


class Asked:
    """A manifest under way: what stays of an earlier run, and what is added.

    fingerprint: of the settings; a file that was made with others is refused.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path, self.fingerprint = path, fingerprint
        self.kept = _read(path, fingerprint) if path.exists() else []
        self._pairs = {
            line["dialogue"]["prompt"]: line for line in self.kept if "dialogue" in line
        }
        self._done = {(line["image"], _prompt(line)) for line in self.kept}

    def __enter__(self) -> "Asked":
        """Open the file, rid of half lines and of answers that could not be read."""
        draft = self.path.with_name(f"{self.path.name}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text("".join(map(_text, self.kept)), encoding="utf-8")
            os.replace(draft, self.path)
            self._stream = self.path.open("a", encoding="utf-8")
        except OSError as problem:
            raise ValueError(
                f"{self.path} cannot be written: {problem.strerror}."
            ) from problem
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._stream.close()

    def has(self, line: Line, prompt: str) -> bool:
        """Whether this study stands in the file, asked with this prompt."""
        return (image_name(line.image, self.path.parent), prompt) in self._done

    def pairs_of(self, prompt: str) -> tuple[list[Pair], Mapping[str, Any]] | None:
        """The pairs of a prompt that was asked for another image, and their making."""
        line = self._pairs.get(prompt)
        if line is None:
            return None
        count = int(line["dialogue"]["pairs"])
        pairs = [(str(one), str(two)) for one, two in line["questions"][-count:]]
        return pairs, line["dialogue"]

    def add(
        self,
        line: Line,
        pairs: Sequence[Pair] = (),
        dialogue: Mapping[str, Any] | None = None,
    ) -> None:
        """Write one study at once, its own questions first."""
        content = {
            **line.content,
            "image": image_name(line.image, self.path.parent),
            **({"questions": [*line.facts.questions, *pairs]} if pairs else {}),
            **({"dialogue": dict(dialogue)} if dialogue else {}),
        }
        self._stream.write(_text(content))
        self._stream.flush()
        if pairs and dialogue:
            self._pairs.setdefault(dialogue["prompt"], content)


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"


def _prompt(line: Mapping[str, Any]) -> str:
    prompt: str = line["dialogue"]["prompt"] if "dialogue" in line else ""
    return prompt


def _read(path: Path, fingerprint: str) -> list[dict[str, Any]]:
    """The lines that stay; ValueError where the file is another's.

    What follows the last line break is the half line of a run that was killed.
    """
    try:
        *lines, _ = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as problem:
        raise ValueError(f"{path} cannot be read: {problem.strerror}.") from problem
    kept = []
    for number, text in enumerate(lines, 1):
        try:
            line = json.loads(text)
            made = (
                line["dialogue"]["fingerprint"] if "dialogue" in line else fingerprint
            )
            is_ours = isinstance(line["image"], str)
        except (ValueError, TypeError, LookupError):
            is_ours = False
        if not is_ours:
            raise ValueError(
                f"Line {number} of {path} is none of this program: name another file "
                "with --out."
            )
        if made != fingerprint:
            raise ValueError(
                f"{path} holds dialogues of another model, prompt or setting: name "
                "another file with --out."
            )
        if "problem" not in line.get("dialogue", {}):
            kept.append(line)
    return kept
