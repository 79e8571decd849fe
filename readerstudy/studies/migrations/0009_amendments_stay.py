from django.db import migrations

from readerstudy.audit.append_only import refuse_deletions


class Migration(migrations.Migration):
    """No amendment is ever deleted."""

    dependencies = [("studies", "0008_layout_profile")]

    operations = [refuse_deletions("studies_amendment")]
