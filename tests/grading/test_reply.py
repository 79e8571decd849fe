"""What a reply may say: everything that the protocol asks, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from readerstudy.grading.reply import (
    LONGEST_TEXT,
    MOST_MARKS,
    WITHOUT_PLACE,
    Incomplete,
    Mark,
    Reply,
    check,
)
from readerstudy.studies.instruments import (
    ERROR_CATEGORIES,
    INSTRUMENTS,
    OPTIONAL_NAMES,
    chosen,
)
from readerstudy.studies.models import GRADES

EVERYTHING = OPTIONAL_NAMES
SENTENCES = ["The heart is normal.", "흉수는 없다.", "Finding 🫁👩‍⚕️ on the left."]
CHOICES = [each for each in INSTRUMENTS.values() if each.kind == "choice"]
TEXTS = st.text(max_size=40)

sentence_lists = st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5)
instrument_sets = st.sets(st.sampled_from(OPTIONAL_NAMES))


@st.composite
def marks(draw: st.DrawFn, sentences: list[str]) -> Mark:
    category = draw(st.sampled_from(list(ERROR_CATEGORIES)))
    significant = draw(st.booleans())
    if category in WITHOUT_PLACE and draw(st.booleans()):
        return Mark(category, significant, replacement=draw(TEXTS))
    sentence = draw(st.integers(0, len(sentences) - 1))
    start = draw(st.integers(0, len(sentences[sentence]) - 1))
    end = draw(st.integers(start + 1, len(sentences[sentence])))
    return Mark(category, significant, sentence, start, end, draw(TEXTS))


@st.composite
def complete(draw: st.DrawFn) -> tuple[Reply, set[str], list[str]]:
    """A whole reply, the instruments that ask for it, and the report's sentences."""
    names, sentences = draw(instrument_sets), draw(sentence_lists)
    answers = {
        each.name: draw(st.sampled_from(each.values))
        for each in chosen(names)
        if each.kind == "choice"
    }
    found = draw(st.lists(marks(sentences), max_size=4)) if "errors" in names else []
    letter = draw(st.sampled_from(GRADES))
    reply = Reply(letter, draw(TEXTS), answers=answers, marks=tuple(found))
    return reply, names, sentences


@given(complete())
def test_a_whole_reply_is_taken_as_grade_and_as_draft(given_):
    reply, names, sentences = given_
    for is_draft in (False, True):
        check(reply, instruments=names, sentences=sentences, is_draft=is_draft)


@given(complete())
def test_the_json_of_a_reply_holds_all_of_it_in_one_form(given_):
    reply, _, _ = given_
    content = reply.as_json()
    marked = tuple(Mark(**each) for each in content["marks"])
    again = Reply(**{**content, "marks": marked})
    assert again.as_json() == content
    assert list(content["answers"]) == sorted(reply.answers)


@given(complete(), st.data())
def test_a_missing_answer_is_asked_for_by_its_question(given_, data):
    reply, names, sentences = given_
    assume(reply.answers)
    name = data.draw(st.sampled_from(sorted(reply.answers)))
    rest = {key: value for key, value in reply.answers.items() if key != name}
    lacking = replace(reply, answers=rest)
    with pytest.raises(Incomplete) as refusal:
        check(lacking, instruments=names, sentences=sentences)
    assert str(INSTRUMENTS[name].question) in str(refusal.value)
    check(lacking, instruments=names, sentences=sentences, is_draft=True)


@given(complete(), st.sampled_from(CHOICES), st.data())
def test_an_answer_that_nobody_asked_for_is_refused(given_, instrument, data):
    reply, names, sentences = given_
    assume(instrument.name not in names)
    value = data.draw(st.sampled_from(instrument.values))
    extra = replace(reply, answers={**reply.answers, instrument.name: value})
    for is_draft in (False, True):
        with pytest.raises(Incomplete):
            check(extra, instruments=names, sentences=sentences, is_draft=is_draft)


@given(st.sampled_from(CHOICES), TEXTS)
def test_a_value_that_is_no_choice_is_refused(instrument, value):
    assume(value not in instrument.values)
    reply = Reply("A", answers={instrument.name: value})
    with pytest.raises(Incomplete):
        check(reply, instruments=[instrument.name], sentences=SENTENCES, is_draft=True)


