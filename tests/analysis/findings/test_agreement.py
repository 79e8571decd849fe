"""Metrics beside the grades of a closed study: nobody sees them before."""

import csv
import io

import pytest
from django.urls import reverse

from readerstudy.analysis.findings import agreement
from readerstudy.analysis.findings.models import MetricAgreement
from readerstudy.analysis.findings.tables import newest_metrics
from readerstudy.analysis.findings.tasks import compare_with_grades
from readerstudy.analysis.services import compute
from readerstudy.audit.models import Event
from readerstudy.reports.labels.models import MetricTable
from readerstudy.reports.models import Source
from readerstudy.work import leases
from tests import label_worlds, worlds
from tests.lifted import lifted
from tests.people import anya, cora

pytestmark = pytest.mark.django_db
# R1 grades the reports of the model from best to worst; the metric says the same.
METRIC = b"case,GREEN\nCXR1,0.9\nCXR2,0.6\nCXR3,0.4\nCXR4,0.1\n"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def page_of(study):
    return anya().client.get(reverse("analysis:metrics", args=[study.code]))


def test_metrics_stand_beside_grades_once_the_study_is_closed():
    study = worlds.closed_study(cases=4)
    collection = study.caseset.collection
    upload = {"kind": "metrics", "source": "cxr_llava", "subject": "reports"}
    label_worlds.imported(collection, METRIC, **upload)
    before = compute(study=study, actor=None).results
    assert "Nothing is compared yet" in page_of(study).content.decode()

    anya().client.post(reverse("analysis:metrics", args=[study.code]))
    assert "It is being computed" in page_of(study).content.decode()
    compare_with_grades(MetricAgreement.objects.get().pk)
    page = page_of(study).content.decode()
    assert "GREEN" in page and "ROUGE-L" in page and "exploratory" in page
    assert "have changed since" not in page
    # The result set of the reads knows nothing of it.
    assert compute(study=study, actor=None).results == before
    verbs = Event.objects.filter(verb__startswith="metrics.").order_by("pk")
    named = [(each.verb, each.stream.name) for each in verbs]
    assert named[1:] == [
        ("metrics.queued", study.code),
        ("metrics.compared", study.code),
    ]


