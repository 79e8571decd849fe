"""A process that is frozen in the middle of a transaction does not hold up the others
for ever."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_postgresql_ends_a_transaction_in_which_nothing_happens() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("2min",)
