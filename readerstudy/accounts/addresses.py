"""The address from which a request came."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - it is shown and counted, nothing listens there


def address_of(request: HttpRequest) -> str:
    """Return the address of the person's machine, or 0.0.0.0 where it is not known.

    Behind a proxy it is the last that X-Forwarded-For names: the proxy has written that
    itself, whatever the person has sent before. Without a proxy the header is not
    looked at, for then anybody may have written it.
    """
    said = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_TLS_PROXY:
        said = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2] or said
    try:
        return str(ipaddress.ip_address(said.strip()))
    except ValueError:
        return UNKNOWN
