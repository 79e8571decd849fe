"""Which loggers say what: the settings read it before anything else is there."""

import logging
from typing import Any

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMATS = {
    "line": {
        "()": "readerstudy.logs.MaskedFormatter",
        "format": "{asctime} {levelname} {name}: {message}",
        "style": "{",
    },
    "json": {"()": "readerstudy.logs.JsonFormatter"},
}


def logging_at(level: str, form: str = "line") -> dict[str, Any]:
    """The logging of the site, its own loggers at this level.

    form  what a line is, see FORMATS. Raises ValueError for another one, and for a
          level that there is not.
    """
    if level not in LEVELS:
        others = ", ".join(LEVELS[:-1])
        raise ValueError(f"LOG_LEVEL is {level!r}: it is {others} or {LEVELS[-1]}.")
    if form not in FORMATS:
        raise ValueError(f"LOG_FORMAT is {form!r}: it is {' or '.join(FORMATS)}.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": FORMATS,
        "filters": {
            "one line": {
                "()": "django.utils.log.CallbackFilter",
                "callback": _on_one_line,
            }
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form},
        },
        "loggers": {
            "django.request": {"filters": ["one line"]},
            # Whoever tries addresses of the net asks by names that are not ours.
            "django.security.DisallowedHost": {"filters": ["one line"]},
            # With DEBUG they write out every statement with its values.
            "django.db.backends": {"level": "INFO"},
            # It says of the filesystem broker that it has no host name.
            "kombu.connection": {"level": "ERROR"},
            # Each failure is an event of the site already.
            "axes": {"level": "WARNING"},
            # At DEBUG they write out what a PACS is asked for: numbers of patients.
            "urllib3": {"level": "INFO"},
            "dicomweb_client": {"level": "WARNING"},
            # It tells of every association, with all that was proposed in it.
            "pynetdicom": {"level": "WARNING"},
            # It tells of every module that it copies into a document.
            "highdicom": {"level": "WARNING"},
            # It tells of every step by which it makes the font of a PDF smaller.
            "fontTools": {"level": "WARNING"},
        },
        "root": {"handlers": ["console"], "level": level},
    }


def _on_one_line(record: logging.LogRecord) -> bool:
    """A refusal (400, 404) is worth a line, not a traceback; so is an outage (503)."""
    is_defect = getattr(record, "status_code", 500) == 500
    if record.levelno < logging.ERROR or not is_defect:
        record.exc_info = None
    return True
