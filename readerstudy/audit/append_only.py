"""A database trigger that refuses to alter rows of an append-only table.

Deletion is held back by protecting foreign keys; the trigger guards the content.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _create(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    message = f"rows of {table} are never altered"
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
        )
        editor.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )
    else:
        editor.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def _drop(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        editor.execute(f"DROP FUNCTION {table}_refuse()")
    else:
        editor.execute(f"DROP TRIGGER {table}_append_only")


def refuse_updates(table: str) -> migrations.RunPython:
    """Return the migration operation that makes a table append-only."""

    def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        _create(editor, table)

    def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        _drop(editor, table)

    return migrations.RunPython(forwards, backwards)
