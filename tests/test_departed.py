"""A request whose sender has hung up is not carried out; every other one is."""

import socket
from collections.abc import Iterator

import pytest

from readerstudy.departed import LINE, for_those_present, has_left

Line = tuple[socket.socket, socket.socket]


@pytest.fixture
def line() -> Iterator[Line]:
    """The server's end and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        with client, server:
            yield server, client


def answered(server: object) -> tuple[str, list[bytes]]:
    statuses = []

    def site(environ, start_response):
        start_response("200 OK", [])
        return [b"carried out"]

    def start(status, headers, problem=None):
        statuses.append(status)

    content = list(for_those_present(site)({LINE: server}, start))
    return statuses[0], content


def test_who_waits_is_answered(line: Line) -> None:
    server, client = line
    assert answered(server) == ("200 OK", [b"carried out"])
    # The rest of a long body has come, and is left for the site to read.
    client.sendall(b"the rest")
    assert answered(server) == ("200 OK", [b"carried out"])
    assert server.recv(100) == b"the rest"


@pytest.mark.parametrize("seconds", [None, 5.0])
def test_nothing_is_done_for_who_has_hung_up(line: Line, seconds: float | None) -> None:
    server, client = line
    server.settimeout(seconds)
    client.close()
    assert has_left(server)
    assert answered(server) == ("408 Request Timeout", [])


def test_a_line_that_was_torn_down_has_nobody_at_its_end(line: Line) -> None:
    server, client = line
    linger_not = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
    client.close()
    assert has_left(server)


def test_where_nobody_knows_of_the_line_all_is_answered() -> None:
    assert answered(None) == ("200 OK", [b"carried out"])
