"""Anya looks at the reports on which readers differ most, and opens them."""

import pytest
from django.urls import reverse

from readerstudy.analysis.disagreements import views
from readerstudy.analysis.disagreements.marked import (
    Mark,
    marked_sentences,
)
from readerstudy.grading.path import next_slot
from readerstudy.grading.reply import Mark as Marked
from readerstudy.studies.lifecycle.services import close
from tests import worlds
from tests.people import anya, cora, noted, person, rosa

pytestmark = pytest.mark.django_db

# By reader, for CXR-LLaVA's reports; the ground truth always gets an A.
LETTERS = {"CXR1": "AD", "CXR2": "AC", "CXR3": "AB"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    study = worlds.open_study(
        readers=[rosa(), person("Ravi")], instruments=["comment", "errors"]
    )
    for place, reader in enumerate(study.membership_set.readers()):
        while (slot := next_slot(reader)) is not None:
            is_model = slot.presented.arm.name == "cxr_llava"
            letters = LETTERS.get(slot.presented.case.code, "AA")
            letter = letters[place] if is_model else "A"
            told = {}
            if letter == "D":
                mark = Marked("false_finding", True, 0, 4, 9, "lung")
                told = {"comment": "A miss.", "marks": [mark]}
            worlds.grade(slot, letter, **told)
    return close(study=study, actor=cora().user)


def listed(study, **asked):
    address = reverse("analysis:disagreements", args=[study.code])
    return anya().client.get(address, asked)


def codes(answer):
    return [(row.code, row.steps) for row in answer.context["page"].rows]


def test_the_widest_comes_first(study):
    assert codes(listed(study)) == [("CXR1", "3"), ("CXR2", "2"), ("CXR3", "1")]


def test_between_the_arms_of_a_case_means_are_compared(study):
    assert codes(listed(study, kind="arms", spread=1)) == [
        ("CXR1", "1.5"),
        ("CXR2", "1"),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"spread": "2"}, ["CXR1", "CXR2"]),
        ({"split": "on"}, ["CXR1", "CXR2"]),
        ({"marked": "on"}, ["CXR1"]),
        ({"comment": "on"}, ["CXR1"]),
        ({"stratum": "abnormal"}, ["CXR2"]),
        ({"spread": "nonsense", "after": "x.y"}, ["CXR1", "CXR2", "CXR3"]),
    ],
)
def test_the_list_is_narrowed(study, asked, found):
    assert [code for code, _ in codes(listed(study, **asked))] == found


def test_an_arm_and_a_reader_narrow_it_too(study):
    truth = study.arm_set.get(name="ground_truth")
    assert codes(listed(study, arm=truth.pk)) == []
    reader = study.membership_set.readers().first()
    assert len(codes(listed(study, reader=reader.pk))) == 3


def test_pages_follow_each_other_by_key(study, monkeypatch):
    monkeypatch.setattr(views, "ROWS_PER_PAGE", 2)
    first = listed(study)
    assert [code for code, _ in codes(first)] == ["CXR1", "CXR2"]
    second = listed(study, after=str(first.context["page"].following))
    assert [code for code, _ in codes(second)] == ["CXR3"]
    assert second.context["page"].following is None


def test_the_list_takes_as_many_queries_for_many_rows(
    study, django_assert_max_num_queries
):
    listed(study)
    client = noted(anya())
    address = reverse("analysis:disagreements", args=[study.code])
    with django_assert_max_num_queries(12):
        client.get(address)


def test_a_case_opens_with_reports_grades_and_marks_and_leads_on(study):
    row = listed(study).context["page"].rows[0]
    address = reverse("analysis:disagreement", args=[study.code, row.case_id])
    answer = anya().client.get(f"{address}?at={row.key}")
    text = answer.content.decode()
    assert "<mark>heart</mark>" in text
    assert "A miss." in text
    labels = [report.arm for report in answer.context["opened"].reports]
    assert sorted(labels) == ["CXR-LLaVA", "Ground truth"]
    letters = {
        report.arm: [opinion.letter for opinion in report.opinions]
        for report in answer.context["opened"].reports
    }
    assert letters["CXR-LLaVA"] == ["A", "D"]
    assert answer.context["previous"] is None
    assert answer.context["following"]["key"].spread == 2000


def test_the_radiograph_is_a_picture(study):
    row = listed(study).context["page"].rows[0]
    answer = anya().client.get(
        reverse("analysis:radiograph", args=[study.code, row.case_id])
    )
    assert answer["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


def test_marks_that_overlap_keep_the_text_whole():
    first = Mark(1, "R1", "location", False, "", "", 1, 0, 9)
    second = Mark(2, "R2", "severity", True, "", "", 1, 4, 99)
    [pieces] = marked_sentences(["The heart is large."], [first, second])
    assert "".join(piece.text for piece in pieces) == "The heart is large."
    assert [piece.numbers for piece in pieces] == [(1,), (1, 2), (2,)]
    assert [piece.ends for piece in pieces] == [(), (1,), (2,)]


def test_a_case_opens_from_the_list_of_arms_too(study):
    row = listed(study, kind="arms").context["page"].rows[0]
    address = reverse("analysis:disagreement", args=[study.code, row.case_id])
    answer = anya().client.get(f"{address}?kind=arms&at={row.key}")
    assert answer.status_code == 200
    assert answer.context["previous"] is None
    assert answer.context["following"]["key"].spread < row.key.spread


def test_of_a_pair_it_stands_which_arm_each_reader_preferred():
    study = worlds.open_study(presentation="pair", cases=4, readers=[rosa()])
    reader = study.membership_set.readers().get()
    first = next_slot(reader)
    preferred = first.presented.arm.label
    worlds.grade_pair(first, "AD", preference="1")
    second = next_slot(reader)
    worlds.grade_pair(second, "AA", preference="equal")
    close(study=study, actor=cora().user)
    for slot, label in ((first, preferred), (second, "both alike")):
        case = slot.presented.case_id
        url = reverse("analysis:disagreement", args=[study.code, case])
        opened = anya().client.get(url).context["opened"]
        assert [(each.reader, each.choice) for each in opened.preferences] == [
            (reader.reader_code, label)
        ]
