"""What a reader still does before a report is opened; one query, for every page."""

import datetime
from enum import StrEnum, auto
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from readerstudy.grading.before.consent import consent_version
from readerstudy.grading.before.display import check_holds
from readerstudy.grading.before.models import Consent, DisplayCheck, PracticeReading
from readerstudy.presentation.models import PracticeCase
from readerstudy.statements import Statement
from readerstudy.studies.models import Membership


class Missing(StrEnum):
    """What a reader still does before a report may be opened, in this order."""

    CONSENT = auto()
    DISPLAY = auto()
    PRACTICE = auto()


def what_is_missing(reader: Membership, session: int) -> Missing | None:
    """Return what a reader has to do before a report of a session, if anything."""
    study = reader.study
    asks = bool(study.consent.strip())
    version = consent_version(study) if asks else ""
    done: Any = _done.rows(reader=reader.pk, version=version)[0]
    if asks and not done.has_agreed:
        return Missing.CONSENT
    if study.display_check and not _is_checked(done, session):
        return Missing.DISPLAY
    return Missing.PRACTICE if done.is_to_practise else None


def _is_checked(done: Any, session: int) -> bool:
    at: datetime.datetime | None = done.checked_at
    return at is not None and done.checked_session == session and check_holds(at)


def _what_was_done(reader: int, version: str) -> "QuerySet[Membership]":
    mine = {"reader": OuterRef("pk")}
    checks = DisplayCheck.objects.filter(Q(passed=True) | Q(went_on=True), **mine)
    last = checks.order_by("-id")
    read = PracticeReading.objects.filter(
        reader=OuterRef(OuterRef("pk")), practice_case=OuterRef("pk")
    )
    cases = PracticeCase.objects.filter(~Exists(read), study=OuterRef("study"))
    return (
        Membership.objects.filter(pk=reader)
        .only("pk")
        .annotate(
            has_agreed=Exists(Consent.objects.filter(version=version, **mine)),
            checked_at=Subquery(last.values("at")[:1]),
            checked_session=Subquery(last.values("session")[:1]),
            is_to_practise=Exists(cases),
        )
    )


_done = Statement(_what_was_done, numbers=["reader"], words=["version"])
