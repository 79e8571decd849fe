"""Every number of the reference vectors, computed in R, within its tolerance."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readerstudy.analysis.statistics.reads_csv import read_csv
from tests.statistics.tables import result_set

VECTORS = Path(__file__).parent / "vectors"
MANIFEST = json.loads((VECTORS / "manifest.json").read_text())
TOLERANCE = MANIFEST["tolerance"]
STRICT = TOLERANCE["default"]

Check = tuple[str, Any, Any, float]


def results_of(name: str) -> dict[str, Any]:
    reads = read_csv((VECTORS / f"{name}.csv").read_bytes(), name=f"{name}.csv")
    present = set(reads.arm.names)
    arms = [arm for arm in MANIFEST["arm_order"] if arm in present]
    return result_set(reads, arms=arms).as_json()


def expected_of(name: str) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((VECTORS / f"{name}.R.json").read_text())
    return expected


@pytest.mark.parametrize("name", MANIFEST["files"])
def test_every_number_is_that_of_the_reference(name: str) -> None:
    results, expected = results_of(name), expected_of(name)
    wrong = []
    checked = 0
    for what, ours, theirs, tolerance in _checks(results, expected):
        checked += 1
        if isinstance(theirs, str):
            agrees = ours == theirs
        else:
            agrees = ours is not None and abs(ours - theirs) <= tolerance
        if not agrees:
            wrong.append(f"{what}: {ours} is not {theirs}")
    assert not wrong
    assert checked > 30


def _checks(results: Any, expected: Any) -> Iterator[Check]:
    """Yield name, our value, the reference's and the tolerance of every number."""
    yield from _descriptive(results, expected)
    yield from _omnibus(results, expected)
    assert len(results["pairs"]) == len(expected["pairs"])
    for ours in results["pairs"]:
        key = f"{ours['first']}|{ours['second']}"
        for what, *rest in _pair(ours, expected["pairs"][key]):
            yield f"{key} {what}", *rest
    yield from _agreement(
        "all", results["agreement"]["all"], expected["agreement_all_reports"]
    )
    for arm, theirs in expected["agreement_by_arm"].items():
        yield from _agreement(arm, results["agreement"][arm], theirs)
    yield from _gee(results["gee"], expected.get("gee") or {"status": "too_few_arms"})


def _descriptive(results: Any, expected: Any) -> Iterator[Check]:
    design = results["design"]
    arms = expected["arms"]
    assert design["arms"] == ([arms] if isinstance(arms, str) else arms)
    for key, theirs in (
        ("reads", "n_rows"),
        ("readers", "n_readers"),
        ("cases", "n_cases"),
        ("blocks", "n_blocks"),
        ("complete_blocks", "n_complete_blocks"),
    ):
        yield key, design[key], expected[theirs], 0
    for arm, counts in expected["counts"].items():
        ours = results["grades"][arm]
        for key in ("A", "B", "C", "D", "n", "success"):
            yield f"{arm} {key}", ours[key], counts[key], 0
        yield f"{arm} rate", ours["success_rate"], counts["rate"], STRICT
        yield f"{arm} low", ours["success_ci95"][0], counts["wilson_lo"], STRICT
        yield f"{arm} high", ours["success_ci95"][1], counts["wilson_hi"], STRICT


def _omnibus(results: Any, expected: Any) -> Iterator[Check]:
    for name, keys in (
        ("cochran_q", {"n": "blocks", "n_informative": "informative_blocks"}),
        ("clustered_q", {"n_cases": "cases"}),
    ):
        ours, theirs = results[name], expected[name]
        keys = keys | {"status": "status", "Q": "statistic", "df": "df", "p": "p_value"}
        for their_key, key in keys.items():
            if their_key in theirs:
                yield f"{name} {key}", ours[key], theirs[their_key], STRICT
            elif key in ("statistic", "p_value"):
                assert ours[key] is None, name
                assert ours["message"], name


def _pair(ours: Any, theirs: Any) -> Iterator[Check]:
    plain = {"n": "n", "a": "both", "b": "only_second", "c": "only_first"}
    plain |= {"d": "neither", "diff": "difference", "n_cases": "cases"}
    for their_key, key in (plain | {"status": "status"}).items():
        yield key, ours[key], theirs[their_key], STRICT
    mcnemar = {"mcnemar_exact_p": "exact_p", "mcnemar_midp": "mid_p"}
    mcnemar |= {"mcnemar_chi2": "chi2", "mcnemar_chi2_p": "chi2_p"}
    for their_key, key in (mcnemar | {"mcnemar_exact_holm": "holm_p"}).items():
        if their_key in theirs:
            yield key, ours["mcnemar"][key], theirs[their_key], STRICT
        else:
            assert ours["mcnemar"][key] is None
    newcombe = (theirs["newcombe_lo"], theirs["newcombe_hi"])
    for index in (0, 1):
        yield "newcombe", ours["newcombe_ci95"][index], newcombe[index], STRICT
        if theirs["newcombe_pkg"][index] != "NA":
            package = theirs["newcombe_pkg"][index]
            yield "newcombe_pkg", ours["newcombe_ci95"][index], package, STRICT
        tango = theirs["tango_pkg"][index]
        yield "tango", ours["tango_ci95"][index], tango, TOLERANCE["tango"]
    fixed = ours["fixed_readers"]
    yield "swap", fixed["exact_swap_p"], theirs["case_swap_p"], STRICT
    yield from _fixed(fixed, theirs.get("case_cluster"))
    yield from _random(ours["random_readers"], theirs.get("mrmc"))


