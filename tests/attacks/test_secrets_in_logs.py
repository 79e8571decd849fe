"""Keys, passwords and links that open something: none is written to a log, shown on a
page about an error, or sent in a letter about one. All at DEBUG, by real code."""

import copy
import io
import logging.config
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from inference.endpoint import Endpoint, Refused, Unreachable
from readerstudy.cases.pacs.archive import Archive
from readerstudy.cases.pacs.servers import servers_in
from readerstudy.logs import masked
from readerstudy.studies.tokens import services as tokens
from tests import worlds
from tests.attacks.test_ssrf import Leading, _served
from tests.people import anya, rosa

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Swordfish-of-Rosa-77"
PACS_PASSWORD = "Pacs-pass-4711"
PATIENT = "4711-P"
KEY = "sk-key-of-the-endpoint-0815"
DATABASE_PASSWORD = "Database-pass-1234"


@pytest.fixture
def log(settings) -> Iterator[io.StringIO]:
    """What the site's own logging writes at DEBUG, from every library."""
    config = copy.deepcopy(settings.LOGGING)
    stream = io.StringIO()
    config["handlers"]["console"]["stream"] = stream
    config["root"]["level"] = "DEBUG"
    logging.config.dictConfig(config)
    yield stream
    logging.config.dictConfig(settings.LOGGING)


