"""What EMAIL_URL means. Pure; nonsense raises ValueError with a sentence."""

from typing import Any
from urllib.parse import unquote, urlsplit

_BACKENDS = "django.core.mail.backends"
# Usual port, TLS begun by STARTTLS, TLS from the first byte.
_WAYS = {
    "smtp": (25, False, False),
    "smtp+tls": (587, True, False),
    "smtp+ssl": (465, False, True),
}


def email_settings(url: str) -> dict[str, Any]:
    """Django's settings of a mail server, or those that write letters to the log.

    In the address the signs @ : / % of a user or password are written %40 %3A %2F %25.
    """
    parts = urlsplit(url)
    if parts.scheme in {"consolemail", "console"}:
        return {"EMAIL_BACKEND": f"{_BACKENDS}.console.EmailBackend"}
    if parts.scheme not in _WAYS or not parts.hostname:
        raise ValueError(
            "EMAIL_URL is smtp+tls://USER:PASSWORD@HOST:587, smtp+ssl:// or smtp:// "
            "with the same, or consolemail: alone."
        )
    usual, by_starttls, by_tls = _WAYS[parts.scheme]
    try:
        port = parts.port or usual
    except ValueError:
        raise ValueError("EMAIL_URL: the port is a number up to 65535.") from None
    return {
        "EMAIL_BACKEND": f"{_BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": by_starttls,
        "EMAIL_USE_SSL": by_tls,
    }
