"""The display check: when it is due, and what came of it."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from readerstudy.audit.rows import as_stored
from readerstudy.audit.services import record
from readerstudy.grading.before.models import DisplayCheck
from readerstudy.grading.before.pattern import (
    Pattern,
    known_device,
    not_met,
    screen_of,
)
from readerstudy.statements import Statement
from readerstudy.studies.lifecycle.words import why_no_reading
from readerstudy.studies.models import Membership

GOOD_FOR = datetime.timedelta(hours=12)
# Whoever goes on knowingly has just looked.
LOOKED_AT = datetime.timedelta(minutes=10)


def last_check(reader: Membership) -> DisplayCheck | None:
    """The check with which a reader went on last: passed, or not and knowingly."""
    return _last.first(reader=reader.pk)


def _went_on(reader: int) -> "QuerySet[DisplayCheck]":
    done = DisplayCheck.objects.filter(Q(passed=True) | Q(went_on=True), reader=reader)
    return done.order_by("-id")[:1]


_last = Statement(_went_on, numbers=["reader"])


def checked_screen(reader: Membership) -> str:
    """The screen of the last check, for the browser to compare; empty for any."""
    if not reader.study.display_check:
        return ""
    last = last_check(reader)
    return last.screen if last else ""


def check_holds(at: datetime.datetime) -> bool:
    """Whether a check of then is still good, for a report of its session.

    Another screen is noticed by the browser, which asks for a check by itself.
    """
    return timezone.now() - at <= GOOD_FOR


@transaction.atomic
def store_check(
    *,
    reader: Membership,
    session: int,
    pattern: Pattern,
    answers: Mapping[str, Any],
    device: Any,
) -> DisplayCheck:
    """Store what a reader told of a pattern, and whether the display passes by it."""
    if not reader.may_read:
        raise ValidationError(why_no_reading(reader))
    passed = not not_met(pattern, answers)
    described = known_device(device)
    check = DisplayCheck.objects.create(
        reader=reader,
        session=session,
        passed=passed,
        expected=pattern.as_json(),
        answers=dict(answers),
        screen=screen_of(described),
        device=described,
    )
    _record(check)
    return check


@transaction.atomic
def go_on_knowingly(*, reader: Membership, session: int) -> DisplayCheck:
    """Let a reader read on a display that did not pass; recorded as such."""
    if not reader.may_read:
        raise ValidationError(why_no_reading(reader))
    failed = DisplayCheck.objects.filter(reader=reader, session=session).last()
    long_ago = timezone.now() - LOOKED_AT
    if failed is None or failed.passed or failed.went_on or failed.at < long_ago:
        raise ValidationError(_("Look at the pattern first."))
    check = DisplayCheck.objects.create(
        reader=reader,
        session=session,
        passed=False,
        went_on=True,
        expected=failed.expected,
        answers=failed.answers,
        screen=failed.screen,
        device=failed.device,
    )
    _record(check)
    return check


def _record(check: DisplayCheck) -> None:
    reader = check.reader
    record(
        actor=reader.user,
        verb="display.checked",
        stream=reader.study.code,
        subject=reader.reader_code,
        detail={
            "session": check.session,
            "passed": check.passed,
            "went_on": check.went_on,
        },
        rows=[as_stored(check)],
    )
