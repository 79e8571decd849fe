"""Rosa presses "Sign in" twice: the session that one request has ended is no error."""

import json
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from readerstudy.middleware import Sessions

pytestmark = pytest.mark.django_db


def ended_meanwhile(request: HttpRequest) -> HttpResponse:
    """What a view does while another request changes the key of the same session."""
    request.session["noted"] = "by this request"
    Session.objects.all().delete()
    return HttpResponse("done")


def answered(path: str) -> HttpResponse:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["noted"] = "before"
    store.save()
    # A path of two slashes stands as it is, which a URL would take for a host.
    name, _, query = path.partition("?")
    request = RequestFactory().post("/", PATH_INFO=name, QUERY_STRING=query)
    request.COOKIES[settings.SESSION_COOKIE_NAME] = store.session_key
    answer = Sessions(ended_meanwhile)(request)
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_browser_is_led_to_the_same_page_again():
    answer = answered("/sign-in/?next=/read/acceptability/next/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in/?next=/read/acceptability/next/"
    assert not Session.objects.exists()


def test_a_path_that_names_another_host_leads_nowhere_else():
    answer = answered("//evil.example/sign-in/?next=/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/%2Fevil.example/sign-in/?next=/"


def test_a_script_of_a_page_is_told_to_sign_in_and_send_the_same_again():
    answer = answered("/api/v1/slots/a-page/grade/")
    assert answer.status_code == 401
    assert "Sign in and send it again" in json.loads(answer.content)["detail"]
