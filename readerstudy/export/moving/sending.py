"""The ZIP of a packed study, written a part at a time: a study of any size is sent
while it is packed."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from readerstudy.cases.frame_store import pixels_of
from readerstudy.cases.models import Image

# A fixed time in the archive: the same content gives the same ZIP.
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Ready:
    """A study as it was at one moment; the pixels are read when they are written."""

    manifest: bytes
    texts: dict[str, bytes]
    frames: dict[str, str]

    @property
    def manifest_sha256(self) -> str:
        return hashlib.sha256(self.manifest).hexdigest()


def blocks(ready: Ready) -> Iterator[bytes]:
    """The ZIP of a study, a part at a time; raises ValidationError at damaged pixels.

    A frame is held at a time, so a study of any size is sent while it is packed.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "manifest.json", ready.manifest)
        for name, text in ready.texts.items():
            _put(archive, name, text)
            yield sink.taken()
        for sha256, stored in sorted(ready.frames.items()):
            _put(archive, f"frames/{sha256}.u16", _pixels(stored, sha256))
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Takes what is written, and hands it on; nobody can go back in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _pixels(name: str, sha256: str) -> bytes:
    pixels = pixels_of(name, sha256)
    if pixels is None:
        raise lost(sha256)
    return pixels


def lost(sha256: str) -> ValidationError:
    image = Image.objects.filter(frame_sha256=sha256).first()
    return ValidationError(
        f"The pixels of {image} are missing or damaged in the media folder. Bring them "
        "back from a backup first."
    )
