"""Hostile texts of reports, names, reasons, comments and files on every page: none
becomes an element, an attribute or a script."""

from html.parser import HTMLParser

import pytest

from tests.attacks.hostile import ATTRIBUTE, ELEMENT, HOSTILE
from tests.attacks.walked import pages

pytestmark = pytest.mark.django_db
ADDRESSES = {"href", "src", "action", "formaction", "data", "hx-get", "hx-post"}
ESCAPED = HOSTILE[:4] + "&#x27;&quot;"


class Seen(HTMLParser):
    """What a browser would make of a page that none of our templates meant."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == ELEMENT:
            self.found.append(f"element {tag}")
        is_data = said.get("type") == "application/json"
        if tag == "script" and "src" not in said and not is_data:
            self.found.append("a script without an address")
        if tag == "style":
            self.found.append("a style element")
        for name, value in attrs:
            if name.startswith("on") or name in {ATTRIBUTE, "style", "srcdoc"}:
                self.found.append(f"attribute {name} of {tag}")
            if name in ADDRESSES and not _is_harmless(value or ""):
                self.found.append(f"{name}={value}")


def _is_harmless(address: str) -> bool:
    return not address.strip().lower().startswith(("javascript:", "data:text", "//"))


def test_no_text_becomes_a_part_of_a_page():
    found = {
        f"{page!r}": Seen(page.body.decode()).found
        for page in pages()
        if Seen(page.body.decode()).found
    }
    assert found == {}


def test_the_hostile_texts_are_on_the_pages():
    """Else the test above would look at nothing."""
    with_text = [page for page in pages() if ESCAPED in page.body.decode()]
    assert len(with_text) > 40
    assert {page.state for page in with_text} == {"draft", "open", "closed"}


def test_the_parser_would_notice():
    assert Seen(f"<p>{HOSTILE}</p>").found
    assert Seen(f'<input value="{HOSTILE}">').found
    assert Seen(f'<script type="application/json">"{HOSTILE}"</script>').found
    assert Seen('<a href="JavaScript:alert(1)">x</a>').found
