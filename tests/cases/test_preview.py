"""The small frame that is seen first: the averages of the whole one."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from readerstudy.cases.frame_store import keep_frame, preview_name
from readerstudy.cases.frames import Frame
from readerstudy.cases.models import Image
from readerstudy.cases.preview import LONGEST_SIDE, preview_of, preview_size
from readerstudy.cases.services import preview_bytes, store_image
from tests import worlds

BIG = (1601, 1203)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def frame(*, padded=False):
    pixels = np.random.default_rng(5).integers(1, 60_000, BIG).astype(np.uint16)
    if padded:
        pixels[:200] = 0
        pixels[:, 1000:] = 0
    return Frame(pixels, padding=pixels == 0 if padded else None)


def by_hand(frame, row, column, factor):
    square = frame.pixels[
        row * factor : (row + 1) * factor, column * factor : (column + 1) * factor
    ].astype(float)
    held = square[square != 0]
    if frame.padding is not None and held.size < square.size / 2:
        return 0
    return held.mean() if frame.padding is not None else square.mean()


@pytest.mark.parametrize("padded", [False, True])
def test_every_pixel_is_the_average_of_its_square(padded):
    whole = frame(padded=padded)
    small = preview_of(whole)
    size = preview_size(*BIG)
    assert size == {"rows": 534, "columns": 401, "factor": 3}
    assert small.pixels.shape == (534, 401)
    for row in (0, 66, 67, 300, 533):
        for column in (0, 100, 333, 400):
            expected = by_hand(whole, row, column, 3)
            assert small.pixels[row, column] == pytest.approx(expected, abs=0.51)


def test_padding_stays_padding_and_nothing_else_becomes_it():
    small = preview_of(frame(padded=True))
    assert small.padding is not None
    assert (small.padding == (small.pixels == 0)).all()
    assert small.padding[:66].all()
    assert not small.padding[67:, :333].any()


def test_a_small_frame_is_its_own_preview():
    little = worlds.radiograph(1)
    assert preview_of(little) is little
    assert preview_size(LONGEST_SIDE, 10)["factor"] == 1
    assert preview_size(LONGEST_SIDE + 1, 10)["factor"] == 2


@pytest.mark.django_db
def test_an_import_makes_the_preview_and_an_older_image_gets_it_when_asked():
    whole = frame()
    kept = keep_frame(whole)
    path = Path(settings.MEDIA_ROOT) / preview_name(kept.sha256)
    made_at_import = path.read_bytes()
    small = np.frombuffer(gzip.decompress(made_at_import), "<u2")
    assert (small == preview_of(whole).pixels.reshape(-1)).all()
    image = store_image(
        case=worlds.collection(cases=1).case_set.get(),
        name="old.dcm",
        frame=kept,
        view=Image.View.FRONTAL,
        source_sha256="a" * 64,
    )
    path.unlink()
    assert preview_bytes(image) == made_at_import
    assert path.read_bytes() == made_at_import
    assert list(path.parent.iterdir()) and not list(path.parent.glob("tmp*"))
