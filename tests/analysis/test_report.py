"""What a radiologist and a statistician read about a table of reads."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from readerstudy.analysis.report import report
from readerstudy.analysis.wording import coefficient, interval, p_clause, p_text, points
from readerstudy.studies.models import default_scale
from tests.statistics.tables import Read, result_set, rows
from tests.statistics.test_properties import ARMS, tables

PROTOCOL = {
    "arms": [
        {"name": "model", "label": "CXR-LLaVA"},
        {"name": "reference", "label": "Ground truth"},
        {"name": "third", "label": "Third"},
    ],
    "scale": default_scale(),
}


def said(reads: list[Read], **options: Any) -> dict[str, Any]:
    """The page's parts, the reference being the second arm."""
    named = [arm for arm in ARMS if any(read.arm == arm for read in reads)]
    reference = "reference" if "reference" in named else None
    results = result_set(reads, arms=named, reference=reference, **options).as_json()
    return report(results, PROTOCOL)


def crossed(*letters: str, readers: int = 3) -> list[Read]:
    """Every reader gives the same letters but for the last case, one word per arm."""
    lines = []
    for reader in range(readers):
        for case, row in enumerate(zip(*letters, strict=True)):
            shift = -1 if case == reader else 1
            lines.append(f"R{reader} C{case} {''.join(row[::shift])}")
    return rows(*lines)


def test_the_headline_names_its_rule_its_sign_and_both_arms():
    (comparison,) = said(crossed("DDDDAADDDDDA", "AAAAADAAAAAA"))["comparisons"]
    assert (comparison.arm, comparison.against) == ("CXR-LLaVA", "Ground truth")
    assert comparison.difference.startswith("\u2212")
    assert comparison.headline.startswith("95% CI \u2212")
    assert comparison.headline.endswith(" points; p = 0.019")
    assert comparison.rule.startswith(
        "Headline rule max_fixed_random: the larger p value and the wider interval"
    )
    names = [line.name for line in comparison.lines]
    assert names[0] == "Headline"
    assert names[-1].startswith("Row-level, unclustered")
    assert comparison.squares.startswith("Mean squares of the difference: readers ")


def test_one_reader_speaks_for_no_other():
    (comparison,) = said(crossed("DDDDAADDDDDA", "AAAAADAAAAAA", readers=1))[
        "comparisons"
    ]
    assert "one reader: no inference to other readers" in comparison.rule
    random = comparison.lines[3]
    assert random.message == "One reader: no inference to other readers."


def test_two_readers_are_headed_by_themselves_and_others_are_greyed():
    (comparison,) = said(crossed("DDDDAADDDDDA", "AAAAADAAAAAA", readers=2))[
        "comparisons"
    ]
    assert "fixed_only: for these two readers only" in comparison.rule
    fixed, random = comparison.lines[1], comparison.lines[3]
    assert (fixed.kind, random.kind) == ("", "muted")
    assert comparison.lines[0].interval == fixed.interval != random.interval


def test_missing_grades_leave_these_readers_and_show_their_bounds():
    found = said(crossed("DDDDAADDDDDA", "AAAAADAAAAAA")[1:])
    (comparison,) = found["comparisons"]
    assert comparison.rule.endswith("for these readers only, as grades are missing.")
    assert "1 cell missing" in comparison.lines[3].message
    (sentence,) = found["bounds"]
    assert sentence.startswith("CXR-LLaVA minus Ground truth: \u2212")
    assert found["obtained"] == "71 of 72"


def test_few_cases_are_called_approximate():
    (comparison,) = said(crossed("DDDA", "AAAD"))["comparisons"]
    assert "points, approximate; exact p = " in comparison.headline
    assert "swap_small" in comparison.rule


def test_zero_variance_has_an_exact_p_and_no_interval():
    (comparison,) = said(rows(*(f"R{r} C{c} DA" for r in (1, 2) for c in range(10))))[
        "comparisons"
    ]
    assert comparison.headline == "No interval, exact p = 0.002"
    assert "swap_zero_variance" in comparison.rule


