import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Reports to practise on."""

    dependencies = [
        ("presentation", "0002_sessions_and_sides"),
        ("reports", "0004_answers_stay"),
        ("studies", "0003_reading_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="PracticeCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "expected",
                    models.CharField(
                        choices=[("A", "A"), ("B", "B"), ("C", "C"), ("D", "D")],
                        max_length=1,
                    ),
                ),
                ("explanation", models.TextField()),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="reports.report"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="studies.study"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "number"), name="practice_number_once"
                    ),
                    models.UniqueConstraint(
                        fields=("study", "report"), name="practice_report_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expected__in", ("A", "B", "C", "D"))),
                        name="practice_expected_known",
                    ),
                ],
            },
        ),
    ]
