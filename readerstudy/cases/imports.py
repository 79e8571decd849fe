"""Writes that bring radiographs in: each file whole or not at all.

A radiograph is prepared first, which checks it and keeps its pixels, and stored then,
in a transaction of its own that is over at once: readers save grades meanwhile.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

import readerstudy
from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.deidentification.models import HeaderRecord
from readerstudy.cases.deidentification.originals import keep_original
from readerstudy.cases.deidentification.policy import Dates, Policy
from readerstudy.cases.deidentification.profile import PROFILE
from readerstudy.cases.deidentification.removed import Removal
from readerstudy.cases.deidentification.scanning import ask_for_scans
from readerstudy.cases.fixing import is_fixed, is_used
from readerstudy.cases.frame_store import KeptFrame, keep_frame
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.cases.names import composed, is_plain
from readerstudy.cases.openi import chosen_image
from readerstudy.cases.radiograph import RadiographFile, Refused, View
from readerstudy.cases.services import store_image

LONGEST_CODE = 120
SET_BY = "set by "


class Outcome(Enum):
    """What became of one file."""

    IMPORTED = "imported"
    ALREADY_THERE = "already there"


@dataclass(frozen=True)
class Prepared:
    """A radiograph whose pixels are kept and which waits for its row."""

    name: str
    frame: KeptFrame
    view: View
    view_reason: str
    source_sha256: str
    header: dict[str, Any]
    removal: Removal | None = None
    original_is_kept: bool = False


def checked_name(name: str) -> str:
    """A collection's name as it is stored; raises ValidationError for a bad one."""
    collection = Collection(name=composed(name))
    collection.clean_fields()
    if not is_plain(collection.name):
        raise ValidationError("A name is one line of letters, numbers and signs.")
    return collection.name


def collection_named(name: str) -> Collection:
    """Return a collection, made on first use and locked for the transaction."""
    Collection.objects.get_or_create(name=name)
    return Collection.objects.select_for_update().get(name=name)


def pseudonymiser(collection: str = "") -> Policy:
    """Makes what stands for patients' numbers, UIDs and dates, by this site's key.

    collection   whose choice of dates holds; they are dropped where none is named
    """
    chosen = Collection.objects.filter(name=collection).first()
    dates = cast(Dates, chosen.dates) if chosen else "dropped"
    return Policy(settings.PSEUDONYM_KEY, dates)


@transaction.atomic
def choose_dates(*, collection: str, dates: str, actor: User | None) -> Collection:
    """Say what becomes of dates in a collection; its first import fixes that."""
    locked = collection_named(collection)
    if dates not in Collection.Dates.values:
        raise ValidationError("Dates are dropped or shifted.")
    if locked.dates == dates:
        return locked
    images = Image.objects.filter(case__collection=locked)
    if locked.dates_fixed_at or images.exists():
        raise ValidationError(
            f"The files of {locked.name} came in with dates "
            f"{locked.get_dates_display().lower()}; that holds for all its files."
        )
    locked.dates = dates
    locked.save(update_fields=["dates"])
    record(
        actor=actor,
        verb="collection.dates_chosen",
        subject=locked.name,
        detail={"dates": dates},
    )
    return locked


def _fix_dates(collection: Collection, radiograph: Prepared) -> None:
    """Refuse a file that was read under another choice; the first one fixes it."""
    removal = radiograph.removal
    if removal is not None and removal.dates != collection.dates:
        raise Refused(
            "The collection's choice of what becomes of dates has changed since the "
            "file was read. Import it again."
        )
    if collection.dates_fixed_at is None:
        collection.dates_fixed_at = timezone.now()
        collection.save(update_fields=["dates_fixed_at"])


def is_there(collection: str, source_sha256: str) -> bool:
    """Whether a collection holds a file already, under whatever name or code."""
    images = Image.objects.filter(case__collection__name=collection)
    return images.filter(source_sha256=source_sha256).exists()


def refuse_code(
    collection: str, code: str, source_sha256: str, *, one_per_case: bool
) -> None:
    """Raise Refused unless a file may come under a case's code.

    `one_per_case`: another file of the same code is refused rather than taken for a
    second view.
    """
    if not 1 <= len(code) <= LONGEST_CODE:
        raise Refused(f"Its case code must have 1 to {LONGEST_CODE} characters.")
    if not is_plain(code):
        raise Refused(
            "Its case code has signs that cannot be read. Rename it, or take the codes "
            "of the cases from something else."
        )
    held = Case.objects.filter(collection__name=collection, code=code)
    # The same file may have come in a moment ago, by another import.
    others = held.exclude(images__source_sha256=source_sha256)
    if one_per_case and others.exists():
        raise Refused(second_radiograph(code))


def second_radiograph(code: str) -> str:
    """Why a second file of a case is refused."""
    return (
        f"The collection has another radiograph under the case code {code}. Take the "
        "codes of the cases from something else, such as their folder, or use another "
        "collection."
    )


