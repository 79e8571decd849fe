"""One pattern to look for on the display, in all tests of blinding."""

import pytest


@pytest.fixture(autouse=True)
def _one_pattern(monkeypatch):
    """The display check shows another pattern each time; here it is always one.

    So it is with the key that a new authenticator app would get.
    """
    # This file is read before Django is set up.
    from allauth.mfa.totp.internal import auth as totp

    from readerstudy.grading.before import views as before
    from tests.blinding.exchange import PATTERN

    monkeypatch.setattr(before, "new_pattern", lambda: PATTERN)
    monkeypatch.setattr(totp, "generate_totp_secret", lambda: "A" * 32)
