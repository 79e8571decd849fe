"""Which blow a page that did not come is put down to."""

from drills.weather import Event, Look, tell_recoveries


def told(events, looks):
    tell_recoveries(events, looks)
    return [event.back_after for event in events]


def test_a_look_that_a_later_blow_ended_is_none_of_the_earlier_one():
    blows = [Event(10, "kill -9 redis"), Event(30, "kill -9 web")]
    looks = [Look(11, 12, True), Look(29, 31, False), Look(32, 33, True)]
    assert told(blows, looks) == [0, 3]


def test_a_page_that_comes_late_has_been_away_until_then():
    looks = [Look(10.5, 10.6, False), Look(11, 11.1, False), Look(12, 14, True)]
    assert told([Event(10, "kill -9 web")], looks) == [4]


def test_a_site_that_never_comes_back_is_told_apart():
    looks = [Look(9, 9.1, True), Look(10.5, 10.6, False)]
    assert told([Event(10, "kill -9 all")], looks) == [None]