def prepare(
    name: str, radiograph: RadiographFile, content: bytes | None = None
) -> Prepared:
    """Keep a radiograph's pixels, so that only its row is missing.

    content   the file as it came; it is kept where the site asks for originals
    """
    return Prepared(
        name=name,
        frame=keep_frame(radiograph.frame),
        view=radiograph.view,
        view_reason=radiograph.view_reason,
        source_sha256=radiograph.source_sha256,
        header=dict(radiograph.header),
        removal=radiograph.removal,
        original_is_kept=keep_original(content, radiograph.source_sha256),
    )


@transaction.atomic
def store_radiograph(
    *, collection: str, code: str, radiograph: Prepared, one_per_case: bool
) -> Outcome:
    """Store one radiograph under a case's code. Raises Refused."""
    locked = collection_named(collection)
    if is_there(collection, radiograph.source_sha256):
        return Outcome.ALREADY_THERE
    refuse_code(collection, code, radiograph.source_sha256, one_per_case=one_per_case)
    case, _ = Case.objects.get_or_create(collection=locked, code=code)
    add_image(case=case, radiograph=radiograph)
    return Outcome.IMPORTED


def add_image(*, case: Case, radiograph: Prepared) -> Image:
    """Store an image of a case, and choose anew which image is read."""
    _fix_dates(case.collection, radiograph)
    image = store_image(
        case=case,
        name=radiograph.name,
        frame=radiograph.frame,
        view=radiograph.view,
        view_reason=radiograph.view_reason,
        source_sha256=radiograph.source_sha256,
        header=radiograph.header,
    )
    if radiograph.removal is not None:
        _store_record(image, radiograph, radiograph.removal)
    _choose_image(case)
    return image


def _store_record(image: Image, radiograph: Prepared, removal: Removal) -> None:
    HeaderRecord.objects.create(
        image=image,
        profile=PROFILE,
        software=f"readerstudy {readerstudy.VERSION}",
        dates=removal.dates,
        elements=removal.as_json(),
        further=removal.further,
        trailing=removal.trailing,
        original_is_kept=radiograph.original_is_kept,
    )


def correct_view(*, image: Image, view: View, reason: str) -> bool:
    """Take a better word for what an image shows; False where nothing was changed.

    What a person set stays, and so does the image that a study draws on.
    """
    case = image.case
    is_fixed = image.view_reason.startswith(SET_BY) or is_used(case.pk)
    if image.view == view or is_fixed:
        return False
    image.view, image.view_reason = view, reason
    image.save(update_fields=["view", "view_reason"])
    _choose_image(case)
    return True


def _choose_image(case: Case) -> None:
    """A choice that a person made, or that a study draws on, stays."""
    # A person may choose it at this moment, or set the stratum.
    case = Case.objects.select_for_update(of=["self"]).get(pk=case.pk)
    if case.image_was_chosen or is_used(case.pk):
        return
    images = case.images.filter(is_prior=False).order_by("id")
    views = {each.name: cast(View, each.view) for each in images}
    chosen = chosen_image(views)
    case.image = case.images.filter(name=chosen).first() if chosen else None
    case.save(update_fields=["image"])


@transaction.atomic
def record_import(collection: str, counts: dict[str, int]) -> None:
    """Leave an event of what an import did, if it brought anything; have it searched
    for burned-in text."""
    if not counts[Outcome.IMPORTED.value]:
        return
    record(actor=None, verb="cases.imported", subject=collection, detail=counts)
    if found := Collection.objects.filter(name=collection).first():
        ask_for_scans(collection=found, actor=None)


@transaction.atomic
def override_image(
    *,
    image: Image,
    actor: User,
    view: str,
    stratum: str,
    is_chosen: bool,
    is_prior: bool = False,
) -> Image:
    """Set by hand what an image shows, its case's stratum, and whether it is read.

    is_chosen   readers and models get this image
    is_prior    it is of an earlier examination; it can't be chosen as well

    Refused once a frozen study uses the case: what its readers see must not change.
    """
    case = Case.objects.select_for_update(of=["self"]).get(pk=image.case_id)
    if is_fixed(case.pk):
        raise ValidationError(
            f"{case.code} belongs to a frozen study; its image and stratum are fixed."
        )
    if is_chosen and is_prior:
        raise ValidationError(
            "A prior radiograph is shown for comparison only. Choose another one as "
            "the radiograph that is read, or do not mark this one as prior."
        )
    before = _as_set(image, case)
    image.view, image.view_reason = view, f"{SET_BY}{actor.username}"
    image.is_prior = is_prior
    # A picture that is no DICOM file has an empty header.
    image.full_clean(exclude=["frame_file", "header"])
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
            "after": _as_set(image, case),
        },
    )
    return image


def _as_set(image: Image, case: Case) -> dict[str, object]:
    """What a person can set, for the record."""
    return {
        "view": image.view,
        "prior": image.is_prior,
        "stratum": case.stratum,
        "image": case.image_id,
    }
