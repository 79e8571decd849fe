"""Layouts that keep every number of a text; drafts move to them, the locked stay."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from readerstudy.audit.append_only import lift_refusal, refuse_changes, refuse_steps

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
    "primary_outcome",
    "reader_inference",
    "planned_analyses",
    "sample_size",
    "alpha",
    "allocation",
    "reader_groups",
    "anchor_cases",
    "arm_order",
    "hidden_repeats",
    "layout_profile",
)
# What is locked stays, unless the very same write makes a draft of a frozen study.
FROZEN = (
    "OLD.protocol_sha256 <> '' AND NOT (OLD.state = 'frozen' AND NEW.state = 'draft')"
)
STEPS = (
    ("draft", "frozen"),
    ("frozen", "draft"),
    ("frozen", "open"),
    ("open", "paused"),
    ("paused", "open"),
    ("open", "closed"),
    ("paused", "closed"),
    ("closed", "archived"),
)


NEWER = {"plain/2": "plain/3", "even/1": "even/2", "sections/1": "sections/2"}


def move_drafts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give each draft the newer version of the layout that it had."""
    drafts = apps.get_model("studies", "Study").objects.filter(state="draft")
    for former, newer in NEWER.items():
        drafts.filter(layout_profile=former).update(layout_profile=newer)


class Migration(migrations.Migration):
    dependencies = [("studies", "0010_refused_invitations")]

    operations = [
        lift_refusal("studies_study"),
        migrations.RemoveConstraint(model_name="study", name="study_layout_known"),
        migrations.AlterField(
            model_name="study",
            name="layout_profile",
            field=models.CharField(
                choices=[
                    ("plain/3", "Plain"),
                    ("even/2", "Even"),
                    ("sections/2", "Even, in two sections"),
                    ("plain/2", "Plain, former"),
                    ("even/1", "Even, former"),
                    ("sections/1", "Even, in two sections, former"),
                ],
                default="plain/3",
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    layout_profile__in=[
                        *("plain/3", "even/2", "sections/2"),
                        *("plain/2", "even/1", "sections/1"),
                    ]
                ),
                name="study_layout_known",
            ),
        ),
        migrations.RunPython(move_drafts, migrations.RunPython.noop),
        refuse_changes("studies_study", LOCKED, once=FROZEN),
        refuse_steps("studies_study", "state", STEPS),
    ]
