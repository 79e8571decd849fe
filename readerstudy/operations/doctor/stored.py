"""Whether the keys of the settings are those under which the site has stored."""

from django.db import Error, transaction

from readerstudy.operations.findings import Finding, wrong
from readerstudy.studies.account.sealing import left_shut


def stored_keys() -> list[Finding]:
    """Try the signing keys on what is encrypted in the database."""
    try:
        with transaction.atomic():
            shut = left_shut()
    except Error:
        # The look at the database has told of it.
        return []
    if not shut:
        return []
    return [
        wrong(
            "key",
            f"SECRET_KEY does not open {shut} of the second factors and secrets of "
            "webhooks that are stored: such people cannot sign in.",
            "Set SECRET_KEY to the one of before, or put that one into "
            "SECRET_KEY_FALLBACKS, and restart. `manage.py reseal` names whom it "
            "concerns.",
        )
    ]
