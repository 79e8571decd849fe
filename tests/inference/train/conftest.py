"""The phantoms that all tests of training share."""

from pathlib import Path

import pytest

from inference.train.pool import build_pool
from tests.inference.train.stages import COUNT, FIRST


@pytest.fixture(scope="session")
def pool_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantoms")
    build_pool(folder, first=FIRST, count=COUNT, drawn=64, size=64, workers=1)
    return folder
