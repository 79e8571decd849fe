"""Cora looks through a collection at her desk: filters, pages, pictures, flags."""

import io

import numpy as np
import PIL.Image
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from readerstudy.cases.desk import filters
from readerstudy.cases.desk.flags import image_flags
from readerstudy.cases.desk.looks import Look
from readerstudy.cases.desk.thumbnails import thumbnail_name
from readerstudy.cases.frame_store import keep_frame
from readerstudy.cases.frames import Frame
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.cases.services import store_image
from readerstudy.media_store import store
from tests import worlds
from tests.people import cora, nils

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def made():
    return worlds.collection(cases=6)


def desk(**asked):
    return cora().client.get(reverse("cases:collection", args=["phantoms"]), asked)


def shown(**asked):
    return [item.case.code for item in desk(**asked).context["cases"]]


def further(case, seed, **options):
    return store_image(
        case=case,
        name=f"{case.code}-{seed}.png",
        frame=keep_frame(worlds.radiograph(seed)),
        source_sha256=f"{1000 + seed:064d}",
        **{"view": "frontal"} | options,
    )


def test_every_filter_finds_what_it_names(made):
    cases = {case.code: case for case in Case.objects.all()}
    further(cases["CXR1"], 21)
    further(cases["CXR2"], 22, view="lateral")
    Image.objects.filter(case=cases["CXR3"]).update(view="unknown")
    Case.objects.filter(code="CXR4").update(image=None)
    further(cases["CXR5"], 25, header={"BodyPartExamined": "KNEE"})
    Case.objects.filter(code="CXR6").update(image_was_chosen=True)
    assert shown(q="xr3") == ["CXR3"]
    assert shown(stratum="normal") == ["CXR1", "CXR3", "CXR5"]
    assert shown(view="lateral") == ["CXR2"]
    assert shown(show="several") == ["CXR1", "CXR2", "CXR5"]
    assert shown(show="several_frontal") == ["CXR1", "CXR5"]
    assert shown(show="view_unknown") == ["CXR3"]
    assert shown(show="no_image") == ["CXR4"]
    assert shown(show="body_part") == ["CXR5"]
    assert shown(show="by_hand") == ["CXR6"]
    assert shown(show="lateral") == shown(show="fixed") == shown(show="set_aside") == []
    assert shown(show="several", stratum="abnormal") == ["CXR2"]
    assert b"Several radiographs: 3" in desk().content


def test_a_filter_that_is_none_is_told_and_shows_all(made):
    answer = desk(show="beauty")
    assert b"Select a valid choice" in answer.content
    assert len(answer.context["cases"]) == 6


def test_pages_follow_each_other_both_ways_and_miss_no_case(made, monkeypatch):
    monkeypatch.setattr(filters, "CASES_PER_PAGE", 2)
    monkeypatch.setattr(filters, "_ONE_MORE", 3)
    there, after = [], ""
    while True:
        page = desk(after=after, layout="table").context["page"]
        there.append([case.code for case in page.cases])
        if not page.after:
            break
        after = page.after
    assert there == [["CXR1", "CXR2"], ["CXR3", "CXR4"], ["CXR5", "CXR6"]]
    back, before = [there[-1]], page.before
    while before:
        page = desk(before=before).context["page"]
        back.append([case.code for case in page.cases])
        before = page.before
    assert back == there[::-1]


def queries_of_a_page(client, name):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(reverse("cases:collection", args=[name]))
    return len(queries), len(answer.context["cases"])


def test_a_large_collection_asks_no_more_of_the_database(made):
    client = cora().client
    few, _ = queries_of_a_page(client, "phantoms")
    more = Collection.objects.create(name="more")
    for case in Case.objects.bulk_create(
        Case(collection=more, code=f"C{number:05d}") for number in range(2000)
    )[:3]:
        further(case, 40)
    assert queries_of_a_page(client, "more") == (few, filters.CASES_PER_PAGE)


