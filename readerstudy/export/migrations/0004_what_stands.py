from django.db import migrations

from readerstudy.audit.append_only import (
    allow_again,
    refuse_deletions,
    refuse_truncation,
    refuse_updates,
    refuse_while,
)

# What a table names here stands from its first row on.
NEVER_ALTERED = (
    *("analysis_findingsrun_predicted", "export_exportbundle", "reports_report"),
    "studies_membership",
)
NEVER_DELETED = (
    *("analysis_analysisrun", "analysis_findingsrun_predicted", "audit_stream"),
    *("export_exportbundle", "grading_consent", "grading_displaycheck"),
    *("grading_guesssheet", "grading_practicereading", "grading_preference"),
    *("grading_reopening", "grading_sourceguess", "reports_conversation"),
    *("reports_endpointanswer", "reports_overruling", "reports_report"),
    *("reports_selftestresult", "reports_textreview", "studies_study"),
)
# As in presentation 0006: the lock of the cases is that of the protocol.
IS_LOCKED = (
    "EXISTS (SELECT 1 FROM cases_caseset "
    "WHERE cases_caseset.study_id = {row}.study_id AND cases_caseset.is_locked)"
)
READER_IS_LOCKED = (
    "EXISTS (SELECT 1 FROM cases_caseset JOIN studies_membership "
    "ON studies_membership.study_id = cases_caseset.study_id "
    "WHERE studies_membership.id = {row}.reader_id AND cases_caseset.is_locked)"
)
NEVER_EMPTIED = (
    *("analysis_analysisrun", "analysis_exclusion", "analysis_findingsrun"),
    *("analysis_findingsrun_predicted", "audit_event", "audit_stream"),
    *("cases_caseexclusion", "cases_caseset", "cases_studycase"),
    *("export_exportbundle", "grading_consent", "grading_displaycheck"),
    *("grading_errormark", "grading_grade", "grading_guesssheet"),
    *("grading_practicereading", "grading_preference", "grading_reopening"),
    *("grading_sourceguess", "grading_visit", "presentation_blindingacceptance"),
    *("presentation_blindingaudit", "presentation_practicecase"),
    *("presentation_presentedreport", "presentation_slot", "reports_caselabels"),
    *("reports_conversation", "reports_endpointanswer", "reports_labelset"),
    *("reports_measuredcase", "reports_metrictable", "reports_overruling"),
    *("reports_report", "reports_selftestresult", "reports_sendingconsent"),
    *("reports_signoff", "reports_textreview", "reports_turn", "studies_amendment"),
    *("studies_arm", "studies_membership", "studies_study", "studies_unblinding"),
    "studies_withdrawal",
)


class Migration(migrations.Migration):
    """What a study rests on is neither altered nor deleted, table by table.

    It stands in the last stage, so that it comes after every table that it names. Once
    the cases are locked nothing is dealt, shown or taken away; a thaw unlocks first.
    """

    dependencies = [
        ("export", "0003_held_work"),
        ("audit", "0004_events_stay"),
        ("studies", "0011_layouts_keep_numbers"),
        ("cases", "0012_deliveries_told_and_forgotten"),
        ("reports", "0011_newest_reports"),
        ("presentation", "0006_what_is_dealt_stays"),
        ("grading", "0007_reminders_on_their_way"),
        ("analysis", "0006_findings"),
    ]

    operations = [
        *(refuse_updates(table) for table in NEVER_ALTERED),
        *(refuse_deletions(table) for table in NEVER_DELETED),
        # A chain only grows.
        refuse_while(
            "audit_stream", locked="NEW.length <= OLD.length", events=["UPDATE"]
        ),
        refuse_while("studies_membership", locked=IS_LOCKED, events=["DELETE"]),
        refuse_while("cases_caseset", locked="{row}.is_locked", events=["DELETE"]),
        allow_again("presentation_slot", events=["DELETE"]),
        refuse_while(
            "presentation_slot",
            locked=f"{{row}}.opened_at IS NOT NULL OR {READER_IS_LOCKED}",
            events=["DELETE"],
        ),
        refuse_while("presentation_slot", locked=READER_IS_LOCKED, events=["INSERT"]),
        # When a report was first shown is set once.
        refuse_while(
            "presentation_slot",
            locked="OLD.opened_at IS NOT NULL AND OLD.opened_at {differs} NEW.opened_at",
            events=["UPDATE"],
        ),
        refuse_while(
            "presentation_presentedreport",
            locked=IS_LOCKED,
            events=["INSERT", "DELETE"],
        ),
        refuse_while(
            "presentation_blindingaudit",
            locked="{row}.status = 'done'",
            events=["DELETE"],
        ),
        # A log of reading grows until the grade that it led to is there.
        refuse_while(
            "grading_visit",
            locked="OLD.version IS NOT NULL",
            events=["UPDATE", "DELETE"],
        ),
        refuse_while("reports_turn", locked="{row}.status = 'done'", events=["DELETE"]),
        refuse_truncation(NEVER_EMPTIED),
    ]
