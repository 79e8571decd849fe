"""Cora sees on a source's own page what it could not write, and where to try again."""

import pytest
from django.urls import reverse

from readerstudy.reports import services, tasks
from readerstudy.reports.models import Job, Report
from readerstudy.reports.progress import REFUSED
from readerstudy.reports.sources import sending
from readerstudy.reports.sources.failures import REASONS_SHOWN
from readerstudy.studies.services import add_arm
from tests import worlds
from tests.inference.chat_server import says
from tests.people import cora, person
from tests.reports.conftest import REPORT

pytestmark = pytest.mark.django_db
NO = "I'm sorry, I can't assist with that."


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def asked(source, collection):
    """The source is asked for a report of each of three cases."""
    sending.confirm(
        collection=collection, source=source, statement="Vote 12/26.", actor=cora().user
    )
    services.precompute(source=source, cases=collection.case_set.all(), actor=None)
    return source


def write_all():
    for job in Job.objects.all():
        tasks.write_reports(job.pk)


def page_of(source, who=None):
    path = reverse("reports:sources:source", args=[source.name])
    return (who or cora()).client.get(path).content.decode()


def test_reasons_are_counted_and_lead_to_the_study_that_tries_again(
    asked, collection, server, settings
):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    assert "could not be written" not in page_of(asked)
    server.given[:] = [says(NO)]
    write_all()
    # One is tried again, and by then the key is no longer good.
    one = Job.objects.filter(pk=Job.objects.first().pk)
    services.retry_failed(failed=one, actor=None)
    server.given[:] = [{"status": 401}]
    write_all()
    page = page_of(asked)
    assert "3 reports could not be written" in page
    assert f'<li>2 &times; <span class="said">{REFUSED}</span></li>' in page
    assert f'<li>1 &times; <span class="said">{asked.address} refuses' in page
    assert "401 Unauthorized" in page
    assert "by its coordinators, or on the page of work, by an administrator" in page

    worlds.add_reports(collection, "ground_truth")
    study = worlds.draft_study()
    add_arm(study=study, actor=cora().user, label="A general model", source="gpt")
    link = f'<a href="{reverse("reports:of_study", args=[study.code])}">{study.title}'
    assert link in page_of(asked)
    # Whoever has no part in that study learns nothing of it here.
    otto = person("Otto", may_create_studies=True)
    others = page_of(asked, otto)
    assert "3 reports could not be written" in others and study.title not in others

    server.given[:] = [says(REPORT)]
    cora().client.post(reverse("reports:retry", args=[study.code]))
    write_all()
    assert Report.objects.filter(source=asked).count() == 3
    assert "could not be written" not in page_of(asked)


def test_failures_of_another_source_are_not_its_own(asked):
    other = services.source_named("cxr_llava")
    Job.objects.update(source=other, status="failed", failure="Out of memory.")
    assert "could not be written" not in page_of(asked)
    assert "Out of memory." in page_of(other)


def test_of_many_reasons_the_commonest_are_named_and_the_rest_counted(asked):
    (one, *_) = Job.objects.all()
    jobs = [
        Job(
            case=one.case,
            source=asked,
            fingerprint=str(number),
            checkpoint="",
            status="failed",
            failure=f"Reason {number}.",
        )
        for number in range(REASONS_SHOWN + 2)
    ]
    Job.objects.bulk_create(jobs)
    page = page_of(asked)
    assert f"{len(jobs)} reports could not be written" in page
    assert page.count('&times; <span class="said">Reason') == REASONS_SHOWN
    assert "<li>2 for other reasons</li>" in page
