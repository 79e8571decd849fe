"""Database triggers that refuse to alter what must stay as it was written.

Deletion is held back by protecting foreign keys; the triggers guard the content, and
rows that nothing refers to.
"""

from collections.abc import Callable, Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

Statement = Callable[[BaseDatabaseSchemaEditor], None]


class Statements(Operation):
    """A step of a migration that speaks to the tables and asks for no model.

    Django's RunPython makes every model of that day anew before it begins, which took
    half of the time of all migrations.
    """

    reversible = True

    def __init__(self, forwards: Statement, backwards: Statement) -> None:
        self.forwards = forwards
        self.backwards = backwards

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models are as before."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self.forwards(schema_editor)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self.backwards(schema_editor)

    def describe(self) -> str:
        return "Statements on tables"


def _nothing(editor: BaseDatabaseSchemaEditor) -> None:
    """There is no way back, and nothing to undo."""


def _create(
    editor: BaseDatabaseSchemaEditor, table: str, message: str, condition: str
) -> None:
    when = f"WHEN ({condition}) " if condition else ""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
        )
        editor.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
            f"FOR EACH ROW {when}EXECUTE FUNCTION {table}_refuse()"
        )
    else:
        editor.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
            f"{when}BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def _drop(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
        editor.execute(f"DROP FUNCTION IF EXISTS {table}_refuse()")
    else:
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only")


def refuse_updates(table: str) -> Statements:
    """Return the migration operation that makes a table append-only."""
    return _operation(table, f"rows of {table} are never altered")


def refuse_changes(table: str, columns: Sequence[str], *, once: str) -> Statements:
    """Return the operation that fixes columns of a row once a condition holds.

    once: SQL over OLD, and NEW, such as "OLD.sealed". Other columns may still change.
    """
    return _operation(
        table, f"what is locked in {table} is never altered", columns, once
    )


def refuse_deletions(table: str) -> Statements:
    """Return the operation that keeps every row of a table.

    For rows that no other row refers to, which a foreign key can't protect.
    """
    message = f"rows of {table} are never deleted"

    def forwards(editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(
                f"CREATE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
            )
            then = f"FOR EACH ROW EXECUTE FUNCTION {table}_keep()"
        else:
            then = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        editor.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {then}")

    def backwards(editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_kept ON {table}")
            editor.execute(f"DROP FUNCTION IF EXISTS {table}_keep()")
        else:
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_kept")

    return Statements(forwards, backwards)


def refuse_steps(
    table: str, column: str, permitted: Sequence[tuple[str, str]]
) -> Statements:
    """Return the operation that lets a column change along permitted steps only.

    permitted: pairs of the value before and the value after. Set it again wherever
    `refuse_changes` is set again, for SQLite loses it with the table.
    """
    message = f"no such step of {table}.{column}"
    steps = " OR ".join(
        f"(OLD.{column} = '{before}' AND NEW.{column} = '{after}')"
        for before, after in permitted
    )
    condition = f"OLD.{column} <> NEW.{column} AND NOT ({steps})"

    def forwards(editor: BaseDatabaseSchemaEditor) -> None:
        backwards(editor)
        when = f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({condition})"
        if editor.connection.vendor == "postgresql":
            editor.execute(
                f"CREATE FUNCTION {table}_no_step() RETURNS trigger LANGUAGE plpgsql "
                f"AS $$ BEGIN RAISE EXCEPTION '{message}'; END $$"
            )
            then = f"EXECUTE FUNCTION {table}_no_step()"
        else:
            then = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        editor.execute(f"CREATE TRIGGER {table}_steps {when} {then}")

    def backwards(editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_steps ON {table}")
            editor.execute(f"DROP FUNCTION IF EXISTS {table}_no_step()")
        else:
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_steps")

    return Statements(forwards, backwards)


def lift_refusal(table: str) -> Statements:
    """Return the operation that takes a table's trigger away.

    A migration that alters the table lifts the trigger first and sets it again last:
    SQLite makes such a table anew and would lose it without a word.
    """

    def forwards(editor: BaseDatabaseSchemaEditor) -> None:
        _drop(editor, table)

    return Statements(forwards, _nothing)


def _operation(
    table: str, message: str, columns: Sequence[str] = (), once: str = ""
) -> Statements:
    def forwards(editor: BaseDatabaseSchemaEditor) -> None:
        is_postgresql = editor.connection.vendor == "postgresql"
        differs = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
        changes = " OR ".join(
            f"OLD.{column} {differs} NEW.{column}" for column in columns
        )
        condition = f"({once}) AND ({changes})" if columns else ""
        _create(editor, table, message, condition)

    def backwards(editor: BaseDatabaseSchemaEditor) -> None:
        _drop(editor, table)

    return Statements(forwards, backwards)


def allow_again(table: str, *, events: Sequence[str]) -> Statements:
    """Return the operation that takes away what `refuse_while` set for these events."""

    def forwards(editor: BaseDatabaseSchemaEditor) -> None:
        _drop_while(editor, table, events)

    return Statements(forwards, _nothing)


def _drop_while(
    editor: BaseDatabaseSchemaEditor, table: str, events: Sequence[str]
) -> None:
    for event in events:
        name = f"{table}_{event.lower()}_locked"
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            editor.execute(f"DROP FUNCTION IF EXISTS {name}()")
        else:
            editor.execute(f"DROP TRIGGER IF EXISTS {name}")


def refuse_while(table: str, *, locked: str, events: Sequence[str]) -> Statements:
    """Return the operation that keeps rows as they are while another row is locked.

    locked: SQL that is true then, with {row} for the row itself and {differs} between
    two values; it may ask other tables. events: of INSERT, UPDATE and DELETE those
    that are refused.
    """
    message = f"what is locked in {table} is never altered"

    def forwards(editor: BaseDatabaseSchemaEditor) -> None:
        is_postgresql = editor.connection.vendor == "postgresql"
        # Older versions of SQLite know one of the two spellings alone.
        differs = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
        for event in events:
            rows = {"INSERT": ["NEW"], "DELETE": ["OLD"]}.get(event, ["OLD", "NEW"])
            condition = " OR ".join(
                f"({locked.format(row=row, differs=differs)})" for row in rows
            )
            name = f"{table}_{event.lower()}_locked"
            if is_postgresql:
                editor.execute(
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN IF {condition} THEN RAISE EXCEPTION '{message}'; "
                    f"END IF; RETURN {rows[-1]}; END $$"
                )
                then = f"FOR EACH ROW EXECUTE FUNCTION {name}()"
            else:
                then = f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {then}")

    def backwards(editor: BaseDatabaseSchemaEditor) -> None:
        _drop_while(editor, table, events)

    return Statements(forwards, backwards)


def refuse_truncation(tables: Sequence[str]) -> Statements:
    """Return the operation that lets no table be emptied at once, past its rows.

    SQLite has no such statement: there a DELETE asks the triggers of every row.
    """

    def forwards(editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor != "postgresql":
            return
        editor.execute(
            "CREATE OR REPLACE FUNCTION refuse_truncation() RETURNS trigger "
            "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = "
            "'rows of ' || TG_TABLE_NAME || ' are never deleted'; END $$"
        )
        for table in tables:
            editor.execute(
                f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()"
            )

    def backwards(editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor != "postgresql":
            return
        for table in tables:
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_not_emptied ON {table}")

    return Statements(forwards, backwards)
