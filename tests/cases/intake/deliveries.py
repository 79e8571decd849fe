"""Deliveries for tests: made through the services, taken in by the task itself."""

import io
import zipfile
from typing import Any

from PIL import Image

from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw
from readerstudy.cases.intake import services
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.services import Announced
from readerstudy.cases.intake.tasks import take_in
from tests.people import cora


def film(seed: int, size: int = 64) -> bytes:
    """A chest radiograph as a DICOM file."""
    stream = io.BytesIO()
    write_dicom(draw(seed, size=size), stream)
    return stream.getvalue()


def picture(seed: int, kind: str = "PNG", size: int = 64) -> bytes:
    """A chest radiograph as PNG or JPEG."""
    stream = io.BytesIO()
    grey = Image.fromarray((draw(seed, size=size).pixels >> 4).astype("uint8"), "L")
    grey.save(stream, kind)
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """A ZIP of some files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def opened(
    collection: str = "chest clinic", layout: str = "radiographs", **options: Any
) -> Delivery:
    """A delivery by upload that waits for its files."""
    return services.open_delivery(
        collection=collection,
        origin="upload",
        layout=layout,
        options=options,
        actor=cora().user,
    )


def upload(delivery: Delivery, files: dict[str, bytes]) -> list[DeliveredFile]:
    """Announce files and send each in one chunk."""
    announced = [Announced(name, len(content)) for name, content in files.items()]
    rows = services.announce(delivery=delivery, files=announced)
    for row, content in zip(rows, files.values(), strict=True):
        if row.state == DeliveredFile.State.EXPECTED:
            services.receive(file=row, offset=row.received, content=content)
    return rows


def brought(
    files: dict[str, bytes], collection: str = "chest clinic", **options: Any
) -> Delivery:
    """A delivery of these files, all of it taken in."""
    delivery = opened(collection, **options)
    upload(delivery, files)
    services.seal(delivery=delivery, actor=cora().user)
    return taken_in(delivery)


def taken_in(delivery: Delivery) -> Delivery:
    """Let the worker's task do what it does, until nothing waits."""
    delivery.refresh_from_db()
    while delivery.status == Delivery.Status.QUEUED:
        take_in(delivery.pk)
        delivery.refresh_from_db()
    return delivery


def fates(delivery: Delivery) -> dict[str, str]:
    """What became of each file, by name."""
    return dict(delivery.files.values_list("name", "state"))


def reasons(delivery: Delivery) -> dict[str, str]:
    """Why files were refused, by name."""
    refused = delivery.files.filter(state=DeliveredFile.State.REFUSED)
    return dict(refused.values_list("name", "reason"))
