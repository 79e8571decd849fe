"""Anya reads the results of a closed study; before that nobody does."""

import json
import re

import pytest
from django.urls import reverse

from readerstudy.analysis import services
from readerstudy.analysis.comparisons import comparisons
from readerstudy.analysis.models import AnalysisRun
from readerstudy.analysis.services import run_of
from readerstudy.analysis.wording import points
from readerstudy.grading.path import next_slot
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
        while (slot := next_slot(reader)) is not None:
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
    assert sum(cell.count for cell in table.success.cells) > 0
    assert table.totals == (36, 36)
    assert "36 complete rows (reader and case), 2 columns (arms)" in table.cochran
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


def test_results_are_computed_once_for_the_same_reads(monkeypatch):
    study = closed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    first = page(study).context["run"]
    # From here on, computing would fail.
    monkeypatch.setattr(services, "results_of_csv", None)
    assert page(study).context["run"] == first
    assert AnalysisRun.objects.count() == 1


def test_arms_that_never_differ_get_a_sentence_instead_of_a_number():
    study = closed_with({"cxr_llava": "A", "ground_truth": "B"})
    answer = page(study)
    assert "Cochran" in answer.context["table5"].cochran
    # As a word: chance may put the letters into a token.
    assert not re.search(r"\bnan\b", answer.content.decode().lower())
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
