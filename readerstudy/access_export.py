"""The door to bundles, and to packed studies on their way in; the rules are those of
`access`."""

from django.shortcuts import get_object_or_404

from readerstudy.access import AnyRequest, closed_study_for_texts, site_coordinator
from readerstudy.export.models import Arrival, BundleOrder, ExportBundle


def bundle_for_results(request: AnyRequest, code: str, bundle_id: int) -> ExportBundle:
    """A bundle of a closed study that was made before."""
    return get_object_or_404(
        ExportBundle.objects.select_related("study"),
        study=closed_study_for_texts(request, code),
        pk=bundle_id,
    )


def bundle_order_for_results(
    request: AnyRequest, code: str, order_id: int
) -> BundleOrder:
    """A bundle of a closed study that a worker builds or was to build."""
    return get_object_or_404(
        BundleOrder.objects.select_related("study", "asked_by"),
        study=closed_study_for_texts(request, code),
        pk=order_id,
    )


def arrival_of_person(request: AnyRequest, token: str) -> Arrival:
    """A packed study that the person uploaded; anyone else's does not exist."""
    return get_object_or_404(
        Arrival.objects.select_related("asked_by", "study"),
        token=token,
        asked_by=site_coordinator(request),
    )
