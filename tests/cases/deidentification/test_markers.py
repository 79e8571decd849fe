"""Side and technique markers stay; whatever stands beside them is a person's to see."""

import pytest

from readerstudy.cases.deidentification.markers import holds_marker, marker_of
from readerstudy.cases.deidentification.regions import Box, Reading, regions_of


@pytest.mark.parametrize(
    "reading",
    [
        *("L", "R", "R.", "(R)", "®", "[L]", "l", "LEFT", "Right", "PA", "AP ERECT"),
        *("APERECT", "PORTABLE", "POPTABLE", "ORTABLE", "AP EREC SUPINE", "PA - L"),
        *("R PA", "SEMI-ERECT", "AP/SUPINE", "DECUBITUS L", "一(R)"),
    ],
)
def test_a_marker_is_told_whatever_stands_around_it(reading):
    assert marker_of(reading)


@pytest.mark.parametrize(
    "reading",
    [
        *(
            "SMITH",
            "PAL",
            "LAPP",
            "L JONES",
            "R 12.03.1961",
            "LEE",
            "PAPA JOHN",
            "4711",
        ),
        *("", "...", "ERNEST", "TABLE", "PORTER", "LATER", "R. SMITH", "MOBIUS"),
    ],
)
def test_a_name_or_a_number_is_no_marker(reading):
    assert marker_of(reading) == ""


def test_a_side_beside_a_name_is_told():
    assert holds_marker("L JONES")
    assert not holds_marker("JONES")
    assert not holds_marker("L")


def reading(text, left, top, width=80, height=20, score=0.9):
    right, bottom = left + width, top + height
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return Reading(corners, text, score)


def test_what_lies_at_the_border_is_proposed_and_the_rest_is_marked_as_inside():
    found = regions_of(
        [
            reading("DOE JANE", 20, 10),
            reading("DOE JANE", 460, 500),
            reading("AP", 900, 960),
            reading("ribs", 460, 520, score=0.6),
            reading("?", 20, 960),
            reading("x", 480, 480),
        ],
        rows=1000,
        columns=1000,
    )
    told = [(each.place, each.marker, each.letters) for each in found]
    assert told == [("border", "", 7), ("inside", "", 7), ("border", "AP", 2)]


def test_a_region_has_a_margin_and_stays_in_the_picture():
    (found,) = regions_of([reading("DOE", 0, 0)], rows=100, columns=90)
    assert found.box == Box(0, 0, 86, 26)
    assert Box(0, 0, 10, 10).overlap(Box(5, 5, 10, 10)) == 0.25
    assert Box(0, 0, 10, 10).overlap(Box(20, 0, 5, 5)) == 0
