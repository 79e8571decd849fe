"""The whole way of a radiograph: DICOM file, import, the site, Chromium, canvas - and
the greys are those that numpy and pydicom find in the file."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import SOFTWARE_GL, WITHOUT_GL
from tests.browser.dicom_films import Film, rendered, table_of
from tests.browser.imported import SIZE, grey_of, hang, import_film, reader_page

pytestmark = pytest.mark.slow(seconds=45)
RENDERERS = {"gl": SOFTWARE_GL, "canvas": WITHOUT_GL}


def windowed(centre: float, width: float, function: str = "") -> dict[str, Any]:
    elements: dict[str, Any] = {"WindowCenter": centre, "WindowWidth": width}
    return elements | ({"VOILUTFunction": function} if function else {})


FILMS = {
    "10 bits": Film(10, elements=windowed(500, 800)),
    "12 bits": Film(12, elements=windowed(2048, 3000)),
    "12 bits, exact": Film(12, elements=windowed(2000, 2500, "LINEAR_EXACT")),
    "14 bits, sigmoid": Film(14, elements=windowed(8000, 9000, "SIGMOID")),
    "15 bits": Film(15, elements=windowed(16_384, 24_000)),
    "16 bits": Film(16, elements=windowed(32_768, 50_000)),
    "16 bits, no window": Film(16),
    "8 of 16 bits, narrow": Film(8, elements=windowed(120, 40)),
    "signed, rescaled": Film(
        12,
        signed=True,
        elements=windowed(0, 3000) | {"RescaleSlope": 1, "RescaleIntercept": -100},
    ),
    "signed 16": Film(16, signed=True, elements=windowed(-2000, 40_000)),
    "half steps": Film(
        12,
        elements=windowed(900, 1500) | {"RescaleSlope": 0.5, "RescaleIntercept": -10},
    ),
    "MONOCHROME1": Film(12, photometric="MONOCHROME1", elements=windowed(2048, 3000)),
    "MONOCHROME1, sigmoid": Film(
        14, photometric="MONOCHROME1", elements=windowed(9000, 9000, "SIGMOID")
    ),
    "VOI table": Film(12, elements={"VOILUTSequence": [table_of(16, 0, 4096)]}),
    "VOI table, MONOCHROME1": Film(
        12,
        photometric="MONOCHROME1",
        elements={"VOILUTSequence": [table_of(12, 300, 3000)]},
    ),
    "modality table": Film(
        12,
        elements=windowed(20_000, 50_000)
        | {"ModalityLUTSequence": [table_of(16, 0, 4096, power=0.7)]},
    ),
    "padding": Film(12, padding=0, elements=windowed(2048, 3000)),
    "padding, MONOCHROME1": Film(
        12, photometric="MONOCHROME1", padding=4095, elements=windowed(2048, 3000)
    ),
    "padding, signed": Film(
        16, signed=True, padding=-32_768, elements=windowed(-500, 30_000)
    ),
}


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", FILMS)
def test_film_is_shown_as_the_standard_wants_it(
    started: Callable[[list[str]], Browser], live_server: Any, name: str, tmp_path: Any
) -> None:
    """With WebGL and without; the film is imported once for both."""
    content = FILMS[name].content()
    slot, wanted = import_film(content, tmp_path), rendered(content, SIZE)
    for renderer, arguments in RENDERERS.items():
        for page in reader_page(started(arguments), live_server):
            hang(page, slot, renderer)
            error = np.abs(grey_of(page) - wanted)
            print(f"{name}, {renderer}: {error.mean():.3f}")  # noqa: T201
            assert error.mean() < 0.5
            assert np.quantile(error, 0.99) < 2
