"""Anya fetches single files and tables: no more is computed than they need."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.analysis import services as analysis
from readerstudy.analysis.models import AnalysisJob, AnalysisRun
from readerstudy.analysis.statistics.columns import RESULT_COLUMNS
from readerstudy.analysis.tasks import compute
from readerstudy.export import services
from readerstudy.export.models import BundleOrder, ExportBundle
from tests import worlds
from tests.export.whole import bundle_files
from tests.people import anya, person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    return worlds.closed_study(readers=[rosa(), person("Ravi")])


def get(name, study, *more):
    return anya().client.get(reverse(name, args=[study.code, *more]))


@pytest.fixture
def unbuilt(monkeypatch):
    """Whoever builds a whole bundle fails."""
    monkeypatch.delattr(services, "build")


@pytest.mark.usefixtures("unbuilt")
@pytest.mark.parametrize(
    "name", ["results.foo", "results.", "nonsense", "README.txt", "figures/x.svg"]
)
def test_what_is_not_offered_alone_is_not_found(study, name):
    answer = get("export:file", study, name)
    assert answer.status_code == 404
    assert not AnalysisRun.objects.exists()


@pytest.mark.usefixtures("unbuilt")
def test_many_tables_are_computed_once_for_the_one_who_asks(study, monkeypatch):
    computed, real = [], analysis.results_of_csv

    def counted(*given, **named):
        computed.append(1)
        return real(*given, **named)

    monkeypatch.setattr(analysis, "results_of_csv", counted)
    for name in ("codebook.csv", "protocol.json", "reads.csv"):
        assert get("export:file", study, name).status_code == 200
    assert not computed
    for name in ("table5.csv", "by_case.csv", "results.xlsx", "methods.md"):
        assert get("export:file", study, name).status_code == 200
    for name in ("pairs.csv", "pairs.parquet", "by_case.json", "gee.csv"):
        assert get("api:table", study, name).status_code == 200
    assert get("api:results", study).status_code == 200
    assert len(computed) == 1
    assert AnalysisRun.objects.get().requested_by == anya().user
    # What is out of date is not handed to a script, which sees no warning.
    worlds.exclusion(study)
    assert get("api:results", study).json()["design"]["readers"] == 1


def test_tables_over_http_are_those_of_the_bundle(study):
    files = bundle_files(study)
    for name in RESULT_COLUMNS:
        assert get("api:table", study, name).content == files[name], name


def test_large_results_are_left_to_the_worker(study, monkeypatch, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    monkeypatch.setattr(analysis, "MOST_AT_ONCE", 3)
    doors = [
        ("api:results",),
        ("api:table", "pairs.csv"),
        ("export:file", "table5.csv"),
    ]
    for name, *more in doors:
        answer = get(name, study, *more)
        assert answer.status_code == 202
        assert "A worker computes the results" in answer.content.decode()
    job = AnalysisJob.objects.get()
    assert job.requested_by == anya().user
    with monkeypatch.context() as broken:
        broken.delattr(analysis, "results_of_csv")
        compute(job.pk)
    for name, *more in doors:
        answer = get(name, study, *more)
        assert answer.status_code == 409
        assert "The worker failed" in answer.content.decode()
    assert AnalysisJob.objects.count() == 1
    compute(analysis.queue(study=study, actor=anya().user).pk)
    for name, *more in doors:
        assert get(name, study, *more).status_code == 200


def test_nothing_of_an_open_study_is_handed_out(tmp_path):
    study, actor = worlds.open_study(), anya().user
    order = BundleOrder.objects.create(
        study=study, asked_by=actor, status=BundleOrder.Status.FAILED
    )
    for refused in (
        lambda: services.make_bundle(study=study, actor=actor),
        lambda: services.order_bundle(study=study, actor=actor),
        lambda: services.retry(order=order, actor=actor),
        lambda: bundle_files(study),
        lambda: services.write_bundle(
            study=study, actor=actor, directory=tmp_path / "bundle"
        ),
        lambda: services.record_bundle(study=study, actor=actor, manifest_sha256=""),
    ):
        with pytest.raises(ValidationError, match="sealed"):
            refused()
    assert not ExportBundle.objects.exists()
    assert not (tmp_path / "bundle").exists()
