"""The languages of the site, and what Django is told of them.

Pure: words come in, values go out; nonsense raises ValueError with a sentence.
"""

from pathlib import Path
from typing import Any

ENGLISH, KOREAN = "en-gb", "ko"
# Each in its own words: who looks for it may read no other.
LANGUAGES = [(ENGLISH, "English"), (KOREAN, "한국어")]
_OF_LETTERS = {"en": ENGLISH, "ko": KOREAN}


def of_django(*, root: Path, is_secure: bool) -> dict[str, Any]:
    """Django's settings of languages; the choice is kept in a cookie for a year."""
    return {
        "LANGUAGE_CODE": ENGLISH,
        "LANGUAGES": LANGUAGES,
        "LOCALE_PATHS": [root / "locale"],
        "LANGUAGE_COOKIE_NAME": "language",
        "LANGUAGE_COOKIE_AGE": 365 * 24 * 3600,
        "LANGUAGE_COOKIE_HTTPONLY": True,
        "LANGUAGE_COOKIE_SAMESITE": "Lax",
        "LANGUAGE_COOKIE_SECURE": is_secure,
    }


def letters_in(text: str) -> list[str]:
    """The languages of letters, in order: a letter says the same in each of them.

    Who is invited has no account yet, so nobody knows which one they read.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in words if word not in _OF_LETTERS]
    if unknown or not words or len(set(words)) < len(words):
        raise ValueError(
            f"LETTER_LANGUAGES is {text!r}: give {' or '.join(_OF_LETTERS)}, or both "
            "with a comma between."
        )
    return [_OF_LETTERS[word] for word in words]
