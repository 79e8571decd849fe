"""Cora brings a long file of labels in: a worker stores it while she waits."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.reports.labels import importing, tasks
from readerstudy.reports.labels.models import (
    LabelSet,
    LabelStoring,
    LabelUpload,
    MetricTable,
)
from readerstudy.reports.tables import staging
from readerstudy.work import leases
from tests import label_worlds, worlds
from tests.people import cora, nils, person

pytestmark = pytest.mark.django_db
GOOD = b"study_id,Lung Opacity,Edema\nCXR1,1,0\nCXR2,-1,\n"
METRICS = b"case,GREEN\nCXR1,0.5\nCXR2,0.2\n"


@pytest.fixture(autouse=True)
def _two_lines_are_many(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(importing, "AT_ONCE", 1)


@pytest.fixture
def collection():
    return worlds.collection(cases=3)


def confirmed(upload, **asked):
    path = reverse("reports:labels:check", args=[upload.token])
    return cora().client.post(path, asked)


def storing(job, client=None, **headers):
    path = reverse("reports:labels:storing", args=[job.pk])
    return (client or cora().client).get(path, headers=headers)


def test_a_worker_stores_what_was_confirmed(collection):
    upload = label_worlds.uploaded(collection, GOOD)
    answer = confirmed(upload)
    job = LabelStoring.objects.get()
    assert answer.url == reverse("reports:labels:storing", args=[job.pk])
    assert not LabelSet.objects.exists()
    assert b"2 lines wait for a worker" in storing(job).content
    assert b"No worker has shown itself" in storing(job).content

    tasks.store_labels(job.pk)
    made = LabelSet.objects.get()
    assert (made.labelled, made.made_by) == (2, cora().user)
    assert not LabelUpload.objects.exists()
    assert b"All of it is stored" in storing(job).content
    verbs = Event.objects.filter(verb__startswith="labels.").order_by("pk")
    told = ["labels.uploaded", "labels.confirmed", "labels.imported"]
    assert list(verbs.values_list("verb", flat=True)) == told

    # The message came twice, or a worker had been taken for dead.
    tasks.store_labels(job.pk)
    assert LabelSet.objects.count() == 1


def test_metrics_come_in_the_same_way(collection):
    worlds.add_reports(collection, "ground_truth")
    upload = label_worlds.uploaded(
        collection, METRICS, kind="metrics", subject="reports", source="ground_truth"
    )
    confirmed(upload)
    tasks.store_labels(LabelStoring.objects.get().pk)
    assert MetricTable.objects.get().cases == 2


def test_the_page_is_loaded_anew_when_it_is_over(collection):
    upload = label_worlds.uploaded(collection, GOOD)
    confirmed(upload)
    job = LabelStoring.objects.get()
    assert "HX-Refresh" not in storing(job, hx_request="true")
    leases.claim(LabelStoring, id=job.pk, worker="a worker")
    assert b"are being stored" in storing(job, hx_request="true").content
    LabelStoring.objects.update(status="queued", lease_token="")
    tasks.store_labels(job.pk)
    assert storing(job, hx_request="true")["HX-Refresh"] == "true"


def test_what_is_being_stored_is_neither_dropped_nor_asked_for_twice(collection):
    upload = label_worlds.uploaded(collection, GOOD)
    confirmed(upload)
    confirmed(upload)
    job = LabelStoring.objects.get()
    looked = cora().client.get(reverse("reports:labels:check", args=[upload.token]))
    assert looked.url == reverse("reports:labels:storing", args=[job.pk])
    with pytest.raises(ValidationError, match="It is being stored"):
        importing.drop(upload=upload, actor=cora().user)
    LabelUpload.objects.update(expires_at=upload.created_at)
    label_worlds.uploaded(collection, GOOD)
    assert LabelUpload.objects.filter(pk=upload.pk).exists()
    assert staging.path_of(upload.token).exists()


def failed(job):
    """A worker tries as often as it tries, and gives it up."""
    job.refresh_from_db()
    while job.status == LabelStoring.Status.QUEUED:
        tasks.store_labels(job.pk)
        job.refresh_from_db()
    assert job.status == LabelStoring.Status.FAILED
    return job


def test_what_has_changed_since_is_told_and_can_be_looked_at_again(collection):
    upload = label_worlds.uploaded(collection, GOOD)
    confirmed(upload)
    Case.objects.filter(code="CXR2").update(code="CXR9")
    job = failed(LabelStoring.objects.get())
    page = storing(job).content.decode()
    assert "1 lines are about cases that the collection has not" in page
    assert reverse("reports:labels:check", args=[upload.token]) in page
    assert not LabelSet.objects.exists()

    assert (
        b"1 line about other cases"
        in cora()
        .client.get(reverse("reports:labels:check", args=[upload.token]))
        .content
    )
    confirmed(upload, leave_out="on")
    assert LabelSet.objects.get().labelled == 1
    # Whoever lets the failed one be tried again is told why it cannot be.
    LabelStoring.objects.update(status="queued", attempts=0)
    again = failed(LabelStoring.objects.get())
    assert "The uploaded file is gone" in again.failure
    assert b"Look at the file again" not in storing(again).content


def test_a_file_that_goes_while_it_is_checked_stores_nothing(collection, monkeypatch):
    upload = label_worlds.uploaded(collection, GOOD)
    confirmed(upload)
    ready = importing.ready

    def gone(*given, **asked):
        checked = ready(*given, **asked)
        LabelUpload.objects.all().delete()
        return checked

    monkeypatch.setattr(importing, "ready", gone)
    assert "file is gone" in failed(LabelStoring.objects.get()).failure
    assert not LabelSet.objects.exists()


def test_a_worker_that_has_lost_its_claim_stores_nothing(collection):
    upload = label_worlds.uploaded(collection, GOOD)
    confirmed(upload)
    job = LabelStoring.objects.get()
    checked = importing.ready(upload, leave_out=False)
    lost = leases.claim(LabelStoring, id=job.pk, worker="a worker")
    LabelStoring.objects.update(lease_token="another")
    tasks._stored(lost, checked)
    assert not LabelSet.objects.exists()


def test_it_is_nobody_elses_to_see(collection):
    job = label_worlds.stored_later(collection)
    assert storing(job, nils().client).status_code == 403
    another = person("another", may_create_studies=True)
    assert storing(job, another.client).status_code == 404
    missing = SimpleNamespace(pk=job.pk + 1)
    assert storing(missing).status_code == 404
    assert str(job).endswith("in phantoms: queued")
