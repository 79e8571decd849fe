from django.db import migrations, models


class Migration(migrations.Migration):
    """An invitation counts how often it was refused."""

    dependencies = [("studies", "0009_amendments_stay")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="refusals",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
    ]
