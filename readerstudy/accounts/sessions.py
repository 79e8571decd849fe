"""Sessions in the database, as Django keeps them; found without putting SQL together.

Every request asks for its session. That it ended is seen at once by every process, so
it is never answered from a copy.
"""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from readerstudy.statements import Statement

_session = Statement(lambda key: Session.objects.filter(session_key=key), words=["key"])


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        found = _session.first(key=self.session_key or "")
        if found is None or found.expire_date <= timezone.now():
            self._session_key = None
            return None
        return found
