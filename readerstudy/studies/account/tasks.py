"""What a worker does for accounts: it forgets sessions that are over."""

from celery import shared_task

from readerstudy.accounts.sessions import SessionStore
from readerstudy.work.pulse import chore

CLEAR_EVERY_SECONDS = 24 * 3600.0


@shared_task(name="studies.clear_sessions")
def clear_sessions() -> None:
    """Remove the rows of sessions that have ended; nobody can come back to them."""
    SessionStore.clear_expired()


chore(clear_sessions, every=CLEAR_EVERY_SECONDS)
