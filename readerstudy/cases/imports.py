"""Writes that bring radiographs in: each file whole or not at all."""

import hmac
from enum import Enum
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.cases.openi import chosen_image
from readerstudy.cases.radiograph import RadiographFile, Refused
from readerstudy.cases.services import store_image

LONGEST_CODE = 120


class Outcome(Enum):
    """What became of one file."""

    IMPORTED = "imported"
    ALREADY_THERE = "already there"


def collection_named(name: str) -> Collection:
    """Return a collection, made on first use; raises ValidationError for a bad name."""
    collection = Collection(name=name.strip())
    collection.clean_fields()
    return Collection.objects.get_or_create(name=collection.name)[0]


def pseudonym(value: str) -> str:
    """A code that is the same for the same value, and that leads nowhere without the key."""
    digest = hmac.new(settings.SECRET_KEY.encode(), value.encode(), sha256)
    return f"P{digest.hexdigest()[:12]}"


@transaction.atomic
def import_radiograph(
    *,
    collection: Collection,
    code: str,
    name: str,
    radiograph: RadiographFile,
    one_per_case: bool,
) -> Outcome:
    """Store one radiograph under a case's code. Raises Refused.

    A file that the collection holds already stays one. `one_per_case`: another file of
    the same code is refused rather than taken for a second view.
    """
    if not code or len(code) > LONGEST_CODE:
        raise Refused(f"Its case code must have 1 to {LONGEST_CODE} characters.")
    there = Image.objects.filter(
        case__collection=collection, source_sha256=radiograph.source_sha256
    )
    if there.exists():
        return Outcome.ALREADY_THERE
    case, is_new = Case.objects.get_or_create(collection=collection, code=code)
    if one_per_case and not is_new:
        raise Refused(
            f"The collection has another radiograph under the case code {code}. Give "
            "the cases their codes by --code-from, or use another collection."
        )
    add_image(case=case, name=name, radiograph=radiograph)
    return Outcome.IMPORTED


def add_image(*, case: Case, name: str, radiograph: RadiographFile) -> Image:
    """Store an image of a case, and choose anew which image is read.

    A choice that a person made, or that a study draws on, stays.
    """
    image = store_image(
        case=case,
        name=name,
        frame=radiograph.frame,
        view=radiograph.view,
        view_reason=radiograph.view_reason,
        source_sha256=radiograph.source_sha256,
        header=radiograph.header,
    )
    if not case.image_was_chosen and not case.studycase_set.exists():
        views = {each.name: each.view for each in case.images.order_by("id")}
        chosen = chosen_image(views)
        case.image = case.images.filter(name=chosen).first() if chosen else None
        case.save()
    return image


def record_import(
    *, collection: Collection, actor: User | None, counts: dict[str, Any]
) -> None:
    """Leave an event of what an import did."""
    record(
        actor=actor, verb="cases.imported", subject=collection.name, detail=counts
    )
