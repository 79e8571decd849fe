from django.db import migrations

from readerstudy.audit.append_only import allow_again, refuse_while

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
_CHANGES = " OR ".join(f"OLD.{name} {{differs}} NEW.{name}" for name in FIXED)
STAYS_LOCKED = f"OLD.is_locked AND (NEW.is_locked OR {_CHANGES})"


class Migration(migrations.Migration):
    """A study that becomes a draft again gets its cases back to change."""

    dependencies = [("cases", "0008_de_identification")]

    operations = [
        # As 0007_locked_case_sets had it, every change was refused.
        allow_again("cases_caseset", events=("UPDATE",)),
        refuse_while("cases_caseset", locked=STAYS_LOCKED, events=("UPDATE",)),
    ]
