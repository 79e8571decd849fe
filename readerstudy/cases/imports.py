"""Writes that bring radiographs in: each file whole or not at all."""

import hmac
from enum import Enum
from hashlib import sha256
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.cases.openi import chosen_image
from readerstudy.cases.radiograph import RadiographFile, Refused, View
from readerstudy.cases.services import store_image
from readerstudy.studies.models import Study

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
    """A code, the same for the same value, that leads nowhere without the key."""
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
        views = {
            each.name: cast(View, each.view) for each in case.images.order_by("id")
        }
        chosen = chosen_image(views)
        case.image = case.images.filter(name=chosen).first() if chosen else None
        case.save()
    return image


def record_import(
    *, collection: Collection, actor: User | None, counts: dict[str, Any]
) -> None:
    """Leave an event of what an import did."""
    record(actor=actor, verb="cases.imported", subject=collection.name, detail=counts)


@transaction.atomic
def override_image(
    *, image: Image, actor: User, view: str, stratum: str, is_chosen: bool
) -> Image:
    """Set by hand what an image shows, its case's stratum, and whether it is read.

    Refused once a frozen study uses the case: what its readers see must not change.
    """
    case = Case.objects.select_for_update(of=["self"]).get(pk=image.case_id)
    frozen = case.studycase_set.exclude(case_set__study__state=Study.State.DRAFT)
    if frozen.exists():
        raise ValidationError(
            f"{case.code} belongs to a frozen study; its image and stratum are fixed."
        )
    before = {"view": image.view, "stratum": case.stratum, "image": case.image_id}
    image.view, image.view_reason = view, f"set by {actor.username}"
    image.full_clean(exclude=["frame_file"])
    image.save()
    case.stratum = stratum
    if is_chosen:
        case.image, case.image_was_chosen = image, True
    elif case.image_id == image.pk:
        case.image, case.image_was_chosen = None, True
    case.full_clean()
    case.save()
    record(
        actor=actor,
        verb="case.overridden",
        subject=f"{case.collection.name}/{case.code}",
        detail={
            "image": image.pk,
            "before": before,
            "after": {"view": view, "stratum": stratum, "image": case.image_id},
        },
    )
    return image
