"""Keep what a draw starts from, exclusions, looks, and what people say of duplicates."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def lock_those_of_frozen_studies(
    apps: StateApps, editor: BaseDatabaseSchemaEditor
) -> None:
    case_sets = apps.get_model("cases", "CaseSet")
    case_sets.objects.exclude(study__protocol_sha256="").update(is_locked=True)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_waiting_deliveries"),
        # SQLite makes a table anew only where no trigger of another one names it.
        ("studies", "0008_layout_profile"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="caseset",
            name="candidates",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="caseset",
            name="collection_cases",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="caseset",
            name="excluded",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="caseset",
            name="filters",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="caseset",
            name="left_out",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="image",
            name="flags",
            field=models.JSONField(
                default=dict, help_text="Reasons by flag; desk/flags.py."
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="look",
            field=models.CharField(
                blank=True, help_text="How it looks; see desk/looks.py.", max_length=64
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="looked_sha256",
            field=models.CharField(
                blank=True,
                help_text="The frame that look and flags tell of.",
                max_length=64,
            ),
        ),
        migrations.CreateModel(
            name="BulkChange",
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
                    "what",
                    models.CharField(
                        choices=[
                            ("view", "View"),
                            ("stratum", "Stratum"),
                            ("choice", "Radiograph that is read"),
                        ],
                        max_length=8,
                    ),
                ),
                ("value", models.CharField(max_length=20)),
                ("before", models.JSONField()),
                ("changed", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="cases.collection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SetAside",
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
                ("reason", models.CharField(max_length=200)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="set_aside",
                        to="cases.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseExclusion",
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
                    "reason",
                    models.CharField(
                        choices=[
                            ("quality", "Poor image quality"),
                            ("examination", "Not a frontal chest radiograph"),
                            ("patient", "Patient outside the study's range"),
                            (
                                "devices",
                                "Devices, text or marks that give too much away",
                            ),
                            ("duplicate", "Same patient or radiograph as another case"),
                            ("reference", "Reference report missing or unsuitable"),
                            ("known", "Known to a reader"),
                            ("other", "Another reason"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("after_draw", models.BooleanField(default=False)),
                ("is_replaced", models.BooleanField(default=False)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="cases.case"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="studies.study"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "case"), name="case_excluded_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("after_draw", True),
                            ("is_replaced", False),
                            _connector="OR",
                        ),
                        name="only_drawn_cases_are_replaced",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", "other"), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="another_reason_is_told",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ToldApart",
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
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.image",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.image",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "told apart",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("first", "second"), name="told_apart_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="told_apart_in_order",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="caseset",
            name="is_locked",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(
            lock_those_of_frozen_studies, migrations.RunPython.noop, elidable=True
        ),
    ]
