"""Cora downloads her study; Otto brings it in on another server."""

import errno
import os
import re
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.models import Event
from readerstudy.cases.models import Collection, Image
from readerstudy.export.models import Arrival
from readerstudy.export.moving import arriving, unpacking
from readerstudy.export.tasks import take_in
from readerstudy.media_store import store
from readerstudy.studies.models import Study
from readerstudy.work import leases
from tests import worlds
from tests.export.moving.test_archive import with_rows
from tests.people import cora, join, person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
PACK = "/studies/acceptability/move/"
UNPACK = "/moved-studies/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def downloaded() -> bytes:
    """A draft as Cora downloads it, on a server that is gone afterwards."""
    point = transaction.savepoint()
    worlds.draft_study()
    answer = cora().client.post(PACK)
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "application/zip"
    transaction.savepoint_rollback(point)
    return content


def otto():
    return person("Otto", may_create_studies=True).client


def sent(content: bytes, **fields: str) -> str:
    """Otto uploads a file, a worker looks at it; the address of what he sees then."""
    upload = SimpleUploadedFile("study.zip", content, "application/zip")
    answer = otto().post(UNPACK, {"file": upload} | fields)
    assert answer.status_code == 302
    take_in(Arrival.objects.last().pk)
    return answer.url


def seen(path: str) -> str:
    return otto().get(path).content.decode()


def confirm(path: str) -> None:
    """Otto wants what the page shows."""
    shown = re.search(r'name="seen" value="(\w+)"', seen(path))
    assert (
        otto().post(f"{path}confirm/", {"seen": shown and shown[1]}).status_code == 302
    )


def confirmed(path: str) -> Arrival:
    """Otto wants it; a worker stores it."""
    confirm(path)
    take_in(Arrival.objects.last().pk)
    return Arrival.objects.last()


def test_a_draft_is_looked_at_before_it_is_taken_in():
    content = downloaded()
    path = sent(content)
    page = seen(path)
    assert "acceptability" in page and "rosa" in page and "6 new cases" in page
    assert not Study.objects.exists()
    assert "looked at: waits for you" in seen(UNPACK)
    arrival = confirmed(path)
    assert (arrival.status, arrival.done) == ("done", arrival.steps)
    study = Study.objects.get()
    member = study.membership_set.get(user__username="otto")
    assert (study.code, member.role) == ("acceptability", "coordinator")
    assert "acceptability is on this server" in seen(path)
    assert "study.zip" not in seen(UNPACK)


def test_the_file_goes_with_the_work(django_capture_on_commit_callbacks):
    path = sent(downloaded())
    name = arriving.file_of(Arrival.objects.get())
    assert store().has(name)
    with django_capture_on_commit_callbacks(execute=True):
        confirmed(path)
    assert not store().has(name)


def test_what_stands_against_it_is_said_and_another_code_helps():
    content = downloaded()
    confirmed(sent(content))
    path = sent(content)
    assert "This server has a study acceptability already." in seen(path)
    assert "something stands against it" in seen(UNPACK)
    refused = otto().post(f"{path}confirm/", follow=True).content.decode()
    assert "can&#x27;t be taken in now" in refused
    otto().post(f"{path}look-again/", {"code": "no spaces"})
    assert Arrival.objects.last().status == "held"
    otto().post(f"{path}look-again/", {"code": "other"})
    take_in(Arrival.objects.last().pk)
    assert confirmed(path).study.code == "other"
    assert Study.objects.count() == 2


def test_what_came_in_between_is_refused_and_loses_nothing():
    """Two people upload the same study, and both have looked at it."""
    content = downloaded()
    first, second = sent(content), sent(content)
    for path in (first, second):
        confirm(path)
    early, late = Arrival.objects.order_by("id")
    take_in(early.pk)
    take_in(late.pk)
    late.refresh_from_db()
    assert late.status == "failed"
    assert "has a study acceptability already" in seen(second)
    assert Study.objects.count() == 1


@pytest.mark.parametrize("content", [b"PK\x03\x04 no", b"text", b"\0" * 100])
def test_something_else_is_refused_in_a_sentence(content):
    path = sent(content)
    assert "This is no packed study" in seen(path)
    assert "refused" in seen(UNPACK)


def test_a_file_that_is_gone_is_told(settings):
    path = sent(downloaded())
    store().remove(arriving.file_of(Arrival.objects.get()))
    assert confirmed(path).status == "failed"
    assert "gone from the media folder" in seen(path)


