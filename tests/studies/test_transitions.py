"""The rule of the states alone: what may follow on what, and what is said if it may
not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.studies.lifecycle.transitions import (
    ENDED,
    STATES,
    STEPS,
    VERBS,
    transitions_of,
)

LIFE = [
    ("draft", ["freeze"]),
    ("frozen", ["thaw", "open"]),
    ("open", ["pause", "close"]),
    ("paused", ["resume", "close"]),
    ("closed", ["archive"]),
    ("archived", []),
]


@pytest.mark.parametrize(("state", "verbs"), LIFE)
def test_every_state_allows_what_belongs_to_it_and_nothing_more(state, verbs):
    allowed = [each.verb for each in transitions_of(state) if each.allowed]
    assert allowed == verbs


@given(state=st.sampled_from(STATES), points=st.integers(0, 9))
def test_what_is_not_allowed_says_why_in_a_sentence(state, points):
    shown = transitions_of(state, open_points=points)
    assert [each.verb for each in shown] == [verb.verb for verb in VERBS]
    for each in shown:
        assert each.allowed == (each.reason == "")
        assert each.allowed or (each.reason[0].isupper() and each.reason[-1] == ".")


def test_the_checklist_holds_the_freeze_back_and_nothing_else():
    freeze = transitions_of("draft", open_points=2)[0]
    assert freeze.reason == "Of the checklist 2 points are still open."
    assert transitions_of("draft", open_points=1)[0].reason.startswith("One point")
    assert transitions_of("open", open_points=2) == transitions_of("open")


@given(st.lists(st.sampled_from([verb.verb for verb in VERBS]), max_size=30))
def test_no_way_leads_back_from_the_end_nor_behind_the_first_opening(tried):
    """Whoever presses buttons at will gets no study open again that was closed."""
    state, opened = "draft", False
    by_verb = {verb.verb: verb for verb in VERBS}
    for name in tried:
        before = state
        if state in by_verb[name].before:
            state = by_verb[name].after
            assert (before, state) in STEPS
        assert before not in ENDED or state in ENDED
        opened |= state == "open"
        assert not opened or state not in {"draft", "frozen"}
