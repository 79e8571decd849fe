"""The door to labels and scores: who may see them, and never a reader of the cases.

Labels say what reports say, so whoever reads some of the cases would know them. The
rules are those of `access`, which holds no more than a screen can show.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from readerstudy.access import (
    AnyRequest,
    person,
    refuse_who_reads_in,
    site_coordinator,
)
from readerstudy.analysis.findings.models import FindingsJob, FindingsRun
from readerstudy.cases.models import Collection
from readerstudy.reports.labels.models import (
    Labelling,
    LabelSet,
    LabelStoring,
    LabelUpload,
)
from readerstudy.studies.models import Membership


def collection_for_findings(request: AnyRequest, name: str) -> Collection:
    """A collection whose labels and scores are shown.

    They tell the texts by source. So they are for the site's coordinators, for those
    who coordinate a study that was drawn from it, and for the analysts of such a study
    once its results are open; never for a person who reads some of its cases in a study
    that is not closed, or is going to.
    """
    found = Collection.objects.filter(name=name).first()
    user = person(request)
    roles = Membership.objects.filter(user=user, study__caseset__collection=found)
    sees = found is not None and roles.who_see_sources().exists()
    if not (user.may_create_studies or sees):
        raise PermissionDenied(
            "Labels and scores are for the coordinators of the site, for those who "
            "coordinate a study of this collection, and for those who analyse one, "
            "once its results are open."
        )
    if found is None:
        raise Http404("There is no such collection.")
    refuse_who_reads_in(request, found)
    return found


def label_set_for_findings(request: AnyRequest, set_id: int) -> LabelSet:
    """A label set, for those who may see the labels of its collection."""
    sets = LabelSet.objects.select_related("collection", "source", "made_by")
    found = sets.filter(pk=set_id).first()
    collection_for_findings(request, found.collection.name if found else "")
    return get_object_or_404(sets, pk=set_id)


def labelling_for_coordinator(request: AnyRequest, job_id: int) -> Labelling:
    """Labels that a worker makes, for the site's coordinators."""
    site_coordinator(request)
    jobs = Labelling.objects.select_related("collection", "source", "label_set")
    return get_object_or_404(jobs, pk=job_id)


def label_upload_of_person(request: AnyRequest, token: str) -> LabelUpload:
    """A file of labels that the person uploaded; anyone else's does not exist."""
    found = get_object_or_404(
        LabelUpload.objects.select_related("collection", "uploaded_by"),
        token=token,
        uploaded_by=site_coordinator(request),
    )
    refuse_who_reads_in(request, found.collection)
    return found


def label_storing_of_person(request: AnyRequest, job_id: int) -> LabelStoring:
    """A file of labels that a worker stores, for who confirmed it."""
    found = get_object_or_404(
        LabelStoring.objects.select_related("collection", "upload"),
        pk=job_id,
        asked_by=site_coordinator(request),
    )
    refuse_who_reads_in(request, found.collection)
    return found


def findings_run_for_findings(request: AnyRequest, run_id: int) -> FindingsRun:
    """A comparison of labels, for those who may see the labels of its collection."""
    runs = FindingsRun.objects.select_related("collection", "reference__source")
    found = runs.filter(pk=run_id).first()
    collection_for_findings(request, found.collection.name if found else "")
    return get_object_or_404(runs, pk=run_id)


def findings_run_for_coordinator(request: AnyRequest, run_id: int) -> FindingsRun:
    """A comparison of labels, for the site's coordinators."""
    site_coordinator(request)
    return findings_run_for_findings(request, run_id)


def findings_job_for_findings(request: AnyRequest, job_id: int) -> FindingsJob:
    """A comparison that a worker computes, for those who may see what comes of it."""
    jobs = FindingsJob.objects.select_related("collection", "run")
    found = jobs.filter(pk=job_id).first()
    collection_for_findings(request, found.collection.name if found else "")
    return get_object_or_404(jobs, pk=job_id)


def findings_job_for_coordinator(request: AnyRequest, job_id: int) -> FindingsJob:
    """A comparison that a worker computes, for the site's coordinators."""
    site_coordinator(request)
    return findings_job_for_findings(request, job_id)
