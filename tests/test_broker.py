"""The embedded default's broker: a message arrives whole, once, and in its turn."""

from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.simple import SimpleQueue

from readerstudy.broker import Transport


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[SimpleQueue]:
    """A queue whose messages lie in tmp_path."""
    options = {"folder": str(tmp_path), "polling_interval": 0.01}
    with Connection(
        "filesystem://", transport=Transport, transport_options=options
    ) as connection:
        queue = connection.SimpleQueue("jobs")
        yield queue
        queue.close()


def taken(queue: SimpleQueue) -> object:
    message = queue.get(timeout=1)
    message.ack()
    return message.payload


def test_messages_come_in_their_order_and_leave_nothing_behind(
    queue: SimpleQueue, tmp_path: Path
) -> None:
    for number in range(20):
        queue.put(number)
    assert queue.qsize() == 20
    assert [taken(queue) for _ in range(20)] == list(range(20))
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_message_is_thrown_away(queue: SimpleQueue, tmp_path: Path) -> None:
    """A disk that was full, or a copy that broke off, leaves such files."""
    (tmp_path / "0.jobs").touch()
    (tmp_path / "1.jobs").write_text('{"body": "half a mess')
    queue.put("whole")
    assert taken(queue) == "whole"
    with pytest.raises(Empty):
        queue.get(block=False)


def test_a_message_that_is_still_being_written_is_not_taken(
    queue: SimpleQueue, tmp_path: Path
) -> None:
    (tmp_path / "draft-4711-1").write_text('{"body": "half')
    assert queue.qsize() == 0
    with pytest.raises(Empty):
        queue.get(block=False)


def test_messages_that_are_no_longer_wanted_can_be_removed(queue: SimpleQueue) -> None:
    queue.put("one")
    queue.put("two")
    assert queue.clear() == 2
    assert queue.qsize() == 0
