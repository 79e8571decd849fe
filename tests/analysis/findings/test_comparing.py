"""Comparisons of labels: computed by a worker, stored with what they saw."""

import io
import json
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from inference.chexpert import FINDINGS
from readerstudy.analysis.findings import comparing
from readerstudy.analysis.findings.forms import limits_in_words
from readerstudy.analysis.findings.models import FindingsJob, FindingsRun
from readerstudy.analysis.findings.tasks import compare
from readerstudy.audit.models import Event
from readerstudy.studies.lifecycle.unblinding import unblind
from readerstudy.work import leases
from tests import label_worlds, worlds
from tests.lifted import lifted
from tests.people import anya, cora, person, rosa

pytestmark = pytest.mark.django_db
TRUTH = (
    "Large pleural effusion. No edema.",
    "No pleural effusion. Pulmonary edema.",
    "Small pleural effusion.",
    "No pleural effusion.",
)
MODEL = (
    "Large pleural effusion. No edema.",
    "No pleural effusion. No edema.",
    "No pleural effusion.",
    "Pleural effusion.",
)


@pytest.fixture
def collection():
    made = worlds.collection(cases=4)
    label_worlds.reports(made, "ground_truth", *TRUTH)
    label_worlds.reports(made, "cxr_llava", *MODEL)
    return made


def page_of(run, **query):
    path = reverse("analysis:findings:run", args=[run.pk])
    return cora().client.get(path, query).content.decode()


def score_of(run, label):
    (found,) = [each for each in run.results["scores"] if each["label"] == label]
    return found


def test_cora_asks_a_worker_computes_and_the_page_goes_on(sets):
    reference, predicted = sets
    path = reverse("analysis:findings:new", args=["phantoms"])
    form = {
        "preset": "report_to_report_indiana",
        "reference": reference.pk,
        "predicted": [predicted.pk],
        "minimum_count": 1,
        "draws": 100,
        "seed": 0,
        "texts": "on",
    }
    page = cora().client.post(path, form, follow=True).content.decode()
    assert "The comparison is being computed" in page
    job = FindingsJob.objects.get()
    polled = reverse("analysis:findings:job", args=[job.pk])
    seen = {"seen": "queued-0-False"}
    assert cora().client.get(polled, seen).status_code == 204
    compare(job.pk)
    answer = cora().client.get(polled, seen)
    run = FindingsRun.objects.get()
    assert answer["HX-Redirect"] == reverse("analysis:findings:run", args=[run.pk])
    assert list(run.predicted.all()) == [predicted]
    verbs = Event.objects.filter(verb__startswith="findings.").order_by("pk")
    assert [each.verb for each in verbs] == ["findings.queued", "findings.computed"]


def test_the_counts_are_those_of_the_definite_pairs(sets):
    run = label_worlds.compared(*sets)
    found = score_of(run, "Pleural Effusion")
    assert [found[cell] for cell in ("tp", "fp", "fn", "tn")] == [1, 1, 1, 1]
    assert found["f1"]["value"] == 0.5
    page = page_of(run)
    assert "Macro-averaged F1" in page
    assert "Policy definite_joint" in page


def test_the_papers_rows_stand_beside_and_can_be_hidden(sets):
    run = label_worlds.compared(*sets)
    assert "Quoted from the paper" in page_of(run)
    assert "Quoted from the paper" not in page_of(run, published="off")


def test_texts_are_measured_and_metrics_made_elsewhere_stand_beside(collection, sets):
    content = b"case,RadGraph-F1\nCXR1,0.5\nCXR2,0.25\n"
    label_worlds.imported(
        collection, content, kind="metrics", source="cxr_llava", subject="reports"
    )
    run = label_worlds.compared(*sets)
    rows = {each["metric"]: each for each in run.metrics["rows"]}
    assert rows["RadGraph-F1"]["mean"] == 0.375
    assert rows["RadGraph-F1"]["origin"] == "labels.csv"
    assert rows["ROUGE-L"]["n"] == 4
    assert "RadGraph-F1" in page_of(run)


def test_a_comparison_goes_stale_and_is_computed_anew_on_the_newest_labels(
    collection, sets
):
    run = label_worlds.compared(*sets)
    assert comparing.changes_since(run) == []
    label_worlds.reports(collection, "cxr_llava", "No pleural effusion.")
    (changed,) = comparing.changes_since(run)
    assert "1 report has changed since." in changed
    assert "This comparison is out of date." in page_of(run)

    newer = label_worlds.labels(collection, "cxr_llava")
    (changed,) = comparing.changes_since(run)
    assert f"there are newer labels, {newer.name}" in changed
    cora().client.post(reverse("analysis:findings:again", args=[run.pk]))
    compare(FindingsJob.objects.latest("pk").pk)
    latest = FindingsRun.objects.latest("pk")
    assert list(latest.predicted.all()) == [newer]
    assert comparing.changes_since(latest) == []


