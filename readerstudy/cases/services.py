"""Writes on cases: store an image, render it; drawing is in case_sets."""

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import PIL.Image
from django.core.exceptions import ValidationError

from readerstudy.cases.case_sets.drawing import draw_cases as draw_cases
from readerstudy.cases.desk.flags import image_flags
from readerstudy.cases.frame_store import (
    KeptFrame,
    frames_held,
    frames_shared,
    keep_preview,
    preview_name,
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
from readerstudy.cases.proof import is_whole
from readerstudy.cases.radiograph import Refused
from readerstudy.media_store import StoreAway, store
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
        if not store().has(frame.name):
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
            f"{image.frame_file.name} in {store().where} from a backup."
        )


def frame_bytes(image: Image) -> bytes:
    """The stored pixels: gzip of little-endian uint16, row by row; proved each time.

    Raises RadiographLost where they can't be read or are not those that were stored,
    and StoreAway where the store does not say.
    """
    content = _stored(image)
    if not is_whole(content, image.frame_sha256):
        raise RadiographLost(image, "is damaged")
    return content


def _stored(image: Image) -> bytes:
    try:
        return store().get(str(image.frame_file.name))
    except StoreAway:
        raise
    except OSError as problem:
        raise RadiographLost(image, "can't be read") from problem


def frame_of(image: Image) -> Frame:
    """The canonical frame of an image, proved to be the one that was imported.

    Raises as `frame_bytes` does.
    """
    content = _stored(image)
    try:
        frame = from_bytes(content, image.description)
    except (OSError, EOFError, ValueError, zlib.error) as problem:
        raise RadiographLost(image, "is damaged") from problem
    if _sha256(frame) != image.frame_sha256:
        raise RadiographLost(image, "is damaged")
    return frame


def preview_bytes(image: Image) -> bytes:
    """The preview, in the form of `frame_bytes`; made now where there is no whole one.

    Raises as `frame_bytes` does where the frame is needed.
    """
    size = preview_size(image.rows, image.columns)
    try:
        content = store().get(preview_name(image.frame_sha256))
        is_there = len(gzip.decompress(content)) == 2 * size["rows"] * size["columns"]
    except StoreAway:
        raise
    except (OSError, EOFError, zlib.error):
        is_there = False
    if is_there:
        return content
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
