"""Cora decides what is analysed before anybody sees a grade; then it stands locked."""

import pytest
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.presentation.services import freeze
from readerstudy.studies import services
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db
PAGE = reverse("studies:plan", args=["acceptability"])
SETUP = reverse("studies:setup", args=["acceptability"])
FORM = {
    "primary_outcome": "stringent",
    "reader_inference": "random",
    "alpha": "0.05",
    "planned_analyses": ["time", "blinding"],
}


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return worlds.draft_study()


def text_of(url):
    return cora().client.get(url).content.decode()


def test_the_setup_leads_to_the_plan(study):
    assert PAGE in text_of(SETUP)
    assert "Stringent cut-point: A alone is a success" in text_of(PAGE)


def test_the_plan_is_set_on_one_page(study):
    assert cora().client.post(PAGE, FORM).url == PAGE
    study.refresh_from_db()
    assert (study.primary_outcome, study.reader_inference) == ("stringent", "random")
    assert study.planned_analyses == ["time", "blinding"]
    assert Event.objects.filter(verb="study.plan").count() == 1


def test_nothing_further_need_be_planned(study):
    cora().client.post(PAGE, FORM | {"planned_analyses": []})
    study.refresh_from_db()
    assert study.planned_analyses == []


def test_an_analysis_that_does_not_exist_is_refused_and_nothing_is_lost(study):
    answer = cora().client.post(PAGE, FORM | {"planned_analyses": ["magic"]})
    assert answer.status_code == 200
    assert "magic" in answer.content.decode()
    study.refresh_from_db()
    assert study.primary_outcome == "success"


def test_a_form_without_an_outcome_says_so(study):
    answer = cora().client.post(PAGE, {"planned_analyses": ["time"], "alpha": "0.05"})
    assert "This field is required." in answer.content.decode()


def test_a_protocol_without_a_plan_is_not_given_one_afterwards(study, monkeypatch):
    real = services.lock

    def as_it_once_was(*, protocol, **named):
        del protocol["analysis"]
        return real(protocol=protocol, **named)

    monkeypatch.setattr(services, "lock", as_it_once_was)
    frozen = worlds.opened(study)
    assert frozen.planned_analyses
    for url in (PAGE, SETUP):
        text = text_of(url)
        assert "the locked protocol names no analysis plan" in text
        assert "Stringent" not in text
    reader = frozen.membership_set.readers().get()
    while worlds.grade_next(reader, "B"):
        pass
    worlds.close(frozen)
    results = reverse("analysis:results", args=["acceptability"])
    assert "The locked protocol names no analysis plan" in text_of(results)


def test_afterwards_the_plan_is_shown_and_refused(study):
    cora().client.post(PAGE, FORM)
    study.refresh_from_db()
    freeze(study=study, actor=cora().user)
    for url in (PAGE, SETUP):
        text = text_of(url)
        assert "Stringent success: A alone" in text
        assert "Readers like these" in text
        assert "Time on task; Guesses of the source: blinding indices" in text
        assert "no reasoning kept" in text
    assert PAGE in text_of(SETUP)
    refused = cora().client.post(PAGE, FORM | {"reader_inference": "fixed"})
    assert "The protocol is frozen." in refused.content.decode()
    study.refresh_from_db()
    assert study.reader_inference == "random"
    assert study.locked_protocol["analysis"]["planned"] == ["time", "blinding"]
