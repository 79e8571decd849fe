"""Why so many readers and cases: what the planning page kept with the protocol."""

from collections.abc import Mapping
from typing import Any

from readerstudy.analysis.documents.asked import asked, listing
from readerstudy.analysis.panels.panel import Results
from readerstudy.analysis.wording import counted

_ASKED = "reasoning behind the numbers of readers and cases"
_SCHEMA = "readerstudy.sample_size/1"
_NAMES = {
    "headline": "the headline",
    "fixed": "these readers",
    "random": "readers like these",
    "all_rows": "all grades, clustered by case",
}
_DESIGNS = {
    "crossed": "every reader reading every report",
    "split_plot": "{groups} groups of readers with cases of their own and {anchors} "
    "cases for all",
    "one_report": "every reader seeing every case once, with one of its reports",
}


def sample_size(results: Results, protocol: Mapping[str, Any]) -> str:
    """The plan's inputs and its power; asks the authors where no plan was kept."""
    plan = (protocol.get("analysis") or {}).get("sample_size")
    if not isinstance(plan, Mapping) or plan.get("schema") != _SCHEMA:
        return asked(_ASKED)
    inputs = plan["inputs"]
    layout = dict(inputs["layout"])
    design = _DESIGNS.get(layout.pop("name"), "").format(**layout)
    powers = [
        f"{100 * plan['power'][name]['power']:.0f}% for {title}"
        for name, title in _NAMES.items()
        if name in plan["power"]
    ]
    return (
        f"{counted(inputs['readers'], 'reader')} and "
        f"{counted(inputs['cases'], 'case')} were planned by simulation of "
        f"{plan['replicates']} studies (seed {plan['seed']}) with {design}, "
        f"{_aim(inputs)}. Shares of the latent variance were {_shares(inputs)}. The "
        f"power of one comparison was {listing(powers)}.{_reached(inputs, results)}"
    )


def _aim(inputs: Mapping[str, Any]) -> str:
    rates = (
        f"expecting success in {100 * inputs['rate']:.1f}% against "
        f"{100 * inputs['reference_rate']:.1f}% in the reference"
    )
    margin = inputs["margin_points"]
    if margin is None:
        return f"{rates}, to show a difference"
    return f"{rates}, to show that the arm is not worse by {margin:g} points"


def _shares(inputs: Mapping[str, Any]) -> str:
    shares = inputs["shares"]
    parts = {name.replace("_", " "): share for name, share in shares.items()}
    parts["residual"] = 1 - sum(shares.values())
    return listing([f"{name} {100 * share:.0f}%" for name, share in parts.items()])


def _reached(inputs: Mapping[str, Any], results: Results) -> str:
    design = results["design"]
    if (design["readers"], design["cases"]) == (inputs["readers"], inputs["cases"]):
        return ""
    return (
        f" The grades come from {counted(design['readers'], 'reader')} and "
        f"{counted(design['cases'], 'case')}. {asked('why the numbers differ')}"
    )
