"""Cora looks at what is written in radiographs, and has it blanked in a copy."""

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.audit.models import Event
from readerstudy.cases.deidentification import covering, scanning
from readerstudy.cases.deidentification.blanking import blanked
from readerstudy.cases.deidentification.frames_left import remove_uncovered
from readerstudy.cases.deidentification.models import LookedAt, TextRegion, TextScan
from readerstudy.cases.deidentification.regions import Box, Region
from readerstudy.cases.deidentification.state import state_of
from readerstudy.cases.deidentification.tasks import scan_for_text
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.frame_store import keep_frame, preview_name
from readerstudy.cases.frames import Frame
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.services import frame_of, preview_bytes, store_image
from readerstudy.media_store import store
from readerstudy.work import leases
from tests import worlds
from tests.cases.deidentification.burned import burned
from tests.cases.films import content_of, film, values
from tests.people import cora

NAME = Region(Box(2, 3, 10, 5), "border", "", False, 7, 0.98)
SIDE = Region(Box(30, 3, 6, 6), "border", "R", False, 1, 0.99)
INSIDE = Region(Box(20, 20, 8, 4), "inside", "", False, 4, 0.8)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def found_in(image, *regions):
    """What a worker stores when it has searched an image."""
    scan, _ = TextScan.objects.get_or_create(
        image=image, frame_sha256=image.frame_sha256
    )
    claimed = leases.claim(TextScan, id=scan.pk, worker="a worker")
    scanning.store(claimed, regions)
    return TextRegion.objects.current().filter(image=image)


@pytest.fixture
def collection(db):
    return worlds.collection(cases=3, is_signed=False)


@pytest.fixture
def image(collection):
    return Image.objects.filter(case__collection=collection).first()


def address(name, *arguments):
    return reverse(f"cases:deidentification:{name}", args=arguments)


def decided(image, regions, **changes):
    form = {"frame_sha256": image.frame_sha256}
    form |= {f"region-{each.pk}": each.proposed for each in regions}
    return form | changes


def test_a_name_is_blanked_in_a_copy_and_the_side_marker_stays(
    image, django_capture_on_commit_callbacks
):
    regions = found_in(image, NAME, SIDE)
    assert [each.proposed for each in regions] == ["blank", "keep"]
    before, was = frame_of(image).pixels, image.frame_sha256
    preview = preview_bytes(image)
    with django_capture_on_commit_callbacks(execute=True):
        answer = cora().client.post(
            address("regions", image.pk), decided(image, regions)
        )
    assert answer.url == address("regions", image.pk)
    image.refresh_from_db()
    after = frame_of(image).pixels
    assert (after[3:8, 2:12] == before.min()).all()
    untouched = np.ones(before.shape, bool)
    untouched[3:8, 2:12] = False
    assert (after[untouched] == before[untouched]).all()
    assert preview_bytes(image) != preview
    # The frame from before is nowhere any more.
    assert not store().has(preview_name(was))
    assert not list(Path(settings.MEDIA_ROOT).rglob(f"{was[:32]}*"))
    assert not image.looks.exists()


def test_the_copy_is_searched_again_and_what_was_kept_stays_kept(image):
    regions = list(found_in(image, NAME, SIDE))
    decisions = {each.pk: each.proposed for each in regions}
    shown = image.frame_sha256
    image = covering.confirm(
        image=image, actor=cora().user, decisions=decisions, frame_sha256=shown
    )
    scan = TextScan.objects.get(image=image, frame_sha256=image.frame_sha256)
    assert (scan.status, scan.uncovered) == ("queued", shown)
    left = Region(Box(3, 4, 4, 3), "border", "", False, 3, 0.7)
    found = list(found_in(image, left, SIDE))
    assert [each.decision for each in found] == ["keep", ""]
    page = cora().client.get(address("regions", image.pk)).content.decode()
    assert "what is still found is listed" in page


