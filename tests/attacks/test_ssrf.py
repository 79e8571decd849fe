"""Making the server ask for an address of somebody's choice: it calls none that a
request names, and what the administrator named leads nowhere else."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import cycle

import pytest

from inference.endpoint import Endpoint, Refused, Unreachable
from readerstudy.cases.pacs.connection import BoundedSession
from readerstudy.cases.pacs.servers import servers_in
from readerstudy.cases.radiograph import NotNow
from readerstudy.cases.radiograph import Refused as NotTaken
from tests import worlds
from tests.people import cora
from tests.test_permissions import BODIES, FORMS, address, ask, forgotten, lines

# A cloud's page of keys, and what lies behind the site.
PLACES = [
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:9/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:9/_x",
]
WORDS = (
    *("url", "address", "source", "server", "host", "endpoint", "checkpoint", "origin"),
    *("path", "folder", "file", "callback", "webhook", "image", "href", "model"),
)
# An audit hook can not be taken away again; it only listens while it is told to.
_heard: list[str] | None = None


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if _heard is not None and event in {"socket.connect", "socket.getaddrinfo"}:
        _heard.append(f"{event} {arguments[1:]} {arguments[0]}")


sys.addaudithook(_listen)


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What this process tried to reach while the test ran."""
    global _heard
    _heard = []
    yield _heard
    _heard = None


@pytest.mark.django_db
def test_no_form_makes_the_server_call_an_address(heard):
    """Every field of every form, and fields that there might be, name an address."""
    study = worlds.draft_study()
    client, places = cora().client, cycle(PLACES)
    forms = {
        (line["url"], line["method"]): line
        for line in lines()
        if line["method"] != "GET" and line["coordinator"] in {"200", "302", "400"}
        if line["state"] in {"draft", "open"}
    }
    for (url, _), line in forms.items():
        filled = {name: next(places) for name in [*FORMS.get(url, {}), *WORDS]}
        with forgotten(client):
            path = address(url, study)
            if url in BODIES:
                answer = ask(client, line, path)
            else:
                answer = client.post(path, filled)
            if answer.streaming:
                b"".join(answer)
    assert len(forms) > 50
    assert [one for one in heard if "169.254" in one or ", 9)" in one] == []


class Elsewhere(BaseHTTPRequestHandler):
    """A server that nobody should be led to; it notes who came, and with what."""

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None:
        """Keep the test output quiet."""


class Leading(Elsewhere):
    """The administrator's own server, taken over: it leads every request away."""

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))  # type: ignore[attr-defined]
        self.send_response(self.server.code)  # type: ignore[attr-defined]
        self.send_header("Location", self.server.to)  # type: ignore[attr-defined]
        self.end_headers()

    do_POST = do_GET


def _served(handler: type[BaseHTTPRequestHandler]) -> HTTPServer:
    server = HTTPServer(("127.0.0.1", 0), handler)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(params=[301, 302, 307, 308])
def leading(request: pytest.FixtureRequest) -> Iterator[tuple[HTTPServer, HTTPServer]]:
    elsewhere, leading = _served(Elsewhere), _served(Leading)
    leading.code = request.param  # type: ignore[attr-defined]
    leading.to = f"http://127.0.0.1:{elsewhere.server_port}/taken"  # type: ignore[attr-defined]
    yield leading, elsewhere
    for server in (leading, elsewhere):
        server.shutdown()
        server.server_close()


def test_a_pacs_leads_nobody_elsewhere(leading):
    site, elsewhere = leading
    named = f"archive=http://user:secret@127.0.0.1:{site.server_port}/dicom-web"
    server = servers_in(named)["archive"]
    with (
        BoundedSession(server, seconds=20, most_bytes=1000) as session,
        pytest.raises((NotNow, NotTaken)),
    ):
        session.get(f"{server.url}/studies")
    assert len(site.asked) == 1 and "Authorization" in site.asked[0]
    assert elsewhere.asked == []


def test_an_endpoint_leads_nobody_elsewhere_and_its_key_stays(leading):
    site, elsewhere = leading
    endpoint = Endpoint(
        f"http://127.0.0.1:{site.server_port}/v1",
        "model",
        key="a-key-of-the-administrator",
        tries=1,
        wait=0,
    )
    with pytest.raises((Refused, Unreachable)):
        endpoint.ask([{"role": "user", "content": "x"}])
    assert len(site.asked) == 1
    assert elsewhere.asked == []
