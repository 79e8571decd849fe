"""What happens to accounts and sessions; each leaves an event of the site.

An event names a person by number, never what was typed: a password lands in the field
of the user name sooner or later. Nor does it name an address, for events stay for good;
the person's own page and the server's log have that.
"""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest

from readerstudy.accounts.models import User
from readerstudy.accounts.services import add_person, made_up_password
from readerstudy.audit.services import record


@transaction.atomic
def make_account(
    *,
    username: str,
    name: str,
    may_create_studies: bool,
    actor: User | None,
    password: str = "",
) -> tuple[User, str]:
    """Make an account; returns it with its password. See accounts.add_person."""
    user, chosen = add_person(
        username=username,
        name=name,
        may_create_studies=may_create_studies,
        password=password,
    )
    record(
        actor=actor,
        verb="account.made",
        subject=user.number,
        detail={"may_create_studies": may_create_studies},
    )
    return user, chosen


@transaction.atomic
def set_administrator(
    *, user: User, is_administrator: bool, actor: User | None
) -> None:
    """Let a person look after the site, or no longer; done by a command alone."""
    user.is_staff = is_administrator
    user.save(update_fields=["is_staff"])
    verb = (
        "account.administrator_made"
        if is_administrator
        else ("account.administrator_no_more")
    )
    record(actor=actor, verb=verb, subject=user.number)


def note_sign_in(*, user: User, ways: list[str]) -> None:
    """Record that a person has signed in; `ways` are what was asked for, in order."""
    record(
        actor=user,
        verb="account.signed_in",
        subject=user.number,
        detail={"by": ways},
    )


def note_failure(*, username: str, what: str) -> None:
    """Record a wrong password or code; of a name that nobody has, only that it was."""
    record(
        actor=None,
        verb="account.sign_in_failed",
        subject=_number_of(username),
        detail={"wrong": what},
    )


def note_lock_out(*, username: str, what: str) -> None:
    """Record that no further try is taken for a while."""
    record(
        actor=None,
        verb="account.locked_out",
        subject=_number_of(username),
        detail={"wrong": what},
    )


def _number_of(username: str) -> str:
    """What the record calls the person of a name; nothing where nobody has it."""
    known = User.objects.filter(username=username).first()
    return known.number if known else ""


def note_change(*, user: User, verb: str, detail: dict[str, str] | None = None) -> None:
    """Record what a person has changed on the own account."""
    record(actor=user, verb=verb, subject=user.number, detail=detail)


@transaction.atomic
def sign_out(request: HttpRequest) -> None:
    """End the session of a request because its person wants to leave."""
    _ended(request, "account.signed_out")


@transaction.atomic
def end_session(request: HttpRequest) -> None:
    """End the session of a request because its time is over."""
    _ended(request, "account.session_ended")


def _ended(request: HttpRequest, verb: str) -> None:
    user = request.user
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)
    if isinstance(user, User):
        record(actor=user, verb=verb, subject=user.number)


@transaction.atomic
def end_other_sessions(*, request: HttpRequest, user: User) -> int:
    """End every session of a person but the one of this request; returns how many."""
    others = UserSession.objects.filter(user=user).exclude(
        session_key=request.session.session_key
    )
    ended = 0
    for session in others:
        ended += session.exists()
        session.end()
    note_change(user=user, verb="account.sessions_ended", detail={"ended": str(ended)})
    return ended


@transaction.atomic
def change_password(*, request: HttpRequest, user: User, password: str) -> None:
    """Set a new password; every other session of the person is over by that.

    Raises ValidationError for a password that is too weak.
    """
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    # The key of the session is a new one, under which it is to be found again.
    UserSession.objects.filter(user=user).delete()
    UserSession.objects.create_from_request(request)
    note_change(user=user, verb="account.password_changed")


@transaction.atomic
def reset_sign_in(*, user: User, drops_factors: bool) -> str:
    """Give a person a new password, which is returned; done by a command alone.

    Its sessions are over by that. Recovery codes go with the second factors.
    """
    password = made_up_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    UserSession.objects.filter(user=user).delete()
    if drops_factors:
        Authenticator.objects.filter(user=user).delete()
    record(
        actor=None,
        verb="account.reset",
        subject=user.number,
        detail={"second_factors_removed": drops_factors},
    )
    return password