def test_two_rules_stand_side_by_side_in_the_list(sets):
    label_worlds.compared(*sets)
    label_worlds.compared(*sets, policy="uncertain_as_positive")
    path = reverse("analysis:findings:collection", args=["phantoms"])
    page = cora().client.get(path).content.decode()
    assert "Definite on both sides (the paper)" in page
    assert "Uncertain is present, not mentioned is absent" in page


def test_human_readers_get_a_mean(collection):
    images = b"study_id,Edema\nCXR1,1\nCXR2,0\nCXR3,1\nCXR4,0\n"
    reference = label_worlds.imported(collection, images, name="images")
    readers = [
        label_worlds.imported(
            collection,
            f"study_id,Edema\nCXR1,1\nCXR2,{wrong}\nCXR3,1\nCXR4,0\n".encode(),
            subject="reader",
            name=f"R{wrong + 1}",
            labeler=f"R{wrong + 1}",
        )
        for wrong in (0, 1)
    ]
    run = label_worlds.compared(reference, *readers, preset="readers_to_image")
    assert any(each["is_reader_mean"] for each in run.results["models"])
    assert run.results["unlike_preset"] == []


def test_a_label_set_is_not_compared_with_itself(sets):
    with pytest.raises(ValidationError, match="cannot be compared with itself"):
        comparing.order(
            collection=sets[0].collection,
            asked=label_worlds.asked(sets[0], sets[0]),
            actor=cora().user,
        )


def test_labels_of_no_common_case_fail_with_a_sentence(collection):
    first = label_worlds.imported(collection, b"study_id,Edema\nCXR1,1\n", name="a")
    other = label_worlds.imported(collection, b"study_id,Edema\nCXR2,1\n", name="b")
    job = comparing.order(
        collection=collection, asked=label_worlds.asked(first, other), actor=None
    )
    compare(job.pk)
    job.refresh_from_db()
    assert job.failure and "Traceback" not in job.failure
    page = cora().client.get(reverse("analysis:findings:job", args=[job.pk]))
    assert page.status_code == 200


def test_everything_can_be_taken_away_as_one_zip(sets):
    run = label_worlds.compared(*sets)
    path = reverse("analysis:findings:file", args=[run.pk, "findings.zip"])
    packed = ZipFile(io.BytesIO(cora().client.get(path).content))
    names = set(packed.namelist())
    assert {
        "findings.json",
        "findings.csv",
        "findings.tex",
        "findings.docx",
        "figures/findings.svg",
        "metrics.csv",
        "asked.json",
        "labels/reference.csv",
        "labels/compared-1.csv",
        "evidence/reference.csv",
    } <= names
    assert json.loads(packed.read("findings.json")) == run.results
    svg = reverse("analysis:findings:file", args=[run.pk, "figures/findings.svg"])
    assert cora().client.get(svg)["Content-Type"] == "image/svg+xml"
    no_kind = "figures/findings.csv"
    for name in ("nothing.csv", "figures/nothing.svg", no_kind, "nothing"):
        missing = reverse("analysis:findings:file", args=[run.pk, name])
        assert cora().client.get(missing).status_code == 404


def test_no_plot_is_offered_where_every_score_is_undefined(collection, sets):
    assert "figures/findings.svg" in page_of(label_worlds.compared(*sets))
    denied = b"study_id,Edema\nCXR1,0\nCXR2,0\n"
    both = [label_worlds.imported(collection, denied, name=name) for name in "ab"]
    run = label_worlds.compared(*both, minimum_count=0)
    (edema,) = [row for row in run.results["scores"] if row["label"] == "Edema"]
    assert edema["f1"]["value"] is None
    assert "figures/findings.svg" not in page_of(run)


def test_where_the_limits_leave_nothing_the_page_says_what_to_do(sets):
    """Cora compares four cases by the limits of the paper, which wants ten of each."""
    left_out = '<a href="#panel-findings_labels">Why each label is left out</a>'
    folded = '<details class="disclosure">'
    page = page_of(label_worlds.compared(*sets))
    assert left_out not in page and folded in page

    run = label_worlds.compared(*sets, minimum_count=10)
    page = page_of(run)
    assert "No label is left for an average" in page
    assert left_out in page and 'id="panel-findings_labels"' in page
    assert "Fewer than 10 positive" in page
    path = reverse("analysis:findings:new", args=["phantoms"])
    link = f'<a href="{path}?like={run.pk}">compare by lower limits</a>'
    assert f"too rare, {link} than at least 10 studies." in page
    # What stands behind the scores is all there is, so nobody has to unfold it.
    assert folded not in page
    assert '<details class="disclosure" open>' in page


