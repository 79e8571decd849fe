"""The harness of `make load`: that it reads as readers do, and sees what goes wrong."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from load.connection import Answer, Browser, Failed
from load.figures import percentile
from load.machine import slope
from load.modes import Wish, measured
from load.reader import Panel
from load.site import web_command
from tests.servers import free_port

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


def told(talk: Talk, *paths: str) -> tuple[Browser, list[Answer]]:
    """What a browser gets at these paths from a server that talks like this."""

    async def ask() -> tuple[Browser, list[Answer]]:
        browser = Browser(free_port())
        async with await asyncio.start_server(talk, "127.0.0.1", browser.port):
            try:
                return browser, [await browser.ask("GET", path) for path in paths]
            finally:
                browser.close()
                # Both sides hear of the end.
                await asyncio.sleep(0.1)

    return asyncio.run(ask())


def saying(*parts: bytes, closes: bool = False) -> Talk:
    """A server that answers every request with these bytes, part by part."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.01)
            if closes:
                break
        writer.close()

    return talk


def test_an_answer_in_pieces_is_put_together_and_its_cookies_are_kept():
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=Aa; Path=/\r\nContent-Le"
    browser, answers = told(saying(head, b"ngth: 5\r\n\r\nhe", b"llo"), "/one", "/two")
    assert [answer.body for answer in answers] == [b"hello", b"hello"]
    assert browser.cookies == {"a": "Aa"}
    assert browser.bytes_read == 10


def test_a_connection_that_was_closed_while_idle_is_opened_anew():
    talk = saying(b"HTTP/1.1 204 No Content\r\n\r\n", closes=True)
    assert [answer.status for answer in told(talk, "/one", "/two")[1]] == [204, 204]


def test_an_answer_without_a_length_is_an_error():
    with pytest.raises(Failed):
        told(saying(b"HTTP/1.1 200 OK\r\n\r\nhello"), "/")


def test_a_page_without_a_place_for_the_grade_is_an_error():
    with pytest.raises(Failed):
        Panel.of("<p>Wait until tomorrow.</p>")


def test_percentiles_and_slopes_are_those_of_the_numbers():
    numbers = [float(number) for number in range(1, 101)]
    assert percentile(numbers, 0.95) == 96.0
    assert percentile([], 0.95) == 0.0
    assert slope([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) == 2.0
    assert slope([(0.0, 1.0)]) == 0.0


def test_the_web_process_is_started_by_the_words_of_the_dockerfile():
    command = web_command()
    assert command[:2] == ["gunicorn", "readerstudy.wsgi"]
    assert "--bind" in command


@pytest.mark.slow(seconds=60)
def test_scripted_readers_read_in_a_site_as_in_production():
    wish = Wish(seconds=3, warm_up=1, side=64, readers={"saturation": 2})
    outcome = measured("saturation", wish)
    assert outcome.errors == []
    assert outcome.grades == len(outcome.answers["grade"]) > 0
    assert outcome.bytes_read > 0
    assert outcome.spent is not None
    assert set(outcome.spent.by_part) == {"web", "postgresql", "redis", "harness"}
    assert outcome.spent.by_part["web"] > 0
