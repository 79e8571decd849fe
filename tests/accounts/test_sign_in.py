"""Nobody stands before a blank page: sign-in, lost sessions, addresses of forms."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import worlds
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def with_password(someone):
    someone.user.set_password(PASSWORD)
    someone.user.save()
    return {"username": someone.user.username, "password": PASSWORD}


def test_a_wrong_password_gets_a_sentence_and_keeps_the_name():
    with_password(rosa())
    answer = Client().post(
        reverse("sign_in"), {"username": "rosa", "password": "staple"}
    )
    assert b"do not fit together" in answer.content
    assert b'value="rosa"' in answer.content


def test_only_a_reader_on_the_way_is_told_of_a_grade_on_the_way():
    worlds.open_study()
    for url, told in (("grading:next", True), ("studies:setup", False)):
        answer = Client().get(reverse(url, args=["acceptability"]), follow=True)
        assert (b"a grade that was on its way" in answer.content) == told


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page():
    study = worlds.draft_study()
    page = reverse("studies:setup", args=[study.code])
    visitor = Client()
    answer = visitor.post(
        reverse("studies:add_member", args=[study.code]),
        {"user": "nils", "role": "reader"},
        headers={"referer": f"http://testserver{page}"},
        follow=True,
    )
    assert b"what you sent was not stored" in answer.content
    back = visitor.post(
        answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"],
        with_password(cora()),
        follow=True,
    )
    assert back.redirect_chain == [(page, 302)]
    assert back.status_code == 200


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/studies/"])
def test_a_form_from_nowhere_leads_to_the_first_page(referer):
    answer = Client().post(reverse("set_up:new"), {}, headers={"referer": referer})
    assert answer.url == f"{reverse('sign_in')}?next={reverse('home')}"


def test_a_page_that_polls_is_led_to_the_sign_in_as_a_whole():
    study = worlds.draft_study()
    page = reverse("reports:of_study", args=[study.code])
    answer = Client().get(
        reverse("reports:progress", args=[study.code]),
        headers={"hx-request": "true", "hx-current-url": f"http://testserver{page}"},
    )
    assert answer["HX-Redirect"] == f"{reverse('sign_in')}?next={page}"
    assert answer.content == b""


def test_a_page_from_before_the_sign_in_is_out_of_date():
    visitor = Client(enforce_csrf_checks=True)
    answer = visitor.post(reverse("sign_in"), with_password(rosa()))
    assert answer.status_code == 403
    assert b"This page was out of date" in answer.content


def test_the_address_of_a_form_opens_a_page_that_says_so():
    study = worlds.draft_study()
    answer = cora().client.get(reverse("studies:add_arm", args=[study.code]))
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert b"only takes what a form sends" in answer.content
    api = rosa().client.get(reverse("api:grade", args=["any"]))
    assert api.status_code == 405
    assert api["Content-Type"] == "application/json"
