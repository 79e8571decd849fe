"""A world that is put back is the one that was made, row by row and file by file."""

import pytest
from django.db import connection

from readerstudy.audit.verifying import first_break
from readerstudy.cases.models import Collection
from readerstudy.presentation.models import Slot
from tests import remembered, worlds
from tests.people import person, rosa
from tests.tables import empty_tables, filled_tables


def everything(folder) -> tuple[dict[str, list], dict[str, bytes]]:
    """All rows and all files that there are."""
    rows = {}
    with connection.cursor() as cursor:
        for table in filled_tables():
            cursor.execute(f"SELECT * FROM {table}")
            rows[table] = sorted(map(repr, cursor.fetchall()))
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*.gz")
    }
    return rows, files


@pytest.fixture
def found(settings, tmp_path, monkeypatch):
    """Nothing is remembered yet; gives a look at all that a world consists of."""
    monkeypatch.setattr(remembered, "WORLDS", {})

    def look(make):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        settings.MEDIA_ROOT = folder
        made = make()
        seen = everything(folder)
        empty_tables()
        return made, seen

    return look


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["phantoms", "draft", "open", "closed", "archived"])
def test_what_is_put_back_equals_what_was_made(name, found):
    make = getattr(worlds, name if name == "phantoms" else f"{name}_study")
    first, seen = found(make)
    remembered_by_then = dict(remembered.WORLDS)
    again, seen_again = found(make)
    assert remembered_by_then == remembered.WORLDS
    assert again == first and again is not first
    assert len(seen[0]) > 3 and len(seen[1]) > 5
    assert seen_again == seen


@pytest.mark.django_db
def test_other_wishes_people_and_settings_make_other_worlds(found, settings):
    def slots(**wishes):
        def make():
            study = worlds.open_study(**wishes)
            assert first_break(study.code) is None
            return Slot.objects.of_study(study).count()

        return found(make)[0]

    assert slots() == slots() == 12
    assert slots(cases=2, distance=1) == 4
    before = len(remembered.WORLDS)

    def two_readers():
        study = worlds.open_study(readers=[person("Ravi"), rosa()])
        assert [r.user.username for r in study.membership_set.readers()] == [
            "ravi",
            "rosa",
        ]
        return Slot.objects.of_study(study).count()

    assert found(two_readers)[0] == found(two_readers)[0] == 24
    settings.KEEP_ORIGINALS = True
    assert slots() == 12
    assert len(remembered.WORLDS) > before + 3


@pytest.mark.django_db
def test_where_something_is_there_already_it_is_made_beside_it(found):
    def two():
        worlds.collection(cases=2)
        return worlds.collection("others", cases=2)

    found(two)
    others, (rows, _) = found(two)
    assert others.name == "others"
    assert len(rows["cases_collection"]) == 2 and len(rows["cases_case"]) == 4
    assert not Collection.objects.exists()
