"""What was asked for in designs in which not every reader is dealt every report."""

import pytest

from readerstudy.analysis.documents.methods_reading import reading_sections
from readerstudy.analysis.figures.flow import description
from readerstudy.analysis.panels.mrmc import mrmc
from readerstudy.analysis.panels.panel import wording_of
from readerstudy.analysis.statistics.design import design_of_protocol
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.analysis.statistics.results import result_set

ARMS = ("model", "reference")
GRADES = "ADBCBADCABCA"


def protocol(**design):
    return {
        "arms": [{"name": arm, "reference": arm == "reference"} for arm in ARMS],
        "allocation_sha256": "0" * 64,
        "design": design,
    }


SPLIT = protocol(allocation="split_plot", reader_groups=2, anchor_cases=0)
ONE = protocol(allocation="one_report", reader_groups=1, anchor_cases=0)


def split_plot():
    """Two groups of two readers, six cases each, both arms, every read graded."""
    return [
        (f"R{reader}", f"C{6 * (reader // 2) + case}", arm, GRADES[case + place * 5])
        for reader in range(4)
        for case in range(6)
        for place, arm in enumerate(ARMS)
    ]


def one_report():
    """Four readers, each with one report of each of eight cases."""
    return [
        (f"R{reader}", f"C{case}", ARMS[(reader + case) % 2], GRADES[reader + case])
        for reader in range(4)
        for case in range(8)
    ]


def results(dealt, plan):
    lines = ["reader,case,arm,grade", *(",".join(row) for row in dealt)]
    return result_set(read_csv("\n".join(lines)), design_of_protocol(plan)).as_json()


@pytest.mark.parametrize(
    ("dealt", "plan"), [(split_plot(), SPLIT), (one_report(), ONE)]
)
def test_nothing_is_missing_where_every_dealt_read_is_graded(dealt, plan):
    found = results(dealt, plan)
    missing = found["missing"]
    assert (missing["expected"], missing["absent"]) == (len(dealt), 0)
    assert [row["absent"] for row in missing["by_reader"]] == [0] * 4
    assert [row["absent"] for row in missing["by_arm"]] == [0, 0]
    (limits,) = missing["bounds"]
    assert limits["lowest_difference"] == limits["highest_difference"]
    (sensitivity,) = found["sensitivity"]
    difference = sensitivity["all_rows"]["difference"]
    assert limits["lowest_difference"] == pytest.approx(difference)


def test_a_dealt_read_without_a_grade_is_missing_and_moves_the_bounds():
    first, *rest = one_report()
    found = results([(*first[:3], ""), *rest], ONE)["missing"]
    assert (found["expected"], found["absent"]) == (32, 1)
    assert [row["absent"] for row in found["by_arm"]] == [1, 0]
    (limits,) = found["bounds"]
    moved = limits["highest_difference"] - limits["lowest_difference"]
    assert moved == pytest.approx(1 / 16)


@pytest.mark.parametrize(
    ("dealt", "plan", "said", "flow"),
    [
        (split_plot(), SPLIT, "divided into 2 groups", "in 2 groups"),
        (one_report(), ONE, "asked to grade one report", "one report of each case"),
    ],
)
def test_the_texts_say_how_reports_were_dealt(dealt, plan, said, flow):
    found, wording = results(dealt, plan), wording_of(plan)
    text = " ".join(
        sentence for _, told in reading_sections(found, wording) for sentence in told
    )
    assert said in text and f"{len(dealt)} of {len(dealt)} grades" in text
    assert "fully crossed" not in text
    assert flow in description(found, wording)
    notes = " ".join(note for panel in mrmc(found, wording) for note in panel.notes)
    assert "as grades are missing" not in notes
