"""How a reading list falls into sessions: a pure function of its length.

A session is what a reader reads in one go. Where reports of one radiograph must lie
days apart, a session never holds two rounds: the list could not be read otherwise.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SessionPlan:
    """At most `limit` reports a session (None: no limit); rounds kept apart or not."""

    limit: int | None = None
    rounds_apart: bool = False

    def sessions(self, *, reads: int, rounds: int, weight: int = 1) -> list[int]:
        """Return the session, from 1, of each place of a list.

        reads: places in a round; weight: reports at one place. Sessions are as equal
        as can be: 50 reads with at most 40 a session make 25 and 25.
        """
        sizes = [reads] * rounds if self.rounds_apart else [reads * rounds]
        most = max(sizes) if self.limit is None else max(1, self.limit // weight)
        numbers: list[int] = []
        for size in sizes:
            parts = max(1, -(-size // most))
            first = numbers[-1] if numbers else 0
            numbers += [first + 1 + place * parts // size for place in range(size)]
        return numbers


WITHOUT_LIMIT = SessionPlan()
