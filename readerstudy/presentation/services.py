"""Freezing: lay out the texts, deal the slots, lock the protocol - at once or not."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

import readerstudy
from readerstudy.accounts.models import User
from readerstudy.cases.case_sets.drawing import lock_case_set
from readerstudy.cases.case_sets.protocol import case_set_protocol
from readerstudy.cases.fixing import hold_for_freeze
from readerstudy.cases.models import Case
from readerstudy.postgresql.counting import count_again
from readerstudy.presentation.blind import PROFILES
from readerstudy.presentation.blinding_audit.standing import audit_protocol
from readerstudy.presentation.dealing import deal_design
from readerstudy.presentation.design import dealt_from
from readerstudy.presentation.fixed import fixed_by_freeze
from readerstudy.presentation.laid_out import body_in_study
from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.presentation.practice import practice_protocol
from readerstudy.presentation.radiographs import others_of
from readerstudy.presentation.randomise import Deal
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.replay import allocation_rows
from readerstudy.reports.models import Report
from readerstudy.reports.proof import proofs_of
from readerstudy.studies import services as studies
from readerstudy.studies.models import Arm, Membership, Study
from readerstudy.studies.protocol import canonical_json, sha256_of


@transaction.atomic
def freeze(*, study: Study, actor: User, accepts_warnings: bool = False) -> Study:
    """Deal the slots of a ready draft and lock its protocol; nobody reads yet.

    Warnings of the checklist must be accepted; they stand in the protocol then.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if not study.is_draft:
        raise ValidationError("The study is frozen already.")
    hold_for_freeze(study)
    cases = list(Case.objects.of_study(study).select_related("image"))
    arms = list(study.arm_set.all())
    looked_at = set(_reports(cases, arms).values_list("pk", flat=True))
    checks = checklist(study)
    missing = [check.sentence for check in checks if not check.done]
    if missing:
        raise ValidationError(missing)
    warnings = [check.sentence for check in checks if check.warns]
    if warnings and not accepts_warnings:
        raise ValidationError(["Accept what is warned of first.", *warnings])
    readers = list(study.membership_set.readers())
    presented = _present(study, cases, arms)
    if {row.report_id for row in presented.values()} != looked_at:
        raise ValidationError(
            "Reports of these cases came in at this very moment. Look at the checklist "
            "once more: the blinding audit and the sign-off have not seen them."
        )
    # The checklist has dealt the same already.
    deals = _deal(study, readers, cases, arms)
    _store_slots(deals, readers, cases, presented)
    protocol = _protocol(study, readers, cases, arms, presented, deals)
    protocol |= {"self_tests": _self_tests(study), "accepted_warnings": warnings}
    lock_case_set(study)
    transaction.on_commit(lambda: count_again(PresentedReport, Slot), robust=True)
    return studies.lock(
        study=study, actor=actor, protocol=protocol, rows=fixed_by_freeze(study)
    )


def _deal(
    study: Study, readers: list[Membership], cases: list[Case], arms: list[Arm]
) -> list[Deal]:
    """Deal the slots as the protocol's design asks for, by codes of cases."""
    return deal_design(
        **dealt_from(study),
        readers=[reader.reader_code for reader in readers],
        strata={case.code: case.stratum for case in cases},
        arms=[arm.name for arm in arms],
    )


def _reports(cases: list[Case], arms: list[Arm]) -> QuerySet[Report]:
    """The current report of every case and arm."""
    sources = [arm.source for arm in arms]
    return Report.objects.current().filter(case__in=cases, source__name__in=sources)


def _present(
    study: Study, cases: list[Case], arms: list[Arm]
) -> dict[tuple[str, str], PresentedReport]:
    """Lay out these reports as readers see them."""
    arm_of_source = {arm.source: arm for arm in arms}
    reports = _reports(cases, arms)
    rows = []
    for report in reports.select_related("source", "case").order_by("case_id", "id"):
        body = body_in_study(report, study).as_json()
        rows.append(
            PresentedReport(
                study=study,
                case=report.case,
                arm=arm_of_source[report.source.name],
                report=report,
                body=body,
                sha256=sha256_of(canonical_json(body)),
            )
        )
    stored = PresentedReport.objects.bulk_create(rows)
    return {(str(row.case_id), row.arm.name): row for row in stored}


def _store_slots(
    deals: list[Deal],
    readers: list[Membership],
    cases: list[Case],
    presented: dict[tuple[str, str], PresentedReport],
) -> None:
    reader_of_code = {reader.reader_code: reader for reader in readers}
    key_of_code = {case.code: str(case.pk) for case in cases}
    Slot.objects.bulk_create(
        [
            Slot(
                reader=reader_of_code[planned.reader],
                presented=presented[key_of_code[planned.case], planned.arm],
                position=planned.position,
                session=planned.session,
                side=planned.side,
                repeat=planned.repeat,
            )
            # Sorted by position first, so that row ids tell nothing about the arm.
            for planned in sorted(deals, key=lambda each: (each.position, each.reader))
        ],
        batch_size=1000,
    )


def _self_tests(study: Study) -> list[dict[str, Any]]:
    """What the pixel self-tests said of the arms' sources."""
    return [
        {
            "arm": proof.arm.name,
            "fingerprint": making.fingerprint,
            "verdict": making.result.verdict if making.result else None,
            "images": making.result.images if making.result else 0,
            "overruled": making.overruling.reason if making.overruling else None,
        }
        for proof in proofs_of(study)
        for making in proof.makings
    ]


def _protocol(
    study: Study,
    readers: list[Membership],
    cases: list[Case],
    arms: list[Arm],
    presented: dict[tuple[str, str], PresentedReport],
    deals: list[Deal],
) -> dict[str, Any]:
    """Everything that was decided before the first read, in plain JSON."""
    margin = study.margin_points
    return {
        "schema": "readerstudy.protocol/4",
        "study": study.code,
        "title": study.title,
        "instructions": study.instructions,
        "scale": study.scale,
        "success": ["A", "B"],
        "stringent_success": ["A"],
        "margin_points": None if margin is None else float(margin),
        "alpha": float(study.alpha),
        "analysis": study.analysis_plan,
        "seed": study.seed,
        "minimum_pair_distance": study.minimum_pair_distance,
        "design": study.design,
        "redaction": study.redaction,
        "show_indication": study.show_indication,
        "reading": study.reading_rules,
        "practice": practice_protocol(study),
        "layout_profile": study.layout_profile,
        "layout_version": PROFILES[study.layout_profile].version,
        "blinding_audit": audit_protocol(study),
        "arms": [
            {
                "name": arm.name,
                "label": arm.label,
                "source": arm.source,
                "reference": arm.is_reference,
            }
            for arm in arms
        ],
        "readers": [reader.reader_code for reader in readers],
        "case_set": case_set_protocol(study),
        "cases": [
            {
                "case": case.code,
                "stratum": case.stratum,
                "frame_sha256": case.image.frame_sha256 if case.image else None,
                "other_frames_sha256": [
                    image.frame_sha256
                    for image in (others_of(case) if study.show_other_images else ())
                ],
            }
            for case in cases
        ],
        "reports": [
            {
                "case": row.case.code,
                "arm": row.arm.name,
                "report_sha256": row.report.sha256,
                "fingerprint": row.report.fingerprint,
                "presented_sha256": row.sha256,
            }
            for row in presented.values()
        ],
        "allocation_sha256": sha256_of(canonical_json(allocation_rows(deals))),
        "software": f"readerstudy {readerstudy.VERSION}",
    }
