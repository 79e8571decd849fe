import django.core.validators
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import readerstudy.studies.reading_rules
from readerstudy.audit.append_only import lift_refusal, refuse_changes

RULES = (
    "presentation",
    "instruments",
    "amending",
    "undo_seconds",
    "session_reads",
    "washout_days",
    "idle_seconds",
    "break_minutes",
    "guess_sample",
    "display_check",
    "show_other_images",
    "allow_small_screens",
)
LOCKED = (
    "code",
    "seed",
    "minimum_pair_distance",
    "redaction",
    "show_indication",
    "scale",
    "margin_points",
    "protocol",
    "protocol_sha256",
    "frozen_at",
)
FROZEN = "OLD.protocol_sha256 <> ''"


def keep_what_was_frozen(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """A study frozen under fewer rules goes on without the new ones."""
    frozen = apps.get_model("studies", "Study").objects.exclude(state="draft")
    frozen.update(
        amending="never",
        undo_seconds=0,
        break_minutes=0,
        guess_sample=0,
        display_check=False,
    )


class Migration(migrations.Migration):
    """How a study is read becomes a part of its protocol, and locked with it."""

    dependencies = [
        ("studies", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        lift_refusal("studies_study"),
        migrations.AddField(
            model_name="study",
            name="allow_small_screens",
            field=models.BooleanField(
                default=False, help_text="Let readers read on telephones."
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="amending",
            field=models.CharField(
                choices=[
                    ("never", "Never: a submitted grade stands"),
                    ("session", "Until the reading session ends"),
                    ("study", "Until the study is closed"),
                ],
                default="session",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="break_minutes",
            field=models.PositiveSmallIntegerField(
                default=20,
                help_text="After so much reading a break is proposed, between two cases; 0 for never.",
                validators=[django.core.validators.MaxValueValidator(240)],
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="consent",
            field=models.TextField(
                blank=True, help_text="What readers agree to before the first report."
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="display_check",
            field=models.BooleanField(
                default=True, help_text="Readers check their display before a session."
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="guess_sample",
            field=models.PositiveSmallIntegerField(
                default=10,
                help_text="Reports of a session whose source the reader guesses at its end; 0 for none.",
                validators=[django.core.validators.MaxValueValidator(50)],
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="idle_seconds",
            field=models.PositiveSmallIntegerField(
                default=120,
                help_text="Without any input for so long, the image is blanked and the clock stops.",
                validators=[
                    django.core.validators.MinValueValidator(15),
                    django.core.validators.MaxValueValidator(3600),
                ],
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="instruments",
            field=models.JSONField(
                blank=True,
                default=readerstudy.studies.reading_rules.default_instruments,
                validators=[readerstudy.studies.reading_rules.known_instruments],
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="presentation",
            field=models.CharField(
                choices=[
                    ("single", "One report at a time, as in the paper"),
                    ("pair", "Two reports of a radiograph side by side"),
                ],
                default="single",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="session_reads",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Reports per reading session at the most; empty for no limit.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="show_other_images",
            field=models.BooleanField(
                default=False,
                help_text="Show lateral and prior radiographs beside the one that is read.",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="undo_seconds",
            field=models.PositiveSmallIntegerField(
                default=10,
                help_text="For so long after submitting, Backspace takes a grade back.",
                validators=[django.core.validators.MaxValueValidator(120)],
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="washout_days",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Days between two reports of one radiograph, at the least.",
                validators=[django.core.validators.MaxValueValidator(365)],
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("presentation__in", ["single", "pair"])),
                name="study_presentation_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("amending__in", ["never", "session", "study"])),
                name="study_amending_known",
            ),
        ),
        migrations.RunPython(keep_what_was_frozen, migrations.RunPython.noop),
        refuse_changes("studies_study", LOCKED + RULES, once=FROZEN),
    ]
