"""What comparisons of a collection's labels begin with."""

import pytest


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sets(collection):
    """The labels of the reference reports, and of the model's; each file's own."""
    # This file is read before Django is set up.
    from tests.label_worlds import labels

    return labels(collection), labels(collection, "cxr_llava")
