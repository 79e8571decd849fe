"""Radiographs in a real object store: proved, mended, swept, backed up, and not lost
when it is killed. One store serves the whole file."""

import gzip
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from inference.phantom.phantom import draw
from readerstudy.cases import leftovers
from readerstudy.cases.deidentification.originals import keep_original, original_name
from readerstudy.cases.desk.thumbnails import thumbnail_name
from readerstudy.cases.frame_store import (
    frames_alone,
    keep_frame,
    pixels_of,
    preview_name,
)
from readerstudy.cases.frames import Frame
from readerstudy.cases.intake import services as intake
from readerstudy.cases.intake.models import Delivery
from readerstudy.cases.intake.tasks import take_in
from readerstudy.cases.models import Image
from readerstudy.cases.radiograph import sha256
from readerstudy.cases.services import RadiographLost, frame_bytes, frame_of
from readerstudy.export import archive
from readerstudy.export.safekeeping.backing_up import back_up
from readerstudy.export.safekeeping.place import Place, here, what_it_holds
from readerstudy.export.safekeeping.restoring import _file, verified
from readerstudy.media_bucket import Bucket
from readerstudy.media_settings import storages_in
from readerstudy.media_store import StoreAway, store
from readerstudy.operations import readying
from readerstudy.operations.doctor.examination import examined
from readerstudy.operations.findings import Finding
from readerstudy.work import worker
from tests import worlds
from tests.cases.intake import deliveries
from tests.installation import wait_until
from tests.object_store import BUCKET, KEY, READING_KEY, SECRET, ObjectStore
from tests.people import cora

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=60)]
AN_HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def objects():
    with ObjectStore() as running:
        yield running


@pytest.fixture(autouse=True)
def _in_the_bucket(objects, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    in_a_store(settings, objects)
    yield
    client = objects.client()
    for name in objects.names():
        client.delete_object(Bucket=BUCKET, Key=name)


# A remembered world has no files but on a disk.
made_anew = worlds.collection.__wrapped__


def film(seed: int) -> Frame:
    return Frame(draw(seed, size=64).pixels)


def put(objects, name: str, content: bytes) -> None:
    """Somebody else writes into the bucket."""
    objects.client().put_object(Bucket=BUCKET, Key=name, Body=content)


def test_a_radiograph_lies_in_the_bucket_and_comes_through_the_site(objects, tmp_path):
    made = made_anew(cases=1)
    image = Image.objects.get(case__collection=made)
    assert objects.names() == {
        image.frame_file.name,
        preview_name(image.frame_sha256),
    }
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    answer = cora().client.get(reverse("cases:image", args=[image.pk]))
    assert answer.status_code == 200
    # It is sent by the site, and made once.
    assert thumbnail_name(image.frame_sha256) in objects.names()
    assert "127.0.0.1" not in str(answer.headers)
    with pytest.raises(ValueError, match="No address leads to the store"):
        storages["default"].url(image.frame_file.name)


def test_what_is_read_is_proved_and_mended_when_it_comes_again(objects):
    made_anew(cases=1)
    image = Image.objects.select_related("case").get()
    whole = frame_bytes(image)
    other = gzip.compress(bytes(len(gzip.decompress(whole))))
    for damaged in (other, whole[:-9], whole + b"more", b"no gzip"):
        put(objects, image.frame_file.name, damaged)
        for read in (frame_bytes, frame_of):
            with pytest.raises(RadiographLost, match=r"restore .* in the bucket"):
                read(image)
    keep_frame(worlds.radiograph(1))
    assert frame_bytes(image) == whole
    objects.client().delete_object(Bucket=BUCKET, Key=image.frame_file.name)
    with pytest.raises(RadiographLost, match="can't be read"):
        frame_bytes(image)


def test_only_what_is_old_and_named_by_no_row_is_removed(objects, settings):
    settings.KEEP_ORIGINALS = True
    made_anew(cases=1)
    image = Image.objects.get()
    lost = keep_frame(film(7))
    keep_original(b"of a file that was refused", sha256(b"of a file"))
    put(objects, "bundles/acceptability-0.zip", b"of a worker that was killed")
    put(objects, "frames/README", b"somebody's")
    everything = objects.names()
    # All of it was just written.
    assert not any(leftovers.remove_leftovers(AN_HOUR).values())
    assert archive.remove_unnamed(AN_HOUR) == 0
    assert objects.names() == everything
    # Everything is older than a moment ago that is still to come.
    swept = leftovers.remove_leftovers(-AN_HOUR)
    assert swept == {"frames": 1, "small_pictures": 1, "originals": 1}
    assert archive.remove_unnamed(-AN_HOUR) == 1
    assert everything - objects.names() == {
        lost.name,
        preview_name(lost.sha256),
        original_name(sha256(b"of a file")),
        "bundles/acceptability-0.zip",
    }
    frame_of(image)


@pytest.mark.django_db(transaction=True)
def test_pixels_are_not_put_while_somebody_removes(objects):
    """Whoever removes looks and removes in one step; who keeps waits for that."""
    kept, done = film(9), []

    def keep() -> None:
        done.append(keep_frame(kept).name)
        connection.close()

    with transaction.atomic():
        frames_alone()
        keeping = threading.Thread(target=keep)
        keeping.start()
        keeping.join(1)
        assert not done and not objects.names()
    keeping.join(30)
    assert done and done[0] in objects.names()


def test_a_backup_holds_the_bucket_and_goes_back_into_another_or_onto_a_disk(
    objects, tmp_path
):
    made_anew(cases=2)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "waiting").write_bytes(b"on its way in")
    place = here()
    assert place.bucket is not None
    names = objects.names()
    digest = back_up(tmp_path / "backup", place)
    said, verified_digest = verified(tmp_path / "backup")
    assert digest == verified_digest
    assert names <= set(said["media"]) and "tables/waiting" in said["media"]
    before = {name: store().get(name) for name in names}
    for name in names:
        store().remove(name)
    assert objects.names() == set()
    disk = Place(place.database, tmp_path / "disk", None)
    for name in said["media"]:
        _file(tmp_path / "backup" / "media" / name, name, place)
        _file(tmp_path / "backup" / "media" / name, name, disk)
    assert {name: store().get(name) for name in objects.names()} == before
    assert {name: (tmp_path / "disk" / name).read_bytes() for name in names} == before


