from django.db import migrations

from readerstudy.audit.append_only import refuse_updates


class Migration(migrations.Migration):
    """Rows of studies_amendment are never altered."""

    dependencies = [("studies", "0001_initial")]

    operations = [refuse_updates("studies_amendment")]
