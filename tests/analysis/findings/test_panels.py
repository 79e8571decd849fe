"""What Anya reads of a comparison, and of metrics beside grades, in words."""

from dataclasses import replace

import numpy as np
import pytest

from inference.chexpert import FINDINGS
from readerstudy.analysis.findings.panels import (
    averages,
    headline,
    tables,
)
from readerstudy.analysis.findings.summary import summarised
from readerstudy.analysis.metrics.panel import grades_and_metrics
from readerstudy.analysis.panels.findings import findings_panels
from readerstudy.analysis.statistics.findings import (
    PRESETS,
    LabelTable,
    ScoreSettings,
    score,
)
from readerstudy.analysis.statistics.metrics import MetricTable

STUDIES = 12


def labelled(present: set[str]) -> LabelTable:
    """Every other study has these findings; no study has another one."""
    values = np.zeros((STUDIES, len(FINDINGS)))
    for column, finding in enumerate(FINDINGS):
        if finding in present:
            values[::2, column] = 1
    return LabelTable("table", tuple(map(str, range(STUDIES))), values)


def compared(present: set[str]) -> dict:
    table = labelled(present)
    settings = replace(PRESETS["f1chexbert"].settings, draws=50, permutations=50)
    return score(table, {"ours": table}, settings)


def test_a_mean_says_how_many_findings_it_goes_without():
    results = compared({"Edema", "Fracture"})
    assert headline(results) == (
        "Macro-averaged F1 over 14 findings: ours 1.00 (1.00, 1.00), a mean of the 2 "
        "that have one."
    )
    notes = " ".join(averages(results).notes)
    assert "ours, 14 included labels: Mean over 2 of 14 labels" in notes


def test_a_model_that_says_nothing_has_no_mean_of_nothing():
    silent = LabelTable(
        "silent", labelled({"Edema"}).ids, np.full((STUDIES, 14), np.nan)
    )
    results = score(labelled({"Edema"}), {"ours": silent}, ScoreSettings(draws=50))
    assert headline(results) == "Macro-averaged F1 over 1 finding: ours undefined."


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (
            {"minimum_share": 0.05, "minimum_count": 10},
            "A label enters the averages where its smaller class is at least 5% of "
            "both and has at least 10 studies, counted on the reference's labels.",
        ),
        (
            {"minimum_count": 1, "counted_on": "joint_definite"},
            "A label enters the averages where its smaller class has at least 1 study, "
            "counted on the pairs scored, for every model.",
        ),
        ({"minimum_count": 0}, "No label is left out of the averages for being rare."),
    ],
)
def test_the_limits_are_told_as_they_were_set(limits, sentence):
    table = labelled({"Edema"})
    settings = ScoreSettings(draws=50, permutations=0, **limits)
    panels = findings_panels(score(table, {"ours": table}, settings))
    assert sentence in [note for panel in panels for note in panel.notes]


def test_a_mean_over_all_of_them_says_no_more():
    results = compared(set(FINDINGS))
    assert (
        headline(results)
        == "Macro-averaged F1 over 14 findings: ours 1.00 (1.00, 1.00)."
    )


def metric(name: str, better: str, tau: float, unit: str = "report") -> dict:
    turned = {"higher": tau, "lower": -tau, "neither": None}[better]
    return {
        "metric": name, "source": "ours", "unit": unit, "better": better,
        "n": 9, "cases": 9, "tau": tau, "ci95": [tau - 0.25, tau + 0.25],
        "agreement": turned,
        "agreement_ci95": turned and [turned - 0.25, turned + 0.25],
        "message": None,
    }  # fmt: skip


def test_tau_is_turned_where_less_is_better_and_shown_where_neither_is():
    panel = grades_and_metrics(
        {
            "draws": 100,
            "metrics": [
                metric("BLEU-4", "higher", 0.5),
                metric("RadCliQ", "lower", 0.5),
                metric("words", "neither", 0.5),
            ],
        }
    )
    assert [row.cells[2].split(" ")[0] for row in panel.rows] == [
        "0.50",
        "\N{MINUS SIGN}0.50",
        "0.50",
    ]


def without(row: dict, message: str) -> dict:
    """The same row where tau is undefined."""
    nothing = dict.fromkeys(("tau", "ci95", "agreement", "agreement_ci95"))
    return row | nothing | {"message": message}


def test_the_tau_of_the_reads_stands_beside_that_of_the_reports():
    """Anya sees both, each under its name, and both turned alike."""
    reads = metric("RadCliQ", "lower", 0.25, "read") | {"n": 27}
    panel = grades_and_metrics(
        {"draws": 100, "metrics": [metric("RadCliQ", "lower", 0.5), reads]}
    )
    (row,) = panel.rows
    shown = list(zip(panel.columns, row.cells, strict=True))
    minus = "\N{MINUS SIGN}"
    assert shown == [
        ("Metric", "RadCliQ"),
        ("Reports of", "ours"),
        ("Tau over reports (95% CI)", f"{minus}0.50 ({minus}0.75 to {minus}0.25)"),
        ("Tau over reads (95% CI)", f"{minus}0.25 ({minus}0.50 to 0.00)"),
        ("Better", "lower"),
        ("Cases", "9"),
        ("Reports", "9"),
        ("Reads", "27"),
    ]


def test_where_only_one_tau_is_undefined_the_other_is_shown_and_a_sentence_says_why():
    """Readers who disagree may give every report the same mean."""
    alike = "Undefined: every grade is the same."
    report = without(metric("GREEN", "higher", 0.5), alike)
    read = metric("GREEN", "higher", 0.5, "read")
    row, sentence = grades_and_metrics({"metrics": [report, read]}).rows
    assert row.cells[2:4] == ("\N{EN DASH}", "0.50 (0.25 to 0.75)")
    assert sentence.cells == (f"GREEN, ours, over reports: {alike}",)
    both = [report, without(read, alike)]
    (sentence,) = grades_and_metrics({"metrics": both}).rows
    assert sentence.cells == (f"GREEN, ours: {alike}",)


def test_a_metric_that_no_report_has_is_none():
    table = MetricTable(
        source="m", ids=("a", "b"), values={"F1": (None, None)}, origin={}
    )
    (row,) = summarised([table])["rows"]
    assert (row["n"], row["mean"], row["ci95"], row["median"]) == (0, None, None, None)


def test_differences_of_the_averages_are_shown_and_those_of_findings_folded_away():
    truth = labelled(set(FINDINGS[:4]))
    settings = replace(PRESETS["f1chexbert"].settings, draws=50, permutations=50)
    results = score(
        truth, {"ours": truth, "theirs": labelled(set(FINDINGS[:2]))}, settings
    )
    found = tables(results, {}, shows_quoted=False)
    shown = {panel.name: panel for panel in found.shown}
    assert "findings_differences" in {panel.name for panel in found.folded}
    assert {row.kind for row in shown["averages_differences"].rows} <= {
        *("total", "message"),
    }
    results["averages"] = [
        each for each in results["averages"] if each["model"] != "theirs"
    ]
    assert {row.cells[0] for row in averages(results).rows} == {"ours"}