def test_anya_takes_the_table_away_with_the_tau_of_reports_and_of_reads():
    study = worlds.closed_study(cases=4)
    address = reverse("analysis:metrics_csv", args=[study.code])
    assert anya().client.get(address).status_code == 404
    assert address not in page_of(study).content.decode()
    upload = {"kind": "metrics", "source": "cxr_llava", "subject": "reports"}
    label_worlds.imported(study.caseset.collection, METRIC, **upload)
    anya().client.post(reverse("analysis:metrics", args=[study.code]))
    compare_with_grades(MetricAgreement.objects.get().pk)
    # Another that is under way takes nothing from what is there.
    agreement.order(study=study, actor=cora().user)
    page = page_of(study).content.decode()
    assert "Tau over reports" in page and "Tau over reads" in page
    assert f'href="{address}" download' in page

    answer = anya().client.get(address)
    assert answer["Content-Disposition"] == (
        f'attachment; filename="{study.code}-metrics.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    stored = MetricAgreement.objects.newest_done(study).result["metrics"]
    assert [
        (row["metric"], row["source"], row["unit"], row["agreement"]) for row in rows
    ] == [
        (
            each["metric"],
            each["source"] or "all",
            each["unit"],
            "" if each["agreement"] is None else str(each["agreement"]),
        )
        for each in stored
    ]
    green = {row["unit"]: row["n"] for row in rows if row["metric"] == "GREEN"}
    assert green.keys() == {"report", "read"}
    assert int(green["report"]) <= int(green["read"])


def test_new_metrics_make_it_stale():
    study = worlds.closed_study(cases=4)
    anya().client.post(reverse("analysis:metrics", args=[study.code]))
    compare_with_grades(MetricAgreement.objects.get().pk)
    upload = {"kind": "metrics", "source": "cxr_llava", "subject": "reports"}
    label_worlds.imported(study.caseset.collection, METRIC, **upload)
    assert "have changed since" in page_of(study).content.decode()


def test_before_closing_nobody_gets_to_it():
    study = worlds.open_study(cases=4)
    path = reverse("analysis:metrics", args=[study.code])
    for someone in (anya(), cora()):
        assert someone.client.get(path).status_code == 403
        assert someone.client.post(path).status_code == 403
    assert not MetricAgreement.objects.exists()


def test_texts_that_came_after_the_grades_are_not_measured():
    study = worlds.closed_study(cases=4)
    before, inputs = agreement.agreement(study), agreement.inputs_sha256(study)
    texts = [f"Quite another text, number {number}." for number in range(4)]
    label_worlds.reports(study.caseset.collection, "cxr_llava", *texts)
    assert agreement.agreement(study) == before
    assert agreement.inputs_sha256(study) == inputs


def test_metrics_that_came_after_a_newer_report_are_told_of():
    study = worlds.closed_study(cases=4)
    collection = study.caseset.collection
    upload = {"kind": "metrics", "source": "cxr_llava", "subject": "reports"}
    label_worlds.imported(collection, METRIC, **upload)
    assert not [
        each for each in agreement.agreement(study)["warnings"] if "newer" in each
    ]
    label_worlds.reports(collection, "cxr_llava", "Clear lungs.", "Effusion.")
    label_worlds.imported(collection, METRIC.replace(b"GREEN", b"RaTE"), **upload)
    (told,) = [
        each for each in agreement.agreement(study)["warnings"] if "newer" in each
    ]
    assert told == (
        "RaTE of cxr_llava came in when 2 of the graded reports had newer ones: it may "
        "be of texts that nobody graded."
    )


def test_an_order_that_ends_meanwhile_is_given_anew(monkeypatch):
    study = worlds.closed_study(cases=4)
    first = agreement.order(study=study, actor=cora().user)
    label_worlds.ends_when_looked_for(monkeypatch, first)
    second = agreement.order(study=study, actor=cora().user)
    assert (second.is_unfinished, second == first) == (True, False)


def test_who_asks_meanwhile_waits_for_the_same_and_the_page_polls():
    study = worlds.closed_study(cases=4)
    first = agreement.order(study=study, actor=cora().user)
    assert agreement.order(study=study, actor=cora().user) == first
    url = reverse("analysis:metrics", args=[study.code])
    asks = {"headers": {"HX-Request": "true"}}
    assert anya().client.get(url, **asks).status_code == 204
    compare_with_grades(first.pk)
    assert anya().client.get(url, **asks)["HX-Refresh"] == "true"
    assert "HX-Refresh" not in anya().client.get(url)


def test_a_worker_that_lost_the_work_to_another_stores_nothing():
    study = worlds.closed_study(cases=4)
    job = agreement.order(study=study, actor=cora().user)
    claimed = leases.claim(MetricAgreement, id=job.pk, worker="one")
    MetricAgreement.objects.update(lease_token="of another")
    agreement.do(claimed)
    job.refresh_from_db()
    assert (job.status, job.result) == ("running", None)


def test_a_study_without_an_arm_of_the_reference_takes_its_current_texts():
    """As one that was frozen before every study had to mark an arm."""
    study = worlds.closed_study(cases=4)
    with lifted("studies_arm"):
        study.arm_set.update(is_reference=False)
    found = agreement.agreement(study)
    assert "ROUGE-L" in {row["metric"] for row in found["metrics"]}
    Source.objects.filter(name="ground_truth").update(name="somewhere")
    with pytest.raises(ValueError, match="There is nothing to compare with the grades"):
        agreement.agreement(study)


def test_a_metric_that_the_site_computes_itself_is_not_taken_from_a_file():
    study = worlds.closed_study(cases=4)
    upload = {"kind": "metrics", "source": "cxr_llava", "subject": "reports"}
    made = study.caseset.collection
    before = agreement.agreement(study)
    label_worlds.imported(made, b"case,ROUGE-L\nCXR1,0.9\nCXR2,0.1\n", **upload)
    assert agreement.agreement(study)["metrics"] == before["metrics"]


def test_of_two_files_of_a_metric_the_newer_one_counts():
    study = worlds.closed_study(cases=4)
    made = study.caseset.collection
    upload = {"kind": "metrics", "source": "cxr_llava", "subject": "reports"}
    label_worlds.imported(made, METRIC, **upload)
    label_worlds.imported(made, METRIC.replace(b"0.9", b"0.2"), **upload)
    source = Source.objects.get(name="cxr_llava")
    ((table, values),) = newest_metrics(made, source).values()
    assert table == MetricTable.objects.latest("pk")
    assert values["CXR1"] == 0.2
