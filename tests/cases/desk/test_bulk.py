"""Cora sets many cases right at once, and takes it back."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.cases.desk.bulk import change_cases, last_change, undo
from readerstudy.cases.models import BulkChange, Case, Collection, Image
from readerstudy.presentation.services import freeze
from tests import worlds
from tests.cases.desk.test_desk import further
from tests.people import cora
from tests.waiting import somebody_quicker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def made():
    return worlds.collection(cases=6)


def change(made, what, value, cases=None, **options):
    cases = Case.objects.all() if cases is None else cases
    return change_cases(
        collection=made,
        actor=cora().user,
        cases=cases,
        what=what,
        value=value,
        **options,
    )


def as_it_is():
    return (
        list(Case.objects.order_by("pk").values_list()),
        list(Image.objects.order_by("pk").values_list()),
    )


@pytest.mark.parametrize(
    ("what", "value", "options"),
    [
        ("view", "lateral", {"which": "all"}),
        ("view", "lateral", {"which": "read"}),
        ("view", "frontal", {}),
        ("stratum", "unknown", {}),
        ("choice", "none", {}),
        ("choice", "first_frontal", {}),
    ],
)
def test_a_change_is_made_told_and_undone_to_the_last_value(made, what, value, options):
    case = Case.objects.get(code="CXR1")
    later = further(case, 31)
    Image.objects.filter(case__code="CXR2").update(view="unknown", view_reason="none")
    Case.objects.filter(pk=case.pk).update(image=later)
    before = as_it_is()
    changed = change(made, what, value, **options)
    assert as_it_is() != before
    event = Event.objects.get(verb="cases.changed_in_bulk")
    assert event.detail["changed"] == len(event.detail["cases"]) == changed.changed
    put_back, stayed = undo(change=changed, actor=cora().user)
    assert (put_back, stayed) == (len(changed.before), 0)
    assert as_it_is() == before


def test_the_first_frontal_radiograph_is_chosen_where_there_is_one(made):
    case = Case.objects.get(code="CXR1")
    first = case.images.get()
    Image.objects.filter(case__code="CXR2").update(view="lateral")
    further(case, 31)
    Case.objects.update(image=None)
    change(made, "choice", "first_frontal")
    case.refresh_from_db()
    assert case.image_id == first.pk and case.image_was_chosen
    assert Case.objects.get(code="CXR2").image_id is None


def test_a_view_is_set_on_radiographs_of_unknown_view_unless_asked_otherwise(made):
    case = Case.objects.get(code="CXR1")
    unknown = further(case, 31, view="unknown")
    change(made, "view", "lateral")
    assert list(Image.objects.filter(view="lateral")) == [unknown]
    unknown.refresh_from_db()
    assert unknown.view_reason == "set by cora"


def test_one_case_of_a_frozen_study_refuses_the_whole(made):
    worlds.open_study()
    further_case = Case.objects.create(collection=made, code="CXR9")
    with pytest.raises(ValidationError, match="6 cases of 7 selected belong"):
        change(made, "stratum", "unknown")
    assert Case.objects.filter(stratum="unknown").get() == further_case
    changed = change(made, "stratum", "normal", leaves_fixed=True)
    assert changed.changed == 1
    event = Event.objects.get(verb="cases.changed_in_bulk")
    assert event.detail["left_fixed"] == 6


@pytest.mark.django_db(transaction=True)
def test_a_change_waits_for_a_freeze_that_came_first_and_is_refused_then(made):
    """Else the protocol would hold strata that its cases no longer have."""
    study = worlds.draft_study()
    worlds.signed_off(made)
    actor = cora().user

    def frozen():
        freeze(study=study, actor=actor, accepts_warnings=True)

    with (
        somebody_quicker(frozen),
        pytest.raises(ValidationError, match="belong to a frozen study"),
    ):
        change(made, "stratum", "unknown")
    study.refresh_from_db()
    then = {each["case"]: each["stratum"] for each in study.locked_protocol["cases"]}
    assert then == dict(Case.objects.of_study(study).values_list("code", "stratum"))


def test_what_was_changed_since_stays_when_a_change_is_undone(made):
    changed = change(made, "stratum", "unknown")
    Case.objects.filter(code="CXR1").update(stratum="abnormal")
    assert undo(change=changed, actor=cora().user) == (5, 1)
    assert Case.objects.get(code="CXR1").stratum == "abnormal"
    assert Case.objects.get(code="CXR3").stratum == "normal"


def test_what_a_frozen_study_reads_by_now_stays_too(made):
    changed = change(made, "view", "lateral", which="all")
    worlds.open_study()
    assert undo(change=changed, actor=cora().user) == (0, 6)


def test_changes_are_undone_from_the_last_backwards(made):
    first = change(made, "stratum", "unknown")
    second = change(made, "stratum", "normal")
    with pytest.raises(ValidationError, match="Only the last change"):
        undo(change=first, actor=cora().user)
    undo(change=second, actor=cora().user)
    assert last_change(made) == first
    undo(change=first, actor=cora().user)
    assert last_change(made) is None


def test_nothing_to_change_is_said(made):
    with pytest.raises(ValidationError, match="Nothing to change"):
        change(made, "view", "frontal")
    with pytest.raises(ValidationError, match="No case is selected"):
        change(made, "view", "frontal", cases=Case.objects.none())
    assert not BulkChange.objects.exists()


def test_cases_of_another_collection_are_left_alone(made):
    other = worlds.collection("elsewhere", cases=2)
    change(made, "stratum", "unknown")
    assert not Case.objects.filter(collection=other, stratum="unknown").exists()


def posted(query="", **form):
    url = reverse("cases:bulk", args=["phantoms"]) + query
    form = {"scope": "selected", "which": "unknown"} | form
    return cora().client.post(url, form, follow=True).content.decode()


def test_cora_changes_what_she_selected_and_undoes_it_on_the_page(made):
    some = list(Case.objects.filter(code__in=["CXR1", "CXR3"]))
    text = posted(change="stratum:unknown", case=[case.pk for case in some])
    assert "2 cases changed" in text
    assert Case.objects.filter(stratum="unknown").count() == 2
    url = reverse("cases:undo", args=[last_change(made).pk])
    text = cora().client.post(url, follow=True).content.decode()
    assert "2 put back as before" in text
    assert not Case.objects.filter(stratum="unknown").exists()


def test_all_that_match_is_what_the_filter_finds_not_what_the_page_shows(made):
    text = posted("?stratum=abnormal", change="stratum:unknown", scope="all")
    assert "3 cases changed" in text
    assert Case.objects.filter(stratum="normal").count() == 3


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"change": ""}, "This field is required"),
        ({"change": "stratum:unknown", "case": ["77"]}, "not one of the available"),
        ({"change": "stratum:unknown"}, "No case is selected"),
        ({"change": "beauty:high", "scope": "all"}, "not one of the available"),
    ],
)
def test_a_form_that_says_too_little_changes_nothing(made, form, sentence):
    assert sentence in posted(**form)
    assert not BulkChange.objects.exists()


def test_one_card_is_set_right_and_the_filter_stays(made):
    image = Image.objects.first()
    url = reverse("cases:override", args=[image.pk]) + "?stratum=normal"
    answer = cora().client.post(url, {"view": "lateral", "stratum": "normal"})
    assert answer["Location"].endswith(f"?stratum=normal#case-{image.case_id}")
    assert Collection.objects.get() == made
