from django.db import migrations

from readerstudy.audit.append_only import refuse_while

# They ask cases_caseset alone. SQLite makes a table anew to alter it, and stumbles over
# triggers that name the table meanwhile: a migration that alters cases_caseset has to
# lift these three first.
# Becoming locked is no change of what is locked.
LOCKED = "OLD.is_locked"
ITS_SET_IS_LOCKED = (
    "EXISTS (SELECT 1 FROM cases_caseset "
    "WHERE cases_caseset.id = {row}.case_set_id AND cases_caseset.is_locked)"
)
THE_STUDY_S_SET_IS_LOCKED = (
    "EXISTS (SELECT 1 FROM cases_caseset "
    "WHERE cases_caseset.study_id = {row}.study_id AND cases_caseset.is_locked)"
)
EVERY_CHANGE = ("INSERT", "UPDATE", "DELETE")


class Migration(migrations.Migration):
    """The cases of a frozen study, and how they came to be, are never altered."""

    dependencies = [("cases", "0006_case_sets_and_desk")]

    operations = [
        refuse_while("cases_caseset", locked=LOCKED, events=("UPDATE",)),
        refuse_while("cases_studycase", locked=ITS_SET_IS_LOCKED, events=EVERY_CHANGE),
        refuse_while(
            "cases_caseexclusion",
            locked=THE_STUDY_S_SET_IS_LOCKED,
            events=EVERY_CHANGE,
        ),
    ]
