"""What became of a file: written in one transaction with what was stored of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction

from readerstudy.cases.imports import Outcome
from readerstudy.cases.intake import staging
from readerstudy.cases.intake.models import DeliveredFile
from readerstudy.cases.models import Case
from readerstudy.cases.names import shown
from readerstudy.work import leases
from readerstudy.work.leases import Claim
from readerstudy.work.worker import patiently

State = DeliveredFile.State
STATES = {
    Outcome.IMPORTED: State.IMPORTED,
    Outcome.ALREADY_THERE: State.ALREADY_THERE,
}


class LostClaim(Exception):
    """Somebody cancelled the delivery, or took this worker for dead."""


@dataclass(frozen=True)
class Fate:
    """What became of one file, and what is to be said about it."""

    state: str
    reason: str = ""
    warnings: tuple[str, ...] = ()
    case: Case | None = None
    sha256: str = ""
    is_nameless: bool = False


def settle(
    claim: Claim,
    files: Iterable[DeliveredFile],
    store: Callable[[], Fate],
) -> None:
    """Store something and note on its files what became of them, all or nothing.

    Warnings about several files together stand with the first of them.
    Raises LostClaim, and then nothing was stored; what `store` raises goes through.
    """
    these = list(files)
    patiently(lambda: _settled(claim, these, store))
    for file in these:
        if file.archive is None:
            staging.remove(file)
        else:
            _remove_used_up(file.archive)


@transaction.atomic
def _settled(
    claim: Claim, files: list[DeliveredFile], store: Callable[[], Fate]
) -> None:
    require_held(claim)
    fate = store()
    for number, file in enumerate(files):
        file.state = fate.state
        file.reason = shown(fate.reason)[:500]
        warnings = fate.warnings if number == 0 else ()
        file.warnings = [shown(warning) for warning in warnings]
        file.case = fate.case
        file.sha256 = fate.sha256
        if fate.case is not None and not file.archive_id:
            # A path or a UID that leads back to the patient is of no more use.
            file.address = ""
        if fate.is_nameless and fate.case is not None:
            file.name = f"{fate.sha256[:12]} ({file.pk})"
        file.save()


def require_held(claim: Claim) -> None:
    """Lock the claim's row for the transaction; raises LostClaim where it is gone."""
    if leases.held(claim).select_for_update().first() is None:
        raise LostClaim


def _remove_used_up(archive: DeliveredFile) -> None:
    """An archive's bytes are needed for as long as a member is left to do."""
    if not archive.members.all().to_do().exists():
        staging.remove(archive)
