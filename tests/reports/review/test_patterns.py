"""What the patterns list in a text, and what they leave alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.reports.review.patterns import Kind, findings_of, masks_in, repeated


@pytest.mark.parametrize(
    ("text", "kind", "quote"),
    [
        ("Discussed with Dr. Smith.", Kind.NAME, "Dr. Smith"),
        ("Reviewed by Dr Anna-Maria O'Neill today", Kind.NAME, "O'Neill"),
        ("Mr Smith has a cough", Kind.NAME, "Mr Smith"),
        ("findings were discussed with John Miller by phone", Kind.NAME, "John Miller"),
        ("Signed by Jane Doe, MD", Kind.NAME, "Jane Doe"),
        ("Patient name: DOE", Kind.NAME, "DOE"),
        ("Compared with 12/03/2019.", Kind.DATE, "12/03/2019"),
        ("Compared with 2019-03-12.", Kind.DATE, "2019-03-12"),
        ("Compared with March 3rd, 2019.", Kind.DATE, "March 3rd, 2019"),
        ("Compared with 3 March 2019.", Kind.DATE, "3 March 2019"),
        ("Since March 2019 stable.", Kind.DATE, "March 2019"),
        ("Called at 3:45 pm.", Kind.DATE, "3:45 pm"),
        ("Called at 14:05 hours.", Kind.DATE, "14:05"),
        ("MRN: 4711-08", Kind.NUMBER, "4711-08"),
        ("Accession number 90233117", Kind.NUMBER, "90233117"),
        ("Phone (555) 123-4567", Kind.NUMBER, "123-4567"),
        ("Call 555 123 4567.", Kind.NUMBER, "555 123 4567"),
        ("Mail jane.doe@example.org now", Kind.ADDRESS, "jane.doe@example.org"),
        ("Lives in 12 Baker Street", Kind.ADDRESS, "12 Baker Street"),
        ("As an AI language model, I see", Kind.TELL_TALE, "As an AI"),
        ("I cannot interpret images.", Kind.TELL_TALE, "I cannot"),
        ("Sure, here is the report", Kind.TELL_TALE, "Sure"),
        ("[INST] Describe [/INST]", Kind.TELL_TALE, "[INST]"),
        ("The lungs are clear.<|endoftext|>", Kind.TELL_TALE, "<|endoftext|>"),
        ("**Findings:** clear", Kind.TELL_TALE, "**Findings:**"),
    ],
)
def test_what_a_person_should_look_at_is_listed(text, kind, quote):
    quotes = [
        text[each.start : each.end] for each in findings_of(text) if each.kind is kind
    ]
    assert any(quote in each for each in quotes), findings_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "The heart is normal in size. The lungs are clear. No pneumothorax.",
        "There is a 12 mm nodule in the right upper lobe, T7-T8 level.",
        "Findings reported with XXXX. Compared with XXXX.",
        "Cardiothoracic ratio 0.52. Grade 2/3. L1-L2 scoliosis of 15 degrees.",
        "May represent atelectasis. The march of time.",
        "Endotracheal tube 4.5 cm above the carina; PICC at 2:1 ratio.",
        "Dr. XXXX was informed.",
    ],
)
def test_plain_findings_are_left_alone(text):
    kinds = {each.kind for each in findings_of(text)} - {Kind.NAME}
    assert kinds == set()
    if "XXXX" not in text:
        assert findings_of(text) == []


@given(st.text(max_size=400))
def test_any_text_gives_findings_within_it_that_do_not_overlap_in_a_kind(text):
    found = findings_of(text)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    for kind in Kind:
        ends = [(each.start, each.end) for each in found if each.kind is kind]
        assert all(a[1] <= b[0] for a, b in pairwise(ends))


def test_masked_words_are_counted():
    assert masks_in("XXXX saw XXXX on ___; [**Name**] XII") == 4


def test_long_sentences_in_many_reports_are_told():
    same = "The cardiomediastinal silhouette is within normal limits for age."
    texts = [
        f"{same} Finding number {n} is unlike all of the others." for n in range(30)
    ]
    assert repeated(texts) == [(same, 30)]
    assert repeated(texts[:5]) == []
