"""A database that was edited by hand: the verifier names the row."""

import datetime
import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from readerstudy.audit.covered import COVERED
from readerstudy.audit.models import Event
from readerstudy.audit.services import SITE, record
from readerstudy.audit.verifying import verify
from readerstudy.presentation.thawing import thaw
from tests import worlds
from tests.audit.everything import a_study_with_everything, by_hand
from tests.people import cora

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


# How one row of each table is altered. The last word of a table is its own number.
EDITS = {
    "studies.Study": "title = 'Another study'",
    "studies.Arm": "label = 'Other'",
    "studies.Membership": "reader_code = 'R9'",
    "studies.Amendment": "reason = 'None'",
    "studies.Unblinding": "reason = 'None'",
    "studies.Withdrawal": "rule = 'excluded'",
    "cases.CaseSet": "seed = seed + 1",
    "cases.CaseExclusion": "note = 'Another'",
    "reports.Report": "text = 'All is well.'",
    "reports.SignOff": "statement = 'None'",
    "presentation.BlindingAudit": "digest = 'none'",
    "presentation.BlindingAcceptance": "text = 'None'",
    "presentation.PracticeCase": "expected = 'D'",
    "presentation.PresentedReport": "sha256 = ''",
    "presentation.Slot": "session = 2",
    "grading.Consent": "version = 'none'",
    "grading.DisplayCheck": "passed = NOT passed",
    "grading.PracticeReading": "letter = 'D'",
    "grading.GuessSheet": "session = 7",
    "grading.SourceGuess": "confidence = 1",
    "grading.Grade": "comment = 'Another word'",
    "grading.ErrorMark": "significant = NOT significant",
    "grading.Preference": "choice = '2'",
    "grading.Reopening": "reason = 'None'",
    "analysis.AnalysisRun": "results = '{}'",
    "analysis.Exclusion": "reason = 'None'",
    "export.ExportBundle": "manifest_sha256 = ''",
}
# Stories of their own: a draw has no column but its case, and the demonstration
# model proves itself in tests/reports.
WITHOUT_EDIT = {
    "cases.StudyCase",
    "reports.SelfTestResult",
    "reports.Overruling",
    "analysis.FindingsRun",
}


def test_every_covered_table_is_edited_here():
    assert EDITS.keys() | WITHOUT_EDIT == COVERED.keys()


def test_what_the_site_did_itself_verifies():
    study = a_study_with_everything()
    verdict = verify()
    assert [found.says for found in verdict.breaks] == []
    assert verdict.rows > 80
    assert verdict.heads[study.code] == (
        Event.objects.of_stream(study.code).count(),
        Event.objects.of_stream(study.code).last().sha256,
    )


def test_a_row_that_was_altered_by_hand_is_named():
    a_study_with_everything()
    for label, change in EDITS.items():
        model = apps.get_model(label)
        table, row = model._meta.db_table, first_row(label)
        with transaction.atomic():
            # Arms and cases are kept by triggers that ask other tables.
            by_hand(f"UPDATE {table} SET {change} WHERE id = {row}", table)
            named = verify().breaks
            assert (table, row) in {(each.table, each.row) for each in named}, label
            assert any(f"{table} row {row}, {label} " in each.says for each in named)
            transaction.set_rollback(True)


def first_row(label: str) -> int:
    rows = apps.get_model(label)._default_manager.filter(**COVERED[label].while_)
    if label == "studies.Membership":
        rows = rows.filter(role="reader")
    found = rows.order_by("pk").first()
    assert found is not None, label
    return found.pk


def test_a_grade_that_was_taken_away_or_slipped_in_is_named():
    study = a_study_with_everything()
    grade = first_row("grading.Preference")
    by_hand(f"DELETE FROM grading_preference WHERE id = {grade}", "grading_preference")
    (found,) = verify(study.code).breaks
    assert (found.kind, found.table) == ("missing", "grading_preference")
    assert "(grade.submitted) told of it" in found.says
    reader = study.membership_set.readers().first()
    consent = reader.consent_set.create(version="slipped in")
    added = [each for each in verify(study.code).breaks if each.kind == "added"]
    assert [(each.table, each.row) for each in added] == [
        ("grading_consent", consent.pk)
    ]
    assert "no event tells of it" in added[0].says


