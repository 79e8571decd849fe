"""Fields that no form shows, sent all the same: nothing in the database is another for
them. Every form and every operation of the API is sent with and without."""

import json
from collections import defaultdict
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from readerstudy.studies.models import Study
from tests import worlds
from tests.people import anya, cora, rosa
from tests.tables import filled_tables
from tests.test_permissions import (
    BODIES,
    FORMS,
    address,
    forgotten,
    lines,
    study_in,
)

pytestmark = pytest.mark.django_db
# The name of a field that decides something, and what an attacker would like it to be.
WANTED: dict[str, Any] = {
    **dict.fromkeys(("state", "status"), "closed"),
    **dict.fromkeys(("is_staff", "is_superuser", "may_create_studies"), "true"),
    **dict.fromkeys(("is_active", "is_locked", "is_unblinded", "is_held"), "true"),
    **dict.fromkeys(
        ("frozen_at", "opened_at", "closed_at", "unblinded_at"), "2020-01-01"
    ),
    **dict.fromkeys(
        ("submitted_at", "graded_at", "created_at", "used_at"), "2020-01-01"
    ),
    **dict.fromkeys(("revoked_at", "expires_at", "last_used_at"), "2090-01-01"),
    **dict.fromkeys(("id", "pk", "version", "position", "round", "repeat"), "1"),
    **dict.fromkeys(("study", "study_id", "arm", "arm_id", "presented", "slot"), "1"),
    **dict.fromkeys(("user_id", "owner", "actor", "author", "created_by"), "1"),
    **dict.fromkeys(
        ("actor_id", "made_by", "asked_by", "uploaded_by", "reader_id"), "1"
    ),
    **dict.fromkeys(("case_set", "report", "report_id", "source_id"), "1"),
    **dict.fromkeys(("protocol", "locked_protocol", "protocol_sha256"), "{}"),
    **dict.fromkeys(("sha256", "key_sha256", "fingerprint", "digest"), "0" * 64),
    **dict.fromkeys(("public_id", "reader_code", "attempts", "lease_token"), "7"),
    **dict.fromkeys(("results", "expected", "failure", "worker", "token"), "x"),
}
# Where a field of that name is what the form asks for.
ASKED_FOR: dict[str, set[str]] = {}
NOT_OURS = {"django_session"}
# Where most can be done comes first; what is left can only be done in these.
ORDER = ["draft", "open", "closed", "paused", "frozen", "archived"]
# In how many forms and operations of a state something is stored, at least.
LEAST = {"draft": 20, "open": 15, "closed": 3}


def rows() -> dict[str, dict[Any, dict[str, Any]]]:
    """Every row of every table by its key."""
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        for table in set(filled_tables()) - NOT_OURS:
            cursor.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            found[table] = {
                row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()
            }
    return found


Change = tuple[str, str, str]


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """What became another, what is new and what is gone, column by column."""
    found: list[Change] = []
    for table in before.keys() | after.keys():
        old, new = before.get(table, {}), after.get(table, {})
        for key in old.keys() - new.keys():
            found.append((table, "gone", str(key)))
        for key in new:
            was = old.get(key)
            for column, value in new[key].items():
                if was is None or was[column] != value:
                    where = "new" if was is None else str(key)
                    found.append((table, f"{column} of {where}", str(value)))
    return sorted(found)


def effect(
    client: Client,
    line: dict[str, str],
    path: str,
    form: dict[str, Any],
    more: dict[str, Any],
) -> tuple[int, list[Change]]:
    """The status of a request with more fields, and what it changed; put back."""
    before = rows()
    with forgotten(client):
        url, method = line["url"], getattr(client, line["method"].lower())
        if url in BODIES:
            body = json.dumps({**more, **BODIES[url]})
            answer = method(path, body, content_type="application/json")
        else:
            answer = method(path, {**more, **form})
        if answer.streaming:
            b"".join(answer)
        return answer.status_code, changed(before, rows())


def without(changes: list[Change], fleeting: set[tuple[str, str]]) -> list[Change]:
    return [each for each in changes if each[:2] not in fleeting]


