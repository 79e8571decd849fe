"""Say how far each token reaches, and make the table in which tries are counted."""

from django.core.management import call_command
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def make_cache_table(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    call_command(
        "createcachetable",
        "shared_cache",
        database=editor.connection.alias,
        verbosity=0,
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_drop_plain_keys")]

    operations = [
        # What was made before reaches as far as it did.
        migrations.AddField(
            model_name="apitoken",
            name="scope",
            field=models.CharField(
                choices=[
                    ("results", "Read results and tables"),
                    ("reading", "Read and grade"),
                    ("all", "Read results and tables, read and grade"),
                ],
                default="all",
                max_length=8,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ["results", "reading", "all"])),
                name="token_scope_known",
            ),
        ),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
