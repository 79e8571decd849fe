"""One pattern to look for on the display, in all tests of blinding."""

import pytest


@pytest.fixture(autouse=True)
def _one_pattern(monkeypatch):
    """The display check shows another pattern each time; here it is always one."""
    # This file is read before Django is set up.
    from readerstudy.grading.before import views as before
    from tests.blinding.exchange import PATTERN

    monkeypatch.setattr(before, "new_pattern", lambda: PATTERN)
