"""What is left lying about goes after a while, and what is needed stays."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from inference.phantom.phantom import draw
from readerstudy.audit.models import Event
from readerstudy.cases.deidentification.originals import keep_original, original_name
from readerstudy.cases.frame_store import keep_frame, preview_name
from readerstudy.cases.frames import Frame
from readerstudy.cases.intake import services, staging
from readerstudy.cases.intake.models import Delivery
from readerstudy.cases.intake.services import Announced
from readerstudy.cases.intake.sweeping import sweep
from readerstudy.cases.intake.tasks import sweep_intake
from readerstudy.cases.models import Case, Image
from readerstudy.cases.radiograph import sha256
from readerstudy.cases.services import frame_of, preview_bytes
from readerstudy.media_store import store
from tests.cases.intake.deliveries import (
    brought,
    fates,
    film,
    opened,
    taken_in,
    upload,
)
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def age(folder: Path, days: float) -> None:
    """Let all that lies below a folder be so many days old."""
    then = time.time() - days * 86_400
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


def forsaken(days: int = 31) -> None:
    then = timezone.now() - timedelta(days=days)
    Delivery.objects.update(touched_at=then, created_at=then)


def test_a_held_delivery_that_nobody_comes_back_to_is_ended(
    tmp_path, django_capture_on_commit_callbacks
) -> None:
    delivery = opened()
    upload(delivery, {"CXR1.dcm": film(1)})
    services.announce(delivery=delivery, files=[Announced("CXR2.dcm", 99)])
    assert not any(sweep().values())
    forsaken()
    # A chunk came yesterday: somebody is still at it.
    age(tmp_path, 1)
    assert not any(sweep().values())
    age(tmp_path, 31)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep()["deliveries_ended"] == 1
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.DONE
    assert delivery.note.startswith("Nobody came back to it for 30 days")
    assert set(fates(delivery).values()) == {"refused"}
    assert not staging.folder_of(delivery.pk).exists()
    ended = Event.objects.get(verb="delivery.cancelled")
    assert (ended.actor, ended.detail["left_out"]) == (None, 2)
    assert Event.objects.get(verb="intake.swept").detail["deliveries_ended"] == 1


def test_a_failed_delivery_is_ended_and_a_new_one_is_not(tmp_path) -> None:
    failed, new = opened(), opened()
    upload(failed, {"CXR1.dcm": film(1)})
    Delivery.objects.filter(pk=failed.pk).update(status="failed")
    forsaken()
    Delivery.objects.filter(pk=new.pk).update(touched_at=timezone.now())
    age(tmp_path, 31)
    assert sweep()["deliveries_ended"] == 1
    new.refresh_from_db()
    assert new.is_held


def test_pixels_and_originals_without_an_image_go_and_the_others_stay(
    settings, tmp_path
) -> None:
    settings.KEEP_ORIGINALS = True
    brought({"CXR1.dcm": film(1)})
    image = Image.objects.get()
    lost = keep_frame(Frame(draw(7, size=64).pixels))
    keep_original(b"of a file that was refused", sha256(b"of a file"))
    killed = tmp_path / "previews" / "tmpa8_x1k3q"
    killed.write_bytes(b"half")
    foreign = tmp_path / "frames" / "README"
    foreign.write_bytes(b"somebody's")
    assert not any(sweep().values())
    age(tmp_path, 8)
    swept = sweep()
    assert (swept["frames"], swept["small_pictures"], swept["originals"]) == (1, 2, 1)
    assert not Path(default_storage.path(lost.name)).exists()
    assert not store().has(preview_name(lost.sha256)) and not killed.exists()
    assert foreign.exists()
    frame_of(image)
    preview_bytes(image)
    assert store().has(original_name(image.source_sha256))


def test_pixels_that_are_needed_again_are_young_again(tmp_path) -> None:
    frame = Frame(draw(7, size=64).pixels)
    keep_frame(frame)
    age(tmp_path, 8)
    kept = keep_frame(frame)
    assert sweep()["frames"] == 0
    assert Path(default_storage.path(kept.name)).exists()


def test_staged_bytes_that_are_over_or_unknown_go_and_the_rest_stays(tmp_path) -> None:
    waiting = opened()
    (row,) = upload(waiting, {"CXR1.dcm": film(1)})
    gone = staging.folder_of(4711)
    gone.mkdir(parents=True)
    (gone / "1").write_bytes(b"of a delivery that is not there")
    (staging.folder_of(waiting.pk) / "4711").write_bytes(b"of no row")
    age(tmp_path, 2)
    assert sweep()["staged_files"] == 2
    assert not gone.exists()
    assert staging.path_of(row).exists()
    services.seal(delivery=waiting, actor=cora().user)
    assert fates(taken_in(waiting)) == {"CXR1.dcm": "imported"}


def test_what_another_worker_removes_meanwhile_stops_no_sweep(tmp_path) -> None:
    waiting = opened()
    there = staging.folder_of(waiting.pk)
    there.mkdir(parents=True)
    (there / "4711").write_bytes(b"of no row")
    age(tmp_path, 2)
    # It is listed, and gone when one asks for its age.
    (there / "4712").symlink_to(there / "removed")
    forsaken()
    assert sweep()["staged_files"] == 1


def test_a_worker_sweeps_when_it_is_asked_to(tmp_path) -> None:
    keep_frame(Frame(draw(7, size=64).pixels))
    age(tmp_path, 8)
    sweep_intake()
    assert not list((tmp_path / "frames").glob("*.gz"))
    assert not Case.objects.exists()
