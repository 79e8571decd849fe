"""Secrets that must be read again, such as an authenticator app's key, under a lock.

They lie in the database encrypted (Fernet: AES-128-CBC with HMAC-SHA256) under a key
that follows from SECRET_KEY, so that a copy of the database alone opens no account.
"""

import base64
import hashlib
import logging
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

logger = logging.getLogger(__name__)
_PURPOSE = b"readerstudy.accounts.sealed:"
_SECOND_FACTOR = "A second factor"
_NEW_FACTOR = "Its person needs a new one: manage.py reset_sign_in --factors."


def _lock() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(_PURPOSE + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in digests])


def sealed(text: str) -> str:
    """Return a text as it may be stored."""
    return _lock().encrypt(text.encode()).decode()


def opened(
    stored: str, *, what: str = _SECOND_FACTOR, remedy: str = _NEW_FACTOR
) -> str:
    """Return the text of what was stored; random letters if SECRET_KEY is another now.

    A fixed answer would be a secret that everybody knows.

    what, remedy  what the log calls it, and a sentence on what is to be done
    """
    try:
        return _lock().decrypt(stored.encode()).decode()
    except InvalidToken:
        logger.error(
            "%s cannot be read: SECRET_KEY is not the one under which it was stored. "
            "%s",
            what,
            remedy,
        )
        return base64.b32encode(secrets.token_bytes(20)).decode()


def resealed(stored: str) -> str:
    """Return what was stored, under the key of now. Raises InvalidToken."""
    return _lock().rotate(stored.encode()).decode()
