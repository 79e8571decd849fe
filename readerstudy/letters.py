"""Letters by e-mail, in the languages of the site one below the other."""

from collections.abc import Callable

from django.conf import settings
from django.utils import translation

BETWEEN = "\n\n* * *\n\n"


def in_every_language(write: Callable[[], str], between: str = BETWEEN) -> str:
    """What is written, once in each language of LETTER_LANGUAGES, in that order."""
    texts = []
    for language in settings.LETTER_LANGUAGES:
        with translation.override(language):
            texts.append(write())
    return between.join(texts)
