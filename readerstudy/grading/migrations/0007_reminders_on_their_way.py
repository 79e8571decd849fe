from django.db import migrations, models


class Migration(migrations.Migration):
    """A reminder that was handed to the mail server is known by its time."""

    dependencies = [("grading", "0006_grades_stay")]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="sending_at",
            field=models.DateTimeField(null=True),
        ),
    ]
