"""A person's own data go; what they did stays, under a number.

Grades, roles and events name an account by its number, and so do the hashes over them:
no chain and no digest breaks. What people typed (comments, reasons) is part of the
science and stays as it is.
"""

import json
from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CASCADE, Model, Q
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.models import Event
from readerstudy.audit.services import record
from readerstudy.export.models import ExportBundle
from readerstudy.grading.models import Reminder
from readerstudy.studies.models import Invitation, Membership

ERASED = "person.erased"
NOBODY = "Erased person"


@dataclass
class Remains:
    """What was removed, and what is still there."""

    removed: dict[str, int] = field(default_factory=dict)
    roles: int = 0
    events_by: int = 0
    events_naming: int = 0
    bundles: int = 0


def pseudonym(person: User) -> str:
    """The user name of an erased account."""
    return f"erased-{person.pk}"


def is_erased(person: User) -> bool:
    return person.username == pseudonym(person) and not person.is_active


@transaction.atomic
def erase(*, person: User, actor: User | None) -> Remains:
    """Take name, address and every way to sign in from an account, for good.

    Raises ValidationError where a study would be left without a coordinator. Erasing
    once more changes nothing.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if is_erased(person):
        return _remains(person, "")
    if left := _left_alone(person):
        raise ValidationError(
            f"{', '.join(left)} would have no coordinator. Give somebody else that "
            "role first."
        )
    username, email = person.username, person.email
    removed = _removed(person, username)
    removed["invitations"] = _emptied_invitations(person, email)
    letters = Reminder.objects.filter(reader__user=person).exclude(text="")
    removed["reminders"] = letters.update(text="")
    person.username = pseudonym(person)
    person.first_name = person.last_name = person.email = ""
    person.is_active = person.is_staff = person.is_superuser = False
    person.may_create_studies = False
    person.last_login = None
    person.set_unusable_password()
    person.save()
    removed = {name: count for name, count in removed.items() if count}
    record(actor=actor, verb=ERASED, subject=person.number, detail={"removed": removed})
    remains = _remains(person, username)
    remains.removed = removed
    return remains


def _left_alone(person: User) -> list[str]:
    """Studies, not archived, of which nobody else is a coordinator who can sign in."""
    held = Membership.objects.filter(role=Membership.Role.COORDINATOR)
    own = held.filter(user=person).exclude(study__state="archived")
    others = held.filter(user__is_active=True).exclude(user=person)
    alone = own.exclude(study__in=others.values("study"))
    return sorted(alone.values_list("study__code", flat=True))


def _removed(person: User, username: str) -> dict[str, int]:
    """Delete what hangs on an account and would go with it: keys, sessions, devices."""
    counts: dict[str, int] = {}
    for relation in User._meta.related_objects:
        # What a study rests on is protected; whatever else points to a person goes.
        if getattr(relation, "on_delete", None) is CASCADE:
            rows = relation.related_model._default_manager.filter(
                **{relation.field.name: person}
            )
            counts[relation.related_model._meta.label] = rows.count()
            rows.delete()
    person.groups.clear()
    person.user_permissions.clear()
    counts["sessions.Session"] = _ended_sessions(person)
    for model in _notes_of_sign_ins():
        rows = model._default_manager.filter(username=username)
        counts[model._meta.label] = rows.count()
        rows.delete()
    return counts


def _notes_of_sign_ins() -> list[type[Model]]:
    """Tables of libraries that keep user names as text."""
    return [
        model
        for model in apps.get_models()
        if not model.__module__.startswith("readerstudy.")
        and any(each.name == "username" for each in model._meta.concrete_fields)
    ]


def _ended_sessions(person: User) -> int:
    ended = 0
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
            ended += 1
    return ended


def _emptied_invitations(person: User, email: str) -> int:
    about = Q(used_by=person) | (Q(email__iexact=email) if email else Q())
    rows = Invitation.objects.filter(about)
    unused = rows.filter(used_at=None, revoked_at=None)
    unused.update(revoked_at=timezone.now())
    return rows.update(name=NOBODY, email="", failure="")


def _remains(person: User, username: str) -> Remains:
    roles = Membership.objects.filter(user=person)
    naming = 0
    if username:
        # Events of before named people in their text; a chain can't be rewritten.
        word = json.dumps(username)
        for subject, detail in Event.objects.values_list("subject", "detail").iterator(
            chunk_size=2000
        ):
            naming += subject == username or word in json.dumps(detail)
    return Remains(
        roles=roles.count(),
        events_by=Event.objects.filter(actor=person).count(),
        events_naming=naming,
        bundles=ExportBundle.objects.filter(study__in=roles.values("study")).count(),
    )


def told(remains: Remains) -> list[str]:
    """What is still there, in sentences for whoever answers the person."""
    return [
        *(f"Removed: {count} {name}." for name, count in remains.removed.items()),
        f"Kept under the number: {remains.roles} roles with what was graded in them, "
        f"{remains.events_by} events.",
        f"{remains.events_naming} events of before hold the user name in their text; "
        "the record can't be rewritten.",
        f"{remains.bundles} export bundles were made of these studies; those from "
        "before hold the user name. So do backups, until they are thrown away.",
        "Comments and reasons that the person typed stay as they are.",
    ]
