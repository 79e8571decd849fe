"""The door to packed studies on their way in; the rules are those of `access`."""

from django.shortcuts import get_object_or_404

from readerstudy.access import AnyRequest, site_coordinator
from readerstudy.export.models import Arrival


def arrival_of_person(request: AnyRequest, token: str) -> Arrival:
    """A packed study that the person uploaded; anyone else's does not exist."""
    return get_object_or_404(
        Arrival.objects.select_related("asked_by", "study"),
        token=token,
        asked_by=site_coordinator(request),
    )
