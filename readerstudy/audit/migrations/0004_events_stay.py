from django.db import migrations

from readerstudy.audit.append_only import refuse_deletions


class Migration(migrations.Migration):
    """No event is ever deleted."""

    dependencies = [("audit", "0003_actors_of_another_server")]

    operations = [refuse_deletions("audit_event")]
