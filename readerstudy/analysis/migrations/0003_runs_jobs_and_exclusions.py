import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from readerstudy.audit.append_only import lift_refusal, refuse_updates


class Migration(migrations.Migration):
    """Runs note what they saw; what is left out after closing is noted too."""

    dependencies = [
        ("analysis", "0002_append_only"),
        ("cases", "0002_prior_radiographs"),
        ("presentation", "0003_practice_cases"),
        ("studies", "0004_analysis_plan"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        lift_refusal("analysis_analysisrun"),
        migrations.CreateModel(
            name="AnalysisJob",
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
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Being written"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_token", models.CharField(blank=True, max_length=32)),
                ("lease_until", models.DateTimeField(null=True)),
                ("worker", models.CharField(blank=True, max_length=120)),
                ("rung_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Exclusion",
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
                    "scope",
                    models.CharField(
                        choices=[
                            ("reader", "A reader"),
                            ("case", "A case"),
                            ("read", "A single read"),
                        ],
                        max_length=6,
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="analysisrun",
            name="analysis_once",
        ),
        migrations.AddField(
            model_name="analysisrun",
            name="protocol_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="analysisrun",
            name="reads",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="analysisrun",
            name="requested_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="analysisrun",
            name="seed",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="analysisrun",
            name="state",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="analysisjob",
            name="requested_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="analysisjob",
            name="run",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="analysis.analysisrun",
            ),
        ),
        migrations.AddField(
            model_name="analysisjob",
            name="study",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="studies.study"
            ),
        ),
        migrations.AddField(
            model_name="exclusion",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="exclusion",
            name="case",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="exclusion",
            name="lifts",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lifted_by",
                to="analysis.exclusion",
            ),
        ),
        migrations.AddField(
            model_name="exclusion",
            name="reader",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="studies.membership",
            ),
        ),
        migrations.AddField(
            model_name="exclusion",
            name="slot",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="presentation.slot",
            ),
        ),
        migrations.AddField(
            model_name="exclusion",
            name="study",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="studies.study"
            ),
        ),
        migrations.AddConstraint(
            model_name="analysisjob",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["queued", "running"])),
                fields=("study",),
                name="analysis_job_one_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="analysisjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("run__isnull", False), ("status", "done")),
                    models.Q(
                        models.Q(("status", "done"), _negated=True), ("run", None)
                    ),
                    _connector="OR",
                ),
                name="analysis_job_done_has_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="exclusion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("case", None),
                        ("reader__isnull", False),
                        ("scope", "reader"),
                        ("slot", None),
                    ),
                    models.Q(
                        ("case__isnull", False),
                        ("reader", None),
                        ("scope", "case"),
                        ("slot", None),
                    ),
                    models.Q(
                        ("case", None),
                        ("reader", None),
                        ("scope", "read"),
                        ("slot__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="exclusion_names_what_its_scope_says",
            ),
        ),
        migrations.AddConstraint(
            model_name="exclusion",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="exclusion_for_a_reason",
            ),
        ),
        refuse_updates("analysis_analysisrun"),
        refuse_updates("analysis_exclusion"),
    ]
