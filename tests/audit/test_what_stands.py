"""The database itself refuses to alter what stands, on both engines.

Every table is named here: with what it refuses, or with the reason why it may change. A
new table fails the first test until somebody has decided.
"""

import re

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from tests.audit.everything import a_study_with_everything

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

# No row is ever altered or deleted.
STANDS = {
    *("analysis_analysisrun", "analysis_exclusion", "analysis_findingsrun"),
    *("analysis_findingsrun_predicted", "audit_event", "export_exportbundle"),
    *("grading_consent", "grading_displaycheck", "grading_errormark"),
    *("grading_grade", "grading_guesssheet", "grading_practicereading"),
    *("grading_preference", "grading_reopening", "grading_sourceguess"),
    *("presentation_blindingacceptance", "reports_caselabels"),
    *("reports_conversation", "reports_endpointanswer", "reports_labelset"),
    *("reports_measuredcase", "reports_metrictable", "reports_overruling"),
    *("reports_report", "reports_selftestresult", "reports_sendingconsent"),
    *("reports_signoff", "reports_textreview", "studies_amendment"),
    *("studies_unblinding", "studies_withdrawal"),
}
# Stands once it is locked, dealt, done or graded: what is refused in a study of which
# all that is true.
STANDS_ONCE = {
    "audit_stream": ["UPDATE {} SET length = 0", "DELETE FROM {}"],
    "cases_caseexclusion": ["UPDATE {} SET note = 'x'", "DELETE FROM {}"],
    "cases_caseset": ["UPDATE {} SET seed = seed + 1", "DELETE FROM {}"],
    "cases_studycase": ["UPDATE {} SET case_id = 0", "DELETE FROM {}"],
    "grading_visit": ["UPDATE {} SET events = '[]'", "DELETE FROM {}"],
    "presentation_blindingaudit": ["UPDATE {} SET digest = 'x'", "DELETE FROM {}"],
    "presentation_practicecase": ["UPDATE {} SET expected = 'D'", "DELETE FROM {}"],
    "presentation_presentedreport": [
        "UPDATE {} SET sha256 = ''",
        "DELETE FROM {}",
        "INSERT INTO {} (study_id, case_id, arm_id, report_id, body, sha256) "
        "SELECT study_id, 0, arm_id, report_id, body, sha256 FROM {}",
    ],
    "presentation_slot": [
        *(f"UPDATE {{}} SET {column} = 7" for column in ("position", "session")),
        "UPDATE {} SET presented_id = presented_id + 1",
        "UPDATE {} SET opened_at = NULL",
        "DELETE FROM {}",
        "INSERT INTO {} "
        "(public_id, reader_id, presented_id, position, session, repeat) "
        "SELECT 'another', reader_id, presented_id, position + 99, 1, 1 FROM {}",
    ],
    "studies_arm": ["UPDATE {} SET label = 'x'", "DELETE FROM {}"],
    "studies_membership": ["UPDATE {} SET role = 'analyst'", "DELETE FROM {}"],
    "studies_study": [
        *("UPDATE {} SET protocol = NULL", "UPDATE {} SET protocol_sha256 = ''"),
        *("UPDATE {} SET seed = seed + 1", "UPDATE {} SET state = 'draft'"),
        *("UPDATE {} SET state = 'open'", "DELETE FROM {}"),
    ],
}
_WORK = "How far a worker is; what comes of it stands elsewhere."
_DESK = "Cases are put in order until a study draws and locks them."
_DJANGO = "Django's own."
_ALLAUTH = "What a person signs in with, until they change it or are erased."
_AXES = "Wrong passwords of the last minutes; the site's record keeps each."
MAY_CHANGE = {
    "account_emailaddress": _ALLAUTH,
    "account_emailconfirmation": _ALLAUTH,
    "accounts_apitoken": "Used and revoked.",
    "accounts_user": "People change their names and passwords, and are erased.",
    "accounts_user_groups": _DJANGO,
    "accounts_user_user_permissions": _DJANGO,
    "analysis_analysisjob": _WORK,
    "analysis_findingsjob": _WORK,
    "analysis_metricagreement": _WORK,
    "auth_group": _DJANGO,
    "auth_group_permissions": _DJANGO,
    "auth_permission": _DJANGO,
    "axes_accessattempt": _AXES,
    "axes_accessattemptexpiration": _AXES,
    "axes_accessfailurelog": _AXES,
    "axes_accesslog": _AXES,
    "cases_bulkchange": "Undone.",
    "cases_case": _DESK,
    "cases_collection": "Its dates stand once the first file is in.",
    "cases_deliveredfile": _WORK,
    "cases_delivery": _WORK,
    "cases_headerrecord": "Never altered; goes with its image.",
    "cases_image": _DESK,
    "cases_lookedat": "Never altered; a new region asks for another look.",
    "cases_setaside": "Taken back.",
    "cases_textregion": _DESK,
    "cases_textscan": _WORK,
    "cases_toldapart": _DESK,
    "django_content_type": _DJANGO,
    "django_session": "Ends.",
    "export_arrival": _WORK,
    "export_bundleorder": _WORK,
    "grading_calendarfeed": "Revoked.",
    "grading_draft": "Changes with every key; goes with the grade.",
    "grading_reminder": _WORK,
    "mfa_authenticator": _ALLAUTH,
    "reports_job": _WORK,
    "reports_labelling": _WORK,
    "reports_labelstoring": _WORK,
    "reports_labelupload": _WORK,
    "reports_selftest": _WORK,
    "reports_source": "Prices change; what makes a text stands in the fingerprint.",
    "reports_tableimport": _WORK,
    "reports_turn": "An answer that is there stands; tests/reports/console.",
    "socialaccount_socialaccount": _ALLAUTH,
    "socialaccount_socialapp": "Empty: hospitals stand in the settings.",
    "socialaccount_socialtoken": "Empty: no token of a hospital is kept.",
    "studies_invitation": "Used, revoked, and emptied of a person's address.",
    "studies_webhook": "Switched off and on, removed.",
    "studies_webhookdelivery": _WORK,
    "usersessions_usersession": "Ends.",
    "work_workerpulse": "A sign of life.",
}
REFUSED = r"never altered|never deleted|no such step|is locked"


