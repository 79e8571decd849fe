"""What a radiologist and a statistician read about a result set, in panels."""

import copy
import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings

from readerstudy.analysis.panels.findings_compared import differences
from readerstudy.analysis.panels.headline import estimands_at, headline_sentence
from readerstudy.analysis.panels.panel import NOT_HELD, Panel, Wording, wording_of
from readerstudy.analysis.panels.registry import PANELS
from readerstudy.analysis.panels.rules import rule_sentence
from readerstudy.analysis.wording import p_clause
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


def all_panels(results: dict[str, Any], wording: Wording) -> list[Panel]:
    """Every panel of a result set, in the order of a report."""
    return [panel for build in PANELS.values() for panel in build(results, wording)]


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


def test_few_cases_are_called_approximate():
    results = results_of(crossed("DDDA", "AAAD"))
    assert "approximate 95% CI" in headline_sentence(results, WORDING)
    assert "swap_small" in panel("headline", results).notes[0]


def test_zero_variance_has_an_exact_p_and_no_interval():
    results = results_of(rows(*(f"R{r} C{c} DA" for r in (1, 2) for c in range(10))))
    (row,) = panel("headline", results).rows
    assert row.cells[4:] == ("\u2013", "0.002")
    assert "no interval; p = 0.002" in headline_sentence(results, WORDING)
    assert "swap_zero_variance" in panel("headline", results).notes[0]


def test_no_margin_is_judged_without_an_interval():
    reads = rows(*(f"R{r} C{c} DA" for r in (1, 2) for c in range(10)))
    notes = panel("headline", results_of(reads, margin=0.1)).notes
    assert notes[-1].endswith("not judged, as there is no interval.")


def test_agreement_shows_ac2_beside_kappa_for_all_arms_and_each():
    found = panel("agreement", results_of(crossed("DDDDAADAADDA", "AAAAADAAADAA")))
    assert [row.cells[0] for row in found.rows] == [
        "All arms",
        "CXR-LLaVA",
        "Ground truth",
    ]
    whole = found.rows[0].cells
    assert whole[1] == "24"
    assert found.columns[4].startswith("Fleiss kappa")
    assert found.columns[7].startswith("Gwet AC2")
    assert "(" in whole[7]
    assert whole[4] != whole[6]


def test_the_model_names_the_arm_that_it_compares_with():
    found = panel("sensitivity", results_of(crossed("DDDDAADAADDA", "AAAAADAAADAA")))
    assert [row.cells[:2] for row in found.rows] == [
        ("CXR-LLaVA against Ground truth", "independence"),
        ("CXR-LLaVA against Ground truth", "exchangeable"),
    ]


def test_further_analyses_say_that_a_alone_is_their_success():
    results = results_of(crossed("BDDDAADDDDDA", TWO_ARMS[1]), outcome="stringent")
    for name in ("readers", "variance", "learning"):
        assert panel(name, results).title.endswith("(A alone)"), name
    assert panel("sensitivity", results, 1).title.endswith("(A alone)")
    usual = results_of(crossed(*TWO_ARMS))
    assert not panel("readers", usual).title.endswith(")")


def test_guesses_are_counted_by_arm_and_kind(all_asked):
    found, indices = PANELS["blinding"](all_asked, WORDING)
    for row, line in zip(found.rows, all_asked["blinding"]["asked"], strict=True):
        numbers = [int(cell.split(" ")[0]) for cell in row.cells[3:]]
        assert numbers == [line[key] for key in ("person", "model", "unknown")]
        assert sum(numbers) == int(row.cells[2]) > 0
    assert [row.cells[1] for row in found.rows] == ["a model", "a person"]
    assert indices.rows[0].cells[0] == "James, all arms"


def test_the_effect_of_the_order_keeps_its_sign_whichever_arm_comes_first(all_asked):
    rows_ = PANELS["learning"](all_asked, WORDING)[1].rows
    told = [points_in(row.cells[3]) for row in rows_]
    (line,) = all_asked["learning"]["order"]
    assert rows_[2].cells[1] == "Effect of the order"
    # The arm of the comparison is the first one, as the reference is the second.
    by_arm = {row.cells[1]: told[place] for place, row in enumerate(rows_)}
    effect = by_arm["CXR-LLaVA"] - by_arm["Ground truth"]
    assert told[2] == pytest.approx(effect, abs=0.11)
    assert told[2] == pytest.approx(100 * line["order_effect"], abs=0.051)
    assert told[2] != 0


def points_in(cell: str) -> float:
    return float(cell.replace("\u2212", "-"))


def test_trends_name_their_outcome_and_their_arm(all_asked):
    found = PANELS["learning"](all_asked, WORDING)[2]
    assert {row.cells[0].split(",")[0] for row in found.rows} == {"Success", "Seconds"}
    assert "Ground truth" in text(found)
    assert "arm reference" not in text(found)


