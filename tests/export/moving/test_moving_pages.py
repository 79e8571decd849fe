"""Cora downloads her study; Otto brings it in on another server."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from readerstudy.audit.models import Event
from readerstudy.cases.models import Image
from readerstudy.studies.models import Study
from tests import worlds
from tests.people import cora, person

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


def sent(content: bytes, **fields: str):
    upload = SimpleUploadedFile("study.zip", content, "application/zip")
    otto = person("Otto", may_create_studies=True)
    return otto.client.post(UNPACK, {"file": upload} | fields)


def test_a_draft_is_looked_at_before_it_is_taken_in():
    content = downloaded()
    page = sent(content).content.decode()
    assert "acceptability" in page and "rosa" in page and "6 new cases" in page
    assert not Study.objects.exists()
    assert sent(content, is_sure="on").status_code == 302
    study = Study.objects.get()
    otto = study.membership_set.get(user__username="otto")
    assert (study.code, otto.role) == ("acceptability", "coordinator")


def test_what_stands_against_it_is_said():
    content = downloaded()
    sent(content, is_sure="on")
    page = sent(content, is_sure="on").content.decode()
    assert "This server has a study acceptability already." in page
    assert sent(content, is_sure="on", code="other").status_code == 302
    assert Study.objects.count() == 2


@pytest.mark.parametrize("content", [b"PK\x03\x04 no", b"text", b"\0" * 100])
def test_something_else_is_refused_in_a_sentence(content):
    page = sent(content)
    assert page.status_code == 200
    assert b"This is no packed study" in page.content


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
