from django.db import migrations

from readerstudy.audit.append_only import refuse_while

# As 0007_locked_case_sets has it: every change is refused.
BEFORE = "OLD.is_locked"
FIXED = (
    "id",
    "study_id",
    "collection_id",
    "normal",
    "abnormal",
    "unknown",
    "seed",
    "available",
    "filters",
    "collection_cases",
    "candidates",
    "left_out",
    "excluded",
    "drawn_at",
)
# A thaw takes the lock away, and may change nothing else by the same step. That it is
# a thaw can't be asked here: see the note in 0007 about naming other tables.
STAYS_LOCKED = "OLD.is_locked AND (NEW.is_locked OR {changes})".format(
    changes=" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in FIXED)
)


class Migration(migrations.Migration):
    """A study that becomes a draft again gets its cases back to change."""

    dependencies = [("cases", "0008_de_identification")]

    operations = [
        migrations.RunPython(
            refuse_while(
                "cases_caseset", locked=BEFORE, events=("UPDATE",)
            ).reverse_code,
            refuse_while("cases_caseset", locked=BEFORE, events=("UPDATE",)).code,
        ),
        refuse_while("cases_caseset", locked=STAYS_LOCKED, events=("UPDATE",)),
    ]
