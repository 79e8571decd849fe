"""A study in which everything has happened that a record can tell of."""

from django.db import connection

from readerstudy.analysis.services import compute
from readerstudy.audit.services import record
from readerstudy.export.services import record_bundle
from readerstudy.grading import amending
from readerstudy.grading.after.guessing import Guess, open_sheet, store_guesses
from readerstudy.grading.path import next_slot
from readerstudy.grading.reply import Mark, Reply
from readerstudy.grading.services import submit
from readerstudy.presentation.models import Slot
from readerstudy.studies.lifecycle.unblinding import unblind
from readerstudy.studies.models import Study
from readerstudy.studies.people.withdrawing import withdraw
from readerstudy.studies.services import amend
from tests import worlds
from tests.lifted import lifted
from tests.people import cora, person, rosa
from tests.remembered import remembered


@remembered
def a_study_with_everything() -> Study:
    """Two readers have read pairs and guessed; one left; the results were opened."""
    study = worlds.draft_study(
        readers=[rosa(), person("Ravi")],
        cases=4,
        presentation="pair",
        display_check=True,
        guess_sample=2,
        amending="study",
        consent="You may stop at any time.",
        instruments=["comment", "errors"],
    )
    worlds.left_out(study, "CXR4")
    worlds.practice_case(study)
    worlds.accept_blinding(study)
    # A worker would have left this event.
    audits = study.blindingaudit_set.all()
    record(actor=None, verb="blinding.audited", stream=study.code, rows=[audits])
    study = worlds.opened(study)
    for reader in study.membership_set.readers():
        worlds.prepare(reader)
        slot = next_slot(reader)
        worlds.grade_pair(slot)
        amending.amend(slot=slot, actor=reader.user, reason="A slip of the mouse.")
        grade_again(slot)
        while slot := next_slot(reader):
            worlds.grade_pair(slot)
        open_sheet(reader=reader, session=1)
        store_guesses(reader=reader, session=1, guesses=[Guess("model", 4)] * 2)
    actor = cora().user
    amend(study=study, actor=actor, field="title", value="Another", reason="Clearer.")
    unblind(study=study, actor=actor, reason="Safety.", typed_code=study.code)
    ravi = study.membership_set.readers().last()
    withdraw(study=study, actor=actor, reader=ravi, reason="Moved.", rule="kept")
    study = worlds.close(study)
    compute(study=study, actor=actor)
    worlds.exclusion(study)
    record_bundle(study=study, actor=actor, manifest_sha256="0" * 64)
    return study


def grade_again(slot: Slot) -> None:
    """Hand in a second version, with a mark in each report."""
    replies = [Reply("C", marks=[Mark("omission", True)]) for _ in range(2)]
    submit(
        slot=slot,
        actor=slot.reader.user,
        idempotency_key="the second time",
        replies=replies,
        preference="equal",
    )


def by_hand(statement: str, *tables: str) -> int:
    """Run a statement as someone who owns the database would; returns how many rows."""
    with lifted(*tables), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount
