"""A drawn chest, for all panels."""

import pytest
from PIL import Image

from inference.phantom.phantom import draw, render_8bit


@pytest.fixture(scope="package")
def radiograph() -> Image.Image:
    return Image.fromarray(render_8bit(draw(3, size=192)))
