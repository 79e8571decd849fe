"""Anya reads the results of a closed study; before that nobody does."""

import json

import pytest
from django.urls import reverse

from readerstudy.analysis.comparisons import comparisons
from readerstudy.analysis.models import AnalysisRun
from readerstudy.analysis.services import run_of
from readerstudy.analysis.wording import interval, p_clause, p_text, points
from readerstudy.grading import services as grading
from readerstudy.studies.services import close
from tests import worlds
from tests.people import anya, cora, person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def closed_with(letters_of_arm, cases=12):
    """A study of three readers in which each arm has its own letter."""
    readers = [rosa(), person("Ravi"), person("Ruth")]
    study = worlds.open_study(readers=readers, cases=cases)
    for reader in study.membership_set.readers():
        number = 0
        while (slot := grading.next_slot(reader)) is not None:
            letters = letters_of_arm[slot.presented.arm.name]
            worlds.grade_next(reader, letters[number % len(letters)])
            number += 1
    return close(study=study, actor=cora().user)


def page(study):
    return anya().client.get(reverse("analysis:results", args=[study.code]))


def test_table_5_and_the_clustered_answer_stand_side_by_side():
    study = closed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    answer = page(study)
    assert answer.status_code == 200
    table = answer.context["table5"]
    assert table.arms == ("CXR-LLaVA", "Ground truth")
    assert sum(cell.count for cell in table.success) > 0
    assert table.totals == (36, 36)
    assert "36 rows (reader and case), 2 columns" in table.cochran
    assert "df 1" in table.cochran
    comparison = answer.context["comparisons"][0]
    assert (comparison.arm, comparison.against) == ("CXR-LLaVA", "Ground truth")
    assert comparison.difference.startswith("\u2212")
    assert next(line.name for line in comparison.lines) == "Headline"


def test_the_page_gives_the_numbers_of_the_result_set():
    study = closed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    results = run_of(study).results
    api = anya().client.get(reverse("api:results", args=[study.code]))
    assert api.json() == json.loads(json.dumps(results))
    assert results["estimand"]["arm"] == "cxr_llava"
    assert results["estimand"]["reference"] == "ground_truth"
    shown = comparisons(results, {})[0]
    assert shown.difference == points(results["estimand"]["difference"])


def test_results_are_computed_once_for_the_same_reads():
    study = closed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    page(study)
    page(study)
    assert AnalysisRun.objects.count() == 1


def test_arms_that_never_differ_get_a_sentence_instead_of_a_number():
    study = closed_with({"cxr_llava": "A", "ground_truth": "B"})
    answer = page(study)
    assert "Cochran" in answer.context["table5"].cochran
    assert "nan" not in answer.content.decode().lower().replace("nano", "")
    assert answer.context["comparisons"][0].difference == "0.0"


def test_a_study_closed_before_anyone_read_says_so():
    study = worlds.open_study()
    close(study=study, actor=cora().user)
    answer = page(study)
    assert answer.status_code == 200
    assert run_of(study).results["status"] == "no_ratings"
    assert answer.context["results"]["message"].encode() in answer.content


def test_before_the_close_the_page_is_sealed_and_holds_no_number():
    study = worlds.open_study()
    worlds.grade_next(study.membership_set.readers().get(), "D")
    answer = page(study)
    assert answer.status_code == 200
    assert "results" not in answer.context
    assert not AnalysisRun.objects.exists()


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.104, "+10.4"), (-0.031, "\u22123.1"), (0.0001, "0.0"), (None, "not estimable")],
)
def test_differences_are_points_with_their_sign(share, text):
    assert points(share) == text


def test_p_values_and_intervals_read_well():
    assert p_text(0.0004) == "< .001"
    assert p_clause(0.04) == "p = 0.040"
    assert interval([-0.05, 0.1]) == "\u22125.0 to +10.0"
    assert interval([-6.853, 5.853]) == "\u2212100.0 to +100.0"
    assert interval([None, None]) == "no interval"
