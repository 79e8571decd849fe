"""Reading times: what the function says against a count of every single millisecond."""

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from readerstudy.grading.timing import KINDS, LoggedEvent, reading_times

THRESHOLDS = st.integers(0, 60)
NO_SIGN = {"blur", "leave"}
AWAY = {"blur", "pause"}
BACK = {"blur": "focus", "pause": "resume"}


@st.composite
def visits(draw: st.DrawFn) -> list[LoggedEvent]:
    """A log in which no two events share a millisecond."""
    times = draw(st.lists(st.integers(0, 300), unique=True, max_size=12))
    return [LoggedEvent(at, draw(st.sampled_from(KINDS))) for at in sorted(times)]


def counted(visit: Sequence[LoggedEvent], threshold: int) -> tuple[int, int]:
    """Wall and active milliseconds, counted one by one."""
    painted = [event.at_ms for event in visit if event.kind == "painted"]
    shown = [event.at_ms for event in visit if event.kind == "shown"]
    if not painted + shown:
        return 0, 0
    begin, end = (painted or shown)[0], visit[-1].at_ms
    active = 0
    for moment in range(begin, end):
        past = [event for event in visit if event.at_ms <= moment]
        away = False
        for kind in AWAY:
            turns = [event.kind for event in past if event.kind in (kind, BACK[kind])]
            away = away or turns[-1:] == [kind]
        signs = [
            event.at_ms
            for event in past
            if event.kind not in NO_SIGN and event.at_ms >= begin
        ]
        active += not away and moment < signs[-1] + threshold
    return end - begin, active


@given(visits(), THRESHOLDS)
def test_the_times_are_those_of_a_count_of_every_millisecond(visit, threshold):
    times = reading_times([visit], threshold_ms=threshold)
    assert (times.wall_ms, times.active_ms) == counted(visit, threshold)


@given(st.lists(visits(), max_size=4), THRESHOLDS)
def test_active_and_idle_make_up_the_wall_time(log, threshold):
    times = reading_times(log, threshold_ms=threshold)
    assert 0 <= times.active_ms <= times.wall_ms
    assert times.idle_ms == times.wall_ms - times.active_ms
    assert times.threshold_ms == threshold


@given(visits(), THRESHOLDS, st.randoms(use_true_random=False))
def test_the_order_in_which_events_arrive_changes_nothing(
    visit, threshold, dice: random.Random
):
    shuffled = list(visit)
    dice.shuffle(shuffled)
    ordered = reading_times([visit], threshold_ms=threshold)
    assert reading_times([shuffled], threshold_ms=threshold) == ordered


@given(st.lists(visits(), max_size=3), THRESHOLDS, THRESHOLDS)
def test_a_higher_threshold_never_makes_less_active_time(log, one, other):
    low = reading_times(log, threshold_ms=min(one, other))
    high = reading_times(log, threshold_ms=max(one, other))
    assert low.active_ms <= high.active_ms
    assert low.wall_ms == high.wall_ms


@given(st.lists(visits(), max_size=4), THRESHOLDS)
def test_visits_add_up(log, threshold):
    whole = reading_times(log, threshold_ms=threshold)
    parts = [reading_times([visit], threshold_ms=threshold) for visit in log]
    assert whole.wall_ms == sum(part.wall_ms for part in parts)
    assert whole.active_ms == sum(part.active_ms for part in parts)


def test_rosa_looks_away_and_pauses_and_only_her_reading_counts():
    visit = [
        LoggedEvent(0, "shown"),
        LoggedEvent(1_000, "painted"),
        LoggedEvent(20_000, "input"),
        LoggedEvent(25_000, "blur"),
        LoggedEvent(100_000, "focus"),
        LoggedEvent(130_000, "pause"),
        LoggedEvent(400_000, "resume"),
        LoggedEvent(410_000, "submit"),
    ]
    times = reading_times([visit], threshold_ms=120_000)
    assert times.wall_ms == 409_000
    assert times.active_ms == 24_000 + 30_000 + 10_000


def test_a_page_that_was_fetched_ahead_counts_from_its_showing():
    visit = [
        LoggedEvent(0, "blur"),
        LoggedEvent(500, "focus"),
        LoggedEvent(700, "shown"),
        LoggedEvent(1_700, "submit"),
    ]
    assert reading_times([visit], threshold_ms=5_000).wall_ms == 1_000
    assert reading_times([[LoggedEvent(5, "input")]], threshold_ms=9).wall_ms == 0
