"""Bundles of the same study hold the same figures, which are drawn once."""

import pytest


@pytest.fixture(autouse=True)
def _drawn_once(drawn_once: None) -> None:
    """Unless a test asks for `drawn_anew`."""
