"""Real films in the viewer, the whole way: the greys are those that numpy finds."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.radiograph import Refused
from tests.browser.conftest import SOFTWARE_GL, WITHOUT_GL
from tests.browser.dicom_films import rendered
from tests.browser.imported import SIZE, grey_of, hang, import_film, reader_page

pytestmark = pytest.mark.slow(seconds=45)
RENDERERS = {"gl": SOFTWARE_GL, "canvas": WITHOUT_GL}
DATA = Path(os.environ["READERSTUDY_TEST_DATA"])


def is_taken(path: Path) -> bool:
    try:
        read_dicom(path.read_bytes())
    except Refused:
        return False
    return True


FILMS = [path for path in sorted((DATA / "dicom_cxr").glob("*.dcm")) if is_taken(path)]


def test_there_are_films() -> None:
    assert len(FILMS) == 9


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", FILMS, ids=lambda path: path.name[:24])
def test_real_film_is_shown_as_the_standard_wants_it(
    path: Path, started: Any, settings: Any, tmp_path: Any, live_server
) -> None:
    """With WebGL and without; the film is imported once for both."""
    settings.MEDIA_ROOT = tmp_path / "media"
    content = path.read_bytes()
    dataset = pydicom.dcmread(io.BytesIO(content))
    # The reference averages; so the canvas is no larger than the film.
    size = (min(SIZE[0], dataset.Columns), min(SIZE[1], dataset.Rows))
    slot, wanted = import_film(content, tmp_path), rendered(content, size)
    for renderer, arguments in RENDERERS.items():
        for page in reader_page(started(arguments), live_server):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            hang(page, slot, renderer)
            error = np.abs(grey_of(page) - wanted)
            print(f"{path.name}, {renderer}: {error.mean():.3f}")  # noqa: T201
            assert error.mean() < 0.5
