"""What is known of the readers of a study: as many queries for two as for many."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from readerstudy.grading.before.consent import consent_version
from readerstudy.grading.dashboard.rules import PageRead, Reading
from readerstudy.grading.models import Consent, DisplayCheck, Grade, Reminder, Visit
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership, Study

Moment = datetime.datetime


@dataclass(frozen=True)
class Known:
    """What is known of a reader beside the progress.

    sessions_done, sessions  how many are graded to their end, and how many there are
    opens_at      when the session of the next page opens, where that is waited for
    reminded_on   the day of the last reminder
    """

    reading: Reading
    sessions_done: int
    sessions: int
    opens_at: Moment | None
    reminded_on: datetime.date | None


def known_of(study: Study, readers: Iterable[Membership]) -> dict[int, Known]:
    """What is known of readers of a study, by the number of each."""
    graded, left, sessions = _graded(study), _left(study), _sessions(study)
    checks, agreed, seen = _checks(study), _agreed(study), _seen(study)
    opening = _opening(study, left) if study.washout_days else {}
    reminded = Reminder.objects.filter(reader__study=study)
    reminded_on = _by_reader(reminded, "reader", Max("on"))
    nothing: dict[str, int] = {"left": 0, "begun": 0, "sessions": 0}

    def one(reader: Membership) -> Known:
        pages, answers = graded.get(reader.pk, ([], []))
        rest = left.get(reader.pk, nothing)
        check = checks.get(reader.pk)
        done = sessions.get(reader.pk, [])
        reading = Reading(
            code=reader.reader_code,
            pages=pages,
            answers=answers,
            left=rest["left"],
            waits=max(0, rest["sessions"] - 1) if study.washout_days else 0,
            last_seen=seen.get(reader.pk),
            lacks_consent=agreed is not None and reader.pk not in agreed,
            lacks_display_check=study.display_check and check is None,
            display_failed=bool((pages or rest["begun"]) and check is False),
            has_withdrawn=reader.has_withdrawn,
        )
        return Known(
            reading,
            sum(done),
            len(done),
            opening.get(reader.pk),
            reminded_on.get(reader.pk),
        )

    return {reader.pk: one(reader) for reader in readers}


def _by_reader(rows: "QuerySet[Any]", reader: str, of: Any) -> dict[int, Any]:
    grouped = rows.order_by().values(reader).annotate(found=of)
    return dict(grouped.values_list(reader, "found"))


def _graded(study: Study) -> dict[int, tuple[list[PageRead], list[str]]]:
    """The pages that each reader graded, and what was answered on each report."""
    found: dict[int, tuple[list[PageRead], list[str]]] = defaultdict(lambda: ([], []))
    first = Grade.objects.of_study(study).filter(version=1).order_by("slot")
    columns = ("slot__reader", "slot__side", "submitted_at", "active_ms")
    for reader, side, at, active_ms, letter, reason in first.values_list(
        *columns, "letter", "cannot_assess"
    ):
        pages, answers = found[reader]
        answers.append(letter or reason)
        if side != 2:
            seconds = None if active_ms is None else active_ms / 1000
            pages.append(PageRead(at, seconds))
    return found


def _left(study: Study) -> dict[int, Any]:
    """The pages that are left to each reader: how many, begun, of which sessions."""
    pages = Slot.objects.of_study(study).leading().filter(grade=None).order_by()
    counted = pages.values("reader").annotate(
        left=Count("pk"),
        begun=Count("pk", filter=Q(opened_at__isnull=False)),
        sessions=Count("session", distinct=True),
        next_session=Min("session"),
    )
    return {row["reader"]: row for row in counted}


def _sessions(study: Study) -> dict[int, list[bool]]:
    """For each session of each reader whether it is graded to its end."""
    counted = (
        Slot.objects.of_study(study)
        .order_by()
        .values("reader", "session")
        .annotate(
            dealt=Count("pk", distinct=True),
            graded=Count("grade", filter=Q(grade__version=1)),
        )
    )
    found: dict[int, list[bool]] = defaultdict(list)
    for row in counted:
        found[row["reader"]].append(row["graded"] == row["dealt"])
    return found


def _checks(study: Study) -> dict[int, bool]:
    """Whether the display passed when each reader went on last."""
    if not study.display_check:
        return {}
    done = DisplayCheck.objects.filter(Q(passed=True) | Q(went_on=True))
    checks = done.filter(reader__study=study).order_by("pk")
    return dict(checks.values_list("reader", "passed"))


def _agreed(study: Study) -> set[int] | None:
    """Who has agreed to the present texts; None where the study asks for nothing."""
    if not study.consent.strip():
        return None
    given = Consent.objects.filter(reader__study=study, version=consent_version(study))
    return set(given.values_list("reader", flat=True))


def _seen(study: Study) -> dict[int, Moment]:
    """When each reader last opened, read, or checked anything; four queries."""
    signs = [
        _by_reader(Grade.objects.of_study(study), "slot__reader", Max("submitted_at")),
        _by_reader(Slot.objects.of_study(study), "reader", Max("opened_at")),
        _by_reader(
            Visit.objects.filter(slot__reader__study=study),
            "slot__reader",
            Max("began_at"),
        ),
        _by_reader(
            DisplayCheck.objects.filter(reader__study=study), "reader", Max("at")
        ),
    ]
    readers = {reader for sign in signs for reader in sign}
    found = {
        reader: [at for sign in signs if (at := sign.get(reader)) is not None]
        for reader in readers
    }
    return {reader: max(moments) for reader, moments in found.items() if moments}


def _opening(study: Study, left: dict[int, Any]) -> dict[int, Moment]:
    """When the session of each reader's next page opens (path.session_opens_at)."""
    slots = Slot.objects.of_study(study).filter(grade=None).order_by()
    waiting: dict[int, set[int]] = defaultdict(set)
    for reader, session, case in slots.values_list(
        "reader", "session", "presented__case"
    ):
        if reader in left and session == left[reader]["next_session"]:
            waiting[reader].add(case)
    last: dict[int, Moment] = {}
    grades = Grade.objects.of_study(study).order_by()
    for reader, session, case, at in grades.values_list(
        "slot__reader", "slot__session", "slot__presented__case", "submitted_at"
    ):
        if case in waiting[reader] and session < left[reader]["next_session"]:
            last[reader] = max(at, last.get(reader, at))
    days = datetime.timedelta(days=study.washout_days)
    return {reader: at + days for reader, at in last.items()}
