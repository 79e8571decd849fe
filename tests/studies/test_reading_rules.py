"""Cora sets how a study is read; afterwards the rules stand locked."""

import pytest
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.presentation.services import freeze
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db
PAGE = reverse("studies:reading", args=["acceptability"])
FORM = {
    "presentation": "single",
    "instruments": ["comment", "clarity"],
    "amending": "never",
    "undo_seconds": "5",
    "session_reads": "6",
    "washout_days": "14",
    "idle_seconds": "60",
    "break_minutes": "30",
    "guess_sample": "4",
    "display_check": "on",
    "consent": "I agree.",
}


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return worlds.draft_study()


def test_every_rule_can_be_set_on_one_page(study):
    assert cora().client.post(PAGE, FORM).url == PAGE
    study.refresh_from_db()
    assert study.instruments == ["comment", "clarity"]
    assert (study.amending, study.washout_days, study.session_reads) == ("never", 14, 6)
    assert study.display_check and not study.allow_small_screens
    assert study.consent == "I agree."
    assert Event.objects.filter(verb="study.rules").exists()


def test_no_instrument_at_all_can_be_chosen(study):
    cora().client.post(PAGE, FORM | {"instruments": []})
    study.refresh_from_db()
    assert study.instruments == []


def test_a_refusal_stands_beside_its_field_and_loses_nothing(study):
    page = cora().client.post(PAGE, FORM | {"idle_seconds": "3", "consent": "Typed."})
    text = page.content.decode()
    assert page.status_code == 200
    assert "greater than or equal to 15" in text
    assert "Typed." in text
    study.refresh_from_db()
    assert study.washout_days == 0


def test_the_instruments_are_shown_with_their_titles(study):
    text = cora().client.get(PAGE).content.decode()
    for title in ("RADPEER score", "Language clarity, 1 to 5", "Free comment"):
        assert title in text


def test_afterwards_the_rules_are_shown_and_refused(study):
    cora().client.post(PAGE, FORM)
    study.refresh_from_db()
    freeze(study=study, actor=cora().user)
    for url in (PAGE, reverse("studies:setup", args=["acceptability"])):
        text = cora().client.get(url).content.decode()
        assert "14 days" in text
        assert "Language clarity" in text
        assert "I agree." in text
    refused = cora().client.post(PAGE, FORM | {"washout_days": "0"})
    assert "The protocol is frozen." in refused.content.decode()
    study.refresh_from_db()
    assert study.washout_days == 14
    assert study.locked_protocol["reading"]["guess_sample"] == 4
