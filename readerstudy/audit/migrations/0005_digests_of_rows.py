from django.db import migrations, models


class Migration(migrations.Migration):
    """An event carries the digests of the rows that it tells of."""

    dependencies = [("audit", "0004_events_stay")]

    operations = [
        # It may be empty, so SQLite adds it without making the table anew.
        migrations.AddField(
            model_name="event",
            name="rows",
            field=models.JSONField(editable=False, null=True),
        ),
    ]
