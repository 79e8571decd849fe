"""Cora chooses who reads what, and sees what it costs and shows before she saves it."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.presentation.estimates import estimate
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.services import freeze
from readerstudy.studies.models import Study
from tests import worlds
from tests.people import cora, person, rosa

pytestmark = pytest.mark.django_db
PAGE = reverse("presentation:design", args=["acceptability"])
ESTIMATES = reverse("presentation:design_estimates", args=["acceptability"])
POWER = reverse("analysis:design_power", args=["acceptability"])
FORM = {
    "allocation": "crossed",
    "reader_groups": "2",
    "anchor_cases": "0",
    "arm_order": "mixed",
    "hidden_repeats": "0",
    "seconds": "60",
}


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return worlds.draft_study(readers=[rosa(), person("Ravi"), person("Ruth")])


def text_of(url, **given):
    answer = cora().client.get(url, given)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_setup_leads_to_the_design_and_it_is_saved_on_one_page(study):
    assert PAGE in text_of(reverse("studies:setup", args=["acceptability"]))
    form = FORM | {"allocation": "split_plot", "anchor_cases": "2"}
    assert cora().client.post(PAGE, form).url == PAGE
    study.refresh_from_db()
    assert study.design == {
        "allocation": "split_plot",
        "reader_groups": 2,
        "anchor_cases": 2,
        "arm_order": "mixed",
        "hidden_repeats": 0,
    }
    changed = Event.objects.get(verb="study.design").detail
    assert changed["allocation"] == ["crossed", "split_plot"]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_stored(study):
    answer = cora().client.post(PAGE, FORM | {"reader_groups": "1"})
    assert "greater than or equal to 2" in answer.content.decode()
    study.refresh_from_db()
    assert study.design["reader_groups"] == 2


def test_the_estimates_follow_the_form_and_store_nothing(study):
    text = text_of(PAGE)
    assert "<dt>Reports per reader</dt><dd>12</dd>" in text
    assert "0.2, at 60 seconds" in text
    text = text_of(ESTIMATES, **FORM | {"hidden_repeats": "3", "seconds": "120"})
    assert "<dd>15, hidden repeats among them</dd>" in text
    assert "0.5, at 120 seconds" in text
    assert "<dt>Reads in all</dt><dd>45</dd>" in text
    split = FORM | {"allocation": "split_plot", "anchor_cases": "1"}
    assert "<dt>Reports per reader</dt><dd>6 to 8</dd>" in text_of(ESTIMATES, **split)
    assert Study.objects.get(pk=study.pk).hidden_repeats == 0
    assert "Mend what is marked" in text_of(ESTIMATES, **FORM | {"seconds": "none"})


def test_why_a_design_cannot_be_dealt_stands_on_the_page_and_in_the_checklist(study):
    form = FORM | {"allocation": "split_plot", "reader_groups": "4"}
    sentence = "4 groups need 4 readers at the least; there are 3."
    assert sentence in text_of(ESTIMATES, **form)
    cora().client.post(PAGE, form)
    assert sentence in text_of(PAGE)
    study.refresh_from_db()
    open_points = [check for check in checklist(study) if not check.done]
    assert [check.sentence for check in open_points] == [
        f"{sentence} Name more readers or ask for fewer groups."
    ]
    assert open_points[0].tab == "presentation:design"
    assert open_points[0].place == "Design"
    with pytest.raises(ValidationError, match="4 groups need 4 readers"):
        freeze(study=study, actor=cora().user)


def test_the_wash_out_and_the_sessions_say_when_it_ends(study):
    study.washout_days = 14
    study.session_reads = 3
    study.save()
    # Two rounds of two sessions, the second a fortnight after day 1 or 2.
    expected = estimate(study)
    assert (str(expected.sessions), expected.largest_session) == ("4", 3)
    assert 16 <= expected.days.least <= expected.days.most <= 17
    assert "a wash-out of 14 days" in text_of(PAGE)


def test_an_empty_draft_is_reckoned_like_the_paper(study):
    study.membership_set.readers().delete()
    study.caseset.studycase_set.all().delete()
    expected = estimate(study)
    assert (str(expected.reads), expected.total) == ("100", 300)
    assert expected.assumed == ("3 readers", "50 cases")
    assert "50 cases are assumed, as in the paper" in text_of(PAGE)


def test_the_sketch_shows_anchors_repeats_and_sessions(study):
    form = FORM | {"allocation": "split_plot", "anchor_cases": "1"}
    assert "anchor case" in text_of(ESTIMATES, **form)
    text = text_of(ESTIMATES, **FORM | {"hidden_repeats": "1"})
    assert "comes again" in text and text.count('is-again"') == 3 + 1
    assert "comes again" not in text_of(ESTIMATES, **FORM)


def test_one_report_each_with_too_few_readers_is_warned_of(study):
    study.membership_set.readers().exclude(user=rosa().user).delete()
    study.allocation = "one_report"
    study.save()
    warnings = [check.sentence for check in checklist(study) if check.warns]
    assert any("not every report is read by anybody" in each for each in warnings)


def test_a_sample_size_for_other_groups_or_anchors_is_noticed(study):
    study.allocation, study.reader_groups, study.anchor_cases = "split_plot", 2, 1
    layout = {"name": "split_plot", "groups": 2, "anchors": 1}
    study.sample_size = {
        "inputs": {"readers": 3, "cases": 6, "arms": 2, "margin_points": None}
        | {"layout": layout}
    }
    study.save()

    def warned():
        sentences = [check.sentence for check in checklist(study) if check.warns]
        return any("worked out for another design" in each for each in sentences)

    assert not warned()
    for name, value in (("groups", 3), ("anchors", 0)):
        study.sample_size["inputs"]["layout"] = layout | {name: value}
        assert warned()


def test_readers_who_cannot_use_the_williams_orders_equally_are_warned_of(study):
    study.arm_order = "williams"
    study.save()

    def warned():
        sentences = [check.sentence for check in checklist(study) if check.warns]
        return any("There are 2 Williams orders, and 3 readers" in s for s in sentences)

    assert warned()
    study.membership_set.get(user=rosa().user).delete()
    assert not warned()


@pytest.mark.parametrize(
    ("allocation", "sentence"),
    [
        ("crossed", "in the headline"),
        ("split_plot", "not fully crossed"),
        ("one_report", "clustered by case"),
    ],
)
def test_the_power_is_that_of_the_design_on_the_screen(study, allocation, sentence):
    text = text_of(POWER, **FORM | {"allocation": allocation})
    assert sentence in text
    assert "Expected are 72.7% success in the arm and 84% in the reference." in text


def test_the_power_of_what_cannot_be_is_a_sentence(study):
    form = FORM | {"allocation": "split_plot", "reader_groups": "4"}
    assert "Every group needs a reader" in text_of(POWER, **form)
    assert "Mend what is marked" in text_of(POWER, **FORM | {"reader_groups": "x"})


def test_afterwards_the_design_is_shown_and_refused(study):
    cora().client.post(PAGE, FORM | {"hidden_repeats": "2"})
    study.refresh_from_db()
    freeze(study=study, actor=cora().user)
    text = text_of(PAGE)
    assert "<dt>Hidden repeats per reader</dt><dd>2</dd>" in text
    assert "Save design" not in text
    refused = cora().client.post(PAGE, FORM)
    assert "The protocol is frozen." in refused.content.decode()


def test_what_cannot_be_dealt_at_all_is_not_sketched(study):
    form = FORM | {"allocation": "one_report", "arm_order": "williams"}
    answer = cora().client.get(ESTIMATES, form)
    assert answer.context["sketch"] is None
    assert "In Williams orders a reader reads one arm after the other" in text_of(
        ESTIMATES, **form
    )


def test_side_by_side_two_arms_are_compared_and_no_third(study):
    study.presentation = "pair"
    study.save()
    sentences = [check.sentence for check in checklist(study) if check.done]
    assert "Two reports of a radiograph side by side." in sentences
    study.arm_set.create(position=3, name="third", label="Third", source="third")
    (told,) = [
        check.sentence for check in checklist(study) if "Side by side" in check.sentence
    ]
    assert told.startswith("Side by side two arms are compared; there are 3.")


def test_a_sample_size_for_another_alpha_or_allocation_is_noticed(study):
    study.sample_size = {
        "inputs": {"readers": 3, "cases": 6, "arms": 2, "margin_points": None}
        | {"layout": {"name": "split_plot", "groups": 2, "anchors": 1}, "alpha": 0.01}
    }
    study.save()
    (told,) = [each for each in checklist(study) if "sample size" in each.sentence]
    assert told.warns
    assert "worked out for another design; alpha 0.01." in told.sentence


def test_the_power_of_too_large_or_too_small_a_study_is_a_sentence(study):
    study.caseset.studycase_set.exclude(case__code="CXR1").delete()
    assert "One case shows nothing of others." in text_of(POWER, **FORM)
    study.caseset.studycase_set.all().delete()
    study.sample_size = {"inputs": {"cases": 10**6}}
    study.save()
    assert "The study is too large to be drawn here" in text_of(POWER, **FORM)