def test_errors_that_matter_come_last_and_have_holm_beside_p(all_asked):
    counts, differences = PANELS["errors"](all_asked, WORDING)
    assert counts.rows[-1].cells[0] == "Clinically significant"
    assert differences.columns[-1] == "p, Holm"
    assert [row.cells[0] for row in differences.rows] == [
        "Omission",
        "Clinically significant",
    ]


def test_answers_stand_in_a_column_per_arm(all_asked):
    found = panel("instruments", all_asked)
    assert found.columns[2:] == ("CXR-LLaVA, n (%)", "Ground truth, n (%)")
    assert {row.cells[0] for row in found.rows} == {"Referable abnormality present"}
    assert sum(int(row.cells[2].split(" ")[0]) for row in found.rows) == 36


def test_repeats_and_pairs_of_readers_carry_their_intervals(all_asked):
    assert " to " in panel("repeats", all_asked).rows[0].cells[2]
    kappas = PANELS["agreement"](all_asked, WORDING)[1]
    assert " to " in kappas.rows[0].cells[1]


def test_the_share_of_a_preference_leaves_equal_pairs_out(pairs_study):
    (row,) = panel("preference", pairs_study).rows
    own, equal, other = map(int, row.cells[3:6])
    assert (own, equal, other) == (9, 12, 15)
    assert row.cells[6] == "37.5"
    assert "equal pairs are left out" in panel("preference", pairs_study).notes[0]


def test_no_panel_depends_on_the_order_in_which_a_database_keeps_the_arms():
    results = results_of(rows("R1 C1 AD", "R2 C1 BC", "R1 C2 AA", "R2 C2 CB"))
    turned = results | {
        "grades": dict(reversed(results["grades"].items())),
        "agreement": dict(reversed(results["agreement"].items())),
    }
    ours, theirs = all_panels(results, WORDING), all_panels(turned, WORDING)
    assert [asdict(panel) for panel in ours] == [asdict(panel) for panel in theirs]


def test_an_arm_that_is_called_all_stands_beside_all_arms():
    reads = [
        Read(f"R{reader}", f"C{case}", arm, "ABCD"[(case + reader) % 4])
        for reader in range(2)
        for case in range(5)
        for arm in ("all", "model")
    ]
    found = panel("agreement", result_set(reads).as_json())
    named = [row.cells[0] for row in found.rows if row.kind != "message"]
    assert named == ["All arms", "CXR-LLaVA"]


def test_an_older_agreement_tells_of_no_draws():
    results = results_of(crossed(*TWO_ARMS))
    for block in results["agreement"].values():
        del block["bootstrap"]
    assert "bootstrap draws" not in " ".join(panel("agreement", results).notes)


def test_guesses_of_one_kind_alone_get_a_sentence_and_older_ones_no_draws():
    reads = [
        Read("R1", f"C{case}", arm, "A", extra={"guess_source": said})
        for case in range(5)
        for arm, said in (("model", "model"), ("reference", "unknown"))
    ]
    results = results_of(reads)
    indices = panel("blinding", results, 1)
    assert indices.rows[0].kind == "message"
    assert "James, all arms: The index is undefined" in indices.rows[0].cells[0]
    assert any("bootstrap draws" in note for note in indices.notes)
    del results["blinding"]["bootstrap"]
    notes = panel("blinding", results, 1).notes
    assert not any("bootstrap draws" in note for note in notes)


def marked(arms: tuple[str, ...], cases: int = 2) -> list[Read]:
    """One reader marked an omission in each report of some arms."""
    return [
        Read("R1", f"C{case}", arm, "A", extra={"errors_omission": told})
        for case in range(cases)
        for arm in ("model", "reference")
        for told in ("1" if arm in arms else "",)
    ]


def test_errors_asked_for_in_one_arm_alone_are_not_compared():
    differences = panel("errors", results_of(marked(("model",))), 1)
    (row,) = differences.rows
    assert row.kind == "message"
    assert "no reader rated both arms of any case" in row.cells[0]
    alone = [read for read in marked(("model",)) if read.arm == "model"]
    assert [each.name for each in PANELS["errors"](results_of(alone), WORDING)] == [
        "errors"
    ]


def test_a_plan_for_certain_readers_is_said_beside_the_margin():
    results = results_of(
        crossed("DDDDAADAADDA", "AAAAADAAADAA"), margin=0.1, inference="fixed"
    )
    notes = panel("headline", results).notes
    assert notes[0].startswith("The protocol asks for ")
    assert estimands_at(results, "stringent") == results["stringent"]["estimands"]
    stringent = results_of(crossed(*TWO_ARMS), outcome="stringent")
    assert estimands_at(stringent, "success") == []


