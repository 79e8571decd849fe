"""Every version of every grade leaves with the bundle, and every error marked in it."""

import csv

import pytest

from readerstudy.export.tables import table_lines
from readerstudy.grading import amending
from readerstudy.grading import services as grading
from readerstudy.grading.models import Grade
from readerstudy.grading.path import next_slot
from readerstudy.grading.reply import Mark, Reply
from tests import worlds
from tests.people import person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def rows_of(study, name):
    return list(csv.DictReader(table_lines(study, name)))


def reader_of(**rules):
    study = worlds.open_study(**{"amending": "study"} | rules)
    return study.membership_set.readers().order_by("id").first()


def changed(slot, *replies, preference="", key="the-second-version"):
    """Submit a page that was taken up again."""
    grade, _ = grading.submit(
        slot=slot,
        actor=slot.reader.user,
        idempotency_key=key,
        replies=replies,
        preference=preference,
    )
    return grade


def read_of(row):
    return tuple(row[name] for name in ("reader", "case", "arm", "position"))


def test_superseded_versions_stand_beside_the_newest():
    reader = reader_of()
    slot = next_slot(reader)
    worlds.grade(slot, "D", comment="A miss.")
    amending.undo(slot=slot, actor=rosa().user)
    changed(slot, Reply("C"))
    amending.amend(slot=slot, actor=rosa().user, reason="Saw the effusion.")
    changed(slot, Reply("B", comment="=SUM(A1)"), key="the-third-version")
    first, second, third = rows_of(reader.study, "versions.csv")
    read = next(row for row in rows_of(reader.study, "reads.csv") if row["grade"])
    assert read_of(first) == read_of(second) == read_of(third) == read_of(read)
    assert [row["version"] for row in (first, second, third)] == ["1", "2", "3"]
    assert [row["grade"] for row in (first, second, third)] == ["D", "C", "B"]
    assert [row["kind"] for row in (first, second, third)] == ["", "undo", "amend"]
    assert (first["comment"], first["reason"]) == ("A miss.", "")
    assert second["reason"].startswith("Taken back")
    assert third["reason"] == "Saw the effusion."
    assert third["comment"] == "'=SUM(A1)"
    # reads.csv has the time of all versions together.
    times = {"seconds", "wall_seconds", "idle_seconds"}
    shared = set(first) & set(read) - times
    assert {name: third[name] for name in shared} == {
        name: read[name] for name in shared
    }


def test_a_grade_not_yet_given_again_has_no_further_version():
    reader = reader_of()
    slot = next_slot(reader)
    worlds.grade(slot, "D")
    amending.undo(slot=slot, actor=rosa().user)
    (row,) = rows_of(reader.study, "versions.csv")
    assert (row["version"], row["grade"], row["kind"]) == ("1", "D", "")


def test_times_stand_with_the_version_that_they_led_to():
    reader = reader_of()
    slot = next_slot(reader)
    worlds.grade(slot, "D")
    amending.undo(slot=slot, actor=rosa().user)
    changed(slot, Reply("C"))
    first, second = rows_of(reader.study, "versions.csv")
    assert (first["wall_seconds"], first["seconds"]) == ("25.000", "20.000")
    assert first["idle_seconds"] == "5.000"
    assert float(first["idle_threshold_seconds"]) == reader.study.idle_seconds
    assert second["seconds"] == second["wall_seconds"] == "", "no log was sent"
    newest = Grade.objects.get(version=2)
    assert second["submitted_at"] == newest.submitted_at.isoformat()


def test_choices_and_refusals_are_kept():
    reader = reader_of(
        instruments=["confidence", "radpeer", "comment", "cannot_assess"]
    )
    worlds.grade(next_slot(reader), "B", answers={"confidence": "4", "radpeer": "2b"})
    worlds.grade(next_slot(reader), "", cannot_assess="image_quality")
    graded, refused = rows_of(reader.study, "versions.csv")
    assert (graded["confidence"], graded["radpeer"]) == ("4", "2b")
    assert graded["hallucination"] == "", "it was not asked"
    assert (graded["cannot_assess_reason"], refused["grade"]) == ("", "")
    assert refused["cannot_assess_reason"] == "image_quality"


