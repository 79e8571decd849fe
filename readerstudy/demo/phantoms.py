"""The demonstration's radiographs: drawn, written as DICOM, imported like any other."""

import io
import logging
from collections.abc import Iterator
from itertools import count

import numpy as np
from django.db import transaction

from inference.phantom.dicom import write_dicom
from inference.phantom.findings import Finding
from inference.phantom.phantom import draw
from inference.phantom.text import report
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.imports import prepare, pseudonymiser, store_radiograph
from readerstudy.cases.models import Case, Collection
from readerstudy.cases.radiograph import RadiographFile
from readerstudy.reports.models import GROUND_TRUTH
from readerstudy.reports.services import (
    UploadedReport,
    cases_of,
    source_named,
    store_reports,
)

logger = logging.getLogger(__name__)

SIZE = 640
# What is drawn does not depend on the size, so a small drawing tells it quickly.
_SMALLEST = 64
_WORDING = 21
INDICATION = "Drawn phantom; no patient."


def ensure_collection(
    *, name: str, first_seed: int, normal: int, abnormal: int
) -> Collection:
    """Draw and import what is missing of a collection, with ground-truth reports."""
    collection, _ = Collection.objects.get_or_create(name=name)
    wanted = list(_seeds(first_seed, normal, abnormal))
    held = set(cases_of(collection))
    missing = [(seed, shown) for seed, shown in wanted if _code(seed) not in held]
    for number, (seed, shown) in enumerate(missing, 1):
        _import(collection, seed, "abnormal" if shown else "normal")
        if number % 10 == 0 or number == len(missing):
            logger.info("%s: %d of %d phantoms drawn", name, number, len(missing))
    store_reports(
        source=source_named(GROUND_TRUTH),
        cases=cases_of(collection),
        uploads=[_ground_truth(seed, shown) for seed, shown in wanted],
        actor=None,
        origin="drawn phantoms",
    )
    return collection


def _code(seed: int) -> str:
    return f"phantom-{seed}"


def _seeds(
    first: int, normal: int, abnormal: int
) -> Iterator[tuple[int, tuple[Finding, ...]]]:
    """The first seeds whose phantoms are as many normal and abnormal as asked for."""
    left = {False: normal, True: abnormal}
    for seed in count(first):
        shown = draw(seed, size=_SMALLEST).findings
        if left[bool(shown)]:
            left[bool(shown)] -= 1
            yield seed, shown
        if not any(left.values()):
            return


def _import(collection: Collection, seed: int, stratum: str) -> None:
    buffer = io.BytesIO()
    write_dicom(draw(seed, size=SIZE), buffer)
    radiograph = prepare(f"{_code(seed)}.dcm", _read(buffer.getvalue(), collection))
    with transaction.atomic():
        store_radiograph(
            collection=collection.name,
            code=_code(seed),
            radiograph=radiograph,
            one_per_case=False,
        )
        Case.objects.filter(collection=collection, code=_code(seed)).update(
            stratum=stratum, indication=INDICATION
        )


def _read(content: bytes, collection: Collection) -> RadiographFile:
    return read_dicom(content, pseudonym=pseudonymiser(collection.name))


def _ground_truth(seed: int, shown: tuple[Finding, ...]) -> UploadedReport:
    findings, impression = report(shown, np.random.default_rng([seed, _WORDING]))
    return UploadedReport(_code(seed), findings=findings, impression=impression)
