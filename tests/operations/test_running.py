"""A site that runs, with two web processes and a worker: is it counted, is it traced?

One site for the whole file; it is put through its troubles in the order of the tests.
"""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests import migrated
from tests.installation import Site, wait_until
from tests.servers import PostgreSQL, Redis, free_port

pytestmark = pytest.mark.slow(seconds=60)
TOKEN = "a token of more than two dozen signs"
PASSWORD = "an umbrella in March"
# Somebody's test of a command that the server does not have: it fails at once.
FAILING = """
import json
from readerstudy.reports.models import SelfTest, Source
source = Source.objects.create(name="gone", kind="command", checkpoint="no-such")
lost = SelfTest.objects.create(source=source, fingerprint="f", checkpoint="no-such",
    images=1, status="running", attempts=1, worker="a dead one", lease_token="t",
    lease_until="2020-01-01T00:00:00Z", started_at="2020-01-01T00:00:00Z")
print(json.dumps(lost.pk))
"""


@dataclass
class Running:
    """A site that answers."""

    site: Site
    port: int
    web: "subprocess.Popen[bytes]"
    broker: Redis
    folder: Path
    cookies: CookieJar = field(default_factory=CookieJar)

    def asked(self, path: str, form: dict[str, str] | None = None, **headers: str):
        """Status and text of an answer."""
        body = urlencode(form).encode() if form is not None else None
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, body, headers)
        handler = urllib.request.HTTPCookieProcessor(self.cookies)
        opener = urllib.request.build_opener(handler)
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def scraped(self) -> str:
        status, text = self.asked("/metrics", Authorization=f"Bearer {TOKEN}")
        assert status == 200, text
        return text

    def value(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.scraped())
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def lines(self, log: str) -> list[dict[str, Any]]:
        """The lines of a process's log; each is an object."""
        text = (self.folder / f"{log}.log").read_text().splitlines()
        return [json.loads(line) for line in text if line.startswith("{")]

    def web_children(self) -> list[int]:
        listing = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children")
        return [int(child) for child in listing.read_text().split()]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    with PostgreSQL(data=migrated.cluster()) as database, Redis() as broker:
        site = Site(
            {
                "DATA_DIR": str(folder),
                "MEDIA_ROOT": str(folder / "media"),
                "SECRET_KEY": "a long signing key that nobody would guess",
                "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
                "DATABASE_URL": database.url,
                "BROKER_URL": broker.url,
                "ALLOWED_HOSTS": "127.0.0.1,localhost",
                "SECURE_COOKIES": "false",
                "SECOND_FACTOR_REQUIRED": "nobody",
                "LOG_FORMAT": "json",
                "METRICS_TOKEN": TOKEN,
                "TMPDIR": str(folder),
                "JOB_LEASE_SECONDS": "3",
                "JOB_MAXIMUM_ATTEMPTS": "1",
            }
        )
        words = "readerstudy.wsgi --preload --workers 2 --threads 2 --access-logfile -"
        command = ["gunicorn", *words.split(), "--bind", f"127.0.0.1:{port}"]
        with site.started(*command) as web:
            found = Running(site, port, web, broker, folder)
            wait_until(lambda: answers(found), "an answer of the site")
            yield found


def answers(running: Running) -> bool:
    try:
        return running.asked("/healthz")[0] == 200
    except OSError:
        return False


def signed_in_administrator(running: Running) -> str:
    """Sign Ada in and return a token for her next form."""
    running.site.shell(
        "import json; from readerstudy.studies.account.services import *;"
        f"user, _ = make_account(username='ada', name='Ada', password='{PASSWORD}',"
        "may_create_studies=False, actor=None);"
        "set_administrator(user=user, is_administrator=True, actor=None);"
        "print(json.dumps(user.pk))"
    )
    page = running.asked("/sign-in/")[1]
    form = {"username": "ada", "password": PASSWORD}
    running.asked("/sign-in/", form | {"csrfmiddlewaretoken": token_in(page)})
    return token_in(running.asked("/operations/")[1])


def token_in(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def test_requests_are_counted_over_all_processes_and_over_the_death_of_one(running):
    before = running.value("readerstudy_requests_total", part="site", method="GET")
    for _ in range(20):
        running.asked("/healthz")
    counted = running.value("readerstudy_requests_total", part="site", method="GET")
    assert counted == before + 20
    pages = {path.name for path in running.folder.glob("readerstudy-metrics-*/*.db")}
    assert len(pages) >= 4, "both processes have counted"
    os.kill(running.web_children()[0], signal.SIGKILL)
    wait_until(lambda: len(running.web_children()) == 2, "a new web process")
    for _ in range(5):
        running.asked("/healthz")
    after = running.value("readerstudy_requests_total", part="site", method="GET")
    assert after == before + 25


@pytest.mark.promtool
def test_prometheus_finds_nothing_amiss_in_what_it_is_told(running):
    done = subprocess.run(
        ["promtool", "check", "metrics"],
        input=running.scraped(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_request_is_followed_from_the_web_to_the_worker(running):
    lost = running.site.shell(FAILING)
    mark = signed_in_administrator(running)
    with running.site.worker():
        wait_until(lambda: running.asked("/readyz?all")[0] == 200, "a worker")
        ended = {"kind": "reports.selftest", "outcome": "failed"}
        wait_until(
            lambda: running.value("readerstudy_work_ended_total", **ended) == 1,
            "the end of the lost work",
        )
        expired = {"kind": "reports.selftest"}
        assert running.value("readerstudy_lease_expiries_total", **expired) == 1
        assert running.value("readerstudy_workers") == 1
        page = running.asked("/operations/?kind=reports.selftest")[1]
        assert f'<th scope="row">{lost}</th>' in page
        form = {"kind": "reports.selftest", "csrfmiddlewaretoken": mark}
        status, page = running.asked("/operations/retry/", form)
        assert (status, "Put back into the queue: 1." in page) == (200, True)
        (asked,) = (
            line
            for line in running.lines("gunicorn")
            if line.get("path") == "/operations/retry/"
        )
        assert (asked["method"], asked["status"], len(asked["request"])) == (
            *("POST", 302, 16),
        )
        wait_until(
            lambda: [
                line
                for line in running.lines("celery")
                if line.get("request") == asked["request"]
                and line.get("job") == f"reports.self_test {lost}"
            ],
            "a line of the worker about the request's job",
        )
        examination = json.loads(running.site.run("manage.py", "doctor", "--json"))
        assert examination["wrong"] == 0, examination


def test_every_line_of_the_logs_is_json(running):
    """What Celery writes before it has a log, its banner, is not."""
    text = (running.folder / "gunicorn.log").read_text().splitlines()
    assert [line for line in text if not line.startswith("{")] == []
    told = (running.folder / "celery.log").read_text()
    assert not re.search("^.*(INFO|WARNING|ERROR)[ /].*$", told, re.MULTILINE)


def test_a_broker_that_is_gone_is_told_by_all(running):
    running.broker.kill()
    status, told = running.asked("/readyz")
    # Grades are stored without it.
    assert (status, json.loads(told)["checks"]["broker"]) == (200, False)
    assert running.value("readerstudy_check_ok", check="broker") == 0
    assert running.value("readerstudy_check_ok", check="database") == 1
    running.broker.start()
    assert running.asked("/readyz")[0] == 200
