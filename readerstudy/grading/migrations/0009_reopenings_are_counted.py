"""Let PostgreSQL know that hardly a grade is taken up again.

Of a table that was never counted it expects pages of rows. Each grade asks whether its
reader has taken one up, and was answered by a walk over the whole list of the reader.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from readerstudy.audit.append_only import Statements


def count(editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("ANALYZE grading_reopening")


def forget(editor: BaseDatabaseSchemaEditor) -> None:
    """What was counted does no harm."""


class Migration(migrations.Migration):
    dependencies = [("grading", "0008_calendar_feeds")]

    operations = [Statements(count, forget)]
