from django.db import migrations

from readerstudy.audit.append_only import refuse_updates


class Migration(migrations.Migration):
    """Rows of grading_grade are never altered."""

    dependencies = [("grading", "0001_initial")]

    operations = [refuse_updates("grading_grade")]
