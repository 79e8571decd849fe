from django.db import migrations

from readerstudy.audit.append_only import refuse_changes, refuse_updates, refuse_while

DEALT = (
    *("public_id", "reader_id", "presented_id", "position", "session"),
    *("side", "repeat"),
)
# The lock of the case set is that of the protocol: they are set and lifted together.
# studies_study cannot be asked, which SQLite makes anew whenever it is altered.
IS_LOCKED = (
    "EXISTS (SELECT 1 FROM cases_caseset "
    "WHERE cases_caseset.study_id = {row}.study_id AND cases_caseset.is_locked)"
)


class Migration(migrations.Migration):
    """What a frozen study deals, shows and compares is never altered.

    A thaw deletes slots that nobody has opened, and with them the presented texts.
    """

    dependencies = [
        ("presentation", "0005_blinding_audit"),
        ("cases", "0009_unlocking_case_sets"),
        ("studies", "0009_amendments_stay"),
    ]

    operations = [
        refuse_changes("presentation_slot", DEALT, once="1 = 1"),
        refuse_while(
            "presentation_slot",
            locked="{row}.opened_at IS NOT NULL",
            events=("DELETE",),
        ),
        refuse_updates("presentation_presentedreport"),
        refuse_while(
            "presentation_practicecase", locked=IS_LOCKED, events=("UPDATE", "DELETE")
        ),
        refuse_while(
            "studies_arm", locked=IS_LOCKED, events=("INSERT", "UPDATE", "DELETE")
        ),
    ]
