from django.db import migrations

from readerstudy.audit.append_only import refuse_updates


class Migration(migrations.Migration):
    """Rows of audit_event are never altered."""

    dependencies = [("audit", "0001_initial")]

    operations = [refuse_updates("audit_event")]
