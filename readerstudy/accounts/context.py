"""What every page knows about the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Tell the templates if this is the demonstration, and what hospitals there are."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "hospitals": list(settings.OIDC_SERVERS),
    }
