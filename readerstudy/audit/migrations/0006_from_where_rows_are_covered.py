"""Notes which rows were there before events carried the digests of rows."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone

from readerstudy.audit.models import digest_of_event

SITE = "site"
# The tables that are covered from here on, by model.
TABLES = {
    "studies.Study": "studies_study",
    "studies.Arm": "studies_arm",
    "studies.Membership": "studies_membership",
    "studies.Amendment": "studies_amendment",
    "studies.Unblinding": "studies_unblinding",
    "studies.Withdrawal": "studies_withdrawal",
    "cases.CaseSet": "cases_caseset",
    "cases.StudyCase": "cases_studycase",
    "cases.CaseExclusion": "cases_caseexclusion",
    "reports.Report": "reports_report",
    "reports.SelfTestResult": "reports_selftestresult",
    "reports.Overruling": "reports_overruling",
    "reports.SignOff": "reports_signoff",
    "presentation.BlindingAudit": "presentation_blindingaudit",
    "presentation.BlindingAcceptance": "presentation_blindingacceptance",
    "presentation.PracticeCase": "presentation_practicecase",
    "presentation.PresentedReport": "presentation_presentedreport",
    "presentation.Slot": "presentation_slot",
    "grading.Consent": "grading_consent",
    "grading.DisplayCheck": "grading_displaycheck",
    "grading.PracticeReading": "grading_practicereading",
    "grading.GuessSheet": "grading_guesssheet",
    "grading.SourceGuess": "grading_sourceguess",
    "grading.Grade": "grading_grade",
    "grading.ErrorMark": "grading_errormark",
    "grading.Preference": "grading_preference",
    "grading.Reopening": "grading_reopening",
    "analysis.AnalysisRun": "analysis_analysisrun",
    "analysis.Exclusion": "analysis_exclusion",
    "analysis.FindingsRun": "analysis_findingsrun",
    "export.ExportBundle": "export_exportbundle",
}


def note(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Leave an event with the last row of each table, where there is any.

    Only an update finds rows: on an empty database most tables are not even there yet.
    """
    last = {}
    with editor.connection.cursor() as cursor:
        there = set(editor.connection.introspection.table_names(cursor))
        for label, table in TABLES.items():
            if table in there:
                cursor.execute(f"SELECT MAX(id) FROM {table}")  # noqa: S608
                (number,) = cursor.fetchone()
                if number:
                    last[label] = number
    if not last:
        return
    streams = apps.get_model("audit", "Stream")
    head, _ = streams.objects.select_for_update().get_or_create(name=SITE)
    said = {
        "stream": SITE,
        "sequence": head.length + 1,
        "at": timezone.now(),
        "actor": None,
        "verb": "record.covers_rows",
        "subject": "",
        "detail": last,
        "previous": head.head_sha256,
    }
    sha256 = digest_of_event(rows=None, **said)
    apps.get_model("audit", "Event").objects.create(
        stream=head,
        sequence=said["sequence"],
        at=said["at"],
        verb=said["verb"],
        detail=last,
        previous_sha256=head.head_sha256,
        sha256=sha256,
    )
    head.length, head.head_sha256 = said["sequence"], sha256
    head.save()


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_digests_of_rows")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
