"""Another site lets a signed-in browser send forms: without the token of a page of ours
every one is refused, whatever it asks for."""

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.audit.models import Event
from tests import worlds
from tests.people import Person, cora, rosa
from tests.test_permissions import address, ask, lines

pytestmark = pytest.mark.django_db
CHANGES = sorted(
    {(line["url"], line["method"]) for line in lines() if line["method"] != "GET"}
)


def strict(someone: Person) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(someone.user)
    return client


def test_every_request_that_changes_something_wants_the_token():
    study = worlds.open_study()
    worlds.practice_case(study)
    clients = [strict(cora()), strict(rosa())]
    passed = []
    for url, method in CHANGES:
        path = address(url, study)
        events = Event.objects.count()
        for client in clients:
            # As JSON, which is all that the API reads: a form it refuses anyway.
            if url.startswith(("api:", "grading:rehearsal:")):
                kind = "application/json"
                answer = client.generic(method, path, "{}", content_type=kind)
            else:
                answer = ask(client, {"url": url, "method": method}, path)
            # The door may close before the token is looked at.
            if answer.status_code not in {403, 404}:
                passed.append((url, method, answer.status_code))
        assert Event.objects.count() == events, url
    assert passed == []
    assert len(CHANGES) > 90


def test_the_sign_in_wants_it_too():
    typed = {"username": "rosa", "password": "a long pass phrase"}
    answer = Client(enforce_csrf_checks=True).post(reverse("sign_in"), typed)
    assert answer.status_code == 403


def test_with_the_token_of_the_page_it_is_stored():
    """Else the tests above would hold for a site that refuses everything."""
    study = worlds.draft_study()
    client = strict(cora())
    page = client.get(reverse("studies:setup", args=[study.code]))
    token = {"csrfmiddlewaretoken": page.context["csrf_token"]}
    form = {"label": "Third", "source": "third"} | token
    answer = client.post(reverse("studies:add_arm", args=[study.code]), form)
    assert answer.status_code == 302
    assert study.arm_set.count() == 3


def test_the_token_of_another_browser_is_none():
    study = worlds.draft_study()
    foreign = strict(rosa()).get(reverse("home")).context["csrf_token"]
    client = strict(cora())
    client.get(reverse("home"))
    form = {"label": "Third", "source": "third", "csrfmiddlewaretoken": foreign}
    answer = client.post(reverse("studies:add_arm", args=[study.code]), form)
    assert answer.status_code == 403


def test_no_page_that_is_only_looked_at_does_what_a_form_does():
    """GET of every address that a form sends to, where there is no page, is 405."""
    study = worlds.open_study()
    shown = {line["url"] for line in lines() if line["method"] == "GET"}
    for url, _ in CHANGES:
        if url not in shown:
            answer = cora().client.get(address(url, study))
            assert answer.status_code in {403, 404, 405}, url
