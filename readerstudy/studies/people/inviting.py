"""Inviting people into a study by a link that is good once, and accepting it."""

import logging
import secrets
import smtplib
from collections.abc import Iterator
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from readerstudy.accounts.authentication import sha256_of_key
from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.letters import in_every_language
from readerstudy.studies.account.services import make_account
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.people.models import Invitation
from readerstudy.studies.services import admit

logger = logging.getLogger(__name__)
DEFAULT_DAYS, MAXIMUM_DAYS = 14, 60
MOST_REFUSALS = 20
_KEY_BYTES = 32
ROLES = {
    Membership.Role.READER.value: gettext_lazy("a reader"),
    Membership.Role.ANALYST.value: gettext_lazy("an analyst"),
}


def reason_against(study: Study, role: str) -> str:
    """Why nobody can join a study in a role now; empty where somebody can."""
    if study.is_closed:
        return _("The study is closed; nobody joins it any more.")
    if role == Membership.Role.READER and not study.is_draft:
        return _("The reading lists of this study are dealt, so its readers are fixed.")
    return ""


@transaction.atomic
def invite(
    *,
    study: Study,
    actor: User,
    role: str,
    name: str,
    email: str = "",
    days: int = DEFAULT_DAYS,
) -> Invitation:
    """Make an invitation; its `key` is known to the returned object alone."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if role not in ROLES:
        raise ValidationError({"role": "Invite readers or analysts."})
    if against := reason_against(study, role):
        raise ValidationError(against)
    if not 1 <= days <= MAXIMUM_DAYS:
        raise ValidationError(
            {"days": f"An invitation is good for 1 to {MAXIMUM_DAYS} days."}
        )
    key = secrets.token_urlsafe(_KEY_BYTES)
    now = timezone.now()
    invitation = Invitation(
        study=study,
        role=role,
        name=name.strip(),
        email=email.strip(),
        key_sha256=sha256_of_key(key),
        created_by=actor,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    invitation.full_clean()
    invitation.save()
    _record("invitation.made", invitation, actor)
    invitation.key = key
    return invitation


def letter(invitation: Invitation, link: str) -> tuple[str, str]:
    """Subject and text of an invitation: title, role and link, and nothing else."""
    subject = in_every_language(lambda: _("Invitation to a reader study"), " / ")
    text = in_every_language(lambda: "\n\n".join(_paragraphs(invitation, link)))
    return subject, f"{text}\n"


def _paragraphs(invitation: Invitation, link: str) -> Iterator[str]:
    values = {
        "name": invitation.name,
        "title": invitation.study.title,
        "role": ROLES[invitation.role],
        "end": f"{invitation.expires_at:%Y-%m-%d}",
    }
    yield _("Dear {name},").format(**values)
    yield _(
        "you are invited to take part in the reader study “{title}” as {role}."
    ).format(**values)
    yield _(
        "Open this link to choose a password, or to sign in where you have an account "
        "already:"
    )
    yield link
    yield _("It is meant for you alone, works once, and is good until {end}.").format(
        **values
    )
    yield str(invitation.created_by)


def send(invitation: Invitation, link: str) -> Invitation:
    """Send an invitation by e-mail and note whether the server took it."""
    subject, text = letter(invitation, link)
    try:
        EmailMessage(subject, text, to=[invitation.email]).send()
    except (OSError, smtplib.SMTPException) as problem:
        logger.warning("an invitation could not be sent: %s", problem)
        invitation.failure = f"{type(problem).__name__}: {problem}"[:500]
    else:
        invitation.sent_at = timezone.now()
        invitation.failure = ""
    invitation.save(update_fields=["sent_at", "failure"])
    return invitation


def found(key: str) -> Invitation | None:
    """The invitation that a key opens; None for any other key, whatever became of it.

    It is looked up by the key's hash: how long that takes tells nothing of any key.
    """
    return (
        Invitation.objects.in_force()
        .select_related("study", "created_by")
        .filter(key_sha256=sha256_of_key(key))
        .first()
    )


@transaction.atomic
def accept(*, key: str, user: User) -> Membership:
    """Let a person with an account join by an invitation, which is used up by it."""
    invitation = _taken(key)
    member = _admit(invitation, user)
    if invitation.email and not user.email:
        User.objects.filter(pk=user.pk).update(email=invitation.email)
    return member


@transaction.atomic
def accept_as_new(*, key: str, username: str, password: str) -> Membership:
    """Make an account for the person invited and let them join."""
    invitation = _taken(key)
    if not password:
        raise ValidationError({"password": _("Choose a password.")})
    user, _password = make_account(
        username=username,
        name=invitation.name,
        may_create_studies=False,
        password=password,
        actor=None,
    )
    if invitation.email:
        User.objects.filter(pk=user.pk).update(email=invitation.email)
    return _admit(invitation, user)


@transaction.atomic
def note_refusal(*, key: str) -> None:
    """Count an attempt to accept that was refused; too many use the link up.

    A refusal tells whether somebody has a user name already, and so a link must not
    serve to try names without end.
    """
    invitation = (
        Invitation.objects.in_force()
        .select_for_update()
        .filter(key_sha256=sha256_of_key(key))
        .first()
    )
    if invitation is None:
        return
    invitation.refusals += 1
    if invitation.refusals >= MOST_REFUSALS:
        invitation.revoked_at = timezone.now()
        _record("invitation.tried_too_often", invitation, None)
    invitation.save(update_fields=["refusals", "revoked_at"])


def _taken(key: str) -> Invitation:
    """The invitation of a key, locked: two who follow one link do not both join."""
    invitation = (
        Invitation.objects.in_force()
        .select_for_update()
        .filter(key_sha256=sha256_of_key(key))
        .first()
    )
    if invitation is None:
        raise ValidationError(
            _("This link opens nothing any more. Ask for another one.")
        )
    if against := reason_against(invitation.study, invitation.role):
        raise ValidationError(against)
    return invitation


def _admit(invitation: Invitation, user: User) -> Membership:
    member = admit(study=invitation.study, actor=user, user=user, role=invitation.role)
    invitation.used_at, invitation.used_by = timezone.now(), user
    invitation.save(update_fields=["used_at", "used_by"])
    _record("invitation.accepted", invitation, user)
    return member


@transaction.atomic
def revoke(*, invitation: Invitation, actor: User) -> Invitation:
    """Take an invitation back that nobody has accepted."""
    current = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if current.used_at or current.revoked_at:
        raise ValidationError("There is nothing to take back any more.")
    current.revoked_at = timezone.now()
    current.save(update_fields=["revoked_at"])
    _record("invitation.taken_back", current, actor)
    return current


def _record(verb: str, invitation: Invitation, actor: User | None) -> None:
    record(
        actor=actor,
        verb=verb,
        stream=invitation.study.code,
        subject=f"invitation {invitation.pk}",
        detail={"role": invitation.role},
    )
