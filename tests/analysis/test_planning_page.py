"""Cora asks how many readers and cases she needs, and keeps the answer."""

import base64
import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.analysis.planning import views
from readerstudy.audit.models import Event
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.services import freeze
from readerstudy.studies import services
from readerstudy.studies.protocol import canonical_json
from tests import worlds
from tests.people import anya, cora, nils, person, rosa

pytestmark = pytest.mark.django_db
PAGE = reverse("analysis:planning", args=["acceptability"])
REMOVE = reverse("analysis:forget_plan", args=["acceptability"])
PLAN = reverse("studies:plan", args=["acceptability"])
FORM = {
    "readers": "3",
    "cases": "50",
    "rate": "72.7",
    "reference_rate": "84",
    "margin_points": "",
    "design": "crossed",
    "groups": "2",
    "anchors": "0",
    "case": "25",
    "reader": "5",
    "report": "30",
    "reader_by_arm": "2",
    "case_by_reader": "5",
}
NO_NUMBER_OF_CASES = "With 3 readers no number of cases lets you speak of other readers"


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return worlds.draft_study(readers=[rosa(), person("Ravi"), person("Ruth")])


def asked(**changes):
    return cora().client.get(PAGE, FORM | changes).content.decode()


def test_the_form_starts_with_the_study_s_own_numbers(study):
    study.margin_points = "7.5"
    study.save()
    text = cora().client.get(PAGE).content.decode()
    for name, value in (("readers", 3), ("cases", 6), ("margin_points", 7.5)):
        assert re.search(rf'name="{name}" value="{value}"', text), name
    # Nothing is computed before it is asked for.
    assert "What this study can show" not in text


def test_the_answer_comes_in_words_numbers_and_curves(study):
    text = asked()
    assert NO_NUMBER_OF_CASES in text
    assert "Each reader grades up to 100 reports." in text
    for name in ("Headline", "These readers", "Readers like these"):
        assert f"{name}: power by readers and cases" in text
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', text)
    root = ElementTree.fromstring(base64.b64decode(picture[1]))
    assert root.tag.endswith("svg")
    study.refresh_from_db()
    assert study.sample_size is None


def test_no_id_is_there_twice(study):
    ids = re.findall(r'\sid="([^"]+)"', asked())
    assert len(ids) == len(set(ids))


def test_other_designs_say_what_they_cannot(study):
    assert "Cochran&#x27;s Q and the headline cannot be" in asked(design="one_report")
    assert "not fully crossed" in asked(design="split_plot")


def test_a_margin_is_asked_for_instead_of_a_difference(study):
    text = asked(rate="84", margin_points="10")
    assert "the arm is not worse by 10 points" in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"readers": "31"}, "less than or equal to 30"),
        ({"cases": "100000"}, "less than or equal to 2000"),
        ({"rate": "100"}, "less than or equal to 99"),
        ({"rate": "nan"}, "Enter a number."),
        ({"report": "70"}, "Together the shares may not be above 100 percent."),
        ({"design": "magic"}, "magic is not one of the available choices"),
        ({"design": "split_plot", "groups": "4"}, "Every group needs a reader"),
        ({"readers": "30", "cases": "2000"}, "with 30 readers 666 cases"),
        ({"cases": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_worked_out_is_refused_at_once(
    study, monkeypatch, changes, sentence
):
    monkeypatch.delattr(views, "worked_out")
    text = asked(**changes)
    assert sentence in text
    assert "Nothing was computed." in text
    # What else was typed is still there.
    assert re.search(r'name="reference_rate" value="84"', text)


def test_a_plan_is_kept_with_a_draft_and_locked_with_it(study):
    assert cora().client.post(PAGE, FORM).url == PLAN
    study.refresh_from_db()
    kept = study.sample_size
    assert kept["inputs"]["readers"] == 3
    assert kept["inputs"]["rate"] == 0.727
    assert kept["seed"] == 1
    assert {"readerstudy", "numpy", "scipy"} <= kept["versions"].keys()
    assert Event.objects.filter(verb="study.plan").exists()
    assert NO_NUMBER_OF_CASES in cora().client.get(PLAN).content.decode()
    # The form starts with what was kept.
    text = cora().client.get(PAGE).content.decode()
    assert re.search(r'name="cases" value="50"', text)
    warned = "worked out for 50 cases, not 6. Work it out anew"
    with pytest.raises(ValidationError, match="Accept what") as refused:
        freeze(study=study, actor=cora().user)
    assert warned in str(refused.value)
    frozen = freeze(study=study, actor=cora().user, accepts_warnings=True)
    assert frozen.locked_protocol["analysis"]["sample_size"] == kept
    assert NO_NUMBER_OF_CASES in canonical_json(frozen.locked_protocol)
    assert NO_NUMBER_OF_CASES in cora().client.get(PLAN).content.decode()


def test_a_plan_for_another_margin_is_not_kept(study):
    answer = cora().client.post(PAGE, FORM | {"rate": "84", "margin_points": "10"})
    text = answer.content.decode()
    assert "worked out for a margin of 10 points, and the study has no margin." in text
    study.refresh_from_db()
    assert study.sample_size is None


def test_a_margin_that_changes_after_the_plan_is_warned_of(study):
    cora().client.post(PAGE, FORM | {"cases": "6"})
    study.refresh_from_db()
    assert not [check for check in checklist(study) if "sample size" in check.sentence]
    study.margin_points = Decimal("7.5")
    study.save()
    warned = [check.sentence for check in checklist(study) if check.warns]
    assert "for no margin, not a margin of 7.5 points." in " ".join(warned)


def test_a_kept_plan_can_be_removed(study):
    cora().client.post(PAGE, FORM)
    assert cora().client.post(REMOVE).url == PLAN
    study.refresh_from_db()
    assert study.sample_size is None
    assert "No reasoning is kept yet." in cora().client.get(PLAN).content.decode()


def test_after_the_freeze_a_plan_is_worked_out_but_not_kept(study):
    freeze(study=study, actor=cora().user)
    assert "Keep with the protocol" not in asked()
    answer = cora().client.post(PAGE, FORM)
    assert "The protocol is frozen." in answer.content.decode()
    cora().client.post(REMOVE)
    study.refresh_from_db()
    assert study.sample_size is None


def test_three_arms_are_counted(study):
    services.add_arm(study=study, actor=cora().user, label="Third", source="third")
    text = asked()
    assert "with 3 arms the correction" in text
    assert "Each reader grades up to 150 reports." in text


def test_only_coordinators_plan(study):
    assert rosa().client.get(PAGE, FORM).status_code == 403
    assert anya().client.get(PAGE, FORM).status_code == 403
    assert nils().client.get(PAGE, FORM).status_code == 404
