from django.db import migrations

from readerstudy.audit.append_only import refuse_updates


class Migration(migrations.Migration):
    """Rows of analysis_analysisrun are never altered."""

    dependencies = [("analysis", "0001_initial")]

    operations = [refuse_updates("analysis_analysisrun")]
