"""Every text of the readers' pages goes through translation.

With a translation that puts brackets around all it is given, whatever a page says
outside of brackets is data - or was forgotten.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from readerstudy.grading.models import Grade
from readerstudy.grading.path import Stop, next_slot, next_step
from readerstudy.grading.words import reading_words
from readerstudy.studies.instruments import chosen
from tests import worlds
from tests.people import rosa

pytestmark = pytest.mark.django_db

SPOKEN = {"aria-label", "title", "alt", "placeholder"}
SILENT = {"script", "style", "code", "kbd", "textarea"}
# Names and texts of the study itself, and units.
DATA = {
    "readerstudy",
    "English",
    "A study",
    "Rosa",
    "R1",
    "Cough.",
    "UTC",
    "Grade this.",
    "I agree.",
    "ABCD",
}
BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")


class Heard(HTMLParser):
    """Collects what a page says: its text and the names of its controls."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in SILENT:
            self.within.append(tag)
        self.said += [value or "" for name, value in attrs if name in SPOKEN]

    def handle_endtag(self, tag):
        if self.within[-1:] == [tag]:
            self.within.pop()

    def handle_data(self, data):
        if not self.within:
            self.said.append(data)


def unbracketed(html: str, data: set[str]) -> list[str]:
    """What a page says that was neither translated nor is data."""
    heard = Heard()
    heard.feed(html)
    left = []
    for text in heard.said:
        while (shorter := BRACKETED.sub("", text)) != text:
            text = shorter
        for known in sorted(data, key=len, reverse=True):
            text = text.replace(known, "")
        if re.search(r"[A-Za-z]{2,}", text):
            left.append(" ".join(text.split()))
    return left


@pytest.fixture
def bracketing(monkeypatch) -> Iterator[None]:
    plain = translation.gettext("Report")
    assert plain == "Report"
    real = translation._trans.gettext
    plural = translation._trans.ngettext
    monkeypatch.setattr(translation._trans, "gettext", lambda text: f"⟦{real(text)}⟧")
    monkeypatch.setattr(
        translation._trans,
        "ngettext",
        lambda one, many, number: f"⟦{plural(one, many, number)}⟧",
    )
    yield


def pages_of(reader) -> dict[str, str]:
    """The pages that a reader meets where they stand now."""
    client = rosa().client
    code = reader.study.code
    paths = [reverse("home")]
    paths += [reverse(f"grading:{name}", args=[code]) for name in ("start", "graded")]
    pages = {path: client.get(path) for path in paths}
    arrived = client.get(reverse("grading:next", args=[code]), follow=True)
    assert arrived.status_code == 200
    pages[arrived.request["PATH_INFO"]] = arrived
    slot = next_slot(reader)
    if slot:
        following = reverse("grading:following", args=[slot.public_id])
        pages[following] = client.get(following)
        window = reverse("presentation:window", args=[slot.public_id])
        pages[window] = client.get(window)
    return {path: answer.content.decode() for path, answer in pages.items()}


def known_texts(study) -> set[str]:
    """The texts that belong to the study: reports, the scale, the note."""
    texts = set(DATA)
    for presented in study.presentedreport_set.all():
        texts |= {presented.body["note"]}
        for section in presented.body["sections"]:
            texts |= set(section["sentences"])
    for grade in study.scale:
        texts |= {grade["label"], grade["definition"]}
    return texts


def grades_on(reader, rules) -> bool:
    """Whether the reader came a report further, to other pages."""
    if not rules.keys() & {"washout_days", "instruments"}:
        return False
    answers = {
        each.name: each.values[0]
        for each in chosen(reader.study.instruments)
        if each.kind == "choice"
    }
    slot = next_slot(reader)
    if slot is None or next_step(reader).stop != Stop.READ:
        return False
    worlds.grade(slot, "B", answers=answers)
    return True


@pytest.mark.parametrize(
    "rules",
    [
        {
            "instruments": [
                "referable",
                "radpeer",
                "hallucination",
                "clarity",
                "confidence",
                "errors",
                "comment",
                "cannot_assess",
            ]
        },
        {"presentation": "pair"},
        {"consent": "I agree."},
        {"display_check": True},
        {"washout_days": 7, "guess_sample": 2, "session_reads": 3},
    ],
    ids=lambda rules: "-".join(rules),
)
def test_readers_pages_say_nothing_untranslated(rules, bracketing, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=3, distance=1, **rules)
    reader = study.membership_set.readers().get()
    data = known_texts(study)
    found = {}
    for _ in range(8):
        for path, html in pages_of(reader).items():
            found[path.replace(study.code, "CODE")] = unbracketed(html, data)
        if not grades_on(reader, rules):
            break
    assert {path: left for path, left in found.items() if left} == {}


def test_the_sign_in_page_and_the_refusals_are_translated(bracketing):
    found = {
        path: unbracketed(Client().get(path).content.decode(), DATA)
        for path in (reverse("sign_in"), "/no-such-page/")
    }
    assert {path: left for path, left in found.items() if left} == {}


def test_what_the_scripts_say_is_translated(bracketing, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    words = {
        f"{section}.{name}": text
        for section, names in reading_words().items()
        for name, text in names.items()
    }
    silent = {name for name, text in words.items() if "⟦" not in str(text)}
    assert silent <= {"status.refused"}
    assert not Grade.objects.exists()
