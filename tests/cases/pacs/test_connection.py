"""Whatever a server does, a call ends: with an answer of known size or a sentence."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from readerstudy.cases.pacs import archive, connection
from readerstudy.cases.pacs.archive import Archive
from readerstudy.cases.pacs.connection import BoundedSession, Gone, TooLarge
from readerstudy.cases.pacs.multipart import only_part
from readerstudy.cases.pacs.servers import PacsServer
from readerstudy.cases.radiograph import NotNow, Refused
from tests.servers import free_port

Behaviour = Callable[[BaseHTTPRequestHandler], None]
ADDRESS = "studies/1.2/series/1.3/instances/1.4"


@contextmanager
def serving(behave: Behaviour) -> Iterator[PacsServer]:
    """A server that does what it is told to with every request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                behave(self)
            except OSError:  # we have hung up on it
                self.close_connection = True

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield PacsServer("archive", f"http://127.0.0.1:{server.server_address[1]}/web")
    finally:
        server.shutdown()
        thread.join()
        server.socket.close()


def answering(status: int, content: bytes = b"", **headers: str) -> Behaviour:
    def behave(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return behave


def called(
    server: PacsServer, *, seconds: float = 20, most_bytes: int = 10_000
) -> bytes:
    with BoundedSession(server, seconds=seconds, most_bytes=most_bytes) as session:
        return session.get(f"{server.url}/{ADDRESS}").content


def test_a_redirect_is_not_followed_and_takes_no_password_along() -> None:
    visits: list[str | None] = []

    def note(request: BaseHTTPRequestHandler) -> None:
        visits.append(request.headers["Authorization"])
        answering(200)(request)

    with serving(note) as elsewhere:
        leads_away = answering(302, Location=f"{elsewhere.url}/stolen")
        with serving(leads_away) as server, pytest.raises(Refused, match="HTTP 302"):
            called(server)
    assert visits == []


@pytest.mark.parametrize("status", [401, 408, 429, 502, 503, 504])
def test_what_is_no_fault_of_the_file_is_tried_again(status: int) -> None:
    with serving(answering(status)) as server, pytest.raises(NotNow):
        called(server)


@pytest.mark.parametrize("status", [400, 403, 404, 406, 410])
def test_what_the_server_does_not_give_is_refused(status: int) -> None:
    with serving(answering(status)) as server, pytest.raises(Refused):
        called(server)


def test_what_is_gone_is_called_so() -> None:
    with serving(answering(404)) as server, pytest.raises(Gone, match="not any more"):
        called(server)


def test_a_server_that_fails_at_one_file_alone_refuses_it() -> None:
    def behave(request: BaseHTTPRequestHandler) -> None:
        is_search = "?" in request.path
        answering(200 if is_search else 500, b"[]" if is_search else b"")(request)

    with serving(behave) as server, pytest.raises(Refused, match="HTTP 500"):
        archive.instance(server, ADDRESS)
    with serving(answering(500)) as server, pytest.raises(NotNow, match="HTTP 500"):
        archive.instance(server, ADDRESS)


def test_an_answer_that_is_too_long_is_read_no_further() -> None:
    with serving(answering(200, b"x" * 10_001)) as server, pytest.raises(TooLarge):
        called(server)
    bomb = answering(200, gzip.compress(b"x" * 10_000_000), Content_Encoding="gzip")
    with serving(bomb) as server, pytest.raises(TooLarge):
        called(server)


def test_an_endless_answer_ends() -> None:
    def behave(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 4096)

    with serving(behave) as server, pytest.raises(TooLarge):
        called(server)


def test_a_server_that_drips_does_not_outlast_the_deadline() -> None:
    def behave(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "5000")
        request.end_headers()
        for _ in range(5000):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.01)

    with serving(behave) as server, pytest.raises(NotNow, match="too long"):
        called(server, seconds=0.3)


