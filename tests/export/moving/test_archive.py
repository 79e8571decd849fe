"""What a packed study must be to be taken in: whole, and as its record says."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from readerstudy.export.moving.archive import read
from readerstudy.export.moving.lines import dumps
from readerstudy.export.moving.unpacking import unpack
from readerstudy.studies.models import Study
from tests import worlds
from tests.export.moving.two_servers import closed_study, packed

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def rewritten(file: Path, out: Path, **changes: bytes | None) -> Path:
    """The same ZIP with other members; None leaves one out."""
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(out, "w") as new:
        for name in archive.namelist():
            if name not in changes:
                new.writestr(name, archive.read(name))
        for name, content in changes.items():
            if content is not None:
                new.writestr(name, content)
    return out


def test_a_file_that_is_not_what_it_says_is_refused(here, tmp_path):
    with here:
        file = packed(worlds.draft_study(), tmp_path)
    out = tmp_path / "bad.zip"
    manifest = zipfile.ZipFile(file).read("manifest.json")
    newer = manifest.replace(b'"version":1', b'"version":2')
    for changes, words in (
        ({"rows/studies.Arm.jsonl": b"{}\n"}, "rows/studies.Arm.jsonl is damaged"),
        ({"rows/studies.Arm.jsonl": None}, "rows/studies.Arm.jsonl is missing"),
        ({"../outside": b"x"}, "../outside does not belong"),
        ({"rows/../../x.jsonl": b"x"}, "does not belong"),
        ({"manifest.json": newer}, "reads version 1"),
        ({"manifest.json": b"[1"}, "manifest.json is damaged"),
        ({"manifest.json": b"[]"}, "This ZIP holds no packed study"),
        ({"manifest.json": None}, "manifest.json is missing"),
    ):
        with pytest.raises(ValidationError, match=words):
            read(rewritten(file, out, **changes))
    out.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ValidationError, match="cut short"):
        read(out)


def test_a_flipped_byte_is_found_or_is_none_of_the_content(here, tmp_path):
    with here:
        file = packed(worlds.draft_study(), tmp_path)
    whole, good = file.read_bytes(), read(file)
    out = tmp_path / "flipped.zip"

    @hypothesis_settings(max_examples=60, deadline=None)
    @given(st.integers(0, len(whole) - 1), st.integers(1, 255))
    def flip(place: int, mask: int) -> None:
        out.write_bytes(
            whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :]
        )
        try:
            found = read(out)
        except ValidationError:
            return
        assert (found.manifest, found.rows) == (good.manifest, good.rows)
        assert list(found.pixels()) == list(good.pixels())

    flip()


def with_rows(file: Path, out: Path, label: str, change) -> Path:
    """The same ZIP with other rows of a model, of which its manifest knows."""
    name = f"rows/{label}.jsonl"
    with zipfile.ZipFile(file) as archive:
        rows = [json.loads(line) for line in archive.read(name).splitlines()]
    changed = change(rows)
    text = changed if isinstance(changed, bytes) else lines_of(changed)
    said = {"size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    return with_members(file, out, {name: said}, **{name: text})


def lines_of(rows: list[object]) -> bytes:
    return "".join(dumps(row) + "\n" for row in rows).encode()


def with_members(file: Path, out: Path, said: dict[str, object], **changes) -> Path:
    """The same ZIP whose manifest says something else of its members."""
    manifest = json.loads(zipfile.ZipFile(file).read("manifest.json"))
    members = {
        name: each
        for name, each in (manifest["members"] | said).items()
        if each is not None
    }
    text = json.dumps(manifest | {"members": members}).encode()
    return rewritten(file, out, **{"manifest.json": text}, **changes)


@pytest.fixture
def draft(here, tmp_path) -> Path:
    """A packed draft, of which nothing is on this server."""
    with here:
        return packed(worlds.draft_study(), tmp_path)


ARMS = "rows/studies.Arm.jsonl"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({ARMS: {"size": "many", "sha256": "0"}}, "manifest.json is damaged"),
        ({ARMS: {"size": 2**40, "sha256": "0"}}, "more than a study can have"),
        ({ARMS: {"size": 1, "sha256": "0"}}, f"{ARMS} is damaged"),
    ],
)
def test_a_manifest_that_says_what_is_not_so_is_refused(draft, tmp_path, said, words):
    with pytest.raises(ValidationError, match=words):
        read(with_members(draft, tmp_path / "bad.zip", said))


def test_a_manifest_without_end_is_not_read(draft, tmp_path):
    out = tmp_path / "bad.zip"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b" " * (64 * 1024**2 + 1))
    with pytest.raises(ValidationError, match="too large to be one"):
        read(out)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_stands_in_the_zip_once(draft, tmp_path):
    out = rewritten(draft, tmp_path / "bad.zip")
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(ARMS, b"{}")
    with pytest.raises(ValidationError, match="stands in the ZIP twice"):
        read(out)


def test_every_table_is_there(draft, tmp_path):
    out = with_members(draft, tmp_path / "bad.zip", {ARMS: None}, **{ARMS: None})
    with pytest.raises(ValidationError, match=f"{ARMS} is missing"):
        read(out)


@pytest.mark.parametrize(
    ("label", "change", "words"),
    [
        ("studies.Study", lambda rows: rows * 2, "holds no study, or several"),
        ("studies.Arm", lambda rows: b"{half\n", f"{ARMS} is damaged"),
        ("studies.Arm", lambda rows: [[1]], f"{ARMS} is damaged"),
        ("cases.Image", lambda rows: first_with(rows=9)(rows), r"u16 is damaged"),
        ("cases.Image", lambda rows: first_with(rows=10**6)(rows), r"u16 is damaged"),
        ("cases.Image", lambda rows: first_with(columns="x")(rows), r"is damaged"),
    ],
    ids=["two studies", "half a row", "a list", "a row short", "a giant", "no size"],
)
def test_rows_that_are_none_are_refused(draft, tmp_path, label, change, words):
    with pytest.raises(ValidationError, match=words):
        read(with_rows(draft, tmp_path / "bad.zip", label, change))


def first_with(**changes):
    """The rows with some values of the first one changed."""
    return lambda rows: [rows[0] | changes, *rows[1:]]


def without_last(rows):
    return rows[:-1]


@pytest.mark.parametrize(
    ("label", "change", "words"),
    [
        (
            "studies.Arm",
            first_with(colour="red"),
            r"of this version \(colour",
        ),
        ("cases.Case", without_last, "that the file does not hold"),
        ("studies.Study", first_with(protocol={}), "not have the hash it was locked"),
        ("audit.Event", first_with(subject="else"), "is broken at event 1"),
        ("grading.Grade", first_with(letter="D"), "is not as the study"),
        ("grading.Grade", without_last, "record alone"),
    ],
)
def test_a_study_that_was_changed_on_the_way_is_refused(
    here, there, tmp_path, label, change, words
):
    with here:
        file = packed(closed_study(), tmp_path)
    with there:
        changed = read(with_rows(file, tmp_path / "changed.zip", label, change))
        with pytest.raises(ValidationError, match=words), transaction.atomic():
            unpack(packed=changed, actor=None)
        assert not Study.objects.exists()


def test_a_text_may_hold_what_unicode_calls_the_end_of_a_line(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "here"
    study = worlds.draft_study()
    study.instructions = "First.\u2028Second.\u2029Third.\x85Fourth.\x0cFifth."
    study.save()
    found = read(packed(study, tmp_path))
    assert found.study["instructions"] == study.instructions
