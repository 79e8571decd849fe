"""The doctor says in sentences what is wrong, and ends with 1 where anything is."""

import json
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from readerstudy.email_url import email_settings
from readerstudy.operations import checks
from readerstudy.operations.doctor import letters, machine, named
from readerstudy.operations.doctor.examination import examined
from readerstudy.operations.doctor.front import front
from readerstudy.operations.doctor.stored import stored_keys
from readerstudy.operations.findings import Level
from readerstudy.work.models import WorkerPulse
from tests.people import cora
from tests.servers import free_port

pytestmark = pytest.mark.django_db
LONG = "a long signing key that nobody would guess in a lifetime"


@pytest.fixture(autouse=True)
def _well_kept(settings, tmp_path):
    settings.SECRET_KEY = settings.PSEUDONYM_KEY = LONG
    settings.MEDIA_ROOT = tmp_path
    settings.INTAKE_KEPT_FREE_BYTES = 0
    settings.ALLOWED_HOSTS = ["localhost"]
    WorkerPulse.objects.create(worker="here:1", seen_at=timezone.now())


def sentences(found) -> str:
    return " ".join(each.sentence for each in found if each.level != Level.WELL)


def test_a_site_that_is_well_ends_with_0(capsys):
    call_command("doctor", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["wrong"] == 0
    about = {each["about"] for each in told["findings"]}
    assert about == {
        *("mode", "key", "network", "database", "migrations", "broker", "worker"),
        *("storage", "disk", "clock", "e-mail", "static files", "model"),
    }
    call_command("doctor")
    assert capsys.readouterr().out.endswith("Nothing is wrong.\n")


def test_what_is_wrong_is_said_with_what_to_do_and_ends_with_1(settings, capsys):
    settings.SECRET_KEY = "short"
    WorkerPulse.objects.all().delete()
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    told = capsys.readouterr().out
    assert end.value.code == 1
    assert "! key: SECRET_KEY has 5 signs: it can be guessed." in told
    assert "! worker: No worker has shown itself." in told
    assert "Start one: `celery -A readerstudy worker -P solo`." in told
    assert "wrong." in told.splitlines()[-1]


@pytest.mark.parametrize(
    ("changed", "look", "said"),
    [
        ({"DEBUG": True}, named.modes, "DEBUG is on"),
        ({"DEMONSTRATION": True}, named.modes, "shows passwords"),
        ({"SECRET_KEY_FALLBACKS": ["old"]}, named.keys, "other pseudonyms"),
        ({"ALLOWED_HOSTS": ["*"]}, named.network, "answers to every name"),
        ({"ALLOWED_HOSTS": ["a.example"]}, named.network, "in the open"),
        (
            {"BEHIND_TLS_PROXY": True, "SITE_URL": "https://a.example"},
            named.network,
            "a name that the site does not answer to",
        ),
        ({"BEHIND_TLS_PROXY": True}, named.network, "Cookies travel over plain http"),
        (
            {"BEHIND_TLS_PROXY": True, "SITE_URL": "http://localhost"},
            named.network,
            "lead to plain http",
        ),
        ({"CXR_LLAVA_CHECKPOINT": "/nowhere"}, machine.model, "lacks files"),
        ({"CXR_LLAVA_CHECKPOINT": "some/hub-id"}, machine.model, "fetched"),
        ({"STATICFILES_DIRS": []}, machine.static_files, "style of the pages"),
        ({"INTAKE_KEPT_FREE_BYTES": 2**60}, checks.neighbours, "uploads are refused"),
    ],
)
def test_each_trouble_has_its_sentence(settings, changed, look, said):
    for name, value in changed.items():
        setattr(settings, name, value)
    assert said in sentences(look())
    assert all(each.remedy for each in look() if each.is_wrong)


def test_a_key_that_opens_no_second_factor_is_told(settings):
    TOTP.activate(cora().user, "A" * 32)
    assert stored_keys() == []
    settings.SECRET_KEY = f"not {LONG}"
    (found,) = stored_keys()
    assert found.is_wrong
    assert "does not open 1 of the second factors" in found.sentence
    settings.SECRET_KEY_FALLBACKS = [LONG]
    assert stored_keys() == []


def test_a_site_behind_its_proxy_has_nothing_to_be_said(settings):
    settings.BEHIND_TLS_PROXY = settings.SECURE_COOKIES = True
    settings.SITE_URL = "https://localhost"
    assert sentences(named.network()) == ""


def test_a_clock_that_is_wrong_is_told(monkeypatch):
    if connection.vendor == "sqlite":
        assert sentences(machine.clock()) == ""
        return
    assert sentences(machine.clock()) == ""
    late = timezone.now() - timedelta(minutes=5)
    monkeypatch.setattr(timezone, "now", lambda: late)
    assert "300 seconds apart" in sentences(machine.clock())


def test_the_site_is_asked_as_people_reach_it(settings, live_server):
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.SITE_URL = live_server.url
    assert sentences(front()) == ""
    settings.ALLOWED_HOSTS = ["elsewhere.example"]
    assert "does not know its own name" in sentences(front())
    settings.SITE_URL = f"http://127.0.0.1:{free_port()}"
    assert "does not answer under SITE_URL" in sentences(front())


class Letters(Message):
    """A mail server that keeps what it gets."""

    def __init__(self):
        super().__init__()
        self.got = []

    def handle_message(self, message):
        self.got.append(message)


@pytest.fixture(scope="module")
def server():
    """A real mail server that lets in whoever has the password."""

    def allowed(server, session, envelope, mechanism, data):
        is_right = (data.login, data.password) == (b"us@a", b"p:w")
        return AuthResult(success=is_right, handled=False)

    controller = Controller(
        Letters(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=allowed,
        auth_require_tls=False,
    )
    controller.start()
    yield controller
    controller.stop()


def use(settings, url: str) -> None:
    for name, value in email_settings(url).items():
        setattr(settings, name, value)
    settings.DEFAULT_FROM_EMAIL = "trial@hospital.example"


def test_letters_go_to_the_mail_server_that_the_setting_names(settings, server):
    use(settings, f"smtp://us%40a:p%3Aw@127.0.0.1:{server.port}")
    assert sentences(letters.letters()) == ""
    mail.send_mail("Come and read", "By Friday.", None, ["rosa@hospital.example"])
    (letter,) = server.handler.got
    assert letter["From"] == "trial@hospital.example"
    assert letter.get_payload().strip() == "By Friday."


@pytest.mark.parametrize(
    "url",
    [
        "smtp://us%40a:wrong@127.0.0.1:{port}",
        "smtp+tls://us%40a:p%3Aw@127.0.0.1:{port}",
        "smtp://us%40a:p%3Aw@127.0.0.1:1",
    ],
    ids=["wrong password", "no TLS there", "nobody there"],
)
def test_a_mail_server_that_does_not_let_the_site_in_is_told(settings, server, url):
    use(settings, url.format(port=server.port))
    assert "does not let the site in" in sentences(letters.letters())


def test_without_a_server_letters_are_written_to_the_terminal(settings, capsys):
    use(settings, "consolemail:")
    mail.send_mail("Come and read", "By Friday.", None, ["rosa@hospital.example"])
    assert "Subject: Come and read" in capsys.readouterr().out
    assert "written to the log" in sentences(letters.letters())


@pytest.mark.parametrize("url", ["", "gopher://a", "smtp://", "smtp://a:port", "mail"])
def test_an_address_of_no_mail_server_stops_the_start_with_a_sentence(url):
    with pytest.raises(ValueError, match="EMAIL_URL"):
        email_settings(url)


def test_tls_is_what_the_scheme_says():
    for url, port, by_starttls, by_tls in (
        ("smtp://a", 25, False, False),
        ("smtp+tls://a", 587, True, False),
        ("smtp+ssl://a:26", 26, False, True),
    ):
        found = email_settings(url)
        assert (
            found["EMAIL_PORT"],
            found["EMAIL_USE_TLS"],
            found["EMAIL_USE_SSL"],
        ) == (port, by_starttls, by_tls)


def test_the_doctor_goes_on_where_a_neighbour_is_away(settings, tmp_path):
    (tmp_path / "a file").write_text("")
    settings.MEDIA_ROOT = tmp_path / "a file"
    found = examined()
    assert "Nothing can be stored." in sentences(found)
    assert found[-1].about == "model"