def test_what_is_not_wanted_is_dropped(django_capture_on_commit_callbacks):
    path = sent(downloaded())
    name = arriving.file_of(Arrival.objects.get())
    with django_capture_on_commit_callbacks(execute=True):
        page = otto().post(f"{path}drop/", follow=True).content.decode()
    assert "Nothing of it is left" in page
    assert not Arrival.objects.exists() and not store().has(name)
    assert otto().get(path).status_code == 404


def test_what_a_worker_has_in_hand_is_not_dropped_and_not_stored_twice():
    path = sent(downloaded())
    confirm(path)
    taken = leases.claim(Arrival, id=Arrival.objects.get().pk, worker="w")
    assert "Storing radiographs: 0 of" in seen(path)
    page = otto().post(f"{path}drop/", follow=True).content.decode()
    assert "has it in hand" in page
    otto().post(f"{path}look-again/", {})
    assert Arrival.objects.get().is_sure
    # The worker was thought dead; another one stores it, then the first comes back.
    Arrival.objects.update(status="queued", lease_token="")
    take_in(Arrival.objects.get().pk)
    with arriving.opened(Arrival.objects.get()) as packed:
        assert arriving.finish(taken, packed=packed) is None
        arriving.show(taken, arrival=Arrival.objects.get(), packed=packed)
    assert Study.objects.count() == 1 and Arrival.objects.get().status == "done"
    with pytest.raises(ValidationError, match="was taken in"):
        arriving.drop(arrival=Arrival.objects.get(), actor=None)


def test_what_is_stored_is_what_was_shown():
    """An account of the same name is made while Otto's page lies open."""
    path = sent(downloaded())
    shown = re.search(r'name="seen" value="(\w+)"', seen(path))[1]
    confirm(path)
    person("Rosa")
    take_in(Arrival.objects.get().pk)
    assert Arrival.objects.get().status == "held" and not Study.objects.exists()
    page = otto().post(f"{path}confirm/", {"seen": shown}, follow=True).content.decode()
    assert "looked at anew meanwhile" in page
    assert confirmed(path).status == "done"


def test_who_reads_the_cases_learns_nothing_from_what_stands_against_a_study():
    """'Has another report of this source' would say that a text is not the source's."""
    content = downloaded()
    study = worlds.open_study("other")
    join(study, person("Otto", may_create_studies=True), "reader", "R9")
    path = sent(content)
    assert "Somebody else has to bring this study in" in seen(path)
    assert Arrival.objects.get().seen == {}


def test_who_lost_the_right_meanwhile_brings_nothing_in():
    path = sent(downloaded())
    confirm(path)
    User.objects.filter(username="otto").update(may_create_studies=False)
    take_in(Arrival.objects.get().pk)
    assert Arrival.objects.get().failure.startswith("Taking in a study needs")
    assert not Study.objects.exists()


def test_a_file_that_was_dropped_in_another_window_is_no_fault():
    sent(downloaded())
    arrival = Arrival.objects.get()
    arriving.drop(arrival=arrival, actor=None)
    for verb in (arriving.drop, partial(arriving.look_again, code="")):
        with pytest.raises(ValidationError, match="was dropped"):
            verb(arrival=arrival, actor=arrival.asked_by)


def test_a_collection_may_be_called_as_it_likes():
    point = transaction.savepoint()
    worlds.draft_study()
    Collection.objects.update(name="items")
    content = b"".join(cora().client.post(PACK).streaming_content)
    transaction.savepoint_rollback(point)
    assert "Collection items" in seen(sent(content))


def test_rows_of_something_else_are_refused_in_a_sentence(tmp_path):
    (tmp_path / "own.zip").write_bytes(downloaded())
    made = with_rows(
        tmp_path / "own.zip",
        tmp_path / "odd.zip",
        "cases.Case",
        lambda rows: [row | {"collection": None} for row in rows],
    )
    path = sent(made.read_bytes())
    assert "not those of a packed study" in seen(path)


def test_what_is_confirmed_in_the_moment_of_the_sweep_stays():
    path = sent(downloaded())
    forgotten = Arrival.objects.get()
    confirm(path)
    arriving._forget(forgotten)
    assert Arrival.objects.get().is_sure


