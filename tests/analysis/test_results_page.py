"""Anya reads the results of a closed study, page by page; before that nobody does."""

import html
import json
import re

import pytest
from django.urls import reverse

from readerstudy.analysis import services
from readerstudy.analysis.figures.registry import FIGURES
from readerstudy.analysis.models import AnalysisRun
from readerstudy.analysis.sections import SECTIONS
from readerstudy.analysis.services import run_of
from readerstudy.grading.path import next_slot
from readerstudy.studies.lifecycle.services import close
from tests import worlds
from tests.people import anya, cora, person, rosa
from tests.remembered import remembered

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=30)]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@remembered
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


@remembered
def analysed_with(letters_of_arm, cases=12):
    """The same once its results are computed, which no page has to wait for."""
    study = closed_with(letters_of_arm, cases=cases)
    run_of(study)
    return study


def page(study, slug=""):
    if slug:
        return anya().client.get(reverse("analysis:section", args=[study.code, slug]))
    return anya().client.get(reverse("analysis:results", args=[study.code]))


def test_the_overview_says_in_a_sentence_what_was_found():
    study = analysed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    answer = page(study)
    assert answer.status_code == 200
    estimand = run_of(study).results["estimand"]
    assert estimand["arm"] == "cxr_llava"
    verdict = answer.context["verdicts"][0]
    assert verdict.title == "CXR-LLaVA minus Ground truth"
    assert verdict.difference == f"\u2212{-100 * estimand['difference']:.1f}"
    text = html.unescape(answer.content.decode())
    assert answer.context["sentence"] in text
    assert study.protocol_sha256 in text
    assert run_of(study).reads_sha256 in text


def test_every_page_opens_and_its_figures_are_files():
    study = analysed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    shown = set()
    for section in SECTIONS:
        answer = page(study, section.slug)
        assert answer.status_code == 200
        assert section.intro in answer.content.decode().replace("&#x27;", "'")
        for figure in answer.context["figures"]:
            assert figure.description
            starts = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
            for kind, address in figure.files:
                file = anya().client.get(address)
                assert file.content.startswith(starts[kind]), address
            shown.add(figure.title)
    assert {"Differences between the arms", "Grades by arm and reader"} <= shown
    assert page(study, "no-such-page").status_code == 404


def test_what_the_protocol_does_not_name_is_called_exploratory():
    study = analysed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    assert "Exploratory: the locked protocol" in page(study, "time").content.decode()
    planned = page(study, "agreement").content.decode()
    assert "Exploratory: the locked protocol" not in planned


def test_a_page_without_data_says_so():
    study = analysed_with({"cxr_llava": "BC", "ground_truth": "AAB"}, cases=4)
    answer = page(study, "preference")
    assert answer.context["is_empty"]
    assert "Nothing to show" in answer.content.decode()


def test_the_page_gives_the_numbers_of_the_result_set():
    study = analysed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    results = run_of(study).results
    api = anya().client.get(reverse("api:results", args=[study.code]))
    assert api.json() == json.loads(json.dumps(results))
    assert page(study).context["run"].results == results


def test_results_are_computed_once_for_the_same_reads(monkeypatch):
    study = closed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    first = page(study).context["run"]
    # From here on, computing would fail.
    monkeypatch.setattr(services, "results_of_csv", None)
    assert page(study).context["run"] == first
    assert AnalysisRun.objects.count() == 1


def test_a_result_set_of_another_shape_crashes_no_page():
    study = worlds.open_study()
    close(study=study, actor=cora().user)
    AnalysisRun.objects.create(
        study=study,
        reads_sha256="0" * 64,
        version="0.0.1 r1",
        results={"pairs": 3, "grades": [], "plan": "none"},
    )
    for section in SECTIONS:
        answer = page(study, section.slug)
        assert answer.status_code == 200
        assert "newest analysis is out of date" in answer.content.decode()


def test_arms_that_never_differ_get_a_sentence_instead_of_a_number():
    study = analysed_with({"cxr_llava": "A", "ground_truth": "B"})
    answer = page(study)
    # As a word: chance may put the letters into a token.
    assert not re.search(r"\bnan\b", answer.content.decode().lower())
    assert answer.context["verdicts"][0].difference == "0.0"


def test_a_study_closed_before_anyone_read_says_so():
    study = worlds.open_study()
    close(study=study, actor=cora().user)
    answer = page(study)
    assert answer.status_code == 200
    assert run_of(study).results["status"] == "no_ratings"
    assert answer.context["results"]["message"].encode() in answer.content


def test_before_the_close_every_page_is_sealed_and_holds_no_number():
    study = worlds.open_study()
    worlds.grade_next(study.membership_set.readers().get(), "D")
    for slug in ("", "grades"):
        answer = page(study, slug)
        assert answer.status_code == 200
        assert "results" not in answer.context
    assert not AnalysisRun.objects.exists()


def test_a_figure_of_another_shape_is_left_out_and_is_no_file():
    study = analysed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    whole = run_of(study)
    results = whole.results | {"by_stratum": [{"stratum": "normal"}, {}]}
    older = AnalysisRun.objects.create(
        study=study, reads_sha256="0" * 64, version="0.0.1 r1", results=results
    )
    section = next(each for each in SECTIONS if "strata" in each.figures)
    address = reverse("analysis:run_section", args=[study.code, older.pk, section.slug])
    answer = anya().client.get(address)
    assert answer.status_code == 200
    titles = {figure.title for figure in answer.context["figures"]}
    assert FIGURES["strata"].title not in titles
    for name, kind in (("strata", "svg"), ("no-such-figure", "svg"), ("strata", "gif")):
        url = reverse("analysis:figure", args=[study.code, older.pk, name, kind])
        assert anya().client.get(url).status_code == 404, (name, kind)


def test_a_page_whose_figure_is_of_another_shape_keeps_its_tables():
    """An older version held less of each reader than the heat map draws by now."""
    study = analysed_with({"cxr_llava": "BC", "ground_truth": "AAB"})
    whole = run_of(study)
    section = next(each for each in SECTIONS if "heat_map" in each.figures)
    shown = {}
    for run in (
        whole,
        AnalysisRun.objects.create(
            study=study,
            reads_sha256="0" * 64,
            version="0.0.1 r1",
            results=whole.results | {"by_reader": [{"reader": "R1"}]},
        ),
    ):
        address = reverse(
            "analysis:run_section", args=[study.code, run.pk, section.slug]
        )
        answer = anya().client.get(address)
        assert answer.status_code == 200
        assert any(panel.rows for panel in answer.context["panels"])
        shown[run] = [figure.title for figure in answer.context["figures"]]
    assert list(shown.values()) == [[FIGURES["heat_map"].title], []]
