"""Who must have a second factor besides the password, and who has one."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q

from readerstudy.accounts.models import User
from readerstudy.studies.models import Membership

# Recovery codes alone are no factor: they stand in for one that was lost.
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_ROLES = {
    "coordinators": Membership.Role.COORDINATOR,
    "analysts": Membership.Role.ANALYST,
    "readers": Membership.Role.READER,
}


def needs_second_factor(user: User) -> bool:
    """Whether the site's settings demand one of this person; one query at most."""
    kinds: frozenset[str] = settings.SECOND_FACTOR_REQUIRED
    if not kinds:
        return False
    if "coordinators" in kinds and user.may_create_studies:
        return True
    roles = Q(role__in=[_ROLES[kind] for kind in kinds])
    return Membership.objects.filter(roles, user=user).exists()


def has_second_factor(user: User) -> bool:
    """Whether the person has an authenticator app or a passkey."""
    own = Authenticator.objects.filter(user=user, type__in=KINDS)
    return bool(own.exists())


def owes_second_factor(user: User) -> bool:
    """Whether the person must set one up before anything else."""
    return needs_second_factor(user) and not has_second_factor(user)
