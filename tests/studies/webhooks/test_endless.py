"""A receiver that never comes to an end holds no worker: it drips its headers, says
again and again that one may continue, or is never done with the handshake of TLS."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from readerstudy.studies.webhooks import sending
from tests.installation import wait_until

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# The beginning of a long message of a handshake.
HANDSHAKE = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"


class Endless:
    """A server that sends a beginning, and then one piece after the other."""

    def __init__(self, beginning: bytes, piece: bytes) -> None:
        self.beginning, self.piece = beginning, piece
        self.was_cut = False
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        line, _ = self.door.accept()
        with line, contextlib.suppress(OSError):
            line.sendall(self.beginning)
            while True:
                line.sendall(self.piece)
                time.sleep(0.02)
        self.was_cut = True


@pytest.fixture
def endless(request: pytest.FixtureRequest) -> Iterator[Endless]:
    made = Endless(*request.param)
    with made.door:
        yield made


def threads() -> list[str]:
    return [one.name for one in threading.enumerate() if "webhook" in one.name]


@pytest.mark.parametrize(
    ("endless", "scheme"),
    [
        ((b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"), "http"),
        ((CONTINUE, CONTINUE), "http"),
        ((HANDSHAKE, b"x"), "https"),
    ],
    indirect=["endless"],
    ids=["drips", "continues", "shakes hands"],
)
def test_a_call_ends_whatever_the_receiver_does(endless, scheme):
    url = f"{scheme}://127.0.0.1:{endless.port}/told"
    answer = sending.post(url, headers={}, body="{}", seconds=0.5)
    assert answer.status is None and answer.milliseconds >= 500
    assert answer.failure == "The receiver gives no answer in 0.5 seconds."
    wait_until(lambda: endless.was_cut, "a connection that was cut", 10)
    wait_until(lambda: not threads(), "the end of the call's thread", 10)


def test_no_call_takes_longer_than_a_worker_can_spare():
    assert sending.SILENCE_SECONDS < sending.CALL_SECONDS <= 15