def test_a_server_that_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 0.2)
    over = threading.Event()
    with serving(lambda request: over.wait(20) and None) as server:
        with pytest.raises(NotNow, match="in time"):
            called(server)
        over.set()


def test_an_answer_that_is_cut_off_is_tried_again() -> None:
    def behave(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "5000")
        request.end_headers()
        request.wfile.write(b"half of it")

    with serving(behave) as server, pytest.raises(NotNow, match="broke off"):
        called(server)


def test_nobody_at_the_address_is_tried_again() -> None:
    server = PacsServer("archive", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(NotNow, match="does not answer"):
        called(server)


def test_a_certificate_that_is_not_believed_is_told() -> None:
    with serving(answering(200)) as plain:
        server = PacsServer("archive", plain.url.replace("http:", "https:"))
        with pytest.raises(NotNow, match="certificate"):
            called(server)


@pytest.mark.parametrize(
    "content",
    [b"<html>A page</html>", b'"words"', b"[1, 2]", b'[["a"]]', b"\xff\xfe\x00", b"{"],
)
def test_a_search_that_is_answered_with_something_else_is_refused(
    content: bytes,
) -> None:
    with serving(answering(200, content)) as server, pytest.raises(Refused):
        Archive(server, seconds=20).studies({}, limit=1)


def test_odd_elements_of_an_answer_are_read_as_nothing() -> None:
    content = (
        b'[{"0020000D": {"Value": ["../../etc"]}, "00080050": {"Value": [{"a": 1}]},'
        b' "00100020": 5, "00080020": {"Value": []}, "00201208": {"Value": ["x"]}}]'
    )
    with serving(answering(200, content)) as server:
        [answer] = Archive(server, seconds=20).studies({}, limit=1)
    assert answer.uid("StudyInstanceUID") == ""
    assert answer.text("AccessionNumber") == answer.text("PatientID") == ""
    assert answer.text("StudyDate") == ""
    assert answer.number("NumberOfStudyRelatedInstances") == 0


def test_an_address_that_leads_elsewhere_is_not_called() -> None:
    server = PacsServer("archive", "http://127.0.0.1:1")
    for address in ("", "../admin", f"{ADDRESS}/../..", "http://other.example/"):
        with pytest.raises(Refused, match="not that of an instance"):
            archive.instance(server, address)


RELATED = 'multipart/related; type="application/dicom"; boundary="a b"'


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (RELATED, b"--a b\r\nContent-Type: application/dicom\r\n\r\nIT\r\n--a b--"),
        (RELATED, b"\r\n--a b\r\nA: b\r\ncontent-length: 2\r\n\r\nIT\r\n--a b--\r\n"),
        (RELATED, b"preamble\r\n--a b\r\n\r\nIT\r\n--a b\r\n\r\nsecond\r\n--a b--"),
        ("multipart/related; boundary=x", b"--x\r\nA: b\r\n\r\nIT\r\n--x--"),
        ("application/dicom", b"IT"),
    ],
)
def test_the_file_is_found_in_a_multipart_message(kind: str, content: bytes) -> None:
    assert only_part(kind, content) == b"IT"


def test_a_boundary_within_the_files_own_bytes_ends_nothing() -> None:
    inner = b"IT\r\n--x\r\nIS"
    head = b"--x\r\nContent-Length: %d\r\n\r\n" % len(inner)
    message = head + inner + b"\r\n--x--"
    assert only_part("multipart/related; boundary=x", message) == inner


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"--x",
        b"--x\r\nA: b\r\n\r\nhalf of i",
        b"--x\r\nContent-Length: 900\r\n\r\nhalf\r\n--x--",
    ],
)
def test_half_a_message_is_tried_again(content: bytes) -> None:
    with pytest.raises(NotNow, match="broke off"):
        only_part("multipart/related; boundary=x", content)


def test_a_page_instead_of_a_file_is_refused() -> None:
    with pytest.raises(Refused, match="text/html"):
        only_part("text/html; charset=utf-8", b"<html>")
