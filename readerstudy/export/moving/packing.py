"""A study as one ZIP: the same study gives the same bytes on every server.

manifest.json          schema, study, and size and SHA-256 of every other member
rows/MODEL.jsonl       the rows of a model, one a line
frames/SHA256.u16      the pixels of a radiograph, 16 bits, little-endian
"""

import hashlib
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

import readerstudy
from readerstudy.accounts.models import User
from readerstudy.audit.models import Event
from readerstudy.audit.services import SITE, record
from readerstudy.cases.models import Image
from readerstudy.export.moving.declared import DECLARED
from readerstudy.export.moving.lines import Key, Row, dumps, key_of, plain, target_of
from readerstudy.export.moving.scope import LATER, ORDER, SCOPE, SHARED, rows_of
from readerstudy.export.moving.sending import Ready, blocks, lost
from readerstudy.media_store import store
from readerstudy.studies.models import Study

SCHEMA = "readerstudy.study"
SCHEMA_VERSION = 1
PACKED = "study.packed"


class _Packer:
    """Turns rows into lines, and remembers what each is called."""

    def __init__(self) -> None:
        self.keys: dict[tuple[type[Model], Any], Key] = {}
        self.lines: dict[str, list[Row]] = {}
        self._people: dict[Any, Row] = {}

    def add(self, label: str, study: Study) -> None:
        """Pack the rows of one model."""
        names = DECLARED[label].moved()
        made = []
        for found in rows_of(label, study):
            row = {
                name: self._value(label, found, name)
                for name in names
                if (label, name) not in LATER
            }
            if label == "audit.Event":
                row["hashed_actor"] = found.actor_number
            self.keys[type(found), found.pk] = key_of(label, row)
            made.append((found.pk, row, found))
        if label in SHARED:
            made.sort(key=lambda each: (_place(label, each[1]), each[0]))
        self.lines[label] = [row for _, row, _ in made]

    def add_later(self, study: Study) -> None:
        """Fill in the references that lead forth and back."""
        for label, name in LATER:
            called = {dumps(key_of(label, row)): row for row in self.lines[label]}
            for found in rows_of(label, study):
                key = self.keys[type(found), found.pk]
                called[dumps(key)][name] = self._value(label, found, name)

    def people(self) -> list[Row]:
        """Everybody who was met on the way, by username."""
        return sorted(self._people.values(), key=lambda row: str(row["username"]))

    def _value(self, label: str, found: Model, name: str) -> Any:
        target = target_of(type(found), name)
        if target is None:
            return plain(getattr(found, name))
        pk = getattr(found, f"{name}_id")
        if pk is None:
            return None
        if target is User and (User, pk) not in self.keys:
            self._meet(getattr(found, name))
        return self.keys[target, pk]

    def _meet(self, person: User) -> None:
        row = {
            name: plain(getattr(person, name))
            for name in DECLARED["accounts.User"].moved()
        }
        self._people[person.pk] = row
        self.keys[User, person.pk] = key_of("accounts.User", row)


def _place(label: str, row: Row) -> str:
    """Where a shared row stands: by its name, or by that of the row above it."""
    key = key_of(label, row)
    ordered = {"cases.Image": key[:1], "reports.Report": key[:2]}.get(label, key)
    return dumps(ordered)


def reason_against_packing(study: Study) -> str:
    """Why a study can't be packed now; empty where it can."""
    if study.is_open:
        return (
            f"{study.code} is open for reading: what is graded after the packing would "
            "be missing on the other server. Pause it first."
        )
    return ""


def made_ready(*, study: Study, actor: User | None) -> Ready:
    """Take down a study to be packed; raises ValidationError where it can't be.

    The record of the study says that it was packed, once for each state of it; the
    site's says it every time.
    """
    _refuse_lost(study)
    return _taken_down(study, actor)


def _refuse_lost(study: Study) -> None:
    """All pixels must be there. A bucket is asked for each, and no row is locked."""
    for image in rows_of("cases.Image", study):
        if not store().has(str(getattr(image, "frame_file"))):  # noqa: B009
            raise lost(str(getattr(image, "frame_sha256")))  # noqa: B009


@transaction.atomic
def _taken_down(study: Study, actor: User | None) -> Ready:
    study = Study.objects.select_for_update().get(pk=study.pk)
    if reason := reason_against_packing(study):
        raise ValidationError(reason)
    last = Event.objects.of_stream(study.code).last()
    if last is None or last.verb != PACKED:
        record(actor=actor, verb=PACKED, stream=study.code)
    packer = _Packer()
    for label in SCOPE:
        packer.add(label, study)
    packer.add_later(study)
    packer.lines["accounts.User"] = packer.people()
    texts = {
        f"rows/{label}.jsonl": "".join(
            dumps(row) + "\n" for row in packer.lines[label]
        ).encode()
        for label in ORDER
    }
    images = packer.lines["cases.Image"]
    manifest = dumps(_manifest(study, texts, _sizes(images))).encode()
    ready = Ready(manifest, texts, _stored(images))
    record(
        actor=actor,
        verb=PACKED,
        stream=SITE,
        subject=study.code,
        detail={"manifest_sha256": ready.manifest_sha256},
    )
    return ready


def _sizes(images: list[Row]) -> dict[str, int]:
    """The bytes of every frame, by its SHA-256."""
    return {row["frame_sha256"]: 2 * row["rows"] * row["columns"] for row in images}


def _stored(images: list[Row]) -> dict[str, str]:
    """Where the frames lie, by their SHA-256."""
    hashes = {row["frame_sha256"] for row in images}
    found = Image.objects.filter(frame_sha256__in=hashes)
    return dict(found.values_list("frame_sha256", "frame_file"))


def _manifest(
    study: Study, texts: dict[str, bytes], frames: dict[str, int]
) -> dict[str, Any]:
    members = {
        name: {"sha256": hashlib.sha256(text).hexdigest(), "size": len(text)}
        for name, text in texts.items()
    }
    members |= {
        f"frames/{sha256}.u16": {"sha256": sha256, "size": size}
        for sha256, size in frames.items()
    }
    return {
        "schema": SCHEMA,
        "version": SCHEMA_VERSION,
        "software": f"readerstudy {readerstudy.VERSION}",
        "study": study.code,
        "title": study.title,
        "state": study.state,
        "protocol_sha256": study.protocol_sha256,
        "members": members,
    }


def pack_into(*, study: Study, actor: User | None, path: Path) -> str:
    """Pack a study into a file, which is there whole or not at all.

    Nothing is locked while it is written, so the record says that it was packed even
    where the disk has no room for it.
    """
    made = path.with_name(f".{path.name}.making")
    try:
        with made.open("wb") as out:
            ready = made_ready(study=study, actor=actor)
            for block in blocks(ready):
                out.write(block)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    return ready.manifest_sha256
