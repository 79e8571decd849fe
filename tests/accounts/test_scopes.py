"""A token opens the operations of its scope, and no others."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from readerstudy.accounts.scopes import ANY
from readerstudy.studies.tokens.services import create
from tests import worlds
from tests.people import anya, rosa

pytestmark = pytest.mark.django_db
GRADE = {"letter": "A", "comment": "", "idempotency_key": "a-key-of-a-script"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def script(someone, scope):
    made = create(user=someone.user, actor=None, name=scope, scope=scope)
    return Client(headers={"authorization": f"Token {made.key}"})


def test_a_token_for_results_reads_tables_and_grades_nothing():
    study = worlds.open_study()
    slot = study.membership_set.readers().get().slot_set.order_by("position").first()
    grade = reverse("api:grade", args=[slot.public_id])
    for scope, status in (("results", 403), ("reading", 201)):
        answer = script(rosa(), scope).post(grade, GRADE, "application/json")
        assert answer.status_code == status
        if status == 403:
            assert "good for: read results and tables" in answer.json()["detail"]


def test_a_token_for_reading_reads_no_table():
    study = worlds.close(worlds.open_study())
    table = reverse("api:table", args=[study.code, "reads.csv"])
    expected = {"results": 200, "reading": 403, "all": 200}
    found = {scope: script(anya(), scope).get(table).status_code for scope in expected}
    assert found == expected


def test_every_operation_says_what_opens_it_or_opens_to_no_token():
    (api,) = [
        each for each in get_resolver().url_patterns if str(each.pattern) == "api/v1/"
    ]
    scopes = {
        entry.name: getattr(entry.callback.cls, "token_scope", None)
        for entry in api.url_patterns
    }
    assert set(scopes.values()) == {ANY, "results", "reading"}
    assert [name for name, scope in scopes.items() if scope == ANY] == ["studies"]


def test_a_rehearsal_opens_to_no_token():
    study = worlds.draft_study()
    from tests.people import cora

    path = reverse("grading:rehearsal:open", args=[study.code, 1])
    answer = script(cora(), "all").post(path, {}, "application/json")
    assert answer.status_code == 403
