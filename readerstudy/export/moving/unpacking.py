"""A packed study becomes a study of this server: all of it or nothing.

Rows are put as they were, in the order in which a study lives: drafts first, the lock
of the cases last. No trigger is lifted; they refuse changes, and these are new rows.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.base import DeserializedObject
from django.db import transaction
from django.db.models import JSONField, Model

from readerstudy.accounts.models import User
from readerstudy.audit.services import SITE, record
from readerstudy.audit.verifying import first_break, last_told
from readerstudy.cases.case_sets.drawing import lock_case_set
from readerstudy.cases.frame_store import keep_pixels, name_of
from readerstudy.export.moving.archive import Packed
from readerstudy.export.moving.lines import Row, column, dumps, key_of, target_of
from readerstudy.export.moving.matching import Found, look
from readerstudy.export.moving.scope import LATER, ORDER, model_of
from readerstudy.export.moving.vouching import Vouched, vouch_for
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.protocol import canonical_json, sha256_of
from readerstudy.studies.services import admit
from readerstudy.work.worker import patiently

UNPACKED = "study.unpacked"
_CHAIN = ("audit.Stream", "audit.Event")


def unpack(*, packed: Packed, actor: User | None, code: str = "") -> Study:
    """Store a packed study; raises ValidationError with everything against it.

    A draft can take another `code`; its record begins anew then. `actor` becomes a
    coordinator where no coordinator of the study can sign in here.
    """
    keep_radiographs(packed=packed, code=code)
    return store_rows(packed=packed, actor=actor, code=code)


def keep_radiographs(
    *, packed: Packed, code: str = "", tell: Callable[[int], object] = lambda done: None
) -> None:
    """Store the pixels; raises ValidationError with everything against the study.

    They come before the rows: none may point to a file that is not there. What is left
    over when the rows are refused is found again at the next try. `tell` hears how many
    are stored.
    """
    if problems := look(packed, code=code).problems:
        raise ValidationError(problems)
    for done, (sha256, pixels) in enumerate(packed.pixels(), start=1):
        patiently(partial(keep_pixels, pixels, sha256))
        tell(done)


@transaction.atomic
def store_rows(*, packed: Packed, actor: User | None, code: str = "") -> Study:
    """Store the rows of a packed study whose pixels are there: all or nothing."""
    found = look(packed, code=code)
    if found.problems:
        raise ValidationError(found.problems)
    is_renamed = bool(code) and code != packed.study["code"]
    new: dict[str, list[int]] = {}
    for label in ORDER:
        if not (is_renamed and label in _CHAIN):
            made = [_put(label, row, found) for row in packed.rows[label]]
            new[label] = [pk for pk in made if pk is not None]
    _put_later(packed, found)
    study = Study.objects.get(
        pk=found.pk_of("studies.Study", key_of("studies.Study", packed.study))
    )
    study.full_clean()
    if not study.is_draft:
        lock_case_set(study)
    _refuse_what_does_not_verify(study)
    vouched = vouch_for({} if is_renamed else last_told(study.code), new)
    _record(packed, study, found, actor, vouched, is_renamed=is_renamed)
    if actor is not None:
        _give_it_a_coordinator(study, actor)
    return study


def _put(label: str, row: Row, found: Found) -> Any:
    """Store a row under a new number and return it; None where it is there."""
    key = dumps(key_of(label, row))
    if key in found.rows[label]:
        return None
    model = model_of(label)
    made = model()
    for name, value in row.items():
        if (label, name) not in LATER:
            _fill(made, name, value, found)
    if isinstance(made, User):
        made.is_active = False
        made.set_unusable_password()
    if label == "cases.Image":
        setattr(made, "frame_file", name_of(row["frame_sha256"]))  # noqa: B010
    if isinstance(made, Study):
        made.code = found.code
    # As a fixture is loaded: times stay as they were.
    DeserializedObject(made).save()
    found.rows[label][key] = made.pk
    return made.pk


def _fill(made: Model, name: str, value: Any, found: Found) -> None:
    """Give a row one of its values, or the row that it refers to."""
    target = target_of(type(made), name)
    if target is not None:
        pk = None if value is None else found.pk_of(target._meta.label, value)
        if value is not None and pk is None:
            raise ValidationError(
                f"A row of {made._meta.label} refers to a row of "
                f"{target._meta.label} that the file does not hold."
            )
        setattr(made, f"{name}_id", pk)
        return
    held = column(type(made), name)
    is_plain = value is None or isinstance(held, JSONField)
    setattr(made, name, value if is_plain else held.to_python(value))


def _put_later(packed: Packed, found: Found) -> None:
    """Fill in the references that lead forth and back, of rows that are new."""
    for label, name in LATER:
        model = model_of(label)
        for row in packed.rows[label]:
            made = model._default_manager.get(pk=found.pk_of(label, key_of(label, row)))
            if getattr(made, f"{name}_id") is None and row[name] is not None:
                _fill(made, name, row[name], found)
                made.save(update_fields=[name])


def _refuse_what_does_not_verify(study: Study) -> None:
    """The protocol must have its hash, and the record its chain."""
    if study.protocol is not None:
        digest = sha256_of(canonical_json(study.protocol))
        if digest != study.protocol_sha256:
            raise ValidationError("The protocol does not have the hash it was locked.")
    broken = first_break(study.code)
    if broken is not None:
        raise ValidationError(f"The record of the study is broken at event {broken}.")


def _record(
    packed: Packed,
    study: Study,
    found: Found,
    actor: User | None,
    vouched: Vouched,
    *,
    is_renamed: bool,
) -> None:
    """Note where the study came from, and who is who.

    In the record of the site: the chain of the study stays as it came, so that packing
    it again gives the same file. A draft with another code begins a chain of its own.
    """
    names = [username for username, _, _ in found.people]
    there = {account.pk for _, _, account in found.people if account is not None}
    detail = {
        "packed_as": packed.study["code"],
        "software": packed.manifest.get("software"),
        "people": {
            person.number: person.pk in there
            for person in User.objects.filter(username__in=names)
        },
        "cases_added": found.added,
    }
    record(
        actor=actor,
        verb=UNPACKED,
        stream=SITE,
        subject=study.code,
        detail=detail,
        rows=vouched.rows,
        gone=vouched.gone,
    )
    if is_renamed:
        old = packed.rows["audit.Stream"][0]
        detail |= {"length": old["length"], "head_sha256": old["head_sha256"]}
        record(actor=actor, verb=UNPACKED, stream=study.code, detail=detail)


def _give_it_a_coordinator(study: Study, actor: User) -> None:
    """Let whoever brought the study in see it, where nobody else could."""
    members = Membership.objects.filter(study=study)
    able = members.filter(role=Membership.Role.COORDINATOR, user__is_active=True)
    if not able.exists() and not members.filter(user=actor).exists():
        admit(study=study, actor=actor, user=actor, role=Membership.Role.COORDINATOR)