def test_how_far_it_is_shows_itself_to_the_person_alone():
    upload = SimpleUploadedFile("study.zip", downloaded(), "application/zip")
    path = otto().post(UNPACK, {"file": upload}).url
    part = otto().get(path, headers={"HX-Request": "true"})
    assert b"Waiting for a worker" in part.content and b"<html" not in part.content
    assert "HX-Refresh" not in part
    take_in(Arrival.objects.get().pk)
    assert otto().get(path, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert cora().client.get(path).status_code == 404


def no_room(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def no_line(*_: object, **__: object) -> None:
    raise OSError(errno.ECONNRESET, "Connection reset")


def test_a_full_disk_is_told_and_keeps_what_has_come(monkeypatch):
    content = downloaded()
    upload = SimpleUploadedFile("study.zip", content, "application/zip")
    with monkeypatch.context() as patch:
        patch.setattr(type(store()), "put_file", no_room)
        page = otto().post(UNPACK, {"file": upload}).content.decode()
    assert "disk is nearly full" in page and not Arrival.objects.exists()
    path = sent(content)
    confirm(path)
    with monkeypatch.context() as patch:
        patch.setattr(unpacking, "keep_pixels", no_room)
        for _ in range(3):
            take_in(Arrival.objects.get().pk)
    assert "disk is nearly full" in seen(path) and not Study.objects.exists()
    otto().post(f"{path}look-again/", {})
    take_in(Arrival.objects.get().pk)
    assert confirmed(path).status == "done"


def test_another_fault_of_the_disk_is_none_of_its_room(monkeypatch):
    upload = SimpleUploadedFile("study.zip", downloaded(), "application/zip")
    monkeypatch.setattr(type(store()), "put_file", no_line)
    with pytest.raises(OSError, match="reset"):
        otto().post(UNPACK, {"file": upload})
    monkeypatch.undo()


def test_another_fault_is_tried_again(monkeypatch):
    path = sent(downloaded())
    confirm(path)
    with monkeypatch.context() as patch:
        patch.setattr(unpacking, "keep_pixels", no_line)
        take_in(Arrival.objects.get().pk)
    assert Arrival.objects.get().status == "queued"
    take_in(Arrival.objects.get().pk)
    assert Study.objects.count() == 1


def test_what_nobody_came_back_for_is_swept(settings):
    content = downloaded()
    sent(content)
    old = timezone.now() - timedelta(days=settings.LEFTOVERS_KEPT_DAYS + 1)
    arriving.sweep()
    assert Arrival.objects.count() == 1
    Arrival.objects.update(created_at=old)
    arriving.sweep()
    assert Arrival.objects.count() == 1, "a worker looked at it just now"
    Arrival.objects.update(started_at=old)
    store().put("arrivals/left.zip", b"PK")
    os.utime(store().path("arrivals/left.zip"), (old.timestamp(), old.timestamp()))
    forsaken = Path(settings.FILE_UPLOAD_TEMP_DIR, "tmpx.upload.zip")
    forsaken.write_bytes(b"PK")
    arriving.sweep()
    assert forsaken.exists()
    os.utime(forsaken, (old.timestamp(), old.timestamp()))
    arriving.sweep()
    assert not forsaken.exists()
    assert not Arrival.objects.exists() and not store().has("arrivals/left.zip")
    assert Event.objects.get(verb="arrival.dropped").actor is None


def test_both_records_say_that_it_was_packed():
    worlds.draft_study()
    b"".join(cora().client.post(PACK).streaming_content)
    b"".join(cora().client.post(PACK).streaming_content)
    assert Event.objects.filter(verb="study.packed", stream="site").count() == 2
    assert Event.objects.filter(verb="study.packed").count() == 3


@pytest.mark.parametrize("state", ["open", "paused"])
def test_grades_by_arm_are_not_downloaded_before_the_end(state):
    getattr(worlds, f"{state}_study")()
    answer = cora().client.post(PACK)
    assert answer.status_code == 403
    assert b"sealed until the study is" in answer.content


def test_a_study_that_lost_a_radiograph_is_not_packed():
    worlds.draft_study()
    for image in Image.objects.all():
        Path(image.frame_file.path).unlink()
    answer = cora().client.post(PACK, follow=True)
    assert answer.redirect_chain[-1][0] == PACK
    assert "are missing or damaged in the media folder" in answer.content.decode()
    assert not Event.objects.filter(verb="study.packed").exists()


def test_pixels_damaged_meanwhile_break_the_download_off():
    """A browser says that it failed; the file could not be unpacked in any case."""
    worlds.draft_study()
    answer = cora().client.post(PACK)
    parts = iter(answer.streaming_content)
    assert next(parts).startswith(b"PK")
    for image in Image.objects.all():
        Path(image.frame_file.path).write_bytes(b"no pixels")
    with pytest.raises(ValidationError, match="missing or damaged"):
        list(parts)


def test_a_study_is_sent_while_it_is_packed():
    """No part holds more than a frame: the server keeps no copy of the whole."""
    worlds.draft_study()
    parts = list(cora().client.post(PACK).streaming_content)
    frames = {image.frame_sha256 for image in Image.objects.all()}
    assert len(parts) > len(frames)
    largest = max(2 * image.rows * image.columns for image in Image.objects.all())
    assert max(map(len, parts)) < largest + 10_000
