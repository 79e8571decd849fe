"""What the drill takes for an honest answer, and what not."""

import pytest

from drills.browser import Answer, data, dishonesty

SENTENCE = b'{"detail": "The site cannot reach its database at the moment."}'


@pytest.mark.parametrize(
    ("status", "headers", "content", "fault"),
    [
        (200, {}, b"fine", ""),
        (404, {}, b"no", ""),
        (503, {"retry-after": "5"}, SENTENCE, ""),
        (503, {}, SENTENCE, "503 without Retry-After"),
        (503, {"retry-after": "5"}, b"", "503 without a sentence"),
        (500, {"retry-after": "5"}, SENTENCE, "the status is 500"),
        (507, {}, b"The server's disk is nearly full", ""),
        (507, {}, b"", "a full disk without a sentence"),
        (200, {}, b"Traceback (most recent call last)", "it holds a traceback"),
    ],
)
def test_trouble_needs_a_sentence(status, headers, content, fault) -> None:
    assert dishonesty(Answer(status, headers, content, 0.1)) == fault


def test_data_of_a_page_are_read_by_their_whole_name() -> None:
    page = '<div data-page-url="/read/" data-page="a&amp;b">'
    assert data(page, "page") == "a&b"
    assert data(page, "page-url") == "/read/"
    assert data(page, "draft-url") == ""
