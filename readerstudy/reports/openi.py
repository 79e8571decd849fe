"""Storing one study of Open-i: case, images and ground-truth report, all or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.cases.bitmaps import read_bitmap
from readerstudy.cases.imports import add_image
from readerstudy.cases.models import Case, Collection
from readerstudy.cases.openi import OpeniStudy
from readerstudy.cases.radiograph import RadiographFile, View
from readerstudy.cases.reading import read_apart
from readerstudy.reports.models import GROUND_TRUTH, Report
from readerstudy.reports.services import UploadedReport, source_named

Reader = Callable[[], bytes]
_DICOM = (".dcm", ".dicom")


@transaction.atomic
def store_study(
    *,
    collection: Collection,
    study: OpeniStudy,
    images: Mapping[str, tuple[str, Reader]],
    projections: Mapping[str, View],
    actor: User | None,
) -> bool:
    """Store what is not there yet; True where anything was new. Raises Refused.

    images       by canonical name: file name and how to read it
    projections  views by canonical name; they win over a file's own word
    """
    radiographs = {
        name: _with_view(_read(*images[name]), projections.get(name))
        for name in study.images
        if name in images
    }
    case, is_new = Case.objects.get_or_create(
        collection=collection,
        code=study.code,
        defaults={"stratum": study.stratum, "indication": study.indication},
    )
    there = set(case.images.values_list("source_sha256", flat=True))
    for name, radiograph in radiographs.items():
        if radiograph.source_sha256 not in there:
            there.add(radiograph.source_sha256)
            add_image(case=case, name=name, radiograph=radiograph)
            is_new = True
    return _store_report(case, study) or is_new


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


def _read(file_name: str, read: Reader) -> RadiographFile:
    if file_name.lower().endswith(_DICOM):
        return read_apart(read())
    return read_bitmap(read())


def _with_view(radiograph: RadiographFile, view: View | None) -> RadiographFile:
    if view is None:
        return radiograph
    return replace(radiograph, view=view, view_reason="table of projections")
