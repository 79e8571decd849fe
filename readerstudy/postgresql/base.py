"""Whether a kept connection still works, without asking the server each time.

Django sends `SELECT 1` before the first query of every request, which takes a reader's
request as long as another query. A server that has gone says so on the line: whatever
can be read from a line at rest is a reason to ask. So is an error on it, and a long
rest, in which a firewall may have forgotten the line without a word.
"""

import select
import time
from typing import Any

from django.db.backends.postgresql import base

LONGEST_REST_SECONDS = 15.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's backend; `is_usable` asks the server only where there is a reason."""

    _looked_at = float("-inf")

    def _configure_connection(self, connection: Any) -> bool:
        """Plan what is prepared once: statements.py prepares what finds rows by a key.

        Left to itself PostgreSQL may plan such a query anew each time, for values that
        change nothing about the plan.
        """
        super()._configure_connection(connection)  # type: ignore[misc]
        with connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode TO force_generic_plan")
        return True

    def is_usable(self) -> bool:
        """Whether the connection works."""
        before, self._looked_at = self._looked_at, time.monotonic()
        has_rested = self._looked_at - before > LONGEST_REST_SECONDS
        if has_rested or self.errors_occurred or self._was_told_something():
            return bool(super().is_usable())
        return True

    def _was_told_something(self) -> bool:
        if self.connection is None or self.connection.closed:
            return True
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))
