"""What every page knows about the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Tell the templates whether this is the demonstration site."""
    return {"demonstration": settings.DEMONSTRATION}
