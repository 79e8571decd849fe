"""How reports were presented and to whom: blinding, order, wash-out, questions."""

from collections.abc import Iterator, Mapping
from typing import Any

from readerstudy.analysis.documents.asked import asked, listing
from readerstudy.analysis.panels.panel import Results
from readerstudy.analysis.wording import counted
from readerstudy.studies.instruments import chosen

Protocol = Mapping[str, Any]


def presentation(results: Results, protocol: Protocol) -> str:
    """What the locked protocol of a study says; without one, what to fill in."""
    if protocol.get("allocation_sha256"):
        told = " ".join(_told(protocol, protocol.get("reading") or {}))
    else:
        told = " ".join(
            map(
                asked,
                (
                    "blinding of the readers to the source of a report",
                    "randomisation of the order, its seed, one report or two at a time",
                    "distance or wash-out between two reports of one radiograph",
                ),
            )
        )
    return f"{told} {_repeats(results)}"


def _told(protocol: Protocol, rules: Mapping[str, Any]) -> Iterator[str]:
    yield "Readers were blinded to the source of every report."
    if protocol.get("layout_version"):
        name, _, _ = (protocol.get("layout_profile") or "").partition("/")
        profile = f"profile {name}, " if name else ""
        version = protocol["layout_version"]
        yield f"All reports were set in one layout ({profile}version {version})."
    yield from _blinding_audit(protocol.get("blinding_audit") or {})
    seed = f"dealt at random with seed {protocol.get('seed')}"
    if rules.get("presentation") == "pair":
        yield (
            "They saw two reports of a radiograph side by side; order and sides were "
            f"{seed}."
        )
    else:
        yield f"They saw one report at a time, each in an order of their own, {seed}."
        yield from _apart(protocol)
    if days := rules.get("washout_days"):
        apart = counted(days, "day")
        yield f"At least {apart} lay between two reports of one radiograph."
    elif "washout_days" in rules:
        yield "No wash-out in days was required."
    if "show_indication" in protocol:
        shown = "shown" if protocol["show_indication"] else "not shown"
        yield f"The indication was {shown}."
    if practice := protocol.get("practice"):
        yield f"Readers practised on {counted(len(practice), 'report')} first."
    if reads := rules.get("session_reads"):
        yield f"A session held at most {counted(reads, 'report')}."
    if seconds := rules.get("idle_seconds"):
        yield (
            "Active time was measured; the clock stopped after "
            f"{counted(seconds, 'second')} without input."
        )
    yield from _questions(rules)


def _blinding_audit(audited: Mapping[str, Any]) -> Iterator[str]:
    """How well the texts alone told the arms, before the first read."""
    if audited.get("auc") is None:
        return
    number = f"cross-validated AUC {audited['auc']:.2f}"
    if audited.get("ci95"):
        low, high = audited["ci95"]
        number += f", 95% CI {low:.2f} to {high:.2f}"
    read = counted(audited["reports"], "report") if audited.get("reports") else "them"
    yield (
        "Before the protocol was locked, a logistic regression on words and style "
        f"tried to tell the arms by {read} ({number}); the coordinator accepted this "
        "in writing."
    )


def _apart(protocol: Protocol) -> Iterator[str]:
    if distance := protocol.get("minimum_pair_distance"):
        reads = counted(distance, "read")
        yield f"Two reports of one radiograph stood at least {reads} apart."


def _questions(rules: Mapping[str, Any]) -> Iterator[str]:
    titles = [str(each.title) for each in chosen(rules.get("instruments") or [])]
    if titles:
        yield f"Beside the grade readers could give: {listing(titles)}."
    if sample := rules.get("guess_sample"):
        reports = counted(sample, "report")
        yield (
            f"At the end of a session they guessed the source of up to {reports} of it."
        )


def _repeats(results: Results) -> str:
    repeats = results["missing"]["repeats"]
    if not repeats:
        return "The reads hold no report that a reader graded twice."
    return (
        f"{counted(repeats, 'read')} repeated a report to the same reader and entered "
        f"the agreement of readers with themselves alone. {asked('after what time')}"
    )