def tables() -> set[str]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table for model in models}


def refused(statement: str) -> bool:
    """Whether the database refuses a statement with one of its own sentences."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount, f"nothing to attack: {statement}"
    except DatabaseError as problem:
        return bool(re.search(REFUSED, str(problem)))
    return False


def filled(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
        return bool(cursor.fetchone()[0])


def test_of_every_table_somebody_has_decided():
    assert STANDS | STANDS_ONCE.keys() | MAY_CHANGE.keys() == tables()
    assert not STANDS & MAY_CHANGE.keys() and not STANDS_ONCE.keys() & MAY_CHANGE.keys()


def test_what_stands_is_neither_altered_nor_deleted(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    a_study_with_everything()
    let_through = []
    attacks = {table: [] for table in STANDS if filled(table)}
    assert len(attacks) > 15
    for table in attacks:
        # Also what changes nothing, and what replaces a row by itself.
        attacks[table] = ["UPDATE {} SET id = id", "DELETE FROM {}"]
        if connection.vendor == "sqlite":
            attacks[table].append("REPLACE INTO {} SELECT * FROM {}")
    for table, statements in (attacks | STANDS_ONCE).items():
        for statement in statements:
            if not refused(statement.replace("{}", table)):
                let_through.append(statement.replace("{}", table))
    assert let_through == []


def triggers_of(table: str) -> str:
    """What the database has set on a table, as it says it itself."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_get_triggerdef(oid) FROM pg_trigger "
                f"WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal "
                "AND tgenabled <> 'D'"
            )
        else:
            cursor.execute(
                "SELECT sql FROM sqlite_master "
                f"WHERE type = 'trigger' AND tbl_name = '{table}'"
            )
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("table", sorted(STANDS))
def test_a_table_that_stands_has_its_triggers_also_while_it_is_empty(table):
    said = triggers_of(table)
    assert re.search(rf"BEFORE UPDATE ON (public\.)?{table}", said)
    assert re.search(rf"BEFORE DELETE ON (public\.)?{table}", said)


@pytest.mark.parametrize("table", sorted(STANDS | STANDS_ONCE.keys()))
def test_no_table_that_stands_is_emptied_at_once(table):
    if connection.vendor == "sqlite":
        assert refused_as_no_statement(f"TRUNCATE {table}")
    else:
        assert refused_when_emptied(table)


def refused_as_no_statement(statement: str) -> bool:
    """SQLite knows no such statement."""
    with pytest.raises(DatabaseError, match="syntax error"), transaction.atomic():
        connection.cursor().execute(statement)
    return True


def refused_when_emptied(table: str) -> bool:
    message = "never deleted"
    with pytest.raises(DatabaseError, match=message), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {table} CASCADE")
    return True
