"""A site is backed up while it runs and restored into an empty one: the same site."""

import json
import stat
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from readerstudy.audit.models import Event
from readerstudy.export.safekeeping.backing_up import back_up
from readerstudy.export.safekeeping.place import (
    Place,
    Refused,
    asked,
    here,
    migrations,
    tables,
    what_it_holds,
    with_tool,
)
from readerstudy.export.safekeeping.restoring import restore, verified
from tests import worlds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def site(settings, tmp_path) -> Place:
    """A site in which a study was read, with its files and its key."""
    settings.MEDIA_ROOT = tmp_path / "media"
    worlds.closed_study(cases=2)
    key = tmp_path / "secret-key"
    key.write_text("a key of the test\n")
    return replace(here(), key=key)


@contextmanager
def an_empty_place(site: Place, folder: Path):
    """Another site, in which nobody has stored anything yet."""
    name = "another_site"
    if site.is_sqlite:
        database = site.database | {"NAME": str(folder / "another.sqlite3")}
    else:
        database = site.database | {"NAME": name}
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield Place(database, folder / "other-media", folder / "other-key")
    finally:
        if not site.is_sqlite:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def rows(place: Place) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    return {
        table: sorted(map(repr, asked(place, f"SELECT * FROM {table}")))
        for table in tables(place)
    }


def triggers(place: Place) -> list[str]:
    return sorted(
        str(row)
        for row in asked(
            place,
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if place.is_sqlite
            else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        )
    )


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_site_is_restored_row_by_row_and_file_by_file(site, tmp_path):
    folder = tmp_path / "backup"
    digest = back_up(folder, site)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    said, verified_digest = verified(folder)
    assert verified_digest == digest
    assert said["migrations"] == migrations(site)
    assert said["streams"]["acceptability"]["length"] > 10
    with an_empty_place(site, tmp_path) as place:
        assert what_it_holds(place) == ""
        assert restore(folder, place) == (digest, f"in {place.key}")
        before, after = rows(site), rows(place)
        assert before.keys() == after.keys() and len(before) > 60
        assert [name for name in before if before[name] != after[name]] == []
        assert len(before["grading_grade"]) == 4
        assert triggers(place) == triggers(site) and len(triggers(site)) > 60
        assert files(place.media) == files(site.media) != {}
        assert place.key.read_text() == "a key of the test\n"
        # Once there is something in it, nothing is lost unasked.
        with pytest.raises(Refused, match="is not empty: it holds"):
            restore(folder, place)
        restore(folder, place, replaces=True)
        assert rows(place) == before


def test_a_damaged_backup_is_refused_before_anything_is_touched(site, tmp_path):
    folder = tmp_path / "backup"
    back_up(folder, site)
    place = replace(site, media=tmp_path / "untouched")
    frame = next((folder / "media").rglob("*.u16*"))
    content = frame.read_bytes()
    for damaged, sentence in ((b"x" + content[1:], "is not as it was written"),):
        frame.write_bytes(damaged)
        with pytest.raises(Refused, match=sentence):
            restore(folder, place, replaces=True)
    frame.unlink()
    with pytest.raises(Refused, match="is missing in the backup"):
        restore(folder, place, replaces=True)
    frame.write_bytes(content)
    manifest = folder / "manifest.json"
    said = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(said | {"migrations": ["export.9999_of_later"]}))
    with pytest.raises(Refused, match="newer than this version"):
        restore(folder, place, replaces=True)
    other = "postgresql" if site.is_sqlite else "sqlite"
    manifest.write_text(json.dumps(said | {"engine": other}))
    with pytest.raises(Refused, match="DATABASE_URL names"):
        restore(folder, place, replaces=True)
    said["media"]["../../outside"] = said["database"]
    manifest.write_text(json.dumps(said))
    with pytest.raises(Refused, match="leads out of the backup"):
        restore(folder, place, replaces=True)
    manifest.unlink()
    with pytest.raises(Refused, match="no whole backup"):
        restore(folder, place, replaces=True)
    assert not place.media.exists()


