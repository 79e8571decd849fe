"""The table of keys: what a press means on any keyboard, and keys of one's own."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.viewer_page import Site


@pytest.fixture
def keys(page: Page, site: Site) -> Page:
    """A page on which the modules of the keys can be called."""
    page.goto(site.address)
    page.evaluate("localStorage.clear()")
    page.reload()
    return page


def press(key: str, code: str = "", **held: bool) -> dict[str, Any]:
    plain = {"shiftKey": False, "altKey": False, "ctrlKey": False, "metaKey": False}
    return {"key": key, "code": code, "repeat": False} | plain | held


def meant(page: Page, event: dict[str, Any], mode: str = "reading") -> str:
    """The action that a press means in a mode, or an empty string."""
    script = """async ([event, mode]) => {
        const { entriesFor } = await import("/grading/keymap.js");
        return entriesFor(event, mode)[0]?.action ?? "";
    }"""
    action: str = page.evaluate(script, [event, mode])
    return action


def rebind(page: Page, action: str, event: dict[str, Any]) -> dict[str, Any]:
    script = """async ([action, event]) => {
        const { rebind } = await import("/grading/bindings.js");
        return rebind(action, event);
    }"""
    answer: dict[str, Any] = page.evaluate(script, [action, event])
    return answer


def key_of(page: Page, action: str) -> str:
    script = """async (action) => {
        const { keyOf } = await import("/grading/keymap.js");
        return keyOf(action);
    }"""
    name: str = page.evaluate(script, action)
    return name


PRESSES = [
    (press("a", "KeyA"), "grade-A"),
    (press("A", "KeyA", shiftKey=True), "grade-A"),
    (press("ㅁ", "KeyA"), "grade-A"),  # Hangul
    (press("Process", "KeyC"), "grade-C"),
    (press("\u03c3", "KeyS"), ""),
    (press("a", "KeyQ"), "grade-A"),  # French: the letter counts, not its place
    (press("q", "KeyA"), ""),
    (press("&", "Digit1"), "preset-1"),  # French: digits need Shift there
    (press("1", "Digit1", shiftKey=True), "confidence-1"),
    (press("!", "Digit1", shiftKey=True), "confidence-1"),
    (press("é", "Digit2"), "preset-2"),
    (press("2", "Numpad2"), "preset-2"),
    (press("?", "Minus", shiftKey=True), "help"),  # German
    (press("?", "Comma", shiftKey=True), "help"),  # French
    (press("+", "BracketRight"), "zoom-in"),
    (press("+", "Equal", shiftKey=True), "zoom-in"),
    (press("=", "Equal"), "zoom-in"),
    (press("ArrowUp", "ArrowUp"), "brighter"),
    (press("ArrowUp", "ArrowUp", altKey=True), "wider"),
    (press("ArrowUp", "ArrowUp", shiftKey=True), "pan-up"),
    (press("Enter", "Enter"), "submit"),
    (press("Enter", "Enter", ctrlKey=True), "submit-typing"),
    (press("Backspace", "Backspace"), "undo"),
    (press("e", "KeyE"), "mark-error"),
    (press("E", "KeyE", shiftKey=True), "mark-missing"),
    (press("c", "KeyC", ctrlKey=True), ""),
    (press("c", "KeyC", metaKey=True), ""),
]


def test_a_press_means_what_it_prints_or_where_it_lies(keys):
    said = [(event, meant(keys, event)) for event, _ in PRESSES]
    assert said == PRESSES


IN_EVERY_MODE = [
    (press("2", "Digit2"), "preset-2", "preset-2", "mark-category-2"),
    (press("6", "Digit6"), "", "", "mark-category-6"),
    (press("s", "KeyS"), "", "other-report", "mark-significant"),
    (press("n", "KeyN"), "next-pane", "next-pane", "mark-not-significant"),
    (press("=", "Equal"), "zoom-in", "prefer-equal", "zoom-in"),
    (press("ArrowLeft"), "", "prefer-1", "mark-start-back"),
    (
        press("ArrowRight", shiftKey=True),
        "pan-right",
        "pan-right",
        "mark-end-on",
    ),
    (press("Enter"), "submit", "submit", "mark-done"),
    (press("Escape"), "leave", "leave", "mark-cancel"),
    (press("i", "KeyI"), "invert", "invert", "invert"),
]


def test_the_mode_decides_before_all_else(keys):
    modes = ("reading", "pair", "marking")
    said = [
        (event, *(meant(keys, event, mode) for mode in modes))
        for event, *_ in IN_EVERY_MODE
    ]
    assert said == IN_EVERY_MODE


def test_the_table_gives_no_key_two_meanings(keys):
    twice = keys.evaluate(
        """async () => {
        const { KEYS } = await import("/grading/keymap.js");
        const seen = new Map();
        const twice = [];
        for (const entry of KEYS) {
          for (const key of [entry.key, ...(entry.also ?? [])]) {
            for (const shift of [true, false]) {
              if (entry.shift !== undefined && entry.shift !== shift) continue;
              const { alt = false, control = false, modes = "" } = entry;
              const name = [key, shift, alt, control, modes].join(" ");
              if (seen.has(name)) twice.push([name, seen.get(name), entry.action]);
              seen.set(name, entry.action);
            }
          }
        }
        return twice;
      }"""
    )
    assert twice == []


def test_a_key_of_my_own_replaces_the_old_one_and_stays(keys):
    assert rebind(keys, "invert", press("y", "KeyY")) == {}
    assert meant(keys, press("y", "KeyY")) == "invert"
    assert meant(keys, press("i", "KeyI")) == ""
    assert key_of(keys, "invert") == "Y"
    keys.reload()
    assert meant(keys, press("y", "KeyY")) == "invert"
    assert rebind(keys, "zoom-in", press("PageUp", shiftKey=True))["refused"] == "taken"
    assert rebind(keys, "zoom-in", press("Home", "Home")) == {}
    assert [meant(keys, press(key)) for key in ("Home", "+", "=")] == [
        "zoom-in",
        "",
        "",
    ]


def test_a_taken_key_is_refused_and_nothing_changes(keys):
    refusal = rebind(keys, "invert", press("a", "KeyA"))
    assert (refusal["refused"], refusal["by"]) == ("taken", "grade-A")
    assert meant(keys, press("i", "KeyI")) == "invert"
    assert meant(keys, press("a", "KeyA")) == "grade-A"
    # Two reports need this one, though a single report does not.
    assert rebind(keys, "invert", press("s", "KeyS"))["by"] == "other-report"
    # While marking its keys come first, so that this one is free.
    assert rebind(keys, "auto-window", press("6", "Digit6")) == {}
    # Its own key may be given again.
    assert rebind(keys, "invert", press("i", "KeyI")) == {}


def test_what_is_fixed_or_needed_otherwise_cannot_be_changed(keys):
    for event in (
        press("Escape"),
        press(" ", "Space"),
        press("Tab"),
        press("s", "KeyS", ctrlKey=True),
        press("Dead", "BracketLeft"),
    ):
        assert rebind(keys, "invert", event) == {"refused": "unsuitable"}
    for action in ("help", "leave", "mark-category-1", "no-such"):
        assert rebind(keys, action, press("y", "KeyY")) == {"refused": "unsuitable"}


def test_all_keys_go_back_at_once(keys):
    rebind(keys, "invert", press("y", "KeyY"))
    rebind(keys, "fit", press("i", "KeyI"))
    keys.evaluate("import('/grading/bindings.js').then(({ resetKeys }) => resetKeys())")
    assert meant(keys, press("i", "KeyI")) == "invert"
    assert meant(keys, press("f", "KeyF")) == "fit"
    assert meant(keys, press("y", "KeyY")) == ""


def test_whatever_the_browser_kept_the_keys_work(keys):
    for kept in ("not json", "[]", "null", '{"fit": 3}'):
        keys.evaluate("(kept) => localStorage.setItem('readerstudy.keys', kept)", kept)
        keys.reload()
        assert meant(keys, press("i", "KeyI")) == "invert"
        assert meant(keys, press("f", "KeyF")) == "fit"


def test_keys_of_another_window_are_taken_and_a_declined_one_is_not(keys):
    done = keys.evaluate(
        """async (presses) => {
        const { handleKey, listen } = await import("/grading/keymap.js");
        const done = [];
        listen((action) => {
          if (action.startsWith("confidence")) return false;
          done.push(action);
        });
        const said = presses.map((event) => handleKey(event));
        return [...done, ...said];
      }""",
        [press("b", "KeyB"), press("!", "Digit1", shiftKey=True), press("x", "KeyX")],
    )
    assert done == ["grade-B", "loupe-on", True, False, True]


def test_the_loupe_is_there_while_its_key_is_held(keys):
    keys.evaluate(
        """async () => {
        const { listen } = await import("/grading/keymap.js");
        window.done = [];
        listen((action) => void window.done.push(action));
      }"""
    )
    keys.keyboard.down("x")
    keys.keyboard.down("x")  # held: it repeats
    assert keys.evaluate("window.done") == ["loupe-on"]
    keys.keyboard.up("x")
    assert keys.evaluate("window.done") == ["loupe-on", "loupe-off"]
