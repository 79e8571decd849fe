"""How the study was analysed: estimand, tests, multiplicity, agreement, software."""

from collections.abc import Iterator, Mapping
from typing import Any

from readerstudy.analysis.documents.asked import asked, listing
from readerstudy.analysis.documents.methods_further import further_analyses
from readerstudy.analysis.documents.methods_sample_size import sample_size
from readerstudy.analysis.panels.agreement import COEFFICIENTS
from readerstudy.analysis.panels.headline import (
    chosen_inference,
    compared_at,
    primary_outcome,
)
from readerstudy.analysis.panels.panel import Results, Wording
from readerstudy.analysis.panels.signs import in_order, reference_of, sides_of
from readerstudy.analysis.wording import counted
from readerstudy.studies.protocol import canonical_json, sha256_of

_FIXED = (
    "for the participating readers, with standard errors clustered by case (ratio "
    "estimator over case totals, t on cases minus one degrees of freedom)"
)
_RANDOM = (
    "for readers like these, with readers and cases as random effects (two-way "
    "analysis of variance of within-reader differences, Hillis degrees of freedom)"
)
_INFERENCE = {
    "headline": (
        f"{_FIXED}, and {_RANDOM}; the larger p value and the wider interval of the "
        "two are reported, with the exact whole-case swap where cases are few"
    ),
    "fixed": _FIXED,
    "random": _RANDOM,
}
_RULES = {
    "max_fixed_random": "the larger p value and wider interval of both",
    "swap_small": "the exact whole-case swap, as cases or discordant cases are few",
    "swap_zero_variance": "the exact whole-case swap, as the variance is zero",
    "fixed_only": "the participating readers alone",
}


def analysis_sections(
    results: Results, wording: Wording
) -> Iterator[tuple[str, list[str]]]:
    """Headings with their sentences."""
    yield "Primary analysis", [_estimand(results, wording), _rules(results, wording)]
    yield "Comparison with earlier work", [_table5(results)]
    yield "Several comparisons", [_multiplicity(results)]
    yield "Agreement", [_agreement(results)]
    yield "Further and sensitivity analyses", further_analyses(results)
    yield "Sample size", [sample_size(results, wording.protocol)]
    yield "Software and protocol", [_software(results), _protocol(wording.protocol)]


def _estimand(results: Results, wording: Wording) -> str:
    plan = results.get("plan") or {}
    reference = reference_of(results)
    if not results["pairs"]:
        return str(results.get("message") or "No two arms could be compared.")
    if reference:
        what = f"the difference of marginal success, arm minus {wording.arm(reference)}"
    else:
        pairs = in_order(results["pairs"], results)
        titles = [sides_of(pair, results).title(wording) for pair in pairs]
        what = f"the difference of marginal success ({listing(titles)})"
    alpha = wording.protocol.get("alpha")
    level = asked("level of significance") if alpha is None else f"{alpha:g}"
    used = plan.get("alpha") or 0.05
    margin = plan.get("margin")
    non_inferiority = (
        "No non-inferiority margin was set."
        if margin is None
        else f"Non-inferiority was judged against a margin of {100 * margin:.1f} "
        f"points by the lower limit of the {_percent(1 - used)}% interval (one-sided "
        f"{_percent(used / 2)}%), "
        f"superiority only after it. {asked('clinical reason for the margin')}"
    )
    return (
        f"The estimand was {what}, in the population of cases that these represent. It "
        f"was estimated {_INFERENCE[chosen_inference(results)]}. Tests were two-sided "
        f"at {level}; {_cover(used)}. The unit of analysis was the case, with all "
        f"of its grades together. Missing grades were not imputed. {non_inferiority}"
    )


def _percent(share: float) -> str:
    return f"{100 * share:g}"


def _cover(alpha: float) -> str:
    """What intervals cover, in words."""
    level = _percent(1 - alpha)
    if level == "95":
        return "intervals cover 95%"
    return f"the interval of the main answer covers {level}%, all others 95%"


def _rules(results: Results, wording: Wording) -> str:
    """Which rule the data led to, per comparison."""
    if chosen_inference(results) != "headline":
        return ""
    compared = compared_at(results, primary_outcome(results)) or results
    found = [
        f"{sides_of(pair, results).title(wording)}: {_RULES[pair['headline']['rule']]}"
        for pair in in_order(compared["pairs"], results)
        if pair["headline"]["rule"] in _RULES
    ]
    return f"The rule for the headline gave: {'; '.join(found)}." if found else ""


def _table5(results: Results) -> str:
    cochran = results["cochran_q"]
    if cochran["status"] != "ok":
        reason = cochran.get("message") or "not estimable."
        return f"Cochran's Q of success (A or B) is not given: {reason}"
    return (
        "Cochran's Q of success (A or B) was computed over "
        f"{counted(cochran['blocks'], 'complete row')} of one reader and one case and "
        f"{counted(cochran['columns'], 'column')} of arms, {cochran['df']} df. It is "
        "given for comparison with earlier work and does not account for several "
        "readers rating the same report."
    )


def _multiplicity(results: Results) -> str:
    number = len(results["pairs"])
    if number < 2:
        return "One comparison of arms was made; no correction was needed." * number
    held = (
        f"Over the {number} pairs of arms, the p values of the headline and of "
        "McNemar's test were corrected after Holm."
    )
    if chosen_inference(results) != "headline":
        held += " The p values of the planned inference are not corrected."
    if results["clustered_q"]["status"] == "ok":
        held += (
            " All arms together were tested with the clustered Q (whole arms "
            "exchangeable within a case)."
        )
    return held


def _agreement(results: Results) -> str:
    block = results["agreement"]["all"]
    known = [name for name in COEFFICIENTS if block[name] is not None]
    if not known:
        return f"Agreement between readers is not given: {block['message']}"
    bootstrap = block.get("bootstrap") or {}
    interval = "without intervals"
    if any(block.get(f"{name}_ci95") for name in known):
        interval = (
            f"with 95% intervals from {bootstrap['draws']} bootstrap draws of whole "
            f"cases (seed {bootstrap['seed']})"
        )
    return (
        "Agreement between readers is given as Fleiss' kappa, Krippendorff's alpha "
        "with the ordinal metric, Gwet's AC2 with ordinal weights, quadratic "
        "weighted kappa of every two readers, and the share of equal grades, "
        f"{interval}."
    )


def _software(results: Results) -> str:
    versions = listing(
        [f"{name} {version}" for name, version in sorted(results["versions"].items())]
    )
    return f"Software: {versions}. Seed of the resampling: {results['seed']}."


def _protocol(protocol: Mapping[str, Any]) -> str:
    if not protocol:
        return asked("registration of the protocol, and changes to it")
    return f"Protocol: SHA-256 {sha256_of(canonical_json(protocol))}. " + asked(
        "registration, and changes after the protocol was locked"
    )