def test_the_rows_of_one_study_are_verified_alone():
    study = a_study_with_everything()
    report = first_row("reports.Report")
    by_hand(
        f"UPDATE reports_report SET text = '' WHERE id = {report}", "reports_report"
    )
    assert verify(study.code).is_whole
    assert [each.table for each in verify(SITE).breaks] == ["reports_report"]


def test_thawing_lets_go_of_what_was_dealt_and_freezing_again_covers_it():
    study = worlds.frozen_study(cases=2)
    assert verify(study.code).rows > 0
    thaw(study=study, actor=cora().user, reason="Another margin.")
    assert [each.says for each in verify(study.code).breaks] == []


def test_the_command_names_the_first_broken_link_and_ends_with_1(capsys):
    for number in range(3):
        record(actor=None, verb="study.settings", stream="s", subject=str(number))
    call_command("verify_record")
    assert "The record is whole." in capsys.readouterr().out
    by_hand("UPDATE audit_event SET subject = 'x' WHERE sequence = 2", "audit_event")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_record", "--stream", "s", "--json")
    assert ended.value.code == 1
    (found,) = json.loads(capsys.readouterr().out)["breaks"]
    event = Event.objects.get(stream="s", sequence=2)
    assert (found["kind"], found["sequence"]) == ("content", 2)
    assert (found["table"], found["row"]) == ("audit_event", event.pk)
    with pytest.raises(CommandError, match="no stream nowhere"):
        call_command("verify_record", "--stream", "nowhere")


@pytest.mark.parametrize(
    ("statement", "kind", "sequence"),
    [
        ("DELETE FROM audit_event WHERE sequence = 2", "missing", 2),
        ("DELETE FROM audit_event WHERE sequence = 3", "missing", 3),
        (
            "UPDATE audit_event SET detail = '{\"a\": 1}' WHERE sequence = 1",
            "content",
            1,
        ),
        ("UPDATE audit_event SET previous_sha256 = '' WHERE sequence = 3", "order", 3),
        ("UPDATE audit_event SET rows = '{}' WHERE sequence = 3", "content", 3),
        ("UPDATE audit_stream SET head_sha256 = ''", "head", 4),
    ],
)
def test_each_way_of_breaking_a_chain_has_its_name(statement, kind, sequence):
    for number in range(3):
        record(actor=None, verb="study.settings", stream="s", subject=str(number))
    assert by_hand(statement, "audit_event", "audit_stream") == 1
    (found,) = verify("s").breaks
    assert (found.kind, found.sequence) == (kind, sequence)


def test_an_anchor_outside_finds_an_end_that_was_cut_off(tmp_path, capsys):
    for number in range(3):
        record(actor=None, verb="study.settings", stream="s", subject=str(number))
    anchor = tmp_path / "anchor.json"
    call_command("verify_record", "--write-anchor", anchor)
    record(actor=None, verb="study.settings", stream="s")
    call_command("verify_record", "--anchor", anchor)
    second = Event.objects.get(stream="s", sequence=2)
    by_hand("DELETE FROM audit_event WHERE sequence > 2", "audit_event")
    by_hand(
        f"UPDATE audit_stream SET length = 2, head_sha256 = '{second.sha256}'",
        "audit_stream",
    )
    assert verify().is_whole
    capsys.readouterr()
    with pytest.raises(SystemExit):
        call_command("verify_record", "--anchor", anchor)
    assert "ends before event 3, which the anchor holds" in capsys.readouterr().out
    with pytest.raises(CommandError, match="could not be written"):
        call_command("verify_record", "--write-anchor", anchor)


def test_a_clock_that_went_back_is_remarked_and_breaks_nothing(monkeypatch):
    record(actor=None, verb="study.settings", stream="s")
    before = timezone.now() - datetime.timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: before)
    record(actor=None, verb="study.settings", stream="s")
    verdict = verify("s")
    assert verdict.is_whole
    (remark,) = verdict.remarks
    assert "the clock went back" in remark and "before event 2" in remark
