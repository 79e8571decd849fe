"""How reading went leaves with the bundle: event logs, consents, checks, guesses."""

import csv
import datetime
import json

import pytest
from django.utils import timezone

from readerstudy.export.tables import table_lines, table_names
from readerstudy.grading import amending
from readerstudy.grading import services as grading
from readerstudy.grading.after.guessing import (
    Guess,
    open_sheet,
    sampled_slots,
    store_guesses,
)
from readerstudy.grading.before.consent import agree, consent_version
from readerstudy.grading.before.display import go_on_knowingly, store_check
from readerstudy.grading.before.pattern import new_pattern
from readerstudy.grading.models import Consent, DisplayCheck, PracticeReading, Visit
from readerstudy.grading.path import next_slot
from readerstudy.grading.reply import Reply
from readerstudy.grading.visits import VisitLog
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.people import person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def rows_of(study, name):
    return list(csv.DictReader(table_lines(study, name)))


def reader_of(**rules):
    study = worlds.open_study(**rules)
    return study.membership_set.readers().order_by("id").first()


def seen(slot, key, *events):
    """Rosa opens a page and leaves it; the browser's clock is an hour slow."""
    began_at = timezone.now() - datetime.timedelta(hours=1)
    visit = VisitLog(key, began_at, events)
    grading.save_draft(slot=slot, replies=[Reply("C")], visits=[visit])


def test_every_event_of_a_visit_is_a_row_in_its_order():
    reader = reader_of()
    slot = next_slot(reader)
    grading.open_slot(slot=slot, actor=rosa().user)
    seen(
        slot, "first-look", (0, "shown", ""), (900, "tool", "=zoom"), (950, "leave", "")
    )
    worlds.grade(slot, "B")
    rows = rows_of(reader.study, "visits.csv")
    assert [
        (row["visit"], row["at_ms"], row["kind"], row["detail"]) for row in rows
    ] == [
        ("first-look", "0", "shown", ""),
        ("first-look", "900", "tool", "'=zoom"),
        ("first-look", "950", "leave", ""),
        (f"visit-{slot.public_id}", "0", "shown", ""),
        (f"visit-{slot.public_id}", "20000", "blur", ""),
        (f"visit-{slot.public_id}", "25000", "submit", ""),
    ]
    assert {(row["reader"], row["position"], row["version"]) for row in rows} == {
        ("R1", "1", "1")
    }
    first = Visit.objects.get(key="first-look")
    assert rows[0]["began_at"] == first.began_at.isoformat()
    assert rows[0]["client_began_at"] == first.client_began_at.isoformat()
    assert rows[0]["client_began_at"] < rows[0]["began_at"]


def test_a_visit_that_led_to_no_grade_or_logged_nothing_is_not_missing():
    reader = reader_of()
    slot = next_slot(reader)
    worlds.grade(slot, "B")
    amending.undo(slot=slot, actor=rosa().user)
    seen(slot, "look-again")
    last = rows_of(reader.study, "visits.csv")[-1]
    assert (last["visit"], last["version"]) == ("look-again", "")
    assert last["at_ms"] == last["kind"] == ""


def test_a_pair_is_visited_once_at_the_place_of_its_first_side():
    reader = reader_of(presentation="pair")
    worlds.grade_pair(next_slot(reader))
    worlds.grade_pair(next_slot(reader))
    rows = rows_of(reader.study, "visits.csv")
    assert [row["position"] for row in rows] == ["1"] * 3 + ["3"] * 3


def test_visits_stand_by_reader_whoever_read_first():
    reader = reader_of(readers=[rosa(), person("Ravi")])
    other = reader.study.membership_set.readers().exclude(pk=reader.pk).get()
    worlds.grade_next(other, "A")
    worlds.grade_next(reader, "A")
    rows = rows_of(reader.study, "visits.csv")
    assert [row["reader"] for row in rows] == ["R1"] * 3 + ["R2"] * 3


def test_consents_and_display_checks_are_rows_with_what_was_told():
    reader = reader_of(consent="My grades may be published.", display_check=True)
    agree(reader=reader, version=consent_version(reader.study))
    pattern = new_pattern()
    answers = pattern.as_json() | {"room": True, "dark": "none"}
    device = {"screen_width": 1280, "screen_height": 720, "pixel_ratio": 1.5}
    store_check(
        reader=reader, session=1, pattern=pattern, answers=answers, device=device
    )
    go_on_knowingly(reader=reader, session=1)
    worlds.prepare(reader)
    consent, failed, went_on, passed = rows_of(reader.study, "sessions.csv")
    given = Consent.objects.get()
    assert (consent["reader"], consent["kind"]) == ("R1", "consent")
    assert consent["consent_sha256"] == consent_version(reader.study)
    assert (consent["at"], consent["session"]) == (given.at.isoformat(), "")
    assert consent["passed"] == consent["answers"] == ""
    checks = (failed, went_on, passed)
    assert {(row["kind"], row["session"]) for row in checks} == {("display_check", "1")}
    assert [row["passed"] for row in checks] == ["0", "0", "1"]
    assert [row["went_on"] for row in checks] == ["0", "1", "0"]
    assert [row["at"] for row in checks] == [
        check.at.isoformat() for check in DisplayCheck.objects.order_by("id")
    ]
    assert json.loads(failed["answers"]) == answers
    assert json.loads(failed["expected"]) == pattern.as_json()
    assert json.loads(failed["device"]) == device
    assert failed["screen"] == "1280x720x0"


def test_what_came_after_a_session_is_a_row_too():
    reader = reader_of(guess_sample=2)
    worlds.read_session(reader)
    open_sheet(reader=reader, session=1)
    (opened,) = rows_of(reader.study, "sessions.csv")
    assert (opened["kind"], opened["session"]) == ("guesses_opened", "1")
    guesses = [Guess("model", 3) for _ in sampled_slots(reader, 1)]
    stored = store_guesses(reader=reader, session=1, guesses=guesses)
    _, given = rows_of(reader.study, "sessions.csv")
    assert (given["kind"], given["session"]) == ("guesses_given", "1")
    assert given["at"] == max(guess.at for guess in stored).isoformat()


def test_nothing_of_practice_and_no_name_leaves_in_any_of_the_tables():
    study = worlds.draft_study(
        readers=[rosa(), person("Ravi")], consent="Agreed?", display_check=True
    )
    practice = worlds.practice_case(study)
    study = worlds.opened(study)
    for reader in study.membership_set.readers():
        worlds.prepare(reader)
        worlds.grade_next(reader, "B")
    assert PracticeReading.objects.count() == 2
    sessions = rows_of(study, "sessions.csv")
    assert [(row["reader"], row["kind"]) for row in sessions] == [
        (reader, kind)
        for reader in ("R1", "R2")
        for kind in ("consent", "display_check")
    ]
    tables = {name: "".join(table_lines(study, name)) for name in table_names()}
    # Ids are drawn by chance, and chance may spell a name.
    for slot in Slot.objects.of_study(study):
        tables["visits.csv"] = tables["visits.csv"].replace(slot.public_id, "")
    for name in ("versions.csv", "marks.csv", "visits.csv", "sessions.csv"):
        text = tables[name].lower()
        for word in ("rosa", "ravi", "practi", practice.report.case.code.lower()):
            assert word not in text, (name, word)
