"""What PostgreSQL knows of its tables when it plans a query."""

from django.db import connection
from django.db.models import Model


def count_again(*models: type[Model]) -> None:
    """Let PostgreSQL count tables into which much was stored at once.

    It does so by itself within a minute. Until then it plans by guesses, and reads a
    whole list to find a page of it. SQLite has no such plans.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in models:
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"ANALYZE {table}")
