"""Pixels lie on the disk once and whole, whatever happens to an import."""

import gzip
import hashlib
import time
from pathlib import Path

import numpy as np
import pytest

from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw
from readerstudy.cases.frame_store import keep_frame
from readerstudy.cases.frames import Frame, from_bytes
from tests.installation import installation

FILMS = 8
STORED = """
import hashlib, json
from readerstudy.cases.models import Case, Image
from readerstudy.cases.services import frame_of
for image in Image.objects.all():
    pixels = frame_of(image).pixels.tobytes()
    assert hashlib.sha256(pixels).hexdigest() == image.frame_sha256
names = sorted(Image.objects.values_list("frame_file", flat=True))
print(json.dumps([Case.objects.exclude(image=None).count(), names]))
"""


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def frame(seed=1):
    pixels = np.random.default_rng(seed).integers(0, 4096, (60, 50))
    return Frame(pixels.astype(np.uint16))


def files(media):
    return {path.name: path for path in (Path(media) / "frames").glob("*.gz")}


def test_a_frame_is_kept_once_and_named_by_its_pixels(settings):
    kept = keep_frame(frame())
    assert keep_frame(frame()) == kept
    assert keep_frame(frame(seed=2)).name != kept.name
    assert len(files(settings.MEDIA_ROOT)) == 2
    content = (settings.MEDIA_ROOT / kept.name).read_bytes()
    again = from_bytes(content, kept.description)
    assert (again.pixels == frame().pixels).all()
    assert hashlib.sha256(again.pixels.tobytes()).hexdigest() == kept.sha256


@pytest.mark.parametrize("part", [0, 1, 100, -1])
def test_a_file_that_was_cut_is_mended_when_the_frame_comes_again(settings, part):
    path = settings.MEDIA_ROOT / keep_frame(frame()).name
    whole = path.read_bytes()
    path.write_bytes(whole[:part])
    keep_frame(frame())
    assert path.read_bytes() == whole


def test_a_whole_file_is_left_alone(settings):
    path = settings.MEDIA_ROOT / keep_frame(frame()).name
    other_bytes_same_pixels = gzip.compress(gzip.decompress(path.read_bytes()), 1)
    path.write_bytes(other_bytes_same_pixels)
    keep_frame(frame())
    assert path.read_bytes() == other_bytes_same_pixels


def test_an_import_that_was_killed_half_way_can_be_run_again(tmp_path):
    radiographs, data = tmp_path / "in", tmp_path / "data"
    radiographs.mkdir()
    for seed in range(FILMS):
        write_dicom(draw(seed, size=512), radiographs / f"{seed}.dcm")
    with installation("embedded", data) as site:
        words = ("django", "import_dicom", str(radiographs))
        with site.started(*words) as running:
            deadline = time.monotonic() + 120
            while len(files(data / "media")) < FILMS // 2 and running.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.002)
        said = site.run("manage.py", "import_dicom", str(radiographs))
        assert "0 refused" in said
        cases, names = site.shell(STORED)
        assert cases == FILMS
        assert {name.removeprefix("frames/") for name in names} == set(
            files(data / "media")
        )
