"""The rows of how reading went: event logs, and what was before and after sessions."""

import json
from collections.abc import Iterator
from typing import Any

from readerstudy.grading.models import Consent, DisplayCheck, GuessSheet, Visit
from readerstudy.studies.models import Membership, Study

Row = dict[str, Any]


def visit_rows(study: Study) -> Iterator[Row]:
    """Yield one row per logged event, by reader, position, visit and place in its log.

    A visit that logged nothing has one row of its own, so that none is missing.
    """
    visits = Visit.objects.filter(slot__reader__study=study)
    visits = visits.select_related("slot__reader")
    ordered = visits.order_by("slot__reader_id", "slot__position", "id")
    # Logs are long: they need not be in memory all at once.
    for visit in ordered.iterator(chunk_size=200):
        for at_ms, kind, detail in visit.events or [("", "", "")]:
            yield {
                "reader": visit.slot.reader.reader_code,
                "position": visit.slot.position,
                "version": visit.version,
                "visit": visit.key,
                "began_at": visit.began_at.isoformat(),
                "client_began_at": visit.client_began_at.isoformat(),
                "at_ms": at_ms,
                "kind": kind,
                "detail": detail,
            }


def session_rows(study: Study) -> Iterator[Row]:
    """Yield consents, then display checks, then guess pages of each reader in turn."""
    for reader in study.membership_set.readers():
        for row in (*_consents(reader), *_display_checks(reader), *_guesses(reader)):
            yield {"reader": reader.reader_code, **row}


def _consents(reader: Membership) -> Iterator[Row]:
    for consent in Consent.objects.filter(reader=reader).order_by("id"):
        yield {
            "kind": "consent",
            "at": consent.at.isoformat(),
            "consent_sha256": consent.version,
        }


def _display_checks(reader: Membership) -> Iterator[Row]:
    for check in DisplayCheck.objects.filter(reader=reader).order_by("id"):
        yield {
            "kind": "display_check",
            "session": check.session,
            "at": check.at.isoformat(),
            "passed": check.passed,
            "went_on": check.went_on,
            "expected": json.dumps(check.expected, sort_keys=True),
            "answers": json.dumps(check.answers, sort_keys=True),
            "screen": check.screen,
            "device": json.dumps(check.device, sort_keys=True),
        }


def _guesses(reader: Membership) -> Iterator[Row]:
    sheets = GuessSheet.objects.filter(reader=reader).prefetch_related("guesses")
    for sheet in sheets.order_by("session"):
        shared = {"session": sheet.session}
        yield shared | {"kind": "guesses_opened", "at": sheet.opened_at.isoformat()}
        # All guesses of a sheet are stored at once.
        last = max((guess.at for guess in sheet.guesses.all()), default=None)
        if last:
            yield shared | {"kind": "guesses_given", "at": last.isoformat()}