def test_who_may_compare_nothing_is_told_who_can(sets):
    study = worlds.open_study()
    run = label_worlds.compared(*sets, minimum_count=10)
    unblind(study=study, actor=cora().user, reason="Safety.", typed_code=study.code)
    path = reverse("analysis:findings:run", args=[run.pk])
    page = anya().client.get(path).content.decode()
    assert "a coordinator of the site can compare by lower limits than" in page
    assert "?like=" not in page


def test_without_limits_none_are_to_be_lowered(collection):
    """The one column that a file has is the one that the other lacks."""
    both = [
        label_worlds.imported(
            collection, f"study_id,{each}\nCXR1,1\n".encode(), name=each
        )
        for each in ("Edema", "Fracture")
    ]
    page = page_of(label_worlds.compared(*both, minimum_count=0))
    assert "Why each label is left out" in page and "lower limits" not in page


def test_a_comparison_is_never_altered(sets):
    run = label_worlds.compared(*sets)
    with pytest.raises(DatabaseError), transaction.atomic():
        FindingsRun.objects.filter(pk=run.pk).update(results={})


def test_who_reads_the_cases_sees_no_label_even_as_a_coordinator(collection):
    reader = person("Ruth", may_create_studies=True)
    study = worlds.open_study(readers=[reader, rosa()])
    made = label_worlds.labels(collection)
    run = label_worlds.compared(made, label_worlds.labels(collection, "cxr_llava"))
    paths = [
        reverse("analysis:findings:collection", args=["phantoms"]),
        reverse("analysis:findings:run", args=[run.pk]),
        reverse("analysis:findings:file", args=[run.pk, "findings.csv"]),
        reverse("reports:labels:label_set", args=[made.pk]),
        reverse("reports:labels:file", args=[made.pk, "labels"]),
        reverse("analysis:findings:new", args=["phantoms"]),
    ]
    for someone in (reader, rosa()):
        for path in paths:
            assert someone.client.get(path).status_code == 403, path
    worlds.close(study)
    assert reader.client.get(paths[0]).status_code == 200
    assert rosa().client.get(paths[0]).status_code == 403


def test_an_analyst_sees_texts_by_source_once_the_results_are_open(collection):
    study = worlds.open_study()
    made = label_worlds.labels(collection)
    run = label_worlds.compared(made, label_worlds.labels(collection, "cxr_llava"))
    paths = [
        reverse("analysis:findings:collection", args=["phantoms"]),
        reverse("analysis:findings:run", args=[run.pk]),
        reverse("reports:labels:label_set", args=[made.pk]),
        reverse("reports:labels:file", args=[made.pk, "evidence"]),
    ]
    for path in paths:
        refused = anya().client.get(path)
        assert refused.status_code == 403, path
    assert "once its results are open" in refused.content.decode()
    unblind(study=study, actor=cora().user, reason="Safety.", typed_code=study.code)
    for path in paths:
        assert anya().client.get(path).status_code == 200, path


def test_compared_sets_of_one_title_go_by_their_names(collection, sets):
    labels = json.dumps(dict.fromkeys(FINDINGS, 0) | {"Edema": 1})
    lines = [{"image": f"CXR{number}", "text": labels} for number in range(1, 5)]
    content = "\n".join(map(json.dumps, lines)).encode()
    answers = label_worlds.imported(
        collection, content, kind="answers", name="cxr_llava"
    )
    run = label_worlds.compared(sets[0], sets[1], answers)
    named = {each["name"] for each in run.results["models"]}
    assert named == {sets[1].name, "cxr_llava"}


def test_a_comparison_that_ends_meanwhile_is_asked_for_anew(sets, monkeypatch):
    asked = {"asked": label_worlds.asked(*sets), "actor": cora().user}
    first = comparing.order(collection=sets[0].collection, **asked)
    label_worlds.ends_when_looked_for(monkeypatch, first)
    second = comparing.order(collection=sets[0].collection, **asked)
    assert (second.is_unfinished, second == first) == (True, False)


def test_the_first_steps_are_explained():
    worlds.Collection.objects.create(name="empty")
    path = reverse("analysis:findings:collection", args=["empty"])
    assert "No reports yet" in cora().client.get(path).content.decode()
    path = reverse("analysis:findings:new", args=["empty"])
    assert "Two label sets are needed" in cora().client.get(path).content.decode()


def order(*sets, collection=None, **rules):
    return comparing.order(
        collection=collection or sets[0].collection,
        asked=label_worlds.asked(*sets, **rules),
        actor=cora().user,
    )


