"""Cora blanks a radiograph while a worker takes it into another collection."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from readerstudy.cases.deidentification import covering
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.imports import prepare, store_radiograph
from readerstudy.cases.models import Case, Image
from readerstudy.cases.services import frame_of
from tests.cases.films import content_of, film, values
from tests.people import cora

pytestmark = pytest.mark.django_db(transaction=True)
# On the database without locks the removal would be over long before.
HOLD_SECONDS = 2.0


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def brought_in(collection, radiograph, code="CXR1"):
    return store_radiograph(
        collection=collection, code=code, radiograph=radiograph, one_per_case=False
    )


def apart(work):
    """Do something in a thread, whose connection goes with it."""
    try:
        return work()
    finally:
        connection.close()


def test_a_frame_that_is_about_to_be_shown_is_not_removed():
    person = cora().user
    radiograph = prepare("1.dcm", read_dicom(content_of(film(values()))))
    brought_in("ward", radiograph)
    image = Image.objects.get()
    region = covering.add_region(
        image=image, actor=person, left=2, top=2, width=9, height=9
    )
    is_stored, is_blanked = threading.Event(), threading.Event()

    def take_in():
        with transaction.atomic():
            brought_in("clinic", radiograph)
            is_stored.set()
            is_blanked.wait(HOLD_SECONDS)

    def blank():
        is_stored.wait(30)
        covering.confirm(
            image=image,
            actor=person,
            decisions={region.pk: "blank"},
            frame_sha256=image.frame_sha256,
        )
        is_blanked.set()

    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(apart, work) for work in (take_in, blank)]
        for each in done:
            each.result(60)
    for each in Image.objects.all():
        frame_of(each)  # raises RadiographLost where its pixels are gone
    assert Image.objects.values("frame_sha256").distinct().count() == 2


def test_a_stratum_that_is_set_while_a_second_view_comes_in_stays():
    first, second = (
        prepare(f"{seed}.dcm", read_dicom(content_of(film(values(seed=seed)))))
        for seed in (1, 2)
    )
    brought_in("ward", first)
    case = Case.objects.get()
    is_set, is_taken = threading.Event(), threading.Event()

    def set_stratum():
        with transaction.atomic():
            Case.objects.filter(pk=case.pk).update(stratum="abnormal")
            is_set.set()
            is_taken.wait(HOLD_SECONDS)

    def take_in():
        is_set.wait(30)
        brought_in("ward", second)
        is_taken.set()

    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(apart, work) for work in (set_stratum, take_in)]
        for each in done:
            each.result(60)
    case.refresh_from_db()
    assert (case.stratum, case.images.count()) == ("abnormal", 2)