def test_arms_that_never_differ_are_not_estimable_in_one_sentence():
    (comparison,) = said(rows(*(f"R{r} C{c} AA" for r in (1, 2) for c in range(10))))[
        "comparisons"
    ]
    sentence = (
        "Not estimable: no reader rated the arms differently in any of 20 blocks. "
        "Difference 0.0 points."
    )
    assert comparison.headline == comparison.lines[0].message == sentence
    assert comparison.rule == ""
    assert comparison.lines[-1].p == "1.000"
    assert comparison.lines[-1].interval != "\u2013"


def test_one_case_is_said_and_nothing_is_inferred():
    found = said(rows("R1 C1 DA", "R2 C1 CB", "R3 C1 DA"))
    (comparison,) = found["comparisons"]
    assert comparison.headline == "1 case: no inference."
    assert comparison.lines == ()
    assert found["table5"].cochran == "Cochran's Q: 1 case: no inference."


def test_three_arms_get_an_omnibus_and_holm():
    found = said(crossed("DDDDAADDDDDA", "AAAAADAAAAAA", "BBDAADDDABDA"))
    assert found["omnibus"].startswith("Clustered Q ")
    assert "df 2, p " in found["omnibus"]
    assert [c.against for c in found["comparisons"]][:2] == ["Ground truth"] * 2
    assert "after Holm over 3 pairs" in found["comparisons"][0].headline


@pytest.mark.parametrize(
    ("margin", "words"),
    [(0.99, "CXR-LLaVA is not inferior"), (0.01, "it is not shown that CXR-LLaVA")],
)
def test_the_margin_of_the_protocol_is_judged_in_words(margin, words):
    found = said(crossed("DDDDAADAADDA", "AAAAADAAADAA"), margin=margin)
    sentence = found["comparisons"][0].margin
    assert words in sentence
    assert f"margin {100 * margin:.1f} points, lower limit \u2212" in sentence
    low = sentence.split("lower limit \u2212")[1].split(":")[0]
    assert sentence.endswith(f"any margin above {low} points would show it.")


def test_no_margin_is_judged_without_an_interval():
    reads = rows(*(f"R{r} C{c} DA" for r in (1, 2) for c in range(10)))
    sentence = said(reads, margin=0.1)["comparisons"][0].margin
    assert sentence.endswith("not judged, as there is no interval.")


def test_agreement_shows_ac2_beside_kappa_for_all_arms_and_each():
    whole, *arms = said(crossed("DDDDAADAADDA", "AAAAADAAADAA"))["agreements"]
    assert whole.scope == "All arms"
    assert [arm.scope for arm in arms] == ["CXR-LLaVA", "Ground truth"]
    assert whole.reports == 24
    assert "(" in whole.ac2 and whole.fleiss != whole.alpha


def test_the_model_names_the_arm_that_it_compares_with():
    found = said(crossed("DDDDAADAADDA", "AAAAADAAADAA"))["model"]
    assert found.reference == "CXR-LLaVA"
    assert {line.arm for line in found.lines} == {"Ground truth"}
    assert [line.correlation for line in found.lines] == [
        "independence",
        "exchangeable",
    ]


@settings(max_examples=80, deadline=None)
@given(tables())
def test_every_table_of_reads_can_be_told(reads):
    parts = said(reads, margin=0.1)
    del parts["results"]
    text = json.dumps(parts, default=vars)
    for word in ("None", "null", "nan", "NaN", "inf,", "{}"):
        assert word not in text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.104, "+10.4"), (-0.031, "\u22123.1"), (0.0001, "0.0"), (None, "not estimable")],
)
def test_differences_are_points_with_their_sign(share, text):
    assert points(share) == text


def test_p_values_intervals_and_coefficients_read_well():
    assert p_text(0.0004) == "< .001"
    assert p_clause(0.04) == "p = 0.040"
    assert interval([-0.05, 0.1]) == "\u22125.0 to +10.0"
    assert interval([-6.853, 5.853]) == "\u2212100.0 to +100.0"
    assert interval([None, None]) == "\u2013"
    assert coefficient(-0.001) == "0.00"
    assert coefficient(-0.25) == "\u22120.25"
