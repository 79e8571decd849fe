"""Rosa marks what is wrong in a report's text, by key and by mouse."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from readerstudy.grading.models import Draft, ErrorMark
from tests.browser.reading_page import SENTENCES, come_back, open_page, press
from tests.browser.test_session import violations, wait_for_report
from tests.browser.visits import leave

pytestmark = pytest.mark.django_db(transaction=True)
RULES = {"instruments": ["errors", "comment"]}


@pytest.fixture
def page(chromium: Browser, live_server, settings, tmp_path) -> Iterator[Page]:
    settings.MEDIA_ROOT = tmp_path
    page = open_page(chromium, live_server, **RULES)
    yield page
    leave(page)


def submit(page: Page) -> list[ErrorMark]:
    """Grade the report and return the marks as they are stored."""
    press(page, "b Enter")
    wait_for_report(page, 2, 4)
    expect(page.locator("#reading-status")).to_contain_text("grade saved")
    return list(ErrorMark.objects.order_by("number"))


def drag(page: Page, sentence: int, first: str, last: str) -> None:
    """Drag from within one word of a sentence to within another."""
    script = """([sentence, first, last]) => {
        const item = document.querySelectorAll("[data-sentence]")[sentence];
        const middle = (word) => {
          const walker = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(word);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + word.length);
            const box = range.getBoundingClientRect();
            return [box.x + box.width * 0.6, box.y + box.height / 2];
          }
        };
        return [middle(first), middle(last)];
    }"""
    (x, y), (to_x, to_y) = page.evaluate(script, [sentence, first, last])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()


def place(mark: ErrorMark) -> tuple[int, int, int, str]:
    return mark.sentence, mark.start, mark.end, mark.quote


def text_of(page: Page, sentence: int) -> str:
    """A sentence as it is shown, without the tags of the marks."""
    text: str = page.evaluate(
        """(sentence) => {
        const item = document.querySelectorAll("[data-sentence]")[sentence];
        const copy = item.cloneNode(true);
        for (const tag of copy.querySelectorAll(".mark-tag")) tag.remove();
        return copy.textContent;
      }""",
        sentence,
    )
    return text


def test_a_sentence_is_marked_by_key_and_shortened_word_by_word(page):
    press(page, "j e Shift+ArrowLeft ArrowRight 4 s Enter")
    (mark,) = submit(page)
    assert place(mark) == (1, 4, 19, "heart is mildly")
    assert (mark.category, mark.significant) == ("severity", True)


def test_the_end_comes_back_and_the_mark_goes_to_another_sentence(page):
    press(page, "j e Shift+ArrowLeft Shift+ArrowLeft Shift+ArrowRight j 1 n Enter")
    (mark,) = submit(page)
    assert place(mark) == (2, 0, len(SENTENCES[1]), SENTENCES[1])
    assert not mark.significant


def test_dragging_in_hangul_takes_whole_words(page):
    drag(page, 1, "흉수가", "소량")
    press(page, "3 s Enter")
    (mark,) = submit(page)
    start = SENTENCES[1].index("흉수가")
    assert place(mark) == (2, start, start + 6, "흉수가 소량")


def test_places_behind_an_emoji_are_counted_as_the_server_counts(page):
    drag(page, 2, "are", "clear")
    press(page, "1 s Enter")
    drag(page, 2, "effusion", "no")
    press(page, "5 n Enter")
    marks = submit(page)
    assert [mark.quote for mark in marks] == ["are clear", "no</b> effusion"]
    for mark in marks:
        assert SENTENCES[2][mark.start : mark.end] == mark.quote


def test_a_click_marks_the_sentence_and_a_click_on_a_mark_opens_it(page):
    page.get_by_text("The heart").click()
    editor = page.locator("[data-mark-editor]")
    expect(editor).to_contain_text("“The heart is mildly enlarged.”")
    page.get_by_text("False finding").click()
    page.get_by_text("Not significant").click()
    page.get_by_label("Should read").fill("The heart is normal. 👍")
    page.keyboard.press("Enter")
    expect(editor).to_be_hidden()
    expect(page.locator("[data-mark-list] li")).to_contain_text("👍")
    page.locator(".marked").first.click()
    expect(editor).to_be_visible()
    press(page, "s Enter")
    (mark,) = submit(page)
    assert (mark.significant, mark.replacement) == (True, "The heart is normal. 👍")


def test_what_is_missing_has_no_place(page):
    press(page, "Shift+E 3")
    expect(page.locator("[data-mark-hint]")).to_contain_text("2 or 6")
    press(page, "2 s Enter")
    expect(page.locator("[data-mark-list] li")).to_contain_text("missing")
    (mark,) = submit(page)
    assert (mark.sentence, mark.start, mark.end, mark.category) == (
        None,
        0,
        0,
        "omission",
    )


def test_overlapping_marks_leave_the_text_as_it_is(page):
    press(page, "j e Shift+ArrowLeft 1 s Enter e ArrowRight ArrowRight 3 n Enter")
    expect(page.locator(".marked[data-significant=several]")).to_have_text("is mildly")
    expect(page.locator("[data-sentence] .mark-tag")).to_have_text(["e1", "e2"])
    assert text_of(page, 0) == SENTENCES[0]
    assert [mark.quote for mark in submit(page)] == [
        "The heart is mildly",
        "is mildly enlarged.",
    ]


def test_the_text_is_text_whatever_it_holds(page):
    press(page, "j j j e 5 s Enter")
    assert text_of(page, 2) == SENTENCES[2]
    assert page.locator("[data-sentence] b").count() == 0
    expect(page.locator("[data-mark-list] li")).to_contain_text("<b>no</b>")


def test_escape_drops_it_and_enter_asks_for_what_is_missing(page):
    press(page, "j e Enter")
    hint = page.locator("[data-mark-hint]")
    expect(hint).to_have_text("Choose what is wrong: 1 to 6.")
    press(page, "1 Enter")
    expect(hint).to_have_text("Say whether it matters: S or N.")
    page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_text("An error is being marked")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("[data-mark-editor]")).to_be_hidden()
    assert page.locator(".marked").count() == 0
    assert submit(page) == []


def test_while_marking_no_key_grades_or_changes_the_window(page):
    values = page.locator(".viewer-values").first.inner_text()
    press(page, "j e 1 2 3 n b d")
    assert page.locator("[data-letter]:checked").count() == 0
    assert page.locator(".viewer-values").first.inner_text() == values
    expect(page.locator("[data-category]:checked")).to_have_value("location")
    press(page, "Enter d")
    expect(page.locator("[data-letter]:checked")).to_have_value("D")


def test_escape_leaves_the_field_first_and_keys_are_inert_in_it(page):
    press(page, "j e 1 s")
    field = page.get_by_label("Should read")
    field.fill("")
    page.keyboard.type("no s1ze")
    assert field.input_value() == "no s1ze"
    expect(page.locator("[data-category]:checked")).to_have_value("false_finding")
    press(page, "Escape")
    expect(page.locator("[data-mark-editor]")).to_be_visible()
    press(page, "2 Enter")
    (mark,) = submit(page)
    assert (mark.category, mark.replacement) == ("omission", "no s1ze")


def test_a_mark_is_removed_from_the_list_or_by_key(page):
    press(page, "j e 1 s Enter j e 2 n Enter j e 3 s Enter")
    page.get_by_role("button", name="Remove e1").click()
    page.get_by_role("button", name="Edit e2").click()
    press(page, "Backspace")
    (mark,) = submit(page)
    assert (mark.category, mark.sentence) == ("omission", 2)


def test_marks_come_back_in_another_browser(page, chromium, live_server):
    press(page, "j e Shift+ArrowLeft 1 s Enter")
    expect(page.locator("#reading-status")).to_contain_text("draft saved")
    other = come_back(chromium, live_server)
    expect(other.locator(".marked")).to_have_text("The heart is mildly")
    expect(other.locator("#reading-status")).to_contain_text("nothing entered")
    press(other, "j e 3 n Enter")
    expect(other.locator("#reading-status")).to_contain_text("draft saved")
    other.context.close()
    assert len(Draft.objects.get().content["marks"]) == 2


@pytest.mark.parametrize(
    "reach",
    [
        lambda page: press(page, "j e 1"),
        lambda page: press(page, "j e 1 s Enter e ArrowRight 3 n Enter"),
        lambda page: press(page, "Shift+E Enter"),
    ],
    ids=["being marked", "two marks", "something missing"],
)
def test_every_state_is_accessible(page, reach: Callable[[Page], None]):
    reach(page)
    assert violations(page) == []
