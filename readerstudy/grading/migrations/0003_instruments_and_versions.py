import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from readerstudy.audit.append_only import lift_refusal, refuse_updates

NEVER_ALTERED = ("grade", "errormark", "preference", "reopening")


def keep_drafts(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """What was typed before the update is still there after it."""
    for draft in apps.get_model("grading", "Draft").objects.all():
        draft.content = {
            "letter": draft.letter,
            "comment": draft.comment,
            "cannot_assess": "",
            "answers": {},
            "marks": [],
        }
        draft.save(update_fields=["content"])


class Migration(migrations.Migration):
    """Instruments beside the grade, event logs, and grades that are taken up again."""

    dependencies = [
        ("grading", "0002_append_only"),
        ("presentation", "0002_sessions_and_sides"),
    ]

    operations = [
        lift_refusal("grading_grade"),
        migrations.CreateModel(
            name="ErrorMark",
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
                    "category",
                    models.CharField(
                        choices=[
                            ("false_finding", "false_finding"),
                            ("omission", "omission"),
                            ("location", "location"),
                            ("severity", "severity"),
                            ("spurious_comparison", "spurious_comparison"),
                            ("omitted_comparison", "omitted_comparison"),
                        ],
                        max_length=20,
                    ),
                ),
                ("significant", models.BooleanField()),
                ("sentence", models.PositiveSmallIntegerField(null=True)),
                ("start", models.PositiveIntegerField(default=0)),
                ("end", models.PositiveIntegerField(default=0)),
                ("quote", models.TextField(blank=True)),
                ("replacement", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["grade_id", "number"],
            },
        ),
        migrations.CreateModel(
            name="Preference",
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
                    "choice",
                    models.CharField(
                        choices=[
                            ("1", "Report 1"),
                            ("equal", "Equal"),
                            ("2", "Report 2"),
                        ],
                        max_length=6,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reopening",
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
                    models.PositiveSmallIntegerField(
                        help_text="The version it allows."
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("undo", "Taken back at once"),
                            ("amend", "Amended later"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Visit",
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
                ("key", models.CharField(max_length=32)),
                ("version", models.PositiveSmallIntegerField(null=True)),
                ("began_at", models.DateTimeField(auto_now_add=True)),
                (
                    "client_began_at",
                    models.DateTimeField(
                        help_text="By the clock of the reader's computer."
                    ),
                ),
                ("events", models.JSONField(default=list)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="grade",
            name="grade_letter_a_to_d",
        ),
        migrations.AddField(
            model_name="draft",
            name="content",
            field=models.JSONField(default=dict),
        ),
        migrations.RunPython(keep_drafts, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="draft",
            name="active_ms",
        ),
        migrations.RemoveField(
            model_name="draft",
            name="comment",
        ),
        migrations.RemoveField(
            model_name="draft",
            name="letter",
        ),
        migrations.AddField(
            model_name="draft",
            name="preference",
            field=models.CharField(blank=True, max_length=6),
        ),
        migrations.AddField(
            model_name="grade",
            name="answers",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="grade",
            name="cannot_assess",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="grade",
            name="idle_ms",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="grade",
            name="idle_threshold_ms",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="grade",
            name="active_ms",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="grade",
            name="letter",
            field=models.CharField(
                blank=True,
                choices=[("A", "A"), ("B", "B"), ("C", "C"), ("D", "D")],
                max_length=1,
            ),
        ),
        migrations.AlterField(
            model_name="grade",
            name="wall_ms",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="grade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cannot_assess", ""), ("letter__in", ("A", "B", "C", "D"))
                    ),
                    models.Q(
                        (
                            "cannot_assess__in",
                            (
                                "image_quality",
                                "image_incomplete",
                                "report_unreadable",
                                "context_missing",
                                "other",
                            ),
                        ),
                        ("letter", ""),
                    ),
                    _connector="OR",
                ),
                name="grade_is_a_letter_or_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="grade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("version", 1),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="later_grade_has_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="errormark",
            name="grade",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="marks",
                to="grading.grade",
            ),
        ),
        migrations.AddField(
            model_name="preference",
            name="grade",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, to="grading.grade"
            ),
        ),
        migrations.AddField(
            model_name="reopening",
            name="slot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="presentation.slot"
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="slot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="presentation.slot"
            ),
        ),
        migrations.AddConstraint(
            model_name="errormark",
            constraint=models.UniqueConstraint(
                fields=("grade", "number"), name="mark_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="errormark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "category__in",
                        [
                            "false_finding",
                            "omission",
                            "location",
                            "severity",
                            "spurious_comparison",
                            "omitted_comparison",
                        ],
                    )
                ),
                name="mark_category_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="errormark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quote", ""), ("sentence", None)),
                    models.Q(("end__gt", models.F("start")), ("sentence__gte", 1)),
                    _connector="OR",
                ),
                name="mark_has_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(("choice__in", ["1", "equal", "2"])),
                name="preference_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.UniqueConstraint(
                fields=("slot", "version"), name="reopened_once_per_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                fields=("slot", "key"), name="visit_once"
            ),
        ),
        *(refuse_updates(f"grading_{name}") for name in NEVER_ALTERED),
    ]