def fleeting(one: list[Change], two: list[Change]) -> set[tuple[str, str]]:
    """The columns that differ from one time to the next: clocks, keys, numbers."""
    told: list[dict[tuple[str, str], list[str]]] = []
    for changes in (one, two):
        by_place = defaultdict(list)
        for table, column, value in changes:
            by_place[table, column].append(value)
        told.append(by_place)
    return {place for place in told[0] if told[0][place] != told[1].get(place)}


class Shown(HTMLParser):
    """The fields of a page's forms that send to the page itself, as they are filled."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path = path
        self.fields: dict[str, list[str]] = defaultdict(list)
        self._is_own = self._is_text = False
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "form":
            self._is_own = (said.get("action") or self.path) == self.path
        elif not self._is_own:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in said:
            self.fields[self._select].append(value)
        elif tag == "textarea":
            self._select, self._is_text = name, True
        elif tag == "input" and name and _is_sent(said):
            self.fields[name].append(value)

    def handle_data(self, data: str) -> None:
        if self._is_text and self._select:
            self.fields[self._select].append(data.removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._select, self._is_text = "", False


def _is_sent(said: dict[str, str | None]) -> bool:
    kind = said.get("type") or "text"
    if kind in {"checkbox", "radio"}:
        return "checked" in said
    return kind not in {"file", "submit", "button"}


def filled(client: Client, line: dict[str, str], path: str) -> dict[str, Any]:
    """What a browser would send: the form as the page shows it, and what is typed."""
    shown: dict[str, Any] = {}
    if any((each["url"], each["method"]) == (line["url"], "GET") for each in lines()):
        page = client.get(path)
        if page.status_code == 200 and not page.streaming:
            shown = dict(Shown(page.content.decode(errors="replace"), path).fields)
    return shown | FORMS.get(line["url"], {})


def chosen(state: str) -> list[tuple[dict[str, str], str]]:
    """Each form or operation once, in the first state in which it does something."""
    first: dict[tuple[str, str], tuple[dict[str, str], str]] = {}
    for role in ("coordinator", "reader", "analyst"):
        for line in sorted(lines(), key=lambda line: ORDER.index(line["state"])):
            if line["method"] != "GET" and line[role] in {"200", "201", "302"}:
                first.setdefault((line["url"], line["method"]), (line, role))
    return [pair for pair in first.values() if pair[0]["state"] == state]


@pytest.mark.parametrize("state", LEAST)
def test_a_field_that_no_form_shows_changes_nothing(state):
    wanted = chosen(state)
    assert wanted
    study = study_in(state)
    other = Study.objects.create(code="other", title="Other", created_by=rosa().user)
    people = {"coordinator": cora(), "reader": rosa(), "analyst": anya()}
    aims = WANTED | {"study": other.pk, "study_id": other.pk, "user_id": rosa().user.pk}
    wrong, stored = [], 0
    for line, role in wanted:
        client = people[role].client
        with transaction.atomic():
            path = address(line["url"], study)
            more = {
                k: v for k, v in aims.items() if k not in ASKED_FOR.get(line["url"], ())
            }
            form = filled(client, line, path)
            status, plain = effect(client, line, path, form, {})
            again_status, again = effect(client, line, path, form, {})
            stored += bool(plain)
            assert status == again_status, line
            noise = fleeting(plain, again)
            got, with_more = effect(client, line, path, form, more)
            if got != status or without(plain, noise) != without(with_more, noise):
                differ = set(without(plain, noise)) ^ set(without(with_more, noise))
                wrong.append((line["url"], status, got, sorted(differ)[:4]))
            transaction.set_rollback(True)
    assert wrong == []
    assert stored >= LEAST[state], "else the forms were refused, with or without"


def test_each_form_is_sent_in_one_of_these_states():
    assert [state for state in ORDER if chosen(state)] == list(LEAST)


def test_the_comparison_would_notice():
    study = worlds.draft_study()
    before = rows()
    Study.objects.filter(pk=study.pk).update(title="Another")
    assert changed(before, rows()) == [
        ("studies_study", f"title of {study.pk}", "Another")
    ]
