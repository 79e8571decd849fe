"""Sessions in the database, as Django keeps them; found without putting SQL together.

Every request asks for its session and whose it is: one query brings both. That either
ended is seen at once by every process, so neither is ever answered from a copy.
"""

from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth import get_user as as_django_finds
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from readerstudy.accounts.models import User
from readerstudy.statements import Statement

_BACKEND = "readerstudy.accounts.backends.Accounts"


def _of_an_account(key: str) -> QuerySet[User]:
    """The account that signed in with a session, and what is kept of that session."""
    kept = Session.objects.filter(session_key=key)
    return User.objects.filter(usersession__session_key=key).annotate(
        session_data=Subquery(kept.values("session_data")),
        session_ends=Subquery(kept.values("expire_date")),
    )


_account = Statement(_of_an_account, words=["key"])
_session = Statement(lambda key: Session.objects.filter(session_key=key), words=["key"])


class SessionStore(db.SessionStore):
    # Who signed in with it, where that was found beside it.
    account: User | None = None

    def _get_session_from_db(self) -> Session | None:
        found = self._found(self.session_key or "")
        if found is None or found.expire_date <= timezone.now():
            self._session_key = None
            return None
        return found

    def _found(self, key: str) -> Session | None:
        account = _account.first(key=key)
        kept = vars(account) if account else {}
        data, ends = kept.pop("session_data", None), kept.pop("session_ends", None)
        # Nobody has signed in with it, or it has ended since.
        if data is None:
            return _session.first(key=key)
        self.account = account
        return Session(key, data, ends)


class WhoAsks(AuthenticationMiddleware):
    """Django's, which does not ask again for an account that came with the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        asker: Any = SimpleLazyObject(lambda: _who_asks(request))
        request.user = asker


def _who_asks(request: HttpRequest) -> User | AnonymousUser:
    session = request.session
    number, backend = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    account: User | None = getattr(session, "account", None)
    if (
        account is not None
        and account.is_active
        and (number, backend) == (str(account.pk), _BACKEND)
        and _is_proved(session.get(HASH_SESSION_KEY, ""), account)
    ):
        return account
    # Whatever is not as it mostly is, Django decides.
    return as_django_finds(request)


def _is_proved(kept: str, account: User) -> bool:
    """Whether the password is still the one of the sign-in."""
    return constant_time_compare(kept, account.get_session_auth_hash())
