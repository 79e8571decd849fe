"""What a radiologist and a statistician read about a result set, in panels."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings

from readerstudy.analysis.panels.headline import headline_sentence
from readerstudy.analysis.panels.panel import NOT_HELD, Panel, wording_of
from readerstudy.analysis.panels.registry import PANELS, all_panels
from readerstudy.studies.models import default_scale
from tests.statistics.tables import Read, result_set, rows
from tests.statistics.test_properties import ARMS, tables

PROTOCOL = {
    "arms": [
        {"name": "model", "label": "CXR-LLaVA"},
        {"name": "reference", "label": "Ground truth"},
    ],
    "scale": default_scale(),
}
WORDING = wording_of(PROTOCOL)


def crossed(*letters: str, readers: int = 3) -> list[Read]:
    """Every reader gives the same letters but for one case, a word per arm."""
    lines = []
    for reader in range(readers):
        for case, row in enumerate(zip(*letters, strict=True)):
            shift = -1 if case == reader else 1
            lines.append(f"R{reader} C{case} {''.join(row[::shift])}")
    return rows(*lines)


def results_of(reads: list[Read], **plan: Any) -> dict[str, Any]:
    named = [arm for arm in ARMS if any(read.arm == arm for read in reads)]
    reference = "reference" if "reference" in named else None
    return result_set(reads, arms=named, reference=reference, **plan).as_json()


def panel(name: str, results: dict[str, Any], place: int = 0) -> Panel:
    return PANELS[name](results, WORDING)[place]


def text(found: Panel) -> str:
    return json.dumps(asdict(found), default=sorted, ensure_ascii=False)


TWO_ARMS = ("DDDDAADDDDDA", "AAAAADAAAAAA")


def test_the_headline_names_both_arms_its_sign_and_its_rule():
    results = results_of(crossed(*TWO_ARMS))
    found = panel("headline", results)
    (row,) = found.rows
    assert row.cells[0] == "CXR-LLaVA minus Ground truth"
    assert row.cells[3].startswith("\u2212")
    assert "max_fixed_random" in found.notes[0]
    sentence = headline_sentence(results, WORDING)
    assert row.cells[3] in sentence
    assert sentence.endswith("p = 0.019).")


def test_two_readers_are_headed_by_themselves_and_others_are_greyed():
    found = panel("mrmc", results_of(crossed(*TWO_ARMS, readers=2)))
    assert [row.kind for row in found.rows[:4]] == ["total", "", "", "muted"]
    assert found.rows[0].cells[3] == found.rows[1].cells[3]
    assert "for these two readers only" in text(found)


def test_one_reader_speaks_for_no_other():
    found = panel("mrmc", results_of(crossed(*TWO_ARMS, readers=1)))
    assert found.rows[3].kind == "message"
    assert "One reader: no inference to other readers." in found.rows[3].cells[0]


def test_one_case_is_said_and_nothing_is_inferred():
    results = results_of(rows("R1 C1 DA", "R2 C1 CB", "R3 C1 DA"))
    assert panel("mrmc", results).message == "1 case: no inference."
    assert panel("grades", results).notes == ("1 case: no inference.",)
    assert " to " not in " ".join(panel("grades", results).rows[0].cells)
    assert "1 case: no inference." in text(panel("table5", results))


def test_arms_that_never_differ_are_not_estimable_in_one_sentence():
    reads = rows(*(f"R{r} C{c} AA" for r in (1, 2) for c in range(10)))
    results = results_of(reads)
    sentence = (
        "Not estimable: no reader rated the arms differently in any of 20 blocks. "
        "Difference 0.0 points."
    )
    assert headline_sentence(results, WORDING) == sentence
    assert sentence in panel("mrmc", results).rows[0].cells[0]


def test_three_arms_get_an_omnibus_with_its_layout_and_holm():
    results = results_of(crossed(*TWO_ARMS, "BBDAADDDABDA"))
    assert panel("omnibus", results).rows[0].cells[1:3] == ("36", "3")
    panels = PANELS["mrmc"](results, WORDING)
    assert len({each.name for each in panels}) == 3
    assert "Headline, Holm over 3 pairs" in text(panels[0])


@pytest.mark.parametrize(
    ("margin", "words"),
    [(0.99, "CXR-LLaVA is not inferior"), (0.01, "it is not shown that CXR-LLaVA")],
)
def test_the_margin_of_the_protocol_is_judged_in_words(margin, words):
    results = results_of(crossed("DDDDAADAADDA", "AAAAADAAADAA"), margin=margin)
    assert words in " ".join(panel("headline", results).notes)


def test_missing_grades_show_their_bounds_and_who_left_them_out():
    results = results_of(crossed(*TWO_ARMS)[1:])
    assert panel("missing", results).rows[0].cells == ("All", "72", "71", "1")
    bounds = PANELS["sensitivity"](results, WORDING)[1].rows[-1].cells
    assert bounds[0] == "Bounds"
    assert " to " in bounds[3]


def test_what_stands_in_no_plan_is_exploratory():
    results = results_of(crossed(*TWO_ARMS), planned=("agreement",))
    assert not panel("agreement", results).is_exploratory
    assert panel("readers", results).is_exploratory
    assert not panel("mrmc", results).is_exploratory


def test_an_older_result_set_says_what_it_lacks():
    results = results_of(crossed(*TWO_ARMS))
    older = ("plan", "stringent", "readers", "strata", "time", "learning", "errors")
    kept = {key: value for key, value in results.items() if key not in older}
    assert panel("time", kept).message == NOT_HELD
    assert panel("readers", kept).message == NOT_HELD
    assert all_panels(kept, wording_of(None))


@settings(max_examples=60, deadline=None)
@given(tables())
def test_every_table_of_reads_can_be_told(reads):
    results = results_of(reads, margin=0.1)
    panels = all_panels(results, WORDING)
    assert len({each.name for each in panels}) == len(panels)
    for each in panels:
        assert each.message or each.rows, each.name
        for row in each.rows:
            width = 1 if row.kind == "message" else len(each.columns)
            assert len(row.cells) == width, each.name
        for word in ("None", "null", "nan", "inf,", "{}"):
            assert word not in text(each), each.name