def test_an_image_is_passed_when_everything_in_it_is_kept(image):
    regions = found_in(image, SIDE, INSIDE)
    form = decided(image, regions)
    cora().client.post(address("regions", image.pk), form)
    assert not LookedAt.objects.exists()  # nothing is proposed for what lies inside
    inside = TextRegion.objects.get(place="inside")
    cora().client.post(
        address("regions", image.pk), form | {f"region-{inside.pk}": "keep"}
    )
    assert LookedAt.objects.get().frame_sha256 == image.frame_sha256


def test_a_region_drawn_by_hand_is_blanked_too(image):
    found_in(image)
    form = {"left": 5, "top": 6, "width": 7, "height": 8}
    cora().client.post(address("add_region", image.pk), form)
    region = TextRegion.objects.get()
    assert (region.place, region.decision) == ("hand", "blank")
    cora().client.post(address("remove_region", image.pk, region.pk))
    assert not TextRegion.objects.exists()
    page = cora().client.post(
        address("add_region", image.pk), form | {"left": 45}, follow=True
    )
    assert "reaches out of the picture" in page.content.decode()
    cora().client.post(address("add_region", image.pk), form)
    region, was = TextRegion.objects.get(), image.frame_sha256
    cora().client.post(address("regions", image.pk), decided(image, [region]))
    image.refresh_from_db()
    assert image.frame_sha256 != was
    assert (frame_of(image).pixels[6:14, 5:12] == frame_of(image).pixels.min()).all()


def test_images_in_which_nothing_was_found_are_passed_by_their_thumbnails(collection):
    first, second, third = Image.objects.order_by("pk")
    for image in (first, second):
        found_in(image)
    found_in(third, NAME)
    page = cora().client.get(address("burned_in", "phantoms")).content.decode()
    assert "2 images in which the search found nothing" in page
    ticked = [f"{each.pk}:{each.frame_sha256}" for each in (first, third)]
    ticked.append(f"{second.pk}:of another frame")
    cora().client.post(address("looked_at", "phantoms"), {"image": ticked})
    # Neither the one with a region, nor the one that was shown otherwise.
    assert [look.image for look in LookedAt.objects.all()] == [first]
    state = state_of(collection)
    assert (state.scanned, state.written, state.looked_at) == (3, 1, 1)


def test_once_a_frozen_study_uses_an_image_nothing_in_it_is_blanked(db):
    worlds.open_study()
    image = Image.objects.first()
    (region,) = found_in(image, NAME)
    with pytest.raises(ValidationError, match="frozen"):
        covering.confirm(
            image=image,
            actor=cora().user,
            decisions={region.pk: "blank"},
            frame_sha256=image.frame_sha256,
        )
    covering.confirm(
        image=image,
        actor=cora().user,
        decisions={region.pk: "keep"},
        frame_sha256=image.frame_sha256,
    )
    assert LookedAt.objects.count() == 1


def test_a_page_that_shows_an_older_frame_changes_nothing(image):
    (region,) = found_in(image, NAME)
    page = cora().client.post(
        address("regions", image.pk),
        decided(image, [region], frame_sha256="0" * 64),
    )
    assert "changed in the meantime" in page.content.decode()
    region.refresh_from_db()
    assert region.decision == ""


def test_a_frame_that_another_image_shows_stays(image):
    other = Image.objects.exclude(pk=image.pk).first()
    other.frame_sha256, other.frame_file = image.frame_sha256, image.frame_file
    other.save()
    remove_uncovered(image.frame_sha256)
    assert frame_of(image).rows == 48


def test_a_frame_that_was_removed_before_its_row_is_read_again(image):
    kept = keep_frame(worlds.radiograph(91))
    remove_uncovered(kept.sha256)
    what = {"case": image.case, "name": "b.png", "view": "frontal"}
    with pytest.raises(Refused, match="Read it again"):
        store_image(**what, frame=kept, source_sha256="9" * 64)
    kept = keep_frame(worlds.radiograph(91))
    stored = store_image(**what, frame=kept, source_sha256="9" * 64)
    remove_uncovered(kept.sha256)
    assert frame_of(stored).rows == 48


