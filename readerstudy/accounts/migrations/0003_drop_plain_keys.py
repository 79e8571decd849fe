"""Remove the table of the earlier tokens: it held their keys as they are."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_api_tokens")]

    operations = [
        migrations.RunSQL(
            "DROP TABLE IF EXISTS authtoken_token", migrations.RunSQL.noop
        ),
    ]
