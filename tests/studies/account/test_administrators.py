"""Whoever runs the site has no silent way into a study; nobody has two roles in one."""

import io

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from readerstudy.accounts.models import User
from readerstudy.audit.models import Event
from readerstudy.export.services import write_bundle
from readerstudy.studies.models import Membership
from tests import worlds
from tests.people import cora, join, person
from tests.test_permissions import address, every_url, lines

pytestmark = pytest.mark.django_db
# What these name belongs to no study: who coordinates none is refused with a sentence.
OF_THE_SITE = ("cases:", "reports:", "analysis:findings", "export:arrival")


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_superuser_gets_what_any_outsider_gets_at_every_address_of_a_study():
    study = worlds.open_study()
    root = person("Root")
    User.objects.filter(pk=root.user.pk).update(is_staff=True, is_superuser=True)
    shut = {
        line["url"]
        for line in lines()
        if (line["method"], line["state"]) == ("GET", "open")
        and line["other_coordinator"] == "404"
        and not line["url"].startswith(OF_THE_SITE)
    }
    assert len(shut) > 30
    found = {url: root.client.get(address(url, study)).status_code for url in shut}
    assert {url: status for url, status in found.items() if status != 404} == {}


def test_there_is_no_admin_site():
    assert [url for url in every_url() if "admin" in url] == []


def test_a_person_has_one_role_in_a_study_and_the_database_says_so():
    study = worlds.draft_study()
    with pytest.raises(IntegrityError), transaction.atomic():
        join(study, cora(), Membership.Role.READER, "R9")


def test_an_invitation_gives_nobody_a_second_role():
    study = worlds.draft_study()
    made = worlds.invitation(study, role="analyst")
    page = cora().client.post(reverse("people:accept", args=[made.key]))
    assert b"a person has one role in a study" in page.content
    assert study.membership_set.get(user=cora().user).role == "coordinator"


def test_what_is_done_on_the_server_stands_in_the_record(tmp_path):
    study = worlds.close(worlds.open_study())
    call_command("create_token", "anya", name="script", stdout=io.StringIO())
    write_bundle(study=study, actor=None, directory=tmp_path / "out")
    made = Event.objects.filter(actor=None).values_list("verb", "stream_id")
    assert ("token.created", "site") in set(made)
    assert any(stream == study.code for _, stream in made)
