"""Cora scores findings: label, bring labels in, compare, look, take it away."""

import zipfile
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from readerstudy.analysis.findings import agreement, tasks
from readerstudy.analysis.findings.models import (
    FindingsJob,
    FindingsRun,
    MetricAgreement,
)
from readerstudy.reports.labels import importing
from readerstudy.reports.labels.models import (
    Labelling,
    LabelSet,
    LabelStoring,
    LabelUpload,
)
from readerstudy.reports.labels.tasks import label, store_labels
from tests import label_worlds, worlds
from tests.browser.test_session import violations, wear_session
from tests.browser.visits import watched_visit
from tests.people import anya, cora

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(seconds=15)]
TRUTH = (
    "Large pleural effusion. No edema.",
    "No pleural effusion. Pulmonary edema.",
    "Possible small pleural effusion.",
    "No pleural effusion.",
)
MODEL = (
    "Large pleural effusion. No edema.",
    "No pleural effusion. No edema.",
    "No pleural effusion.",
    "Pleural effusion.",
)
IMAGES = b"study_id,Edema,Pleural Effusion\nCXR1,0,1\nCXR2,1,0\nCXR3,0,1\nCXR4,0,0\n"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def page(chromium: Browser, live_server) -> Iterator[Page]:
    with watched_visit(chromium, live_server.url, width=1280, height=900) as page:
        yield page


@pytest.fixture
def collection():
    made = worlds.collection(cases=4)
    label_worlds.reports(made, "ground_truth", *TRUTH)
    label_worlds.reports(made, "cxr_llava", *MODEL)
    return made


