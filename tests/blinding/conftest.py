"""What differs from answer to answer by chance or by the clock stands still in all
tests of blinding."""

import pytest


@pytest.fixture(autouse=True)
def _nothing_by_chance(monkeypatch):
    """One pattern of the display check, and one key for a new authenticator app.

    And one writing of the session: once a minute an answer brings its cookie again,
    which a slow machine would meet in the middle of a comparison.
    """
    # This file is read before Django is set up.
    from allauth.mfa.totp.internal import auth as totp

    from readerstudy.grading.before import views as before
    from readerstudy.studies.account import sessions
    from tests.blinding.exchange import PATTERN

    monkeypatch.setattr(before, "new_pattern", lambda: PATTERN)
    monkeypatch.setattr(totp, "generate_totp_secret", lambda: "A" * 32)
    monkeypatch.setattr(sessions, "_NOTED_EVERY", 86_400)
