"""Checklists say where something stands and leave the rest to the authors."""

import csv
import io
from collections import Counter

import pytest

from readerstudy.export.checklists.files import OPTIONAL, REQUIRED, checklist_files
from readerstudy.export.checklists.item import Facts

STATES = {"done", "by the authors", "not applicable"}
EVERY = (*REQUIRED, *OPTIONAL)
EMPTY = Facts({}, {})


def rows_of(files, name):
    return list(csv.DictReader(io.StringIO(files[f"checklists/{name}.csv"].decode())))


@pytest.fixture(scope="module")
def files():
    return checklist_files(EMPTY, [each.name for each in OPTIONAL])


@pytest.mark.parametrize("checklist", EVERY, ids=lambda each: each.name)
def test_every_item_has_a_state_and_a_place_or_a_reason(checklist, files):
    rows = rows_of(files, checklist.name)
    assert [row["item"] for row in rows] == [
        str(number) for number in range(1, len(checklist.items) + 1)
    ]
    for row in rows:
        assert row["asks"] and row["state"] in STATES
        assert row["where"] or row["state"] == "by the authors"


@pytest.mark.parametrize("checklist", EVERY, ids=lambda each: each.name)
def test_the_page_counts_its_states_and_claims_nothing(checklist, files):
    text = files[f"checklists/{checklist.name}.md"].decode()
    states = Counter(row["state"] for row in rows_of(files, checklist.name))
    for state, count in states.items():
        assert f"{count} {state}" in text
    assert checklist.form in text
    assert "check against the official form" in text
    for word in ("complian", "complies", "fulfil", "adheres"):
        assert word not in text.lower()


@pytest.mark.parametrize(
    ("name", "items"),
    [("claim", 42), ("tripod-llm", 19), ("grras", 15), ("stard-ai", 30)],
)
def test_the_lists_have_as_many_items_as_they_say(name, items, files):
    assert len(rows_of(files, name)) == items
    (checklist,) = [each for each in EVERY if each.name == name]
    assert str(items) in checklist.note


def test_what_is_stated_of_the_others_is_so():
    """The AI additions to CONSORT and SPIRIT are fewer: some are parts of others."""
    counts = {each.name: len(each.items) for each in OPTIONAL}
    assert (counts["strobe"], counts["consort-ai"], counts["spirit-ai"]) == (22, 12, 13)


def test_only_the_chosen_go_along_with_the_required():
    names = set(checklist_files(EMPTY, ["strobe"]))
    stems = ("claim", "tripod-llm", "grras", "strobe")
    assert names == {f"checklists/{s}.{end}" for s in stems for end in ("csv", "md")}


def test_an_answer_follows_protocol_and_results():
    facts = Facts({"sample_size": {"cases": 50}}, {"agreement": {"all": {"n": 1}}})
    before = {row["asks"]: row for row in rows_of(checklist_files(EMPTY), "claim")}
    after = {row["asks"]: row for row in rows_of(checklist_files(facts), "claim")}
    changed = [asks for asks in before if before[asks] != after[asks]]
    assert changed == [
        "Variability within and between annotators",
        "Intended sample size and how it was found",
    ]
    assert {after[asks]["state"] for asks in changed} == {"done"}
