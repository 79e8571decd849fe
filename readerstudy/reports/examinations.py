"""Storing an examination that comes with its report: all of it or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db import transaction

from readerstudy.audit.rows import as_stored
from readerstudy.audit.services import record
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
from readerstudy.cases.radiograph import RadiographFile, Refused, View, sha256
from readerstudy.cases.reading import read_apart, read_picture_apart
from readerstudy.cases.taking import is_picture
from readerstudy.reports.models import GROUND_TRUTH, Report
from readerstudy.reports.services import UploadedReport, source_named

# What a view is known by where a table of the collection says it; it beats a header.
PROJECTIONS = "table of projections"
METADATA = "table of metadata"
_TABLES = (PROJECTIONS, METADATA)


@dataclass(frozen=True)
class Examination:
    """A case with its ground-truth report, as a collection of others gives it."""

    code: str
    report: UploadedReport
    origin: str
    stratum: str = Case.Stratum.UNKNOWN
    indication: str = ""


@dataclass(frozen=True)
class PreparedExamination:
    """An examination whose images are read and kept, and which waits for its rows."""

    examination: Examination
    images: tuple[Prepared, ...]


@dataclass(frozen=True)
class Pictures:
    """The image files of a collection.

    collection  its name: the choice of dates is its own
    files       by name
    views       by name; they win over a file's own word
    table       what `views` was read from
    """

    collection: str
    files: Mapping[str, Found]
    views: Mapping[str, View] = field(default_factory=dict)
    table: str = PROJECTIONS

    def read(self, names: tuple[str, ...]) -> dict[str, RadiographFile]:
        """Read those of some names that are given. Raises Refused."""
        radiographs: dict[str, RadiographFile] = {}
        for name in names:
            if name in self.files and name not in radiographs:
                radiographs[name] = self._read(name)
        return radiographs

    def original(self, name: str, sha256_of_it: str) -> bytes | None:
        """A file as it came, where the site keeps originals. Raises Refused.

        It is read once more rather than kept in memory beside its pixels.
        """
        if not settings.KEEP_ORIGINALS:
            return None
        content = self.files[name].read()
        if sha256(content) != sha256_of_it:
            raise Refused(
                f"Its image {name} changed while it was read. Import it again."
            )
        return content

    def _read(self, name: str) -> RadiographFile:
        try:
            radiograph = self._radiograph(self.files[name].read())
        except Refused as refusal:
            raise Refused(f"Its image {name}: {refusal.reason}") from None
        view = self.views.get(name)
        if view is None:
            return radiograph
        return replace(radiograph, view=view, view_reason=self.table)

    def _radiograph(self, content: bytes) -> RadiographFile:
        if is_picture(content):
            return read_picture_apart(content)
        return read_apart(content, pseudonym=pseudonymiser(self.collection))


def prepare_examination(
    examination: Examination,
    radiographs: Mapping[str, RadiographFile],
    pictures: Pictures,
) -> PreparedExamination:
    """Keep the pixels of an examination's images, and the files as they came where the
    site asks for it."""
    images = [
        prepare(name, each, pictures.original(name, each.source_sha256))
        for name, each in radiographs.items()
    ]
    return PreparedExamination(examination, tuple(images))


@transaction.atomic
def store_examination(
    *, collection: str, prepared: PreparedExamination
) -> tuple[Case, bool]:
    """Store what is not there yet; returns the case, and whether anything was new.

    An image that is there already takes its view from the table of the collection.
    """
    examination = prepared.examination
    case, is_new = Case.objects.get_or_create(
        collection=collection_named(collection),
        code=examination.code,
        defaults={
            "stratum": examination.stratum,
            "indication": examination.indication,
        },
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
    return case, _store_report(case, examination) or is_new


def _correct_view(image: Image, radiograph: Prepared) -> bool:
    return radiograph.view_reason in _TABLES and correct_view(
        image=image, view=radiograph.view, reason=radiograph.view_reason
    )


def _store_report(case: Case, examination: Examination) -> bool:
    report = examination.report
    fingerprint = report.sha256()
    stored, is_new = Report.objects.get_or_create(
        case=case,
        source=source_named(GROUND_TRUTH),
        fingerprint=fingerprint,
        defaults={
            "findings": report.findings,
            "impression": report.impression,
            "text": report.text,
            "sha256": fingerprint,
            "provenance": {"origin": examination.origin, "study": examination.code},
        },
    )
    if is_new:
        record(
            actor=None,
            verb="report.stored",
            subject=f"{case.collection.name}/{case.code}",
            detail={"source": GROUND_TRUTH, "fingerprint": fingerprint},
            rows=[as_stored(stored)],
        )
    return is_new


def is_stored(collection: str, examination: Examination) -> bool:
    """Whether a case with this very report is there."""
    return Report.objects.filter(
        case__collection__name=collection,
        case__code=examination.code,
        source__name=GROUND_TRUTH,
        fingerprint=examination.report.sha256(),
    ).exists()
