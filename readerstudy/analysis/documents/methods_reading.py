"""How the study was read: design, cases, arms, presentation, outcome, grades."""

from collections.abc import Iterator, Mapping
from typing import Any

from readerstudy.analysis.documents.asked import asked, listing
from readerstudy.analysis.documents.methods_presentation import presentation
from readerstudy.analysis.panels.headline import CUTS, primary_outcome
from readerstudy.analysis.panels.panel import Results, Wording
from readerstudy.analysis.panels.strata import NO_STRATUM
from readerstudy.analysis.statistics.design import CROSSED, allocation_of
from readerstudy.analysis.wording import counted

Protocol = Mapping[str, Any]


def reading_sections(
    results: Results, wording: Wording
) -> Iterator[tuple[str, list[str]]]:
    """Headings with their sentences."""
    protocol = wording.protocol
    yield "Design and readers", [_design(results, protocol)]
    yield "Cases", [_cases(results, protocol)]
    yield "Arms", [_arms(results, wording)]
    yield "Presentation and blinding", [presentation(results, protocol)]
    yield "Outcome", [_outcome(results, wording)]
    yield "Grades obtained", [_missing(results)]


def _design(results: Results, protocol: Protocol) -> str:
    design, missing = results["design"], results["missing"]
    readers = counted(design["readers"], "reader")
    arms = counted(len(design["arms"]), "arm")
    if design["fully_crossed"]:
        crossing = "every reader graded every report (fully crossed)"
    elif allocation_of(protocol) != CROSSED:
        crossing = _dealt(protocol)
    elif protocol.get("allocation_sha256"):
        crossing = "every reader was asked to grade every report (fully crossed)"
    else:
        crossing = f"not every reader graded every report {asked('whether all should')}"
    return (
        f"{readers} {asked('years of experience and speciality of the readers')} "
        f"graded reports of {arms} on {counted(design['cases'], 'radiograph')}: "
        f"{missing['given']} of {missing['expected']} grades were obtained; "
        f"{crossing}. "
        f"{asked('ethics approval, consent and where and when the study took place')}"
    )


def _dealt(protocol: Protocol) -> str:
    """How a design that is not crossed dealt the reports."""
    design = protocol["design"]
    if design["allocation"] == "one_report":
        return "every reader was asked to grade one report of each radiograph"
    anchors = design.get("anchor_cases") or 0
    shared = f", and {counted(anchors, 'radiograph')} in every group" if anchors else ""
    return (
        "the readers were divided into "
        f"{counted(design.get('reader_groups') or 0, 'group')} and every reader was "
        "asked to grade every report of the radiographs of their own group (split "
        f"plot){shared}"
    )


def _cases(results: Results, protocol: Protocol) -> str:
    drawn = protocol.get("case_set") or {}
    strata: dict[str, int] = {}
    for row in results["by_stratum"]:
        name = row["stratum"] or NO_STRATUM.lower()
        strata[name] = max(strata.get(name, 0), row["cases"])
    if set(strata) <= {NO_STRATUM.lower()}:
        number = counted(results["design"]["cases"], "case")
        graded = f"Grades were given to {number}. {asked('how many were normal')}"
    else:
        mixture = listing([f"{number} {name}" for name, number in strata.items()])
        graded = f"The graded cases were {mixture}."
    if not drawn:
        return f"{graded} " + asked(
            "source of the radiographs, eligibility, and how cases were sampled"
        )
    available = drawn.get("available") or {}
    held = listing([f"{number} {name}" for name, number in available.items() if number])
    chosen = len(protocol.get("cases") or [])
    return (
        f"{counted(chosen, 'case')} were drawn at random, by stratum, from the "
        f"collection {drawn.get('collection')} ({held or 'size unknown'} available) "
        f"with seed {drawn.get('seed')}. {graded} "
        + asked("source of the radiographs, eligibility, de-identification")
    )


def _arms(results: Results, wording: Wording) -> str:
    sources = {
        arm["name"].strip(): arm.get("source")
        for arm in wording.protocol.get("arms") or []
        if isinstance(arm, Mapping)
    }
    reference = (results.get("plan") or {}).get("reference")
    sentences = []
    for arm in results["design"]["arms"]:
        source = f" (source {sources[arm]})" if sources.get(arm) else ""
        role = ", the reference" if arm == reference else ""
        version = asked("version and date, prompts and decoding where it is a model")
        sentences.append(f"{wording.arm(arm)}{source}{role}: {version}.")
    return "The arms were: " + " ".join(sentences) if sentences else ""


def _outcome(results: Results, wording: Wording) -> str:
    primary = primary_outcome(results)
    other = "stringent" if primary == "success" else "success"
    scale = " ".join(
        f"{grade.get('letter')}: {grade.get('label')}."
        for grade in wording.scale
        if grade.get("letter")
    )
    scale = scale or asked("text of the grades A to D as readers saw it")
    found = f"Reports were graded from A to D. {scale} "
    if (results.get("plan") or {}).get("planned") is None:
        return found + (
            f"Success is a grade of {CUTS[primary]}; results are also given for "
            f"{CUTS[other]}. {asked('which was the primary outcome, decided when')}"
        )
    return found + (
        f"The primary outcome was success, a grade of {CUTS[primary]}; the other "
        f"cut-point ({CUTS[other]}) is secondary."
    )


def _missing(results: Results) -> str:
    missing, design = results["missing"], results["design"]
    excluded = missing["excluded"]
    reasons = listing(
        [
            f"{row['reason'] or 'no reason given'}: {row['reads']}"
            for row in excluded["reasons"]
        ]
    )
    cannot = sum(row["reads"] for row in missing.get("cannot_assess") or [])
    sentences = [
        f"Of {missing['expected']} grades asked for, {missing['given']} were obtained "
        f"and {missing['absent']} are missing.",
        f"{design['complete_blocks']} of {design['blocks']} blocks of one reader and "
        "one case are complete, with a grade in every arm.",
    ]
    if cannot:
        sentences.append(f"In {counted(cannot, 'read')} the reader could not assess.")
    if excluded["reads"]:
        sentences.append(
            f"{counted(excluded['reads'], 'read')} were excluded ({reasons})."
        )
    if missing["arms_without_grades"]:
        names = listing(list(missing["arms_without_grades"]))
        sentences.append(f"Without any grade, and left out: {names}.")
    return " ".join(sentences)