def test_the_command_leaves_an_event_and_says_where_the_key_is(
    settings, tmp_path, capsys
):
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = tmp_path / "backup"
    call_command("backup", folder)
    assert "SECRET_KEY comes from the environment" in capsys.readouterr().out
    event = Event.objects.get(verb="site.backed_up")
    assert event.detail["manifest_sha256"] == verified(folder)[1]
    with pytest.raises(CommandError, match="is not empty"):
        call_command("backup", folder)
    with pytest.raises(CommandError, match="would hold itself"):
        call_command("backup", tmp_path / "media" / "backups" / "today")
    assert not (tmp_path / "media" / "backups").exists()
    with pytest.raises(CommandError, match="no whole backup"):
        call_command("restore", tmp_path / "nowhere")


def test_a_key_that_the_site_keeps_itself_comes_along(site, settings, tmp_path, capsys):
    settings.DATA_DIR = tmp_path
    settings.SECRET_KEY = site.key.read_text().strip()
    call_command("backup", tmp_path / "backup")
    assert "SECRET_KEY" not in capsys.readouterr().out
    kept = tmp_path / "backup" / "secret-key"
    assert kept.read_bytes() == site.key.read_bytes()


def test_a_place_with_a_file_alone_is_not_empty(site, tmp_path):
    folder = tmp_path / "backup"
    back_up(folder, site)
    with an_empty_place(site, tmp_path) as place:
        assert migrations(place) == []
        place.media.mkdir()
        assert what_it_holds(place) == ""
        (place.media / "a-file").write_text("of another site")
        assert what_it_holds(place) == "the file a-file"
        with pytest.raises(Refused, match="it holds the file a-file"):
            restore(folder, place)
        assert tables(place) == []


def test_a_site_with_its_key_in_the_environment_is_told_where_the_other_lies(
    site, tmp_path
):
    folder = tmp_path / "backup"
    back_up(folder, site)
    with an_empty_place(site, tmp_path) as place:
        _, where = restore(folder, replace(place, key=None))
        assert where.startswith(f"in {folder / 'secret-key'}; this site has SECRET_KEY")
        assert not place.key.exists()


def test_a_key_of_pseudonyms_of_its_own_is_named_when_it_goes_and_when_it_is_due(
    site, settings, tmp_path, capsys
):
    settings.PSEUDONYM_KEY = "the first key of this site"
    call_command("backup", tmp_path / "by-command")
    assert "PSEUDONYM_KEY comes from the environment" in capsys.readouterr().out
    folder = tmp_path / "backup"
    back_up(folder, replace(site, pseudonyms_apart=True))
    with an_empty_place(site, tmp_path) as place:
        _, where = restore(folder, place)
        assert where.startswith(f"in {place.key}. Pseudonyms follow from another one")
        assert where.endswith("set PSEUDONYM_KEY to it")


def test_a_backup_of_another_kind_is_refused(site, tmp_path):
    folder = tmp_path / "backup"
    back_up(folder, site)
    manifest = folder / "manifest.json"
    said = json.loads(manifest.read_text()) | {"schema": "somebody/7"}
    manifest.write_text(json.dumps(said))
    with pytest.raises(Refused, match="is a backup of another kind: somebody/7"):
        verified(folder)


def test_a_folder_that_can_not_be_made_is_refused(site, tmp_path):
    (tmp_path / "a-file").write_text("in the way")
    with pytest.raises(Refused, match=r"The backup failed: .*Not a directory"):
        back_up(tmp_path / "a-file" / "backup", site)


def test_what_a_program_says_that_failed_is_passed_on(site):
    with pytest.raises(Refused, match=r"ls failed: .*no-password"):
        with_tool(site, "ls", ["/nowhere"])
    with pytest.raises(Refused, match="pg_nowhere is not installed"):
        with_tool(site, "pg_nowhere", ["--version"])


class Withdrawing(type(Path())):
    """A media folder out of which a file goes right after it was looked at."""

    def is_symlink(self) -> bool:
        is_one = super().is_symlink()
        if self.name == "on-its-way-in":
            self.unlink(missing_ok=True)
        return is_one


def test_a_file_that_is_withdrawn_meanwhile_is_left_out(site, tmp_path):
    (site.media / "on-its-way-in").write_text("It gets its own name now.")
    there = set(files(site.media)) - {"on-its-way-in"}
    back_up(tmp_path / "backup", replace(site, media=Withdrawing(site.media)))
    said, _ = verified(tmp_path / "backup")
    assert set(said["media"]) == there
    assert set(files(tmp_path / "backup" / "media")) == there