def test_cora_labels_brings_in_compares_looks_and_takes_it_away(
    page, live_server, collection, tmp_path
):
    wear_session(page, cora().client, live_server)
    page.goto(reverse("cases:collection", args=["phantoms"]))
    page.get_by_role("link", name="Findings", exact=True).click()

    for source in ("ground_truth", "cxr_llava"):
        page.get_by_role("button", name=f"Label the reports of {source}").click()
        expect(page.get_by_text("0 of 4")).to_be_visible()
        label(Labelling.objects.latest("pk").pk)
        # The page asks by itself, and shows what came.
        expect(page.get_by_text("0 of 4")).to_have_count(0)
    expect(page.get_by_text("up to date")).to_have_count(2)

    page.get_by_role("link", name="Bring in labels or metrics").click()
    file = {"name": "images.csv", "mimeType": "text/csv", "buffer": IMAGES}
    page.get_by_label("File", exact=True).set_input_files(files=[file])
    page.get_by_label("What was labelled").select_option("The radiographs")
    page.get_by_label("Labelled by").fill("two radiologists")
    page.get_by_role("button", name="Upload and look").click()
    assert LabelSet.objects.count() == 2
    page.get_by_role("button", name="Store 4 cases").click()
    assert LabelSet.objects.count() == 3

    page.get_by_role("link", name="ground_truth,").first.click()
    page.get_by_role("link", name="Pleural Effusion", exact=True).click()
    first = page.locator("mark.said-positive").nth(1)
    expect(first).to_contain_text("effusion")
    page.get_by_role("link", name="Back to the findings").click()

    page.get_by_role("link", name="Compare labels").first.click()
    page.get_by_label("What is compared").select_option("report_to_report_indiana")
    page.get_by_text("Rules, where they differ").click()
    page.get_by_label("Leave out below, studies").fill("1")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("The comparison is being computed")).to_be_visible()
    tasks.compare(FindingsJob.objects.get().pk)
    found = page.get_by_role("region", name="How far they agree")
    expect(found).to_contain_text("Macro-averaged F1")
    expect(page.get_by_role("img")).to_have_js_property("complete", True)
    page.get_by_role("link", name="Hide them").click()
    expect(page.get_by_text("Quoted from the paper")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all").click()
    path = tmp_path / "findings.zip"
    download.value.save_as(path)
    assert "findings.csv" in zipfile.ZipFile(path).namelist()


def test_a_long_file_comes_in_while_cora_waits(
    page, live_server, collection, monkeypatch
):
    monkeypatch.setattr(importing, "AT_ONCE", 3)
    upload = label_worlds.uploaded(collection, IMAGES)
    wear_session(page, cora().client, live_server)
    page.goto(reverse("reports:labels:check", args=[upload.token]))
    page.get_by_role("button", name="Store 4 cases").click()
    expect(page.get_by_text("4 lines wait for a worker")).to_be_visible()
    assert violations(page) == []
    store_labels(LabelStoring.objects.get().pk)
    expect(page.get_by_text("All of it is stored")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="To the findings").click()
    expect(page.get_by_role("link", name="labels", exact=True)).to_be_visible()


def test_metrics_and_grades_stand_whole_in_a_window_of_1280(page, live_server):
    """Anya sees the last column without scrolling to the side."""
    study = worlds.closed_study(cases=4)
    made = study.caseset.collection
    label_worlds.reports(made, "ground_truth", *TRUTH)
    label_worlds.reports(made, "cxr_llava", *MODEL)
    result = agreement.agreement(study)
    bounds = [-0.512, -0.123]
    for row in result["metrics"]:
        row |= {"tau": -0.412, "agreement": -0.412, "message": None}
        row |= {"ci95": bounds, "agreement_ci95": bounds}
    MetricAgreement.objects.create(study=study, status="done", result=result)
    wear_session(page, anya().client, live_server)
    page.goto(reverse("analysis:metrics", args=[study.code]))
    expect(page.get_by_role("columnheader", name="Reads", exact=True)).to_be_visible()
    table = page.locator("#panel-metrics .table-scroll")
    assert table.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_axe_finds_nothing_on_the_pages_of_findings_however_wide_the_window(
    page, live_server
):
    study = worlds.closed_study(cases=4)
    made = study.caseset.collection
    label_worlds.reports(made, "ground_truth", *TRUTH)
    label_worlds.reports(made, "cxr_llava", *MODEL)
    sets = [label_worlds.labels(made, each) for each in ("ground_truth", "cxr_llava")]
    run = label_worlds.compared(*sets)
    label_worlds.reports(made, "cxr_llava", "No pleural effusion.")
    waiting = label_worlds.ordered(made, "cxr_llava")
    upload = label_worlds.uploaded(made, b"study_id,Edema\nCXR1,1\nCXR9,0\nCXR1,2\n")
    job = FindingsJob.objects.create(
        collection=made,
        asked=run.asked,
        asked_sha256="f" * 64,
        step=2,
        doing="scoring",
    )
    MetricAgreement.objects.create(
        study=study, status="done", result=agreement.agreement(study)
    )
    worlds.Collection.objects.create(name="empty")
    pages = {
        cora: [
            reverse("analysis:findings:collection", args=["phantoms"]),
            reverse("analysis:findings:collection", args=["empty"]),
            reverse("analysis:findings:new", args=["phantoms"]),
            reverse("analysis:findings:new", args=["empty"]),
            reverse("analysis:findings:job", args=[job.pk]),
            reverse("analysis:findings:run", args=[run.pk]),
            reverse("reports:labels:label_set", args=[sets[0].pk]),
            reverse("reports:labels:bring_in", args=["phantoms"]),
            reverse("reports:labels:check", args=[upload.token]),
        ],
        anya: [
            reverse("analysis:findings:run", args=[run.pk]),
            reverse("analysis:metrics", args=[study.code]),
        ],
    }
    found: dict[str, list[str]] = {}
    wide: list[str] = []
    for someone, paths in pages.items():
        page.context.clear_cookies()
        wear_session(page, someone().client, live_server)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None and answer.status == 200, path
            found[path] = violations(page)
            page.set_viewport_size({"width": 400, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > 400:
                wide.append(path)
            page.set_viewport_size({"width": 1280, "height": 900})
    assert waiting.is_unfinished
    assert LabelUpload.objects.count() == 1
    assert FindingsRun.objects.count() == 1
    assert {path: each for path, each in found.items() if each} == {}
    assert wide == []
