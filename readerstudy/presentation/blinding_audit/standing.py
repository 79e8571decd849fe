"""Where a study stands with its blinding audit: what is fresh, accepted, or missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from readerstudy.cases.models import Case
from readerstudy.presentation.blind import PROFILES
from readerstudy.presentation.blinding_audit.models import (
    BlindingAcceptance,
    BlindingAudit,
)
from readerstudy.presentation.blinding_audit.reading.audit import MOST_ARMS
from readerstudy.presentation.blinding_audit.texts import (
    digest_of,
    without_both_parts,
)
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study

# The page on which it is mended, for the checklist.
PAGE = "presentation:blinding:page"


@dataclass(frozen=True)
class Standing:
    """The audit of the study as it is now, if there is one, and its acceptance.

    newest  the newest audit under the study's layout, whatever became of it
    """

    digest: str
    audit: BlindingAudit | None
    acceptance: BlindingAcceptance | None
    newest: BlindingAudit | None

    @property
    def is_under_way(self) -> bool:
        return self.newest is not None and self.newest.is_unfinished

    @property
    def has_failed(self) -> bool:
        return self.newest is not None and self.newest.status == "failed"


def standing_of(study: Study) -> Standing:
    """Look up audit and acceptance by the digest of what a reader would see now."""
    layout = {"layout_profile": study.layout_profile, "redaction": study.redaction}
    digest = digest_of(study, **layout)
    fresh = BlindingAudit.objects.done(study).filter(digest=digest).first()
    accepted = BlindingAcceptance.objects.filter(audit__study=study, digest=digest)
    newest = BlindingAudit.objects.filter(study=study, **layout).order_by("-id").first()
    return Standing(
        digest, fresh, accepted.select_related("author", "audit").last(), newest
    )


def missing(study: Study) -> str:
    """What an audit needs that the study has not, in a sentence; empty if nothing."""
    arms = list(study.arm_set.all())
    if len(arms) < 2:
        return "The blinding audit compares the reports of two arms: add an arm."
    if len(arms) > MOST_ARMS:
        return f"The blinding audit reads at most {MOST_ARMS} arms."
    held = (
        Report.objects.current()
        .filter(case__in=Case.objects.of_study(study).order_by())
        .values_list("source__name", flat=True)
        .distinct()
    )
    with_reports = set(held)
    without = [arm.label for arm in arms if arm.source not in with_reports]
    if without:
        return (
            "The blinding audit reads the reports of all arms; there is none yet of "
            f"{' and '.join(without)}."
        )
    return ""


def audit_checks(study: Study) -> Iterator[tuple[bool, str, str]]:
    """Lines for the checklist before the freeze: done, sentence, page."""
    profile = PROFILES[study.layout_profile]
    if profile.is_former:
        yield (
            False,
            f"The layout {profile.key} may take a number of a report for a list mark. "
            "Choose its newer version.",
            PAGE,
        )
    if profile.has_sections:
        lacking = without_both_parts(study)
        if lacking:
            yield (
                False,
                f"{len(lacking)} of the reports have not both findings and impression, "
                f"such as that of {lacking[0].source} on {lacking[0].case.code}, and "
                "would stand out. Choose a layout without sections.",
                PAGE,
            )
    if sentence := missing(study):
        yield False, sentence, PAGE
        return
    yield (*_number_check(standing_of(study)), PAGE)


def _number_check(standing: Standing) -> tuple[bool, str]:
    audit, acceptance = standing.audit, standing.acceptance
    if audit is not None and acceptance is not None:
        return True, (
            f"Blinding audit: {told(audit.found)}, accepted by {acceptance.author}."
        )
    if audit is not None:
        return False, (
            f"Blinding audit: {told(audit.found)}. Accept this in writing, or choose "
            "another layout."
        )
    if standing.is_under_way:
        return False, "The blinding audit is under way; wait for it."
    if standing.has_failed:
        return False, "The blinding audit failed; run it again."
    if standing.newest is not None:
        return False, (
            "Texts, cases or arms have changed since the blinding audit: run it again."
        )
    return False, (
        "Audit the blinding: let a statistical reader try to tell the arms by their "
        "texts."
    )


def told(found: dict[str, Any]) -> str:
    """The number in a few words, for sentences."""
    if found["auc"] is None:
        return "no number, as one case is too few"
    words = f"the texts tell the arms with AUC {found['auc']:.2f}"
    if found["ci95"]:
        low, high = found["ci95"]
        words += f" (95% CI {low:.2f} to {high:.2f})"
    return words


def audit_protocol(study: Study) -> dict[str, Any]:
    """The audit and its acceptance as they stand in the locked protocol.

    Without times, as the rest of it: the same decisions give the same hash.
    """
    standing = standing_of(study)
    audit = cast(BlindingAudit, standing.audit)
    acceptance = cast(BlindingAcceptance, standing.acceptance)
    found = audit.found
    permutation = found.get("permutation") or {}
    return {
        "schema": found["schema"],
        "layout_profile": audit.layout_profile,
        "redaction": audit.redaction,
        "status": found["status"],
        "auc": found["auc"],
        "ci95": found["ci95"],
        "permutation_p": permutation.get("p_value"),
        "cases": found["cases"],
        "reports": found["reports"],
        "digest": audit.digest,
        "acceptance": {
            "text": acceptance.text,
            "author": acceptance.author.username,
        },
    }