def nobody_listens() -> int:
    """A port on which nothing answers."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


@pytest.mark.django_db
def test_signing_in_with_a_right_and_a_wrong_password(log, capfd):
    someone = rosa()
    someone.user.set_password(PASSWORD)
    someone.user.save()
    for password in (PASSWORD + "x", PASSWORD):
        client = Client()
        client.post(reverse("sign_in"), {"username": "rosa", "password": password})
    session = client.cookies["sessionid"].value
    client.get("/no-such-page/", {"password": PASSWORD})
    strict = Client(enforce_csrf_checks=True)
    strict.post(reverse("sign_in"), {"username": "rosa", "password": PASSWORD})
    said = log.getvalue() + "".join(capfd.readouterr())
    assert "/sign-in/" in said, "the refusal without a token is logged"
    for secret in (session, someone.user.password):
        assert secret not in said
    assert PASSWORD not in said.replace(f"password={PASSWORD}", "")


@pytest.mark.django_db
def test_using_a_token_that_is_good_ended_or_unknown(log, capfd):
    made = worlds.token(anya())
    unknown = "rs_" + "x" * 43
    for key in (made.key, unknown):
        answer = Client().get(
            "/api/v1/studies/", headers={"authorization": f"Token {key}"}
        )
        assert answer.status_code == (200 if key == made.key else 401)
    tokens.revoke(token=made, actor=anya().user)
    Client().get("/api/v1/studies/", headers={"authorization": f"Token {made.key}"})
    Client().get(f"/api/v1/{made.key}/")
    said = log.getvalue() + "".join(capfd.readouterr())
    assert "/api/v1/" in said
    for key in (made.key, unknown, made.key_sha256):
        assert key not in said


@pytest.mark.django_db
def test_following_a_link_that_opens_something_or_nothing(log, capfd):
    made = worlds.invitation(worlds.draft_study(cases=2, distance=1))
    link = reverse("people:accept", args=[made.key])
    Client().get(link)
    Client().post(link, {"username": "", "password": PASSWORD, "again": PASSWORD})
    spent = reverse("people:accept", args=["k" * 43])
    Client().get(spent)
    Client().delete(link)
    said = log.getvalue() + "".join(capfd.readouterr())
    assert "/invitation/***" in said
    for secret in (made.key, "k" * 43, PASSWORD):
        assert secret not in said


def test_a_pacs_that_refuses_or_is_away(log, capfd):
    refusing = _served(Leading)
    refusing.code, refusing.to = 401, "/"
    for port in (refusing.server_port, nobody_listens()):
        named = f"archive=http://radiology:{PACS_PASSWORD}@127.0.0.1:{port}/dicom-web"
        server = servers_in(named)["archive"]
        with pytest.raises(Exception) as problem:
            Archive(server, seconds=5).studies({"PatientID": PATIENT}, limit=1)
        logging.getLogger("readerstudy").warning("%r", server, exc_info=problem.value)
        assert not isinstance(problem.value, AssertionError)
    refusing.shutdown()
    refusing.server_close()
    said = log.getvalue() + "".join(capfd.readouterr())
    assert "PACS" in said
    assert PACS_PASSWORD not in said and "cmFkaW9sb2d5O" not in said
    assert PATIENT not in said


def test_an_endpoint_that_is_away(log, capfd):
    endpoint = Endpoint(
        f"http://127.0.0.1:{nobody_listens()}/v1", "m", key=KEY, tries=1, wait=0
    )
    with pytest.raises((Refused, Unreachable)) as problem:
        endpoint.ask([{"role": "user", "content": "x"}])
    logging.getLogger("readerstudy").error("%r", endpoint, exc_info=problem.value)
    said = log.getvalue() + "".join(capfd.readouterr())
    assert "127.0.0.1" in said
    assert KEY not in said


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [True, False])
def test_an_error_of_the_server_on_its_page_and_in_its_letter(debug, settings, log):
    """The hasher is missing: the error comes with the password in a dozen frames."""
    made = worlds.invitation(worlds.draft_study(cases=2, distance=1))
    settings.DEBUG = debug
    settings.ADMINS = [("Ada", "administrator@example.org")]
    settings.PASSWORD_HASHERS = ["no.such.Hasher"]
    settings.DATABASE_URL = f"postgres://readerstudy:{DATABASE_PASSWORD}@db/x"
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a-session-of-somebody"
    typed = {"username": "ruth", "password": PASSWORD, "again": PASSWORD}
    answer = client.post(
        reverse("people:accept", args=[made.key]),
        typed,
        headers={"authorization": f"Token {made.key}"},
    )
    assert answer.status_code == 500
    letters = "".join(str(letter.message()) for letter in mail.outbox)
    assert debug or "Traceback" in letters
    said = answer.content.decode() + log.getvalue() + letters
    assert "No module named" in log.getvalue()
    for secret in (PASSWORD, DATABASE_PASSWORD, "a-session-of-somebody"):
        assert secret not in said
    assert made.key not in log.getvalue()


STARTS = {
    "DATABASE_URL": [
        f"mysql://u:{DATABASE_PASSWORD}@h/x",
        f"postgres://u:{DATABASE_PASSWORD}@h:port/x",
        f"postgres://u:{DATABASE_PASSWORD}@127.0.0.1:1/x",
        f"nonsense:{DATABASE_PASSWORD}",
    ],
    "EMAIL_URL": [
        f"smtp+tls://u:{DATABASE_PASSWORD}@h:port",
        f"carrier-pigeon://u:{DATABASE_PASSWORD}@h",
    ],
    "BROKER_URL": [f"redis://:{DATABASE_PASSWORD}@127.0.0.1:1/0"],
    "DICOMWEB_SERVERS": [f"a=https://u:{DATABASE_PASSWORD}@h/?x=1"],
    "REPORT_ENDPOINTS": [f"a=https://u:{DATABASE_PASSWORD}@h/v1"],
}
# Each start in a child of one process, which has paid for the imports.
START = """
import os, sys, traceback, django, django.template, rest_framework, psycopg, celery
for line in sys.stdin.read().splitlines():
    name, _, value = line.partition(" ")
    if os.fork():
        os.wait()
        continue
    os.dup2(1, 2)
    os.environ[name] = value
    try:
        django.setup()
        from django.core.management import call_command
        call_command("check", "--database", "default")
        from readerstudy.celery import app
        from django.db import connection
        if name == "BROKER_URL":
            app.connection_for_write(connect_timeout=1).ensure_connection(max_retries=1)
        connection.ensure_connection()
        print(name, "started")
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(0)
"""


def test_a_site_that_does_not_start(tmp_path):
    """Settings that make no sense, and servers that are not there."""
    starts = [f"{name} {value}" for name, values in STARTS.items() for value in values]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
        "LOG_LEVEL": "DEBUG",
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "a-key-to-sign-with",
        "DATABASE_URL": "sqlite://:memory:",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", START],
        input="\n".join(starts),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout + done.stderr
    assert said.count("Traceback") >= len(starts) - 2, said[-3000:]
    assert DATABASE_PASSWORD not in said
    assert "a-key-to-sign-with" not in said


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("GET /invitation/Zm9vYmFyYmF6cXV4cXV1eA/ 200", "GET /invitation/***/ 200"),
        ("postgres://u:p:w@h/x", "postgres://***@h/x"),
        ("Authorization: Token abcdefghijklmnopqrst", "Authorization: Token ***"),
        ("cookie sessionid=abc123; x", "cookie sessionid=***; x"),
        ("https://site/read/report/x/", "https://site/read/report/x/"),
        (
            "token.created notebook (rs_12345...)",
            "token.created notebook (rs_12345...)",
        ),
    ],
)
def test_what_is_masked_and_what_is_left(text, left):
    assert masked(text) == left


LONG = "Zm9vYmFyYmF6cXV4cXV1eA"
CALLBACK = "/accounts/oidc/hospital/login/callback/"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"/calendar/AAAA%41AAAA{LONG}/", "/calendar/***/"),
        (f"/invitation/{LONG}%41{LONG}/ 200", "/invitation/***/ 200"),
        (f"/calendar/{'%41' * 43}/", "/calendar/***/"),
        # The word before it, and the slash, lead to the same page by their numbers.
        (f"GET /c%61lendar%2f{LONG}", "GET /calendar/***"),
        (f"GET /x/rs%5F{LONG}", "GET /x/rs_***"),
        (f"GET {CALLBACK}?code=a%2Fb.c-d&x=1", f"GET {CALLBACK}?code=***&x=1"),
        (
            f'"GET {CALLBACK}?state={LONG}&session_state={LONG}&code=x%26y HTTP/1.1"',
            f'"GET {CALLBACK}?state=***&session_state=***&code=*** HTTP/1.1"',
        ),
        ("https://u:p%2Fw%40@h/x", "https://***@h/x"),
        # What hides nothing stays as it is written.
        ("/cases/deliveries/7/?state=imported", "/cases/deliveries/7/?state=imported"),
        ("/search/?q=%41%2Fb 100% of %s", "/search/?q=%41%2Fb 100% of %s"),
    ],
)
def test_a_secret_is_masked_however_an_address_writes_it(text, left):
    assert masked(text) == left


@pytest.mark.parametrize(
    "piece",
    ["%41", "%", "a:", "://", "://a:", "rs_", "/calendar/", "?code=", "&state="],
)
@pytest.mark.timeout(120)
def test_a_long_line_of_an_attacker_is_masked_before_the_end_of_time(piece):
    """A search that goes back and forth would take hours for it."""
    line = "://" + piece * (200_000 // len(piece))
    assert masked(line).startswith("://")
