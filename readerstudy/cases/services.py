"""Writes on cases: store an image, render it; drawing is in case_sets."""

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import PIL.Image
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage

from readerstudy.cases.case_sets.drawing import draw_cases as draw_cases
from readerstudy.cases.desk.flags import image_flags
from readerstudy.cases.frame_store import (
    KeptFrame,
    frames_held,
    frames_shared,
    keep_preview,
    preview_path,
)
from readerstudy.cases.frames import (
    Frame,
    ViewerMeta,
    from_bytes,
    render_8bit,
    rendering_of,
)
from readerstudy.cases.models import Case, Image
from readerstudy.cases.orientation import edge_letters
from readerstudy.cases.preview import preview_size
from readerstudy.cases.radiograph import Refused
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
    """Store a kept frame as an image of a case.

    Raises Refused where the frame was removed after it was kept.
    """
    frames_shared()
    with frames_held():
        if not default_storage.exists(frame.name):
            raise Refused(
                "Its pixels were removed in the meantime, when the same radiograph was "
                "blanked elsewhere. Read it again."
            )
        return _image_of(
            case=case,
            name=name,
            frame=frame,
            view=view,
            source_sha256=source_sha256,
            view_reason=view_reason,
            header=header or {},
        )


def _image_of(
    *,
    case: Case,
    name: str,
    frame: KeptFrame,
    view: str,
    source_sha256: str,
    view_reason: str,
    header: Mapping[str, Any],
) -> Image:
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
        header=dict(header),
        look=frame.look.code,
        flags=image_flags(
            header=header,
            rows=frame.description["rows"],
            columns=frame.description["columns"],
            look=frame.look,
        ),
        looked_sha256=frame.sha256,
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
