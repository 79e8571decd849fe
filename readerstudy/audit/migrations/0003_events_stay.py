from django.db import migrations

from readerstudy.audit.append_only import refuse_deletions


class Migration(migrations.Migration):
    """No event is ever deleted."""

    dependencies = [("audit", "0002_append_only")]

    operations = [refuse_deletions("audit_event")]