def _fixed(ours: Any, theirs: Any) -> Iterator[Check]:
    if theirs is None:
        yield "fixed status", ours["status"], "zero_variance", 0
        assert ours["ci95"] is None
        return
    for their_key, key in (("se", "se"), ("t", "t"), ("df", "df"), ("p", "p_value")):
        yield f"fixed {key}", ours[key], theirs[their_key], STRICT
    yield "fixed low", ours["ci95"][0], theirs["lo"], STRICT
    yield "fixed high", ours["ci95"][1], theirs["hi"], STRICT


def _random(ours: Any, theirs: Any) -> Iterator[Check]:
    if theirs is None:
        yield "random status", ours["status"], "not_crossed", 0
        return
    if "status" in theirs:
        yield "random status", ours["status"], theirs["status"], 0
        assert ours["p_value"] is None
        return
    keys = {"MSC": "msc", "MSR": "msr", "MSE": "mse", "var_unbiased": "var_unbiased"}
    keys |= {"se": "se", "df": "df", "t": "t", "p": "p_value"}
    for their_key, key in keys.items():
        if their_key in theirs:
            yield f"random {key}", ours[key], theirs[their_key], STRICT
    if "lo" in theirs:
        yield "random low", ours["ci95"][0], theirs["lo"], STRICT
        yield "random high", ours["ci95"][1], theirs["hi"], STRICT
    yield "iMRMC", ours["var_unbiased"], theirs["iMRMC"]["var"], STRICT


def _agreement(scope: str, ours: Any, theirs: Any) -> Iterator[Check]:
    sizes = {"n_units": "units", "n_units_complete": "complete_units"}
    for their_key, key in (sizes | {"n_raters": "raters"}).items():
        yield f"{scope} {key}", ours[key], theirs[their_key], 0
    values = {"fleiss_4": "fleiss_kappa", "fleiss_2": "fleiss_kappa_success"}
    values |= {"kripp_ordinal": "krippendorff_alpha_ordinal"}
    values |= {"ac2_ordinal": "gwet_ac2_ordinal", "ac2_se": "gwet_ac2_se"}
    for their_key, key in values.items():
        if their_key in theirs:
            tolerance = TOLERANCE["ac2"] if "ac2" in key else STRICT
            yield f"{scope} {key}", ours[key], theirs[their_key], tolerance
        else:
            yield f"{scope} status", ours["status"], "one_category", 0
            assert ours[key] is None
    kappas = theirs["weighted_kappa_quadratic"] or {}
    assert set(kappas) == set(ours["weighted_kappa"])
    for readers, kappa in kappas.items():
        yield f"{scope} {readers}", ours["weighted_kappa"][readers], kappa, STRICT


def _gee(ours: Any, theirs: Any) -> Iterator[Check]:
    yield "gee status", ours["status"], theirs["status"], 0
    models = {
        model["working_correlation"]: {term["arm"]: term for term in model["terms"]}
        for model in ours["models"]
        if model["se_type"] == "robust"
    }
    for name, structure, se_tolerance, coefficient_tolerance in (
        (
            "independence",
            "independence",
            TOLERANCE["gee_independence_se"],
            TOLERANCE["gee_independence_coef"],
        ),
        *(
            (f"exchangeable_{package}", "exchangeable", tolerance, tolerance)
            for package in ("gee", "geepack")
            for tolerance in [TOLERANCE[f"gee_exchangeable_vs_{package}"]]
        ),
    ):
        for arm, log_odds in theirs.get(name, {}).get("coef", {}).items():
            term = models[structure][arm]
            yield f"{name} {arm}", term["log_odds"], log_odds, coefficient_tolerance
            yield f"{name} {arm} se", term["se"], theirs[name]["se"][arm], se_tolerance
            if "p" in theirs[name]:
                p_value = theirs[name]["p"][arm]
                yield f"{name} {arm} p", term["p_value"], p_value, se_tolerance
