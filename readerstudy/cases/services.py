"""Writes on cases: store an image, override a view, draw the cases of a study."""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import PIL.Image
from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.frame_store import KeptFrame, keep_preview, preview_path
from readerstudy.cases.frames import (
    Frame,
    ViewerMeta,
    from_bytes,
    render_8bit,
    rendering_of,
)
from readerstudy.cases.models import Case, CaseSet, Collection, Image, StudyCase
from readerstudy.cases.orientation import edge_letters
from readerstudy.cases.preview import preview_size
from readerstudy.cases.sampling import TooFew, draw
from readerstudy.studies.models import Study
from readerstudy.work.worker import Told


def store_image(
    *,
    case: Case,
    name: str,
    frame: KeptFrame,
    view: str,
    source_sha256: str,
    view_reason: str = "",
    header: Mapping[str, Any] | None = None,
) -> Image:
    """Store a kept frame as an image of a case."""
    return Image.objects.create(
        case=case,
        name=name[:200],
        view=view,
        view_reason=view_reason[:200],
        source_sha256=source_sha256,
        frame_sha256=frame.sha256,
        frame_file=frame.name,
        rows=frame.description["rows"],
        columns=frame.description["columns"],
        description=frame.description,
        header=dict(header or {}),
    )


class RadiographLost(Told):
    """The stored pixels of a radiograph are gone, or are no longer those stored."""

    def __init__(self, image: Image, what: str) -> None:
        super().__init__(
            f"The stored radiograph of case {image.case.code} {what}: restore "
            f"{image.frame_file.name} in MEDIA_ROOT from a backup."
        )


def frame_bytes(image: Image) -> bytes:
    """The stored pixels: gzip of little-endian uint16, row by row.

    Raises RadiographLost where the file can't be read.
    """
    try:
        with image.frame_file.open("rb") as stored:
            content: bytes = stored.read()
    except OSError as problem:
        raise RadiographLost(image, "can't be read") from problem
    return content


def frame_of(image: Image) -> Frame:
    """The canonical frame of an image, proved to be the one that was imported.

    Raises RadiographLost where it is not.
    """
    content = frame_bytes(image)
    try:
        frame = from_bytes(content, image.description)
    except (OSError, EOFError, ValueError, zlib.error) as problem:
        raise RadiographLost(image, "is damaged") from problem
    if _sha256(frame) != image.frame_sha256:
        raise RadiographLost(image, "is damaged")
    return frame


def preview_bytes(image: Image) -> bytes:
    """The preview, in the form of `frame_bytes`; made now if no import has made it.

    Raises RadiographLost where the frame is needed and can't be read.
    """
    try:
        return preview_path(image.frame_sha256).read_bytes()
    except OSError:
        return keep_preview(frame_of(image), image.frame_sha256)


def _sha256(frame: Frame) -> str:
    return hashlib.sha256(frame.pixels.tobytes()).hexdigest()


def viewer_description(image: Image) -> dict[str, Any]:
    """What the viewer must know to show an image; nothing that names it."""
    description = {name: image.description[name] for name in ViewerMeta.__annotations__}
    return description | {
        "preview": preview_size(image.rows, image.columns),
        "orientation": edge_letters(image.header.get("PatientOrientation")),
    }


def model_image(case: Case) -> tuple[PIL.Image.Image, dict[str, Any]]:
    """What the model sees of a case, 8-bit, and a record of how it was rendered."""
    if case.image is None:
        raise ValidationError(f"Case {case.code} has no image chosen.")
    return rendered_image(case.image)


def rendered_image(image: Image) -> tuple[PIL.Image.Image, dict[str, Any]]:
    """What a model sees of an image, 8-bit, and a record of how it was rendered."""
    frame = frame_of(image)
    pixels = render_8bit(frame)
    record_of_rendering = {
        "frame_sha256": image.frame_sha256,
        **rendering_of(frame),
        "rendered_sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
    }
    return PIL.Image.fromarray(pixels, "L"), record_of_rendering


@transaction.atomic
def draw_cases(
    *,
    study: Study,
    actor: User,
    collection: Collection,
    sizes: Mapping[str, int | None],
    seed: int,
) -> CaseSet:
    """Draw the cases of a draft anew from the cases of a collection with an image."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if not study.is_draft:
        raise ValidationError("The study is frozen: its cases are fixed.")
    by_code = {
        case.code: case
        for case in Case.objects.filter(collection=collection).exclude(image=None)
    }
    codes_by_stratum: dict[str, list[str]] = defaultdict(list)
    for code, case in by_code.items():
        codes_by_stratum[case.stratum].append(code)
    try:
        drawn = draw(codes_by_stratum=codes_by_stratum, sizes=sizes, seed=seed)
    except TooFew as problem:
        raise ValidationError(str(problem)) from problem
    if not drawn:
        raise ValidationError("The draw is empty: ask for one case at least.")
    case_set, _ = CaseSet.objects.update_or_create(
        study=study,
        defaults={
            "collection": collection,
            "seed": seed,
            "available": {name: len(held) for name, held in codes_by_stratum.items()},
            **{name: sizes.get(name) for name in ("normal", "abnormal", "unknown")},
        },
    )
    case_set.studycase_set.all().delete()
    StudyCase.objects.bulk_create(
        StudyCase(case_set=case_set, case=by_code[code]) for code in drawn
    )
    record(
        actor=actor,
        verb="study.cases_drawn",
        stream=study.code,
        subject=collection.name,
        detail={"cases": len(drawn), "seed": seed, "sizes": dict(sizes)},
    )
    return case_set
