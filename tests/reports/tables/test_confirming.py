"""What is confirmed is what was shown, once, and keeps nobody from writing."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.reports.tables import services
from tests import worlds
from tests.people import cora, person
from tests.reports.tables.wizard import (
    CHOSEN,
    at,
    get,
    mapped,
    post,
    reports,
    text_of,
    uploaded,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def collection():
    return worlds.collection(cases=4)


def test_two_coordinators_at_once_do_not_get_into_each_others_way(collection):
    otto = person("Otto", may_create_studies=True)
    hers = uploaded("case,report\nCXR1,Clear.\n")
    his = uploaded("case,report\nCXR1,Effusion.\n", who=otto)
    assert get(his, "file").status_code == 404
    mapped(hers)
    otto.client.post(at(his, "columns"), CHOSEN | {"source": "elsewhere"})
    otto.client.get(at(his, "check"))
    post(hers, "check")
    his.refresh_from_db()
    shown = {"shown": his.checked["digest"]}
    late = otto.client.post(at(his, "check"), shown, follow=True)
    assert "have changed since the check" in text_of(late)
    assert [each.text for each in reports()] == ["Clear."]
    assert "Changed" in text_of(late)


def test_confirming_twice_stores_once(collection):
    table = uploaded("case,report\nCXR1,Clear.\n")
    mapped(table)
    post(table, "check")
    post(table, "check")
    assert reports().count() == 1
    with pytest.raises(ValidationError, match="stored already"):
        services.confirm(table=table, actor=cora().user, leave_out=False, shown="")


def test_only_the_check_that_was_shown_can_be_confirmed(collection):
    table = uploaded("case,report\nCXR1,Clear.\nCXR2,Effusion.\nCXR9,Nobody's.\n")
    mapped(table)
    page = text_of(get(table, "check"))
    table.refresh_from_db()
    shown = table.checked["digest"]
    assert f'name="shown" value="{shown}"' in page
    # As many rows as before, and not the same: the counts alone would not tell.
    Case.objects.filter(code="CXR2").update(code="CXR9")
    list(get(table, "bad_rows").streaming_content)
    table.refresh_from_db()
    assert table.checked["digest"] == shown
    refused = post(table, "check", bad_rows="leave_out", shown=shown)
    assert "have changed since the check" in text_of(refused)
    # In another tab the check was shown again.
    get(table, "check")
    refused = post(table, "check", bad_rows="leave_out", shown=shown)
    assert "Another check was made since this page was shown" in text_of(refused)
    assert not reports().exists()
    post(table, "check", bad_rows="leave_out")
    assert [each.case.code for each in reports()] == ["CXR1", "CXR9"]


def test_a_long_table_that_is_confirmed_is_recorded_at_once(collection, monkeypatch):
    monkeypatch.setattr(services, "AT_ONCE", 0)
    table = uploaded("case,report\nCXR1,Clear.\n")
    mapped(table)
    post(table, "check")
    event = Event.objects.get(verb="reports.table_confirmed")
    assert (event.actor, event.detail["check"]["new"]) == (cora().user, 1)
    assert not reports().exists()


def test_a_long_read_keeps_nobody_from_writing(collection, monkeypatch):
    """A file is read through before the transaction that stores what was said of it."""
    table = uploaded("case,report\nCXR1,Clear.\n")
    was_open = []
    look = services.undecodable_line

    def watched(*arguments):
        was_open.append(len(connection.savepoint_ids))
        return look(*arguments)

    monkeypatch.setattr(services, "undecodable_line", watched)
    outside = len(connection.savepoint_ids)
    post(table, "file", encoding="utf-8", delimiter=str(ord(",")), has_header="on")
    assert was_open == [outside]
