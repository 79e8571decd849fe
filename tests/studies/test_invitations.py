"""Cora invites Ruth, by a link to print or by e-mail; Ruth joins once, and nobody else
does by the same link."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.models import Event
from readerstudy.studies.models import Invitation, Membership, Study
from readerstudy.studies.people import inviting
from readerstudy.studies.services import admit
from tests import worlds
from tests.mail_server import kept_letters
from tests.people import cora, enters, nils, person
from tests.servers import free_port

pytestmark = pytest.mark.django_db
PASSWORD = "an umbrella in March"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def letters(settings):
    with kept_letters(settings) as got:
        yield got


def invite(study, **form):
    form = {"name": "Ruth Radiologist", "role": "reader", "days": "14"} | form
    return cora().client.post(reverse("people:invitations", args=[study.code]), form)


def link_in(text):
    found = re.search(r"/invitation/[\w-]+/", text)
    assert found, text
    return found[0]


def account(**typed):
    same = {"password": PASSWORD, "again": PASSWORD}
    return {"username": "ruth"} | same | typed


def test_a_new_reader_joins_by_a_printed_link_with_a_password_of_her_own():
    study = worlds.draft_study()
    page = invite(study).content.decode()
    assert "Ruth Radiologist" in page
    assert "Only this page shows the link" in page
    visitor = Client()
    opened = visitor.get(link_in(page))
    assert study.title in opened.content.decode()
    home = visitor.post(link_in(page), account(), follow=True)
    assert b"Welcome." in home.content
    member = Membership.objects.get(user__username="ruth")
    assert (member.role, member.reader_code) == ("reader", "R2")
    assert enters("ruth", PASSWORD)
    events = Event.objects.of_stream(study.code).values_list("verb", flat=True)
    assert list(events)[-3:] == [
        "invitation.made",
        "study.member_added",
        "invitation.accepted",
    ]


def test_the_key_is_stored_nowhere():
    study = worlds.draft_study()
    key = worlds.invitation(study).key
    row = Invitation.objects.values().get()
    assert key not in str(row)
    assert key not in str(list(Event.objects.values()))


def test_a_link_works_once():
    study = worlds.draft_study()
    link = link_in(invite(study).content.decode())
    Client().post(link, account())
    again = Client().post(link, account(username="rita"))
    assert again.status_code == 404
    assert not User.objects.filter(username="rita").exists()


def test_whatever_opens_nothing_is_answered_alike():
    study = worlds.draft_study()
    keys = ["never-made"]
    used = worlds.invitation(study, name="Used")
    inviting.accept(key=used.key, user=nils().user)
    taken_back = worlds.invitation(study, name="Taken back")
    inviting.revoke(invitation=taken_back, actor=cora().user)
    expired = worlds.invitation(study, name="Expired")
    long_ago = timezone.now() - timezone.timedelta(days=90)
    Invitation.objects.filter(pk=expired.pk).update(
        created_at=long_ago, expires_at=long_ago + timezone.timedelta(days=14)
    )
    keys += [used.key, taken_back.key, expired.key]
    answers = [Client().get(reverse("people:accept", args=[key])) for key in keys]
    assert {answer.status_code for answer in answers} == {404}
    bodies = {
        re.sub(rb'(?<=csrf-token" content=")[^"]*|(?<=Token": ")[^"]*', b"", a.content)
        for a in answers
    }
    assert len(bodies) == 1


def test_a_person_with_an_account_signs_in_and_joins():
    study = worlds.draft_study()
    link = link_in(invite(study, role="analyst").content.decode())
    page = nils().client.get(link)
    assert b"Join as Nils" in page.content
    nils().client.post(link)
    assert Membership.objects.get(user=nils().user).role == "analyst"


def test_whoever_has_a_role_is_told_and_the_link_stays_good():
    study = worlds.draft_study()
    link = link_in(invite(study, role="analyst").content.decode())
    page = worlds.rosa().client.post(link)
    assert b"already reader of this study" in page.content
    assert Invitation.objects.get().is_in_force


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"again": "another"}, "The two passwords differ."),
        ({"password": "12345678", "again": "12345678"}, "too common"),
        ({"username": "rosa"}, "already exists"),
        ({"username": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_and_the_link_stays_good(typed, sentence):
    study = worlds.draft_study()
    link = link_in(invite(study).content.decode())
    page = Client().post(link, account(**typed)).content.decode()
    assert sentence in page
    assert not User.objects.filter(username="ruth").exists()
    assert Invitation.objects.get().is_in_force


def test_readers_are_fixed_once_the_lists_are_dealt():
    study = worlds.draft_study()
    reader = worlds.invitation(study, role="reader")
    analyst = worlds.invitation(study, role="analyst")
    study = worlds.opened(study)
    page = Client().post(reverse("people:accept", args=[reader.key]), account())
    assert b"its readers are fixed" in page.content
    assert not User.objects.filter(username="ruth").exists()
    with pytest.raises(ValidationError, match="readers are fixed"):
        worlds.invitation(study, role="reader")
    joined = Client().post(reverse("people:accept", args=[analyst.key]), account())
    assert joined.status_code == 302
    worlds.close(study)
    with pytest.raises(ValidationError, match="nobody joins it any more"):
        worlds.invitation(study, role="analyst")


def test_a_link_serves_to_try_names_twenty_times_and_no_more():
    made = worlds.invitation(worlds.draft_study(), role="analyst")
    path = reverse("people:accept", args=[made.key])
    form = {"username": "cora", "password": PASSWORD, "again": PASSWORD}
    client = Client()
    for _ in range(inviting.MOST_REFUSALS):
        assert client.post(path, form).status_code == 200
    assert client.post(path, form).status_code == 404
    assert client.post(path, form | {"username": "ruth"}).status_code == 404
    made.refresh_from_db()
    assert made.standing == "withdrawn"
    told = Event.objects.of_stream(made.study.code).last()
    assert (told.verb, told.actor) == ("invitation.tried_too_often", None)


def test_nobody_joins_a_study_that_was_closed_a_moment_ago():
    seen_open = worlds.open_study()
    worlds.close(Study.objects.get(pk=seen_open.pk))
    assert seen_open.is_open, "as whoever accepts has seen it"
    who = nils().user
    with pytest.raises(ValidationError, match="closed; nobody joins"):
        admit(study=seen_open, actor=who, user=who, role="analyst")
    assert not Membership.objects.filter(user=who).exists()


def test_nobody_is_invited_as_a_coordinator():
    study = worlds.draft_study()
    with pytest.raises(ValidationError, match="readers or analysts"):
        worlds.invitation(study, role="coordinator")


def test_a_letter_goes_to_the_mail_server_with_the_link_and_nothing_of_the_arms(
    letters,
):
    study = worlds.draft_study()
    page = invite(study, email="ruth@example.org").content.decode()
    assert "Sent to ruth@example.org." in page
    (letter,) = letters
    text = letter.get_payload(decode=True).decode()
    assert letter["To"] == "ruth@example.org"
    assert link_in(text) == link_in(page)
    assert not re.search(r"llava|ground|arm\b|seed|case", text, re.IGNORECASE)
    Client().post(link_in(text), account())
    assert User.objects.get(username="ruth").email == "ruth@example.org"


def test_a_mail_server_that_is_away_is_told_and_the_link_is_good(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    study = worlds.draft_study()
    page = invite(study, email="ruth@example.org").content.decode()
    assert "It could not be sent to ruth@example.org" in page
    assert Client().get(link_in(page)).status_code == 200
    listed = cora().client.get(reverse("people:invitations", args=[study.code]))
    assert b"not sent:" in listed.content


def test_cora_takes_an_invitation_back():
    study = worlds.draft_study()
    made = worlds.invitation(study)
    path = reverse("people:take_back", args=[study.code, made.pk])
    page = cora().client.post(path, follow=True)
    assert b"The link opens nothing any more." in page.content
    again = cora().client.post(path, follow=True)
    assert b"nothing to take back" in again.content
    assert (
        person("Ruth").client.get(reverse("people:accept", args=[made.key])).status_code
        == 404
    )