def test_every_image_is_searched_once_and_failures_again(collection):
    assert scanning.ask_for_scans(collection=collection, actor=cora().user) == 3
    assert scanning.ask_for_scans(collection=collection, actor=cora().user) == 0
    TextScan.objects.filter(pk=TextScan.objects.first().pk).update(status="failed")
    page = cora().client.post(address("search", "phantoms"), follow=True)
    assert "1 images wait" in page.content.decode()


def test_an_import_asks_for_the_search(db, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "a.dcm").write_bytes(content_of(film(values())))
    call_command("import_dicom", str(folder))
    assert TextScan.objects.get().status == "queued"


@pytest.mark.slow
def test_the_worker_finds_what_is_burned_in_and_keeps_no_word_of_it(db):
    """A name, a number and a marker on a drawn chest."""
    picture = burned(1)
    made = Collection.objects.create(name="burned")
    case = Case.objects.create(collection=made, code="B1")
    image = store_image(
        case=case,
        name="B1.png",
        frame=keep_frame(picture.frame),
        view="frontal",
        source_sha256="1" * 64,
    )
    scanning.ask_for_scans(collection=made, actor=None)
    scan_for_text(TextScan.objects.get().pk)
    scan = TextScan.objects.get()
    assert (scan.status, scan.failure) == ("done", "")
    regions = list(TextRegion.objects.current().filter(image=image))
    for written in picture.texts:
        over = [
            each for each in regions if scanning.box_of(each).overlap(written.box) > 0.9
        ]
        assert over, written
        assert all(bool(each.marker) == written.is_marker for each in over)
    held = str(list(TextRegion.objects.values()))
    assert not any(
        written.text in held for written in picture.texts if not written.is_marker
    )


@given(
    bits=st.sampled_from([8, 12, 15]),
    turned=st.booleans(),
    left=st.integers(0, 60),
    top=st.integers(0, 60),
    seed=st.integers(0, 99),
)
def test_a_blanked_region_is_the_darkest_of_the_image_in_both_polarities(
    bits, turned, left, top, seed
):
    dataset = film(
        values(bits, seed=seed),
        bits=bits,
        photometric="MONOCHROME1" if turned else "MONOCHROME2",
    )
    frame = read_dicom(content_of(dataset)).frame
    copy = blanked(frame, [Box(left, top, 5, 5)])
    assert (copy.pixels[top : top + 5, left : left + 5] == frame.pixels.min()).all()
    assert (copy.slope, copy.intercept) == (frame.slope, frame.intercept)


def test_letters_of_the_paddings_value_are_covered_and_nothing_becomes_padding():
    pixels = np.arange(1, 101, dtype=np.uint16).reshape(10, 10)
    pixels[1, 0:3:2] = pixels[9, 9] = 0
    frame = Frame(pixels, padding=pixels == 0)
    copy = blanked(frame, [Box(0, 0, 3, 3)])
    assert (copy.pixels[:3, :3] == 1).all()
    assert copy.padding is not None
    assert np.argwhere(copy.padding).tolist() == [[9, 9]]


def test_what_a_person_draws_takes_back_and_keeps_is_recorded(image):
    person = cora().user
    sides = {"left": 2, "top": 3, "width": 10, "height": 5}
    region = covering.add_region(image=image, actor=person, **sides)
    covering.remove_region(image=image, actor=person, region_id=region.pk)
    covering.remove_region(image=image, actor=person, region_id=region.pk)
    (kept,) = found_in(image, SIDE)
    covering.confirm(
        image=image,
        actor=person,
        decisions={kept.pk: "keep"},
        frame_sha256=image.frame_sha256,
    )
    events = Event.objects.filter(verb__startswith="image.").order_by("sequence")
    assert [(event.verb, event.actor) for event in events] == [
        ("image.region_added", person),
        ("image.region_removed", person),
        ("image.looked_at", person),
    ]
    assert events[0].detail["region"] == events[1].detail["region"] == [2, 3, 10, 5]
    assert events[2].detail["kept"] == [[30, 3, 6, 6]]