def test_an_arm_that_is_better_beyond_doubt_is_called_superior():
    better = crossed("AAAAADAAAAAA", "DDDDAADDDDDA")
    notes = " ".join(panel("headline", results_of(better, margin=0.1)).notes)
    assert "CXR-LLaVA is superior to Ground truth: the interval lies above" in notes


def test_no_headline_has_no_rule():
    none = {"headline": {"rule": None}, "status": "no_ratings"}
    alike = {"headline": {"rule": "fixed_only"}, "status": "no_discordant_pairs"}
    assert rule_sentence(none, 3) == rule_sentence(alike, 3) == ""


def test_what_has_no_p_value_says_so():
    assert p_clause(None) == "p not estimable"


def test_reports_always_taken_for_equal_have_no_share_and_no_scale():
    equal = [
        Read("R1", f"C{case}", arm, "A", extra={"preference": "equal"})
        for case in range(4)
        for arm in ("model", "reference")
    ]
    shares, scale = PANELS["preference"](results_of(equal), WORDING)
    assert shares.rows[0].cells == (
        "CXR-LLaVA or Ground truth: No share: the reports were always taken for equal.",
    )
    assert scale.message.startswith("Not estimable: an arm was never")


def test_a_scale_without_spread_says_why_its_intervals_are_nothing():
    reads = [
        Read(f"R{reader}", f"C{case}", arm, "A", extra={"preference": said})
        for case in range(4)
        for reader, said in enumerate(("model", "reference"))
        for arm in ("model", "reference")
    ]
    scale = panel("preference", results_of(reads), 1)
    assert scale.notes[-1].startswith("Zero variance: the cases do not differ")


def test_an_older_set_of_preferences_has_no_scale_or_no_ties(pairs_study):
    older = copy.deepcopy(pairs_study)
    del older["preference"]["bradley_terry"]["tie"]
    notes = panel("preference", older, 1).notes
    assert not any("ties" in note for note in notes)
    del older["preference"]["bradley_terry"]
    assert len(PANELS["preference"](older, WORDING)) == 1


def test_the_share_is_that_of_the_arm_whichever_stands_first(pairs_study):
    turned = copy.deepcopy(pairs_study)
    turned["plan"]["reference"] = "model"
    cells = panel("preference", pairs_study).rows[0].cells
    other = panel("preference", turned).rows[0].cells
    assert (other[0], other[3], other[5]) == (
        "Ground truth or CXR-LLaVA",
        cells[5],
        cells[3],
    )


def test_repeats_that_were_all_alike_say_that_kappa_is_undefined():
    reads = [
        Read("R1", f"C{case}", arm, "A", repeat=repeat)
        for case in range(3)
        for arm in ("model", "reference")
        for repeat in (False, True)
        if arm == "model" or not repeat
    ]
    found = panel("repeats", results_of(reads))
    assert [row.kind for row in found.rows] == ["total", "message", "", "message"]
    assert "Kappa is undefined: one category used." in found.rows[1].cells[0]


@pytest.mark.parametrize(
    ("name", "block", "part"),
    [
        ("readers", "readers", "readers"),
        ("readers", "readers", "left_out"),
        ("strata", "strata", "strata"),
    ],
)
def test_a_pair_without_lines_gives_its_reason(name, block, part):
    results = results_of(crossed(*TWO_ARMS))
    pair = results[block][0]
    pair[part], pair["message"] = [], "Nothing could be compared."
    told = [each.message for each in PANELS[name](results, WORDING)]
    assert "Nothing could be compared." in told


def test_no_bounds_leave_the_line_out_and_older_ones_stand_alone():
    results = results_of(crossed(*TWO_ARMS)[1:])
    older = copy.deepcopy(results)
    del results["sensitivity"][0]["bounds"]
    methods = panel("sensitivity", results, 1)
    assert "Bounds" not in [row.cells[0] for row in methods.rows]
    del older["sensitivity"]
    alone = PANELS["sensitivity"](older, WORDING)[-1]
    assert alone.name == "sensitivity-bounds"
    assert alone.rows[0].cells[0] == "CXR-LLaVA minus Ground truth"


def test_what_has_no_estimate_says_why(all_asked):
    results = copy.deepcopy(all_asked)
    term = results["learning"]["trend"]["terms"][0]
    term["estimate"], term["message"] = None, "It ran away."
    assert "It ran away." in text(PANELS["learning"](results, WORDING)[-1])
    for line in results["learning"]["order"]:
        line["order_effect"], line["message"] = None, "Everyone began alike."
    told = " ".join(text(each) for each in PANELS["learning"](results, WORDING))
    assert "Everyone began alike." in told


def test_findings_that_do_not_enter_are_not_compared():
    none = {"included": False, "label": "Edema", "f1": {}, "first": "a", "second": "b"}
    assert differences({"differences": [none]}) == []
