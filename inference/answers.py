"""A file of answers, one JSON object a line, that a stopped run can be resumed from.

Keys of a line: image, image_sha256, fingerprint, text, prompt_tokens, new_tokens,
finish, seconds, batch, provenance; or image and error where the image could not be
read.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

_FIRST_KEY = '{"image": '


class Answers:
    """Where answers go: a file, or the standard output where no file is named.

    Of a file that is there already, whole answers stay. A half-written last line and
    lines with an error go: those images are tried again.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.kept = [] if path is None or not path.exists() else _read(path)
        self._stream: TextIO = sys.stdout

    def __enter__(self) -> "Answers":
        """Open the file, rid of what does not stay."""
        if self.path is not None:
            try:
                _replace(self.path, self.kept)
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
        if self.path is not None:
            self._stream.close()

    def require(self, fingerprint: str) -> None:
        """Raise ValueError where the file holds answers that were made otherwise."""
        if any(answer.get("fingerprint") != fingerprint for answer in self.kept):
            raise ValueError(
                f"{self.path} holds answers of another checkpoint, question or "
                "setting: name another file with --out."
            )

    def has(self, image: Path, sha256: str) -> bool:
        """Return whether this image, with this content, is answered already."""
        return any(
            answer["image"] == str(image) and answer.get("image_sha256") == sha256
            for answer in self.kept
        )

    def add(self, answer: Mapping[str, Any]) -> None:
        """Write one line, at once."""
        self._stream.write(_line(answer))
        self._stream.flush()


def _line(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False) + "\n"


def _read(path: Path) -> list[dict[str, Any]]:
    """Return the whole answers of a file; ValueError where it is another file."""
    try:
        *lines, rest = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as problem:
        raise ValueError(f"{path} cannot be read: {problem.strerror}.") from problem
    if rest and not _FIRST_KEY.startswith(rest[: len(_FIRST_KEY)]):
        raise ValueError(_other_file(path, len(lines) + 1))
    answers = []
    for number, line in enumerate(lines, start=1):
        try:
            answer = json.loads(line)
        except ValueError as problem:
            raise ValueError(_other_file(path, number)) from problem
        if not isinstance(answer, dict) or not isinstance(answer.get("image"), str):
            raise ValueError(_other_file(path, number))
        if "error" not in answer:
            answers.append(answer)
    return answers


def _other_file(path: Path, number: int) -> str:
    return (
        f"Line {number} of {path} is no answer of this program: name another file "
        "with --out."
    )


def _replace(path: Path, answers: list[dict[str, Any]]) -> None:
    """Write the answers that stay, in one move, so that none is lost on the way."""
    draft = path.with_name(path.name + ".part")
    draft.write_text("".join(map(_line, answers)), encoding="utf-8")
    os.replace(draft, path)
