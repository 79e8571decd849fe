from django.db import migrations

from readerstudy.audit.append_only import refuse_deletions


class Migration(migrations.Migration):
    """No grade and no mark is ever deleted."""

    dependencies = [("grading", "0005_reminders")]

    operations = [
        refuse_deletions("grading_grade"),
        refuse_deletions("grading_errormark"),
    ]
