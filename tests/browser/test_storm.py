"""A scripted reader in a real browser against a real site, while everything goes wrong:
the network is cut, the site is killed, pages are reloaded and opened twice, keys come
too fast. In the end the stored grades are the keys that were pressed."""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.chromium import context_of
from tests.grading.test_web_killed import is_up
from tests.installation import Site, installation, kill, wait_until
from tests.servers import free_port

CASES = 10
READS = 2 * CASES
PATIENCE = 400  # looks of 150 ms at one report
STUDY = f"""
import json
from tests import worlds
from tests.people import rosa
reader = rosa()
reader.user.set_password("a storm is coming")
reader.user.save()
worlds.open_study(readers=[reader], cases={CASES}, distance=1)
print(json.dumps("ready"))
"""
GRADES = """
import json
from readerstudy.audit.verifying import first_break
from readerstudy.grading.models import Grade
grades = Grade.objects.select_related("slot")
print(json.dumps({
    "stored": [[grade.slot.public_id, grade.letter, grade.version] for grade in grades],
    "timed": sum(grade.wall_ms is not None for grade in grades),
    "break": first_break("acceptability"),
}))
"""


class Weather:
    """What can go wrong, one thing at a time; each is over before the next."""

    def __init__(self, site: Site, port: int, chance: random.Random) -> None:
        self.site, self.port, self.chance = site, port, chance
        self.serving = contextlib.ExitStack()
        self.start()

    def start(self) -> None:
        self.web = self.serving.enter_context(self.site.web(self.port))
        wait_until(lambda: is_up(f"http://127.0.0.1:{self.port}"), "the site")

    def strike(self, page: Page, what: str) -> None:
        if what == "offline":
            page.context.set_offline(True)
        elif what == "killed":
            kill(self.web)
        elif what == "reload":
            page.reload()
        elif what == "back":
            page.goto("/")
            page.go_back()
        elif what == "second window":
            other = page.context.new_page()
            other.goto("/read/acceptability/next/")
            other.wait_for_timeout(300)
            other.keyboard.press("Enter")
            other.close()

    def clear(self, page: Page, what: str) -> None:
        if what == "offline":
            page.context.set_offline(False)
        elif what == "killed":
            self.start()


@pytest.fixture
def stormy(tmp_path: Path) -> Iterator[Site]:
    with installation("embedded", tmp_path) as site:
        site.environment |= {
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "SECURE_COOKIES": "false",
        }
        yield site


def present(page: Page) -> str:
    """The name of the report on the page; empty on any other page."""
    with contextlib.suppress(Error):
        return page.evaluate(
            "document.querySelector('.reading-panel')?.dataset.page ?? ''"
        )
    return ""


def is_painted(page: Page) -> bool:
    with contextlib.suppress(Error):
        state = page.evaluate("document.querySelector('#viewer')?.dataset.state ?? ''")
        return bool(state == "ready")
    return False


def is_locked(page: Page) -> bool:
    """Whether a grade of the report is on its way or stored."""
    with contextlib.suppress(Error):
        lock = "document.querySelector('.read-report fieldset')?.disabled ?? true"
        return bool(page.evaluate(lock))
    return True


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Name").fill("rosa")
    page.get_by_label("Password").fill("a storm is coming")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()
    page.goto("/read/acceptability/next/")


def read_one(page: Page, weather: Weather, what: str, pressed: dict[str, str]) -> bool:
    """Grade the present report, whatever the weather; False where none is left."""
    for _ in range(PATIENCE):
        name = present(page)
        if name and is_painted(page) and not is_locked(page):
            break
        if "You have graded all" in _text(page):
            return False
        page.wait_for_timeout(150)
    letters = weather.chance.sample("abcd", weather.chance.randint(1, 3))
    for letter in letters:
        page.keyboard.press(letter)
    weather.strike(page, what)
    if what in {"reload", "back", "second window"}:
        # What was chosen is there again; the last letter is pressed if it is not.
        wait_until(lambda: is_painted(page), "the report again", seconds=60)
    for look in range(PATIENCE):
        if present(page) != name:
            break
        if what in {"reload", "back"} and is_painted(page) and not is_locked(page):
            _choose(page, letters[-1])
        pressed[name] = letters[-1].upper()
        page.keyboard.press("Enter")
        page.wait_for_timeout(150)
        if look == 6:
            weather.clear(page, what)
            what = ""
    weather.clear(page, what)
    return True


def _choose(page: Page, letter: str) -> None:
    with contextlib.suppress(Error):
        chosen = page.evaluate(
            "document.querySelector('input[name=letter]:checked')?.value ?? ''"
        )
        if chosen != letter.upper():
            page.keyboard.press(letter)


def _text(page: Page) -> str:
    with contextlib.suppress(Error):
        return str(page.evaluate("document.body?.innerText ?? ''"))
    return ""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_stored_grades_are_the_keys_pressed(
    chromium: Browser, stormy: Site
) -> None:
    assert stormy.shell(STUDY) == "ready"
    chance = random.Random(2026)
    port = free_port()
    weather = Weather(stormy, port, chance)
    context = context_of(
        chromium,
        viewport={"width": 1280, "height": 800},
        base_url=f"http://127.0.0.1:{port}",
    )
    page = context.new_page()
    kinds = ["", "offline", "killed", "reload", "back", "second window"]
    plan = (kinds * READS)[:READS]
    chance.shuffle(plan)
    pressed: dict[str, str] = {}
    try:
        sign_in(page)
        for what in [*plan, *[""] * READS]:
            if not read_one(page, weather, what, pressed):
                break
        assert "You have graded all 20 reports" in _text(page)
        kept = page.evaluate(
            "Object.keys(localStorage).filter((key) => /grade|draft/.test(key))"
        )
        found = stormy.shell(GRADES)
    finally:
        context.close()
        weather.serving.close()
    assert {name: letter for name, letter, _ in found["stored"]} == pressed
    assert [version for _, _, version in found["stored"]] == [1] * READS
    assert found["timed"] == READS
    assert found["break"] is None
    assert kept == []
