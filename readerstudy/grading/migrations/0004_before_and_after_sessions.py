import django.db.models.deletion
from django.db import migrations, models

from readerstudy.audit.append_only import refuse_updates

NEVER_ALTERED = (
    "consent",
    "displaycheck",
    "practicereading",
    "guesssheet",
    "sourceguess",
)


class Migration(migrations.Migration):
    """Consent, display checks, practice and guesses, none of which is ever altered."""

    dependencies = [
        ("grading", "0003_instruments_and_versions"),
        ("presentation", "0003_practice_cases"),
        ("studies", "0003_reading_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="GuessSheet",
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
                ("session", models.PositiveSmallIntegerField()),
                ("opened_at", models.DateTimeField(auto_now_add=True)),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="studies.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PracticeReading",
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
                ("letter", models.CharField(max_length=1)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "practice_case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="presentation.practicecase",
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="studies.membership",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SourceGuess",
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
                (
                    "source",
                    models.CharField(
                        choices=[("person", "A person"), ("model", "A model")],
                        max_length=8,
                    ),
                ),
                ("confidence", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guesses",
                        to="grading.guesssheet",
                    ),
                ),
                (
                    "slot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="presentation.slot",
                    ),
                ),
            ],
            options={
                "ordering": ["slot__position"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
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
                (
                    "version",
                    models.CharField(help_text="SHA-256 of both texts.", max_length=64),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="studies.membership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reader", "version"), name="consent_once_per_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DisplayCheck",
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
                ("session", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("passed", models.BooleanField()),
                ("went_on", models.BooleanField(default=False)),
                ("expected", models.JSONField()),
                ("answers", models.JSONField()),
                ("screen", models.CharField(blank=True, max_length=40)),
                ("device", models.JSONField(default=dict)),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="studies.membership",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("passed", False), ("went_on", False), _connector="OR"
                        ),
                        name="display_went_on_only_if_not_passed",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="guesssheet",
            constraint=models.UniqueConstraint(
                fields=("reader", "session"), name="guess_sheet_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="practicereading",
            constraint=models.CheckConstraint(
                condition=models.Q(("letter__in", ("A", "B", "C", "D"))),
                name="practice_letter_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourceguess",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["person", "model"])),
                name="guess_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourceguess",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidence__gte", 1), ("confidence__lte", 5)),
                name="guess_confidence_1_to_5",
            ),
        ),
        *(refuse_updates(f"grading_{name}") for name in NEVER_ALTERED),
    ]
