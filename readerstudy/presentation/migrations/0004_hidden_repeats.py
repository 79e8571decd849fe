from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("presentation", "0003_practice_cases"),
        ("studies", "0005_study_design"),
    ]

    operations = [
        migrations.AddField(
            model_name="slot",
            name="repeat",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RemoveConstraint(model_name="slot", name="one_slot_per_report"),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(
                fields=("reader", "presented", "repeat"), name="one_slot_per_report"
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("repeat__in", (0, 1))),
                name="slot_repeat_is_0_or_1",
            ),
        ),
    ]
