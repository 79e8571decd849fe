"""What every answer says: no frame, no sniffing, no keeping, no script of others."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.attacks.walked import pages, walked
from tests.people import rosa

pytestmark = pytest.mark.django_db
EVERYWHERE = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "worker-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
)
# Pixels and pictures of one reader, which her own browser may keep for a while.
KEPT = {
    *("api:image", "api:preview", "api:frame", "analysis:figure"),
    *("api:practice_image", "api:practice_preview", "api:practice_frame"),
    *("cases:image", "cases:drawn_image", "analysis:radiograph"),
    *("reports:console:image", "cases:deidentification:picture"),
}
# Nothing of these is shown as a page: a browser never runs what is in them.
KINDS = {
    *("text/html", "text/csv", "text/plain", "application/json", "image/png"),
    *("application/octet-stream", "application/zip", "image/svg+xml"),
    *("application/vnd.oai.openapi+json", "text/calendar"),
}


def test_every_answer_has_every_header():
    lacking = {
        (f"{answer!r}", name)
        for answer in walked()
        for name, value in EVERYWHERE.items()
        if answer.headers.get(name) != value
    }
    assert lacking == set()


def test_every_answer_has_the_strict_policy_and_no_exception_from_it():
    for answer in walked():
        policy = answer.headers["Content-Security-Policy"]
        assert [rule for rule in STRICT if rule not in policy] == [], answer
        assert "unsafe" not in policy and "*" not in policy, answer


def test_cameras_and_places_are_switched_off():
    for answer in walked():
        for name in ("camera", "microphone", "geolocation", "usb"):
            assert f"{name}=()" in answer.headers["Permissions-Policy"], answer


def test_nothing_that_needs_a_sign_in_is_kept():
    """By no proxy, and by a browser only where an answer is pixels of one person."""
    for answer in walked():
        said = answer.headers["Cache-Control"]
        assert {"private", "no-store"} & set(said.split(", ")), answer
        assert "public" not in said, answer
        if answer.url not in KEPT:
            assert "no-store" in said, answer


def test_what_may_be_kept_is_kept_for_one_person():
    kept = [
        each for each in walked() if "no-store" not in each.headers["Cache-Control"]
    ]
    assert {answer.url for answer in kept} >= {"api:image", "api:frame"}
    for answer in kept:
        if "max-age=3600" in answer.headers["Cache-Control"]:
            assert "Cookie" in answer.headers["Vary"], answer


def test_refusals_errors_and_the_way_in_have_the_headers_too():
    anonymous = Client()
    answers = [
        anonymous.get(reverse("sign_in")),
        anonymous.get(reverse("home")),
        rosa().client.get("/no-such-page/"),
        rosa().client.get(reverse("cases:collections")),
        rosa().client.get(reverse("sign_out")),
        anonymous.get(reverse("healthz"), headers={"host": "evil.example"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 302, 404, 403, 405, 400]
    for answer in answers:
        assert EVERYWHERE.items() <= dict(answer.items()).items(), answer
        assert "no-store" in answer["Cache-Control"]


def test_no_page_can_be_framed_by_another():
    assert pages()
    for page in pages():
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert "sandbox" not in page.headers["Content-Security-Policy"]


def test_no_answer_is_taken_for_a_page_but_ours():
    for answer in walked():
        if answer.status == 200:
            assert answer.kind in KINDS, answer
        is_ours = b"<!doctype html>" in answer.body[:200] or b"<" in answer.body[:300]
        assert answer.kind != "text/html" or is_ours or not answer.body, answer


def test_cookies_are_for_this_site_and_no_script_reads_the_session():
    someone = rosa()
    someone.user.set_password("a long pass phrase")
    someone.user.save()
    client = Client()
    client.get(reverse("sign_in"))
    typed = {"username": "rosa", "password": "a long pass phrase"}
    client.post(reverse("sign_in"), typed)
    session = client.cookies["sessionid"]
    assert (
        session["httponly"] and session["samesite"] == "Lax" and session["path"] == "/"
    )
    assert client.cookies["csrftoken"]["samesite"] == "Lax"