def in_a_store(settings, objects, *, bucket: str = BUCKET, key: str = KEY) -> None:
    settings.STORAGES = storages_in(
        bucket=bucket, endpoint=objects.url, region="us-east-1", key=key, secret=SECRET
    )


def is_ready() -> bool:
    return bool(Client().get("/readyz").json()["checks"]["storage"])


def doctor() -> Finding:
    (found,) = [each for each in examined() if each.about == "storage"]
    return found


def test_the_doctor_tells_a_key_that_may_only_read(objects, settings):
    assert not doctor().is_wrong
    in_a_store(settings, objects, key=READING_KEY)
    told = doctor()
    assert told.is_wrong and told.sentence == "Nothing can be stored."
    assert "refuses" in told.detail
    # Whoever asks as often as he likes has nothing written.
    assert is_ready()
    assert objects.names() == set()


def test_a_bucket_is_made_by_a_worker_and_not_by_whoever_asks(
    objects, settings, monkeypatch
):
    monkeypatch.setattr(readying, "_ready", threading.Event())
    new, client = "made-anew", objects.client()
    in_a_store(settings, objects, bucket=new)
    assert not is_ready()
    assert new not in {each["Name"] for each in client.list_buckets()["Buckets"]}
    readying.prove_store()
    wait_until(is_ready, "a bucket", 30)
    assert client.list_objects_v2(Bucket=new)["KeyCount"] == 0
    client.delete_bucket(Bucket=new)


class Withdrawing(Bucket):
    """A bucket out of which somebody takes a bundle right before it is fetched."""

    def opened(self, name):
        if name.startswith("bundles/"):
            self.remove(name)
        return super().opened(name)


def test_what_is_withdrawn_while_a_backup_is_taken_is_left_out(
    objects, settings, tmp_path
):
    made_anew(cases=1)
    put(objects, "bundles/old.zip", b"a bundle")
    bucket = Withdrawing(**settings.STORAGES["default"]["OPTIONS"])
    back_up(tmp_path / "backup", replace(here(), bucket=bucket))
    said, _ = verified(tmp_path / "backup")
    assert objects.names() <= set(said["media"])
    assert "bundles/old.zip" not in said["media"]
    assert not (tmp_path / "backup" / "media" / "bundles" / "old.zip").exists()


def test_a_site_with_a_full_bucket_is_not_empty(objects, tmp_path):
    nowhere = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "none"}
    place = Place(nowhere, tmp_path / "no-media", None, store())
    assert what_it_holds(place) == ""
    put(objects, "bundles/old.zip", b"a bundle")
    assert what_it_holds(place) == f"bundles/old.zip in the bucket {BUCKET}"


def test_a_store_that_is_killed_loses_nothing_and_is_waited_for(objects, monkeypatch):
    made_anew(cases=1)
    image = Image.objects.select_related("case").get()
    kept = [keep_frame(film(seed)) for seed in range(20, 28)]
    objects.kill()
    with pytest.raises(StoreAway):
        keep_frame(film(30))
    with pytest.raises(StoreAway):
        frame_bytes(image)
    client = cora().client
    client.raise_request_exception = False
    path = reverse("cases:image", args=[image.pk])
    answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert client.get("/readyz").json()["checks"]["storage"] is False
    # A worker has a radiograph in hand meanwhile.
    read: list[bytes] = []

    def patient() -> None:
        read.append(worker.patiently(lambda: frame_bytes(image)))

    waiting = threading.Thread(target=patient)
    waiting.start()
    time.sleep(0.5)
    objects.start()
    waiting.join(60)
    assert read == [frame_bytes(image)]
    for each in kept:
        assert pixels_of(each.name, each.sha256) is not None
    assert client.get(path).status_code == 200


def test_a_file_is_not_refused_for_a_store_that_is_away(objects):
    delivery = deliveries.opened()
    deliveries.upload(delivery, {"CXR1.dcm": deliveries.film(1)})
    intake.seal(delivery=delivery, actor=cora().user)
    objects.kill()
    take_in(delivery.pk)
    objects.start()
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.QUEUED
    assert "The store of radiographs does not answer." in delivery.note
    assert deliveries.fates(deliveries.taken_in(delivery)) == {"CXR1.dcm": "imported"}
