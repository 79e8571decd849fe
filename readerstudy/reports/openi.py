"""Storing one study of Open-i: case, images and ground-truth report, all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import transaction

from readerstudy.cases.bitmaps import read_bitmap
from readerstudy.cases.found import Found
from readerstudy.cases.imports import (
    Prepared,
    add_image,
    collection_named,
    correct_view,
    prepare,
    pseudonymiser,
)
from readerstudy.cases.models import Case, Image
from readerstudy.cases.openi import OpeniStudy
from readerstudy.cases.radiograph import RadiographFile, Refused, View
from readerstudy.cases.reading import read_apart
from readerstudy.reports.models import GROUND_TRUTH, Report
from readerstudy.reports.services import UploadedReport, source_named

PROJECTIONS = "table of projections"
_DICOM = (".dcm", ".dicom")


@dataclass(frozen=True)
class PreparedStudy:
    """A study whose images are read and kept, and which waits for its rows."""

    study: OpeniStudy
    images: tuple[Prepared, ...]


def read_images(
    study: OpeniStudy,
    *,
    images: Mapping[str, Found],
    projections: Mapping[str, View],
    collection: str = "",
) -> dict[str, RadiographFile]:
    """Read the images of a study that are given, by canonical name. Raises Refused.

    images       files by canonical name
    collection   whose choice of dates holds
    projections  views by canonical name; they win over a file's own word
    """
    radiographs: dict[str, RadiographFile] = {}
    for name in study.images:
        if name in images and name not in radiographs:
            try:
                radiograph = _read(images[name], collection)
            except Refused as refusal:
                raise Refused(f"Its image {name}: {refusal.reason}") from None
            radiographs[name] = _with_view(radiograph, projections.get(name))
    return radiographs


def prepare_study(
    study: OpeniStudy, radiographs: Mapping[str, RadiographFile]
) -> PreparedStudy:
    """Keep the pixels of a study's images."""
    images = [prepare(name, radiograph) for name, radiograph in radiographs.items()]
    return PreparedStudy(study, tuple(images))


@transaction.atomic
def store_study(*, collection: str, prepared: PreparedStudy) -> bool:
    """Store what is not there yet; True where anything was new.

    An image that is there already takes its view from the table of projections.
    """
    study = prepared.study
    case, is_new = Case.objects.get_or_create(
        collection=collection_named(collection),
        code=study.code,
        defaults={"stratum": study.stratum, "indication": study.indication},
    )
    there = {image.source_sha256: image for image in case.images.all()}
    for radiograph in prepared.images:
        if radiograph.source_sha256 in there:
            is_new |= _correct_view(there[radiograph.source_sha256], radiograph)
        else:
            there[radiograph.source_sha256] = add_image(
                case=case, radiograph=radiograph
            )
            is_new = True
    return _store_report(case, study) or is_new


def _correct_view(image: Image, radiograph: Prepared) -> bool:
    return radiograph.view_reason == PROJECTIONS and correct_view(
        image=image, view=radiograph.view, reason=PROJECTIONS
    )


def _store_report(case: Case, study: OpeniStudy) -> bool:
    upload = UploadedReport(
        case.code, findings=study.findings, impression=study.impression
    )
    fingerprint = upload.sha256()
    _, is_new = Report.objects.get_or_create(
        case=case,
        source=source_named(GROUND_TRUTH),
        fingerprint=fingerprint,
        defaults={
            "findings": study.findings,
            "impression": study.impression,
            "sha256": fingerprint,
            "provenance": {"origin": "Open-i", "study": study.code},
        },
    )
    return is_new


def _read(file: Found, collection: str) -> RadiographFile:
    content = file.read()
    is_dicom = file.name.lower().endswith(_DICOM)
    if not is_dicom:
        return read_bitmap(content)
    return read_apart(content, pseudonym=pseudonymiser(collection))


def _with_view(radiograph: RadiographFile, view: View | None) -> RadiographFile:
    if view is None:
        return radiograph
    return replace(radiograph, view=view, view_reason=PROJECTIONS)