def test_of_a_pair_each_version_names_the_arm_preferred_with_it():
    reader = reader_of(presentation="pair")
    slot = next_slot(reader)
    worlds.grade_pair(slot, "BD", preference="1")
    amending.amend(slot=slot, actor=rosa().user, reason="Looked again.")
    changed(slot, Reply("D"), Reply("A"), preference="2")
    worlds.grade_pair(next_slot(reader), "CC", preference="equal")
    rows = rows_of(reader.study, "versions.csv")
    left, right = (page.presented.arm.name for page in grading.page_of(slot))
    assert [
        (row["position"], row["version"], row["arm"], row["grade"], row["preference"])
        for row in rows[:4]
    ] == [
        ("1", "1", left, "B", left),
        ("1", "2", left, "D", right),
        ("2", "1", right, "D", left),
        ("2", "2", right, "A", right),
    ]
    assert [row["kind"] for row in rows[:4]] == ["", "amend", "", "amend"]
    assert [row["preference"] for row in rows[4:]] == ["equal", "equal"]


def test_marks_stand_with_their_place_in_the_text_as_it_was_shown():
    reader = reader_of(instruments=["errors", "comment"])
    slot = next_slot(reader)
    marks = [
        Mark("severity", True, 0, 4, 9, replacement="=the lung"),
        Mark("omission", False, replacement="Nodule on the left."),
    ]
    worlds.grade(slot, "C", marks=marks)
    amending.amend(slot=slot, actor=rosa().user, reason="Only one is an error.")
    changed(slot, Reply("B", marks=[Mark("location", False, 1, 0, 4)]))
    severity, omission, location = rows_of(reader.study, "marks.csv")
    read = next(row for row in rows_of(reader.study, "reads.csv") if row["grade"])
    assert read_of(severity) == read_of(omission) == read_of(location) == read_of(read)
    assert [row["version"] for row in (severity, omission, location)] == ["1", "1", "2"]
    assert [row["number"] for row in (severity, omission, location)] == ["1", "2", "1"]
    assert severity["significant"] == "1" and omission["significant"] == "0"
    assert severity["replacement"] == "'=the lung"
    assert omission["replacement"] == "Nodule on the left."
    assert [omission[name] for name in ("sentence", "start", "end", "quote")] == [
        ""
    ] * 4
    for mark in (severity, location):
        report = next(
            row
            for row in rows_of(reader.study, "reports.csv")
            if (row["case"], row["arm"]) == (mark["case"], mark["arm"])
        )
        sentence = report["presented"].split("\n")[int(mark["sentence"]) - 1]
        assert sentence[int(mark["start"]) : int(mark["end"])] == mark["quote"] != ""
    assert severity["quote"] == "heart"


def test_rows_stand_by_reader_place_and_version_and_name_nobody():
    reader = reader_of(
        readers=[rosa(), person("Ravi")], instruments=["errors", "comment"]
    )
    other = reader.study.membership_set.readers().exclude(pk=reader.pk).get()
    wrong = [Mark("omission", True)]
    # In time, Ravi is first, and the first place is changed last.
    worlds.grade(next_slot(other), "A", marks=wrong)
    first = next_slot(reader)
    worlds.grade(first, "B", marks=wrong)
    worlds.grade(next_slot(reader), "C", marks=wrong)
    amending.amend(slot=first, actor=rosa().user, reason="A slip.")
    changed(first, Reply("D", marks=wrong))
    for name in ("versions.csv", "marks.csv"):
        places = [
            (row["reader"], row["position"], row["version"])
            for row in rows_of(reader.study, name)
        ]
        assert places == [
            ("R1", "1", "1"),
            ("R1", "1", "2"),
            ("R1", "2", "1"),
            ("R2", "1", "1"),
        ]
        text = "".join(table_lines(reader.study, name)).lower()
        assert "rosa" not in text and "ravi" not in text


def test_another_studys_grades_stay_out():
    reader = reader_of()
    worlds.grade_next(reader, "B")
    other = reader_of(code="another")
    assert rows_of(other.study, "versions.csv") == []
    assert rows_of(other.study, "marks.csv") == []
