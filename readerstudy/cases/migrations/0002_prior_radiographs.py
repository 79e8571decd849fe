"""Mark radiographs of earlier examinations, which are shown for comparison only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="image",
            name="is_prior",
            field=models.BooleanField(
                default=False,
                help_text="An earlier examination, for comparison; never the one that is read.",
            ),
        ),
    ]
