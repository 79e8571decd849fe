"""Consent: asked before anything opens, once per version of the texts."""

import json

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.grading.before.consent import agree, consent_version
from readerstudy.grading.models import Consent, Grade
from readerstudy.grading.path import Missing, Stop, next_slot, next_step
from readerstudy.grading.services import Conflict
from readerstudy.studies.lifecycle.services import pause
from readerstudy.studies.services import amend
from tests import worlds
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db
CONSENT = reverse("grading:consent", args=["acceptability"])
BEGIN = reverse("grading:begin", args=["acceptability"])


@pytest.fixture
def reader(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(consent="My grades may be published.")
    return study.membership_set.readers().get()


def sign(reader):
    version = consent_version(reader.study)
    return rosa().client.post(CONSENT, {"version": version, "agrees": "on"})


def test_reading_leads_to_the_consent_first(reader):
    assert rosa().client.get(BEGIN).url == CONSENT
    page = rosa().client.get(CONSENT).content.decode()
    assert "My grades may be published." in page
    assert next_step(reader).missing == Missing.CONSENT


def test_without_consent_no_report_opens_by_any_way(reader):
    slot = next_slot(reader)
    page = rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    assert page.status_code == 302
    opening = rosa().client.post(reverse("api:open", args=[slot.public_id]))
    grading = rosa().client.post(
        reverse("api:grade", args=[slot.public_id]),
        json.dumps({"idempotency_key": "a-key-of-hers", "letter": "A"}),
        content_type="application/json",
    )
    assert {opening.status_code, grading.status_code} == {409}
    assert "Agree to the study" in grading.json()["detail"]
    with pytest.raises(Conflict, match="Agree"):
        worlds.grade(slot, "A")
    assert not Grade.objects.exists()
    slot.refresh_from_db()
    assert slot.opened_at is None


def test_who_agrees_reads_on_and_is_not_asked_again(reader):
    assert sign(reader).url == BEGIN
    sign(reader)
    assert Consent.objects.count() == 1
    assert next_step(reader).stop == Stop.READ
    assert "You have agreed" in rosa().client.get(CONSENT).content.decode()


def test_without_the_tick_nothing_is_stored(reader):
    version = consent_version(reader.study)
    page = rosa().client.post(CONSENT, {"version": version}, follow=True)
    assert "Tick the box if you agree." in page.content.decode()
    assert not Consent.objects.exists()


@pytest.mark.parametrize("field", ["instructions", "consent"])
def test_an_amended_text_is_asked_again(reader, field):
    sign(reader)
    shown = consent_version(reader.study)
    slot = next_slot(reader)
    rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    amend(
        study=reader.study,
        actor=cora().user,
        field=field,
        value="Other words.",
        reason="The ethics board asked for it.",
    )
    reader.study.refresh_from_db()
    # What is being read is graded to its end.
    worlds.grade(next_slot(reader), "B")
    assert next_step(reader).missing == Missing.CONSENT
    page = rosa().client.get(CONSENT).content.decode()
    assert "amended" in page and "Other words." in page
    # A page that still shows the old text agrees to nothing.
    old = rosa().client.post(CONSENT, {"version": shown, "agrees": "on"}, follow=True)
    assert "changed while you read it" in old.content.decode()
    assert next_step(reader).missing == Missing.CONSENT
    sign(reader)
    assert Consent.objects.count() == 2
    assert next_step(reader).stop == Stop.READ


def test_a_study_without_a_consent_text_asks_for_none(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    assert next_step(study.membership_set.readers().get()).stop == Stop.READ


def test_nobody_agrees_while_reading_is_paused(reader):
    pause(
        study=reader.study, actor=cora().user, reason="A server moves.", message="Soon."
    )
    version = consent_version(reader.study)
    sent = {"version": version, "agrees": "on"}
    page = rosa().client.post(CONSENT, sent, follow=True)
    assert "paused" in page.content.decode()
    assert not Consent.objects.exists()


def test_a_consent_is_never_altered(reader):
    agree(reader=reader, version=consent_version(reader.study))
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.update(version="0" * 64)
