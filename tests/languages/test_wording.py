"""`python -m wording`: the catalogue is brought in step with the code, or looked at."""

import sys

import pytest
from babel.messages.mofile import read_mo

from wording import catalogues, found
from wording.__main__ import main

KEPT = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Grade"
msgstr "등급"

msgid "Nobody says this any more"
msgstr "이제 쓰지 않는 말"
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A small site of two files, with a catalogue of before the newest words."""
    code, page = tmp_path / "readerstudy" / "views.py", tmp_path / "templates" / "a.txt"
    kept = tmp_path / "locale" / "ko" / "LC_MESSAGES" / "django.po"
    for path in (code, page, kept):
        path.parent.mkdir(parents=True)
    code.write_text(
        'title = _("Grade")\n'
        'left = ngettext("%d case", "%d cases", number)\n'
        'other.gettext("not by this name")\n'
        "gettext(spoken)\n"
    )
    page.write_text('{% load i18n %}{% translate "Grade" %} {% translate "Sign in" %}')
    kept.write_text(KEPT, encoding="utf-8")
    for module in ("wording.found", "wording.catalogues", "wording.__main__"):
        monkeypatch.setattr(f"{module}.ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def wording(monkeypatch, capsys):
    """The command: its status, and the lines that it says."""

    def run(*words: str) -> tuple[int, list[str]]:
        monkeypatch.setattr(sys, "argv", ["wording", *words])
        status = main()
        return status, capsys.readouterr().err.splitlines()

    return run


def test_wordings_are_found_by_name_with_every_file_that_holds_them(site):
    assert found.found() == {
        "Grade": ["readerstudy/views.py", "templates/a.txt"],
        ("%d case", "%d cases"): ["readerstudy/views.py"],
        "Sign in": ["templates/a.txt"],
    }


def test_a_look_says_what_is_out_of_step_and_writes_nothing(site, wording):
    status, lines = wording("--check")
    assert status == 1
    assert "locale/ko/LC_MESSAGES/django.po is out of step" in lines[0]
    assert "locale/ko/LC_MESSAGES/django.mo is out of step" in lines[1]
    (path,) = catalogues.texts()
    assert path.read_text(encoding="utf-8") == KEPT
    assert not path.with_suffix(".mo").exists()


def test_the_command_writes_both_files_and_says_what_awaits_its_translation(
    site, wording
):
    status, lines = wording()
    assert status == 1
    assert [line.split(": ", 1)[1] for line in lines] == [
        "('%d case', '%d cases')",
        "Sign in",
    ]
    (path,) = catalogues.texts()
    text = path.read_text(encoding="utf-8")
    assert "등급" in text
    assert "Nobody says this any more" not in text
    with path.with_suffix(".mo").open("rb") as file:
        assert read_mo(file).get("Grade").string == "등급"


def test_once_all_is_translated_there_is_nothing_left_to_say(site, wording):
    wording()
    (path,) = catalogues.texts()
    catalogue = catalogues.read(path)
    catalogue.get("Sign in").string = "로그인"
    catalogue.get("%d case").string = ("증례 %d건",)
    path.write_bytes(catalogues.as_text(catalogue))
    assert wording() == (0, [])
    assert wording("--check") == (0, [])
