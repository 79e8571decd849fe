"""The Korean catalogue: whole, in step with the code, and true to every blank."""

import re
from collections import Counter

import pytest

from readerstudy.languages import letters_in
from wording import catalogues
from wording.found import found

KOREAN = re.compile(r"[가-힣]")
BLANK = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|<[^>]+>")
# Signs and units, which Korean writes alike.
SIGNS = {
    *("\u2212", "+", "1:1", "{zoom} %", "fit {zoom} %", "W {width}  L {level}"),
    *("e{number}", "“{words}”", "{length} mm {note}"),
}


@pytest.fixture(scope="module")
def wordings():
    return found()


@pytest.fixture(scope="module")
def korean():
    (path,) = catalogues.texts()
    return path, catalogues.read(path)


def test_it_is_written_and_compiled_from_the_code_as_it_stands(korean, wordings):
    path, kept = korean
    wanted = catalogues.brought_up(kept, wordings)
    assert path.read_bytes() == catalogues.as_text(wanted)
    assert path.with_suffix(".mo").read_bytes() == catalogues.compiled(wanted)


def test_every_wording_of_the_code_has_its_korean(korean, wordings):
    _, kept = korean
    assert len(wordings) > 700
    spoken = {message.id: message.string for message in kept if message.id}
    assert set(wordings) == set(spoken)
    silent = [
        wording
        for wording, string in spoken.items()
        if wording not in SIGNS
        and not all(KOREAN.search(form) for form in forms(string))
    ]
    assert silent == []


def test_what_is_filled_in_is_filled_in_korean_too(korean):
    _, kept = korean
    for message in kept:
        if not message.id:
            continue
        original = message.id if isinstance(message.id, str) else message.id[1]
        for form in forms(message.string):
            assert Counter(BLANK.findall(form)) == Counter(BLANK.findall(original))


def test_letters_go_by_known_languages_alone():
    assert letters_in("en") == ["en-gb"]
    assert letters_in(" ko , en") == ["ko", "en-gb"]
    for nonsense in ("", "de", "en,en"):
        with pytest.raises(ValueError, match="LETTER_LANGUAGES"):
            letters_in(nonsense)


def forms(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)
