from django.db import migrations

from readerstudy.audit.append_only import refuse_deletions


class Migration(migrations.Migration):
    """What was left out of an analysis, and what was lifted, stays on record."""

    dependencies = [("analysis", "0003_runs_jobs_and_exclusions")]

    operations = [refuse_deletions("analysis_exclusion")]
