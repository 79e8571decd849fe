"""How the study was analysed: estimand, tests, multiplicity, agreement, software."""

from collections.abc import Iterator, Mapping
from typing import Any

from readerstudy.analysis.documents.asked import asked, listing
from readerstudy.analysis.panels.headline import chosen_inference
from readerstudy.analysis.panels.panel import Results, Wording, is_exploratory
from readerstudy.analysis.panels.signs import in_order, reference_of, sides_of
from readerstudy.analysis.wording import counted
from readerstudy.studies.analysis_plan import ANALYSES
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
    yield "Further and sensitivity analyses", [_further(results)]
    yield "Sample size", [_sample_size(wording.protocol)]
    yield "Software and protocol", [_software(results), _protocol(wording.protocol)]


def _estimand(results: Results, wording: Wording) -> str:
    plan = results.get("plan") or {}
    reference = reference_of(results)
    if reference:
        what = f"the difference of marginal success, arm minus {wording.arm(reference)}"
    else:
        pairs = in_order(results["pairs"], results)
        titles = [sides_of(pair, results).title(wording) for pair in pairs]
        what = f"the difference of marginal success ({listing(titles) or 'no pair'})"
    alpha = wording.protocol.get("alpha")
    level = asked("level of significance") if alpha is None else f"{alpha:g}"
    margin = plan.get("margin")
    non_inferiority = (
        "No non-inferiority margin was set."
        if margin is None
        else f"Non-inferiority was judged against a margin of {100 * margin:.1f} "
        "points by the lower limit of the 95% interval (one-sided 2.5%), "
        f"superiority only after it. {asked('clinical reason for the margin')}"
    )
    return (
        f"The estimand was {what}, in the population of cases that these represent. It "
        f"was estimated {_INFERENCE[chosen_inference(results)]}. Tests were two-sided "
        f"at {level}; intervals cover 95%. The unit of analysis was the case, with all "
        f"of its grades together. Missing grades were not imputed. {non_inferiority}"
    )


def _rules(results: Results, wording: Wording) -> str:
    """Which rule the data led to, per comparison."""
    if chosen_inference(results) != "headline":
        return ""
    found = [
        f"{sides_of(pair, results).title(wording)}: {_RULES[pair['headline']['rule']]}"
        for pair in in_order(results["pairs"], results)
        if pair["headline"]["rule"] in _RULES
    ]
    return f"The rule for the headline gave: {'; '.join(found)}." if found else ""


def _table5(results: Results) -> str:
    cochran = results["cochran_q"]
    df = cochran["df"]
    degrees = "" if df is None else f", {df} df"
    return (
        "Cochran's Q was computed over "
        f"{counted(cochran['blocks'], 'complete row')} of one reader and one case and "
        f"{counted(cochran['columns'], 'column')} of arms{degrees}. It is given for "
        "comparison with earlier work and does not account for several readers rating "
        "the same report."
    )


def _multiplicity(results: Results) -> str:
    number = len(results["pairs"])
    if number < 2:
        return "There was one comparison of arms; no correction was needed."
    return (
        f"Over the {number} pairs of arms, p values were corrected after Holm; all "
        "arms together were tested with the clustered Q (whole arms exchangeable "
        "within a case)."
    )


def _agreement(results: Results) -> str:
    bootstrap = results["agreement"]["all"].get("bootstrap")
    interval = (
        f"with 95% intervals from {bootstrap['draws']} bootstrap draws of whole cases "
        f"(seed {bootstrap['seed']})"
        if bootstrap
        else "without intervals"
    )
    return (
        "Agreement between readers is given as Fleiss' kappa, Krippendorff's alpha "
        "with the ordinal metric, Gwet's AC2 with ordinal weights, quadratic "
        "weighted kappa of every two readers, and the share of equal grades, "
        f"{interval}."
    )


def _further(results: Results) -> str:
    planned = (results.get("plan") or {}).get("planned")
    if planned is None:
        return (
            "Without a protocol, no analysis beyond the comparison of the arms can be "
            f"called planned. {asked('which analyses were planned in advance')}"
        )
    titles = [str(ANALYSES[name]) for name in planned if name in ANALYSES]
    others = [str(ANALYSES[name]) for name in ANALYSES if is_exploratory(results, name)]
    return (
        f"Planned in the protocol: {'; '.join(titles) or 'nothing further'}. "
        f"Exploratory where reported: {'; '.join(others) or 'nothing'}. Sensitivity "
        "analyses: a marginal logistic model (GEE, clustered by case, bias-reduced "
        "standard errors) over all grades given, and bounds with every missing grade "
        "against either arm."
    )


def _sample_size(protocol: Mapping[str, Any]) -> str:
    planned = (protocol.get("analysis") or {}).get("sample_size")
    if not planned:
        return asked("reasoning behind the numbers of readers and cases")
    if isinstance(planned, Mapping) and planned.get("sentence"):
        return str(planned["sentence"])
    facts = "; ".join(
        f"{name.replace('_', ' ')} {value}"
        for name, value in dict(planned).items()
        if isinstance(value, str | int | float)
    )
    return f"Numbers of readers and cases were planned by simulation ({facts})."


def _software(results: Results) -> str:
    versions = listing(
        [f"{name} {version}" for name, version in results["versions"].items()]
    )
    return f"Software: {versions}. Seed of the resampling: {results['seed']}."


def _protocol(protocol: Mapping[str, Any]) -> str:
    if not protocol:
        return asked("registration of the protocol, and changes to it")
    return f"Protocol: SHA-256 {sha256_of(canonical_json(protocol))}. " + asked(
        "registration, and changes after the protocol was locked"
    )