def test_label_sets_of_this_collection_are_compared_under_a_known_preset(sets):
    elsewhere = worlds.collection("elsewhere", cases=4)
    for wrong, said in (
        ({"collection": elsewhere}, "Choose label sets of this collection"),
        ({"preset": "of_tomorrow"}, "Choose one of the presets"),
        ({"minimum_share": 7.0}, "share"),
    ):
        with pytest.raises(ValidationError, match=said):
            order(*sets, **wrong)
    with pytest.raises(ValidationError, match="Choose label sets of this collection"):
        order(sets[0])
    assert not FindingsJob.objects.exists()


def test_who_asks_the_same_meanwhile_waits_for_the_same(sets):
    first = order(*sets)
    assert order(*sets) == first
    assert Event.objects.filter(verb="findings.queued").count() == 1


def test_a_worker_that_lost_a_comparison_to_another_stores_nothing(sets):
    job = order(*sets)
    claimed = leases.claim(FindingsJob, id=job.pk, worker="one")
    FindingsJob.objects.update(lease_token="of another")
    comparing.do(claimed)
    job.refresh_from_db()
    assert (job.status, job.run) == ("running", None)
    assert not FindingsRun.objects.exists()


def test_metrics_and_software_that_came_later_make_it_stale(collection, sets):
    run = label_worlds.compared(*sets)
    label_worlds.imported(
        collection,
        b"case,GREEN\nCXR1,0.5\n",
        kind="metrics",
        source="cxr_llava",
        subject="reports",
    )
    run.version = "0.0.1 r1"
    changes = comparing.changes_since(run)
    assert changes[0] == "1 table of metrics came in."
    assert changes[1].startswith("It was computed by version 0.0.1 r1; this is ")


def test_labels_from_a_file_stand_without_evidence_and_go_stale_with_nothing(
    collection,
):
    truth = b"study_id,Edema\nCXR1,1\nCXR2,0\nCXR3,1\nCXR4,0\n"
    first = label_worlds.imported(collection, truth, name="a")
    second = label_worlds.imported(collection, truth, name="b")
    run = label_worlds.compared(first, second)
    assert comparing.newer_than(first) is None
    assert comparing.changes_since(run) == []
    path = reverse("analysis:findings:file", args=[run.pk, "findings.zip"])
    packed = ZipFile(io.BytesIO(cora().client.get(path).content))
    assert "labels/reference.csv" in packed.namelist()
    assert not [name for name in packed.namelist() if name.startswith("evidence/")]
    assert "metrics.csv" not in packed.namelist()
    assert "Metrics of the texts" not in page_of(run)
    none = reverse("analysis:findings:file", args=[run.pk, "metrics.csv"])
    assert cora().client.get(none).status_code == 404


def test_the_metrics_of_the_texts_are_a_file_of_their_own(sets):
    run = label_worlds.compared(*sets)
    path = reverse("analysis:findings:file", args=[run.pk, "metrics.csv"])
    rows = cora().client.get(path).content.decode().splitlines()
    assert rows[0].startswith("source,case,") and len(rows) == 1 + 4


def test_a_comparison_is_asked_for_again_as_an_earlier_one_was(sets):
    run = label_worlds.compared(*sets, minimum_share=0.05, minimum_count=0)
    path = reverse("analysis:findings:new", args=["phantoms"])
    answer = cora().client.get(path, {"like": run.pk})
    initial = answer.context["form"].initial
    assert (initial["minimum_share"], initial["predicted"]) == (5, [sets[1].pk])
    assert limits_in_words(run.asked) == "at least 5%"


def test_a_done_job_leads_to_what_came_of_it(sets):
    run = label_worlds.compared(*sets)
    job = reverse("analysis:findings:job", args=[FindingsJob.objects.get().pk])
    answer = cora().client.get(job)
    assert answer.url == reverse("analysis:findings:run", args=[run.pk])


def test_what_this_version_does_not_know_is_not_computed_anew(sets):
    """A preset of another version stands in what was asked."""
    run = label_worlds.compared(*sets)
    job = FindingsJob.objects.get()
    asked = run.asked | {"preset": "of_yesterday"}
    with lifted("analysis_findingsrun"):
        FindingsRun.objects.update(asked=asked)
    FindingsJob.objects.update(asked=asked)
    for name, row, place in (
        ("again", run, reverse("analysis:findings:run", args=[run.pk])),
        ("retry", job, reverse("analysis:findings:collection", args=["phantoms"])),
    ):
        url = reverse(f"analysis:findings:{name}", args=[row.pk])
        answer = cora().client.post(url)
        assert answer.url == place
    assert FindingsJob.objects.count() == 1