@given(sentence_lists, st.integers(-3, 40), st.integers(-3, 40), st.integers(-2, 6))
def test_a_mark_lies_within_its_sentence_counted_in_code_points(
    sentences, start, end, sentence
):
    fits = 0 <= sentence < len(sentences) and 0 <= start < end <= len(
        sentences[sentence]
    )
    reply = Reply("A", marks=(Mark("location", True, sentence, start, end),))
    if fits:
        check(reply, instruments=["errors"], sentences=sentences)
        return
    with pytest.raises(Incomplete):
        check(reply, instruments=["errors"], sentences=sentences)


@pytest.mark.parametrize("sentence", range(3))
def test_the_last_character_can_be_marked_whatever_the_script(sentence):
    text = SENTENCES[sentence]
    last = Mark("severity", False, sentence, len(text) - 1, len(text))
    check(Reply("B", marks=(last,)), instruments=["errors"], sentences=SENTENCES)
    beyond = replace(last, end=len(text) + 1)
    with pytest.raises(Incomplete, match="beyond its sentence"):
        check(Reply("B", marks=(beyond,)), instruments=["errors"], sentences=SENTENCES)


@given(st.sampled_from(list(ERROR_CATEGORIES)))
def test_only_what_is_left_out_has_no_place(category):
    reply = Reply("C", marks=(Mark(category, True),))
    if category in WITHOUT_PLACE:
        check(reply, instruments=["errors"], sentences=SENTENCES)
        return
    with pytest.raises(Incomplete, match="Mark the words"):
        check(reply, instruments=["errors"], sentences=SENTENCES)


def test_marks_need_the_instrument_and_have_an_end():
    one = Mark("omission", True)
    with pytest.raises(Incomplete, match="does not ask for errors"):
        check(Reply("A", marks=(one,)), instruments=[], sentences=SENTENCES)
    too_many = Reply("A", marks=(one,) * (MOST_MARKS + 1))
    with pytest.raises(Incomplete, match="At most"):
        check(too_many, instruments=["errors"], sentences=SENTENCES)


def test_a_mark_has_a_category_of_the_list():
    wrong = Reply("A", marks=(Mark("nonsense", True, 0, 0, 3),))
    with pytest.raises(Incomplete, match="Choose a category for each marked error"):
        check(wrong, instruments=["errors"], sentences=SENTENCES)


@given(st.text(min_size=LONGEST_TEXT + 1, max_size=LONGEST_TEXT + 3))
def test_no_text_is_endless(text):
    for reply in (
        Reply("A", text),
        Reply("A", marks=(Mark("omission", True, None, 0, 0, text),)),
    ):
        with pytest.raises(Incomplete, match="characters at most"):
            check(reply, instruments=["errors"], sentences=SENTENCES)


@pytest.mark.parametrize("reason", INSTRUMENTS["cannot_assess"].values)
def test_a_reason_stands_instead_of_every_answer(reason):
    comment = "The apices are cut off." if reason == "other" else ""
    reply = Reply(comment=comment, cannot_assess=reason)
    check(reply, instruments=EVERYTHING, sentences=SENTENCES)
    with pytest.raises(Incomplete, match="not both"):
        check(replace(reply, letter="A"), instruments=EVERYTHING, sentences=SENTENCES)
    with pytest.raises(Incomplete, match="a grade of every report"):
        check(reply, instruments=["comment"], sentences=SENTENCES)


def test_another_reason_is_given_in_words():
    reply = Reply(cannot_assess="other", comment="  ")
    with pytest.raises(Incomplete, match="Say in the comment"):
        check(reply, instruments=EVERYTHING, sentences=SENTENCES)
    check(reply, instruments=EVERYTHING, sentences=SENTENCES, is_draft=True)
    with pytest.raises(Incomplete, match="reason from the list"):
        check(
            replace(reply, cannot_assess="tired"),
            instruments=EVERYTHING,
            sentences=SENTENCES,
            is_draft=True,
        )


@pytest.mark.parametrize("letter", ["", "E", "a", "AB"])
def test_a_grade_is_one_of_four(letter):
    with pytest.raises(Incomplete, match="one of the grades"):
        check(Reply(letter), instruments=[], sentences=SENTENCES)
