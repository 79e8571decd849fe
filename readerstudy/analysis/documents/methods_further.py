"""Further and sensitivity analyses: only those that the result set holds."""

from collections.abc import Iterator, Mapping
from typing import Any

from readerstudy.analysis.documents.asked import asked
from readerstudy.analysis.panels.headline import CUTS, primary_outcome
from readerstudy.analysis.panels.panel import Results, is_exploratory
from readerstudy.studies.analysis_plan import ANALYSES

_HOW = {
    "ordinal": "grades (A = 1 to D = 4) by the difference of case means, clustered by "
    "case, and by Wilcoxon's signed-rank test on case means",
    "strata": "strata by the difference within each, clustered by case, and by Welch's "
    "F test that all strata have one difference",
    "readers": "single readers by Newcombe's interval and McNemar's exact test",
    "repeats": "agreement of readers with themselves by quadratic weighted kappa and "
    "the share of equal grades",
    "time": "seconds by the ratio of geometric means, from differences of logarithms "
    "clustered by case, without a cap",
    "learning": "order and learning by the difference according to the arm seen first, "
    "and by models with position and session, clustered by case",
    "errors": "errors per read by their difference, clustered by case, with Holm's "
    "correction over the categories of two arms",
    "instruments": "answers beside the grade by counts",
    "preference": "preferences by their share where one was given, clustered by case, "
    "and by the Bradley-Terry model with Davidson's ties",
    "blinding": "guesses of the source by the indices of James and of Bang",
}


def further_analyses(results: Results) -> list[str]:
    """What was planned and what is exploratory, how it was done, sensitivity."""
    held = [name for name in ANALYSES if is_held(results, name)]
    how = "; ".join(_HOW[name] for name in held if name in _HOW)
    cut = CUTS[primary_outcome(results)]
    return [
        _planned(results, held),
        f"Where success is meant, it is {cut}. Analysed were {how}." if how else "",
        _sensitivity(results),
    ]


def is_held(results: Results, name: str) -> bool:
    """Whether a result set holds more of an analysis than a reason for nothing."""
    block: Any = results.get(name)
    if name in ("stringent", "agreement"):
        return bool(block and results["grades"])
    if isinstance(block, Mapping):
        return bool(block.get("status") != "no_ratings")
    return any(_is_known(entry) for entry in block or [])


def _is_known(entry: Mapping[str, Any]) -> bool:
    return any(
        value is not None and value != []
        for key, value in entry.items()
        if key not in ("first", "second", "status", "message", "interaction")
    )


def _planned(results: Results, held: list[str]) -> str:
    planned = (results.get("plan") or {}).get("planned")
    if planned is None:
        return (
            "Without a protocol, no analysis beyond the comparison of the arms can be "
            f"called planned. {asked('which analyses were planned in advance')}"
        )
    titles = [_title(name) for name in planned if name in ANALYSES]
    others = [_title(name) for name in held if is_exploratory(results, name)]
    lacking = [
        _title(name) for name in planned if name in ANALYSES and name not in held
    ]
    without = f" Planned, but without data: {'; '.join(lacking)}." if lacking else ""
    return (
        f"Planned in the protocol: {'; '.join(titles) or 'nothing further'}.{without} "
        f"Exploratory where reported: {'; '.join(others) or 'nothing'}."
    )


def _title(name: str) -> str:
    return f"\u201c{ANALYSES[name]}\u201d"


def _sensitivity(results: Results) -> str:
    ways = list(dict.fromkeys(_ways(results)))
    return f"Sensitivity analyses were {'; '.join(ways)}." if ways else ""


def _ways(results: Results) -> Iterator[str]:
    """Every other way in which the comparison could be made."""
    models = results["gee"].get("models") or []
    if any(
        term["p_value"] is not None
        for model in models
        if model["se_type"] == "bias_reduced"
        for term in model["terms"]
    ):
        yield (
            "a marginal logistic model of A or B over all grades given (GEE, clustered "
            "by case, bias-reduced standard errors, t on cases minus one df)"
        )
    for pair in results.get("sensitivity") or []:
        if pair["all_rows"]["ci95"]:
            yield "the difference of marginal rates over all grades, clustered by case"
        if pair["sub_matrix"]["ci95"] and results["missing"]["absent"]:
            yield "readers like these on the largest complete set of readers and cases"
        if pair["two_way_bootstrap"]["ci95"]:
            draws = pair["two_way_bootstrap"]["draws"]
            yield f"a bootstrap of readers and cases ({draws} draws)"
    if results["missing"]["absent"] and results["pairs"]:
        yield "bounds with every missing grade against either arm"
