"""Cora asks for a comparison: what the form has chosen, and which preset fits."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.analysis.findings import comparing
from readerstudy.analysis.findings.models import FindingsJob
from tests import label_worlds, worlds
from tests.people import cora

pytestmark = pytest.mark.django_db
TRUTH = ("Large pleural effusion. No edema.", "No pleural effusion. Edema.")
MODEL = ("Large pleural effusion. No edema.", "No pleural effusion. No edema.")


@pytest.fixture
def collection():
    made = worlds.collection(cases=2)
    label_worlds.reports(made, "ground_truth", *TRUTH)
    label_worlds.reports(made, "cxr_llava", *MODEL)
    return made


def shown(run):
    path = reverse("analysis:findings:run", args=[run.pk])
    return cora().client.get(path).content.decode()


def test_the_preset_for_human_readers_is_refused_without_any(sets):
    with pytest.raises(ValidationError, match="add the labels of a reader, or take"):
        comparing.order(
            collection=sets[0].collection,
            asked=label_worlds.asked(*sets, preset="readers_to_image"),
            actor=cora().user,
        )
    assert not FindingsJob.objects.exists()


def test_labels_of_reports_under_the_preset_for_radiographs_are_told_at_the_top(
    collection, sets
):
    """Cora compares reports, and the title says image labels and Table 3."""
    run = label_worlds.compared(*sets, preset="labels_to_image")
    reference, predicted = (
        f"The preset labels_to_image takes {takes}, and was given labels of reports"
        for takes in (
            "labels of radiographs as the reference",
            "answers to the label prompt or labels of radiographs to compare with it",
        )
    )
    page = shown(run)
    for told in (reference, predicted):
        assert f'<p class="message message-warning">{told}' in page
        path = reverse("analysis:findings:file", args=[run.pk, "findings.tex"])
        assert told.replace("_", "\\_") in cora().client.get(path).content.decode()

    answers = json.dumps({"image": "CXR1", "text": json.dumps({"Edema": 1})})
    given = label_worlds.imported(collection, answers.encode(), kind="answers")
    images = label_worlds.imported(
        collection, b"study_id,Edema\nCXR1,1\n", name="images"
    )
    fitting = label_worlds.compared(images, given, preset="labels_to_image")
    assert "and was given" not in shown(fitting)
    turned = label_worlds.compared(given, images, preset="labels_to_image")
    assert "was given answers to the label prompt (" in shown(turned)


def checked_by_default(collection):
    """What the form of a new comparison has chosen: a reference, and what is ticked."""
    path = reverse("analysis:findings:new", args=[collection.name])
    form = cora().client.get(path).context["form"]
    chosen, ticked = (
        [str(option.data["value"]) for option in form[name] if option.data["selected"]]
        for name in ("reference", "predicted")
    )
    return chosen, ticked


def test_the_ground_truth_is_chosen_and_not_ticked_as_well(collection, sets):
    reference, predicted = sets
    assert checked_by_default(collection) == ([str(reference.pk)], [str(predicted.pk)])


def test_without_a_ground_truth_cora_chooses_the_reference(collection):
    made = label_worlds.labels(collection, "cxr_llava")
    label_worlds.imported(collection, b"study_id,Edema\nCXR1,1\n", name="images")
    assert checked_by_default(collection) == ([""], [])
    path = reverse("analysis:findings:new", args=["phantoms"])
    assert '<option value="" selected>Choose a label set' in (
        cora().client.get(path).content.decode()
    )
    form = {"preset": "f1chexbert", "predicted": [made.pk], "draws": 100, "seed": 0}
    said = cora().client.post(path, form).content.decode()
    assert "Choose what is taken for the truth." in said
    said = cora().client.post(path, form | {"reference": made.pk}).content.decode()
    assert "The reference cannot be compared with itself." in said
