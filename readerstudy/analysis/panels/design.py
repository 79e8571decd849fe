"""What was read: readers, cases, arms, reads and the plan."""

from readerstudy.analysis.panels.headline import CUTS, chosen_inference, primary_outcome
from readerstudy.analysis.panels.missing import obtained
from readerstudy.analysis.panels.panel import Panel, Results, Row, Wording, table
from readerstudy.analysis.panels.signs import reference_of
from readerstudy.analysis.wording import NOTHING
from readerstudy.studies.analysis_plan import ANALYSES

_INFERENCE = {
    "headline": "these readers and readers like these; the more cautious answer counts",
    "fixed": "these readers alone",
    "random": "readers like these",
}


def design(results: Results, wording: Wording) -> list[Panel]:
    """Facts of the design, one per row."""
    facts, plan = results["design"], results.get("plan") or {}
    reference, margin = reference_of(results), plan.get("margin")
    planned = plan.get("planned")
    lines = {
        "Readers": str(facts["readers"]),
        "Cases": str(facts["cases"]),
        "Arms": ", ".join(map(wording.arm, facts["arms"])) or NOTHING,
        "Reference": wording.arm(reference) if reference else NOTHING,
        "Grades given, of those asked for": obtained(results),
        "Reader and case with all arms graded": (
            f"{facts['complete_blocks']} of {facts['blocks']}"
        ),
        "Every reader graded every report": "yes" if facts["fully_crossed"] else "no",
        "Primary outcome": f"success ({CUTS[primary_outcome(results)]})",
        "Inference": _INFERENCE[chosen_inference(results)],
        "Non-inferiority margin": (
            NOTHING if margin is None else f"{100 * margin:.1f} points"
        ),
        "Further planned analyses": (
            "no protocol"
            if planned is None
            else "; ".join(_title(name) for name in planned) or "none"
        ),
    }
    rows = [Row(line) for line in lines.items()]
    return [Panel(name="design", title="What was read", **table(("Fact", ""), rows, 2))]


def _title(name: str) -> str:
    """A planned analysis as people read it."""
    return str(ANALYSES.get(name, name))