def test_a_thumbnail_is_made_once_small_and_kept_by_the_browser(made):
    image = Image.objects.first()
    url = reverse("cases:image", args=[image.pk])
    first = cora().client.get(url, {"v": image.frame_sha256[:12]})
    picture = PIL.Image.open(io.BytesIO(first.content))
    assert max(picture.size) <= 256
    assert store().get(thumbnail_name(image.frame_sha256)) == first.content
    assert "max-age=31536000" in first["Cache-Control"]
    assert "private" in first["Cache-Control"]
    again = cora().client.get(url, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age=0" in again["Cache-Control"]
    larger = cora().client.get(url + "?larger")
    assert larger["ETag"] != first["ETag"]


def test_nobody_else_gets_a_thumbnail_though_it_is_kept(made):
    image = Image.objects.first()
    url = reverse("cases:image", args=[image.pk])
    etag = cora().client.get(url)["ETag"]
    answer = nils().client.get(url, headers={"if-none-match": etag})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("header", "rows", "columns", "look", "flag", "reason"),
    [
        (
            {"BodyPartExamined": "KNEE"},
            2000,
            2000,
            Look("", 90, False),
            "body_part",
            "KNEE",
        ),
        ({}, 200, 210, Look("", 90, False), "size", "200 pixels"),
        ({}, 9000, 8000, Look("", 90, False), "size", "256 to 6000"),
        ({}, 3000, 1000, Look("", 90, False), "shape", "3.0 times"),
        ({}, 2000, 2000, Look("", 3, False), "empty", "3 of 256"),
        (
            {"PhotometricInterpretation": "MONOCHROME1"},
            2000,
            2000,
            Look("", 90, True),
            "inverted",
            "MONOCHROME1",
        ),
    ],
)
def test_a_flag_says_why(header, rows, columns, look, flag, reason):
    flags = image_flags(header=header, rows=rows, columns=columns, look=look)
    assert list(flags) == [flag]
    assert reason in flags[flag]


def test_a_chest_of_usual_size_has_no_flag():
    header = {"BodyPartExamined": "CHEST", "PhotometricInterpretation": "MONOCHROME1"}
    look = Look("ab", 120, False)
    assert image_flags(header=header, rows=2500, columns=2048, look=look) == {}


def test_what_nobody_looked_at_is_looked_at_by_and_by(made):
    blank = Case.objects.create(collection=made, code="CXR7")
    store_image(
        case=blank,
        name="blank.png",
        frame=keep_frame(Frame(np.full((300, 300), 1000, dtype=np.uint16))),
        view="frontal",
        source_sha256="7" * 64,
    )
    Image.objects.update(look="", flags={}, looked_sha256="")
    lost = Image.objects.get(case__code="CXR1")
    lost.frame_file.storage.delete(lost.frame_file.name)
    for folder in ("previews", "thumbnails"):
        name = f"{folder}/{lost.frame_sha256[:32]}.u16.gz"
        lost.frame_file.storage.delete(name)
    assert b"7 left" in desk().content
    url = reverse("cases:look", args=["phantoms"])
    answer = cora().client.post(url, headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert not Image.objects.not_looked_at().exists()
    assert set(Image.objects.get(case=blank).flags) == {"empty"}
    assert shown(show="lost") == ["CXR1"]
    assert b"Looking at radiographs" not in desk().content


def test_an_image_whose_pixels_were_replaced_is_looked_at_again(made):
    image = Image.objects.first()
    other = keep_frame(worlds.radiograph(99))
    Image.objects.filter(pk=image.pk).update(
        frame_sha256=other.sha256, frame_file=other.name
    )
    assert list(Image.objects.not_looked_at()) == [image]
    cora().client.post(reverse("cases:look", args=["phantoms"]))
    image.refresh_from_db()
    assert (image.look, image.looked_sha256) == (other.look.code, other.sha256)


def test_an_empty_collection_says_so():
    Collection.objects.create(name="phantoms")
    assert b"This collection has no cases." in desk().content
