"""A stored analysis says what it saw, goes stale where all can see, and stays."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.analysis import services
from readerstudy.analysis.exclusions import lift
from readerstudy.analysis.models import AnalysisJob, AnalysisRun
from readerstudy.analysis.state import changes_since, state_of
from readerstudy.analysis.tasks import compute
from readerstudy.audit.models import Event
from readerstudy.work import leases
from tests import worlds
from tests.people import anya, cora, person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rosa_and_two():
    return worlds.closed_study(readers=[rosa(), person("Ravi"), person("Ruth")])


def visit(name, study, *more):
    return anya().client.get(reverse(f"analysis:{name}", args=[study.code, *more]))


def press(study):
    return anya().client.post(reverse("analysis:compute", args=[study.code]))


def test_a_run_says_what_it_saw_and_who_asked():
    study = worlds.closed_study()
    visit("results", study)
    run = AnalysisRun.objects.get()
    assert (run.reads, run.seed, run.requested_by) == (12, 0, anya().user)
    assert run.state["grades"][0] == 12
    assert run.protocol_sha256 == study.protocol_sha256
    event = Event.objects.of_stream(study.code).get(verb="analysis.computed")
    assert event.detail["reads_sha256"] == run.reads_sha256


def test_what_changed_since_is_said_and_computing_anew_mends_it():
    study = worlds.closed_study()
    assert b"out of date" not in visit("results", study).content
    worlds.exclusion(study, case=study.presentedreport_set.first().case)
    stale = visit("section", study, "grades").content.decode()
    assert "newest analysis is out of date" in stale
    assert "0 exclusions then, 1 now." in stale
    assert press(study).status_code == 302
    assert b"out of date" not in visit("results", study).content
    assert AnalysisRun.objects.count() == 2


def test_the_exclusions_in_force_are_counted(rosa_and_two):
    study = rosa_and_two
    first, second, _ = study.membership_set.readers()
    visit("results", study)
    row = worlds.exclusion(study, reader=first)
    lift(exclusion=row, actor=anya().user, reason="An error.")
    # The reads are as they were.
    assert b"out of date" not in visit("results", study).content
    row = worlds.exclusion(study, reader=first)
    worlds.exclusion(study, reader=second)
    press(study)
    lift(exclusion=row, actor=anya().user, reason="An error.")
    assert "2 exclusions then, 1 now." in visit("results", study).content.decode()


def test_what_comes_while_the_reads_are_written_makes_the_run_stale(monkeypatch):
    study, real = worlds.closed_study(), services.reads_csv

    def interrupted(of):
        text = real(of)
        worlds.exclusion(of, case=of.presentedreport_set.first().case)
        return text

    monkeypatch.setattr(services, "reads_csv", interrupted)
    run = services.run_of(study)
    assert changes_since(run, state_of(study)) == ["0 exclusions then, 1 now."]


def test_two_who_ask_at_once_get_one_run(monkeypatch):
    study, real = worlds.closed_study(), services.results_of_csv

    def meanwhile(*given, **named):
        with monkeypatch.context() as within:
            within.setattr(services, "results_of_csv", real)
            services.compute(study=study, actor=cora().user)
        return real(*given, **named)

    monkeypatch.setattr(services, "results_of_csv", meanwhile)
    run = services.compute(study=study, actor=anya().user)
    assert AnalysisRun.objects.get() == run
    assert Event.objects.filter(verb="analysis.computed").count() == 1


@pytest.mark.parametrize("limit", ["MOST_READERS_AT_ONCE", "MOST_ARMS_AT_ONCE"])
def test_many_readers_or_arms_make_a_study_large(monkeypatch, limit):
    study = worlds.closed_study()
    assert not services.is_large(study)
    monkeypatch.setattr(services, limit, 0)
    assert services.is_large(study)


def test_other_software_makes_a_run_stale(monkeypatch):
    study = worlds.closed_study()
    visit("results", study)
    monkeypatch.setattr("readerstudy.analysis.state.REVISION", 10_000)
    assert "r10000 now" in visit("results", study).content.decode()


def test_an_older_run_opens_as_it_was_stored():
    study = worlds.closed_study()
    first = services.compute(study=study, actor=None)
    press(study)
    listed = visit("runs", study)
    assert [run.pk for run in listed.context["page"]][-1] == first.pk
    old = visit("run_section", study, first.pk, "table-5")
    assert old.status_code == 200
    assert "as it was stored" in old.content.decode()
    assert "Compute anew" not in old.content.decode()


def test_a_run_is_never_altered():
    run = services.compute(study=worlds.closed_study(), actor=None)
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        AnalysisRun.objects.filter(pk=run.pk).update(seed=7)


def test_nothing_is_computed_while_the_study_is_read():
    study = worlds.open_study()
    with pytest.raises(ValidationError, match="sealed"):
        services.compute(study=study, actor=cora().user)
    with pytest.raises(ValidationError, match="sealed"):
        services.queue(study=study, actor=cora().user)


def test_a_large_study_is_left_to_a_worker(monkeypatch):
    monkeypatch.setattr(services, "MOST_AT_ONCE", 3)
    study = worlds.closed_study()
    waiting = anya().client.get(
        reverse("analysis:results", args=[study.code]), follow=True
    )
    assert "Waiting for a worker" in waiting.content.decode()
    job = AnalysisJob.objects.get()
    # Whoever asks meanwhile waits for the same one.
    press(study)
    assert AnalysisJob.objects.get() == job
    seen = f"?seen={waiting.context['state']}"
    address = reverse("analysis:computing", args=[study.code]) + seen
    assert anya().client.get(address).status_code == 204
    compute(job.pk)
    done = anya().client.get(address)
    assert done["HX-Redirect"] == reverse("analysis:results", args=[study.code])
    assert visit("results", study).status_code == 200
    assert AnalysisRun.objects.get().requested_by == anya().user


def test_a_page_that_polls_gets_what_is_new(monkeypatch):
    monkeypatch.setattr(services, "MOST_AT_ONCE", 3)
    study = worlds.closed_study()
    visit("results", study)
    address = reverse("analysis:computing", args=[study.code])
    part = anya().client.get(f"{address}?seen=something-else")
    assert part.status_code == 200
    assert "Waiting for a worker" in part.content.decode()
    assert "<html" not in part.content.decode()


def test_a_worker_that_lost_a_large_study_to_another_stores_no_run(monkeypatch):
    monkeypatch.setattr(services, "MOST_AT_ONCE", 3)
    study = worlds.closed_study()
    visit("results", study)
    job = AnalysisJob.objects.get()
    claimed = leases.claim(AnalysisJob, id=job.pk, worker="one")
    AnalysisJob.objects.update(lease_token="of another")
    services.do(claimed)
    job.refresh_from_db()
    assert (job.status, job.run) == ("running", None)
    assert not AnalysisRun.objects.exists()


def test_as_many_exclusions_as_before_may_be_others(rosa_and_two):
    study = rosa_and_two
    worlds.exclusion(study)
    run = services.compute(study=study, actor=anya().user)
    assert changes_since(run, state_of(study)) == []
    first = study.exclusion_set.get()
    lift(exclusion=first, actor=anya().user, reason="An error.")
    worlds.exclusion(study, reader=study.membership_set.readers().last())
    (changed,) = changes_since(run, state_of(study))
    assert changed == "Exclusions were exchanged for others."


def test_a_failure_is_shown_and_can_be_tried_again(monkeypatch, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    monkeypatch.setattr(services, "MOST_AT_ONCE", 3)
    study = worlds.closed_study()
    visit("results", study)

    def broken(*_, **__):
        raise ValueError("The reads name too many arms.")

    with monkeypatch.context() as broke:
        broke.setattr(services, "results_of_csv", broken)
        compute(AnalysisJob.objects.get().pk)
    shown = visit("computing", study).content.decode()
    assert "The reads name too many arms." in shown
    assert "Try it again" in shown
    # Looking again asks for nothing.
    assert visit("results", study).status_code == 302
    assert AnalysisJob.objects.count() == 1
    press(study)
    compute(AnalysisJob.objects.latest("id").pk)
    assert visit("results", study).status_code == 200


def test_rosa_sees_none_of_it():
    study = worlds.closed_study()
    for name in ("results", "runs", "computing", "exclusions", "disagreements"):
        address = reverse(f"analysis:{name}", args=[study.code])
        assert rosa().client.get(address).status_code == 403
