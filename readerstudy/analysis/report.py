"""Everything that the results page says, from a result set and its protocol."""

from collections.abc import Mapping
from typing import Any

from readerstudy.analysis.comparisons import comparisons
from readerstudy.analysis.sensitivity import bounds, model, obtained
from readerstudy.analysis.tables import agreements, clustered_sentence, table5


def report(results: Mapping[str, Any], protocol: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the page by name; arms carry the labels of the protocol."""
    labels = {arm["name"]: arm["label"] for arm in protocol["arms"]}
    several = len(results["design"]["arms"]) > 2
    return {
        "results": results,
        "table5": table5(results, labels, protocol["scale"]),
        "comparisons": comparisons(results, labels),
        "omnibus": clustered_sentence(results["clustered_q"]) if several else "",
        "agreements": agreements(results, labels),
        "model": model(results, labels),
        "bounds": bounds(results, labels),
        "obtained": obtained(results),
    }
