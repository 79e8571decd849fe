"""The plain layout: every file is a radiograph, under a case of its own or shared."""

from pathlib import PurePosixPath

from readerstudy.cases.imports import Outcome
from readerstudy.cases.intake import sources
from readerstudy.cases.intake.fates import STATES, Fate, settle
from readerstudy.cases.intake.layouts import Layout
from readerstudy.cases.intake.members import is_set_aside
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.models import Case, Image
from readerstudy.cases.radiograph import sha256
from readerstudy.cases.taking import Manner
from readerstudy.work.leases import Claim

State = DeliveredFile.State
LATERAL = (
    "It is a lateral view. None is read unless somebody chooses it on the "
    "collection's page."
)


def manner_of(delivery: Delivery) -> Manner:
    """How a delivery wants its radiographs."""
    return Manner(
        collection=delivery.collection.name,
        code_from=delivery.options.get("code_from", "stem"),
        takes_burned_in=delivery.options.get("take_burned_in", False),
        takes_pictures=True,
    )


def take(claim: Claim, delivery: Delivery, file: DeliveredFile) -> None:
    """Take one file in. Raises Refused."""
    if is_set_aside(file.name):
        settle(claim, [file], lambda: Fate(State.SET_ASIDE))
        return
    content = sources.read(file)
    digest = sha256(content)
    manner, path = manner_of(delivery), PurePosixPath(file.name)
    new = manner.read(path, content)
    if new is None:
        settle(claim, [file], lambda: _fate(manner, Outcome.ALREADY_THERE, digest))
        return
    code, radiograph = new
    prepared = manner.prepare(path, radiograph, content)
    del content
    warnings = radiograph.warnings
    if radiograph.view == "lateral":
        warnings = (*warnings, LATERAL)
    settle(
        claim,
        [file],
        lambda: _fate(manner, manner.store(code, prepared), digest, warnings),
    )


def _fate(
    manner: Manner, outcome: Outcome, digest: str, warnings: tuple[str, ...] = ()
) -> Fate:
    return Fate(
        state=STATES[outcome],
        warnings=warnings,
        case=_case_of(manner.collection, digest),
        sha256=digest,
        is_nameless=manner.is_secret,
    )


def _case_of(collection: str, digest: str) -> Case | None:
    images = Image.objects.filter(
        source_sha256=digest, case__collection__name=collection
    )
    image = images.select_related("case").first()
    return image.case if image else None


LAYOUT = Layout(key_of=lambda name: "", take=take, turn_of=lambda name, inside: 0)
