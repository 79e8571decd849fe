"""The radiographs behind Rosa's slot, also when the server has lost one."""

import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.cases.frame_store import keep_frame, preview_name
from readerstudy.cases.imports import override_image
from readerstudy.cases.models import Case, Image
from readerstudy.cases.services import store_image
from readerstudy.media_store import store
from readerstudy.presentation.models import Slot
from readerstudy.presentation.radiographs import radiographs_of, radiographs_shown
from readerstudy.presentation.viewer_words import viewer_words
from tests import worlds
from tests.lifted import lifted
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
VIEWER = ROOT / "static" / "viewer"
HEAD = ROOT / "templates" / "presentation" / "_viewer_head.html"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def slot():
    return first_slot(worlds.open_study())


@pytest.fixture
def slot_with_others():
    """Of a study that shows what else there is of a case: here there is."""
    study = worlds.draft_study(show_other_images=True)
    for case in Case.objects.of_study(study):
        with_others(case)
    return first_slot(worlds.opened(study))


def first_slot(study):
    return Slot.objects.of_study(study).order_by("position")[0]


def lose(image):
    Path(image.frame_file.path).unlink()


def get(name, slot, number=0):
    return rosa().client.get(reverse(f"api:{name}", args=[slot.public_id, number]))


def add(case, name, *, view, is_prior=False):
    """Store one more image of a case."""
    seed = sum(map(ord, name))
    image = store_image(
        case=case,
        name=name,
        frame=keep_frame(worlds.radiograph(seed)),
        view=view,
        source_sha256=f"{seed:064d}",
        header={"PatientOrientation": ["A", "F"], "ViewPosition": "LL"},
    )
    image.is_prior = is_prior
    image.save()
    return image


def with_others(case):
    """A lateral, a prior and a second frontal image beside the one that is read."""
    add(case, "prior-2019.dcm", view=Image.View.FRONTAL, is_prior=True)
    add(case, "lateral.dcm", view=Image.View.LATERAL)
    add(case, "again.dcm", view=Image.View.FRONTAL)


def test_description_preview_and_frame_belong_together(slot):
    meta = get("image", slot).json()
    frame = np.frombuffer(gzip.decompress(get("frame", slot).content), "<u2")
    preview = np.frombuffer(gzip.decompress(get("preview", slot).content), "<u2")
    assert frame.size == meta["rows"] * meta["columns"]
    size = meta["preview"]
    assert preview.size == size["rows"] * size["columns"]
    assert meta["orientation"] is None


def test_a_study_shows_the_read_radiograph_alone_unless_it_says_otherwise(slot):
    with_others(slot.presented.case)
    assert [each.label for each in radiographs_of(slot)] == ["frontal"]
    assert get("image", slot, 1).status_code == 404


def test_laterals_come_before_priors_and_other_frontals_do_not_come(slot_with_others):
    slot = slot_with_others
    labels = [each.label for each in radiographs_of(slot)]
    assert labels == ["frontal", "lateral", "prior"]
    assert radiographs_of(slot)[0].image == slot.presented.case.image
    for number in range(3):
        for name in ("image", "preview", "frame"):
            assert get(name, slot, number).status_code == 200
    assert get("frame", slot, 3).status_code == 404
    assert get("image", slot, 1).json()["orientation"]["left"] == "P"


def test_what_comes_in_after_the_freeze_is_not_shown(slot_with_others):
    slot = slot_with_others
    add(slot.presented.case, "late.dcm", view=Image.View.LATERAL)
    assert len(radiographs_of(slot)) == 3
    study = slot.reader.study
    for case in study.locked_protocol["cases"]:
        assert len(case["other_frames_sha256"]) == 2


def test_no_answer_names_a_file_a_date_or_a_view(slot_with_others):
    slot = slot_with_others
    for number in range(3):
        said = json.dumps(get("image", slot, number).json())
        assert not re.search(r"dcm|png|2019|CXR|prior|sha|\bview", said, re.IGNORECASE)


def test_a_prior_is_for_comparison_and_never_the_one_that_is_read():
    worlds.collection(cases=2)
    image = Image.objects.order_by("id")[0]
    as_it_is = {"image": image, "actor": cora().user, "view": "frontal"}
    with pytest.raises(ValidationError, match="for comparison only"):
        override_image(**as_it_is, stratum="normal", is_chosen=True, is_prior=True)
    override_image(**as_it_is, stratum="normal", is_chosen=False, is_prior=True)
    image.refresh_from_db()
    assert image.is_prior
    image.case.refresh_from_db()
    assert image.case.image is None


def test_cora_marks_a_prior_on_the_collections_page():
    worlds.collection(cases=2)
    image = Image.objects.order_by("id")[0]
    page = reverse("cases:collection", args=["phantoms"])
    assert b"Prior examination" in cora().client.get(page).content
    answers = {"view": "frontal", "stratum": "normal", "is_prior": "on"}
    cora().client.post(reverse("cases:override", args=[image.pk]), answers)
    image.refresh_from_db()
    assert image.is_prior
    again = cora().client.get(page).content.decode()
    assert re.search(rf'id="prior-{image.pk}"[^>]* checked', again)


def test_a_lost_radiograph_is_named_to_nobody_who_reads(slot):
    lose(slot.presented.case.image)
    answer = get("frame", slot)
    assert answer.status_code == 404
    assert "tell the coordinator" in answer.json()["detail"]
    assert b"CXR" not in answer.content
    # The preview was made at the import and is still there.
    assert get("preview", slot).status_code == 200


def test_a_lost_radiograph_is_a_page_not_found_to_the_coordinator(slot):
    image = slot.presented.case.image
    lose(image)
    # Its preview was made at the import and is still there.
    url = reverse("cases:image", args=[image.pk])
    assert cora().client.get(url).status_code == 200
    store().remove(preview_name(image.frame_sha256))
    assert cora().client.get(url + "?larger").status_code == 404


def test_the_viewer_has_the_same_words_with_and_without_the_page():
    found = re.findall(
        r'^  "([^"]+)": "(.*)",$', (VIEWER / "words.js").read_text(), re.MULTILINE
    )
    assert dict(found) == viewer_words()
    assert len(found) > 40


def test_the_page_asks_for_every_module_of_the_viewer_at_once():
    needed, waiting = set(), {"lightbox.js", "loader.js", "popout.js"}
    while waiting:
        needed |= waiting
        texts = [(VIEWER / name).read_text() for name in waiting]
        found = re.findall(r' from "\./(.+\.js)";', "".join(texts))
        waiting = set(found) - needed
    asked = re.findall(r'modulepreload" href=".*viewer/(.+\.js)', HEAD.read_text())
    assert set(asked) == needed


def test_a_draft_shows_what_there_is_by_now():
    study = worlds.draft_study(show_other_images=True)
    case = Case.objects.of_study(study).first()
    assert len(radiographs_shown(case, study)) == 1
    with_others(case)
    labels = [each.label for each in radiographs_shown(case, study)]
    assert labels == ["frontal", "lateral", "prior"]


def test_a_case_whose_radiograph_is_gone_shows_none(slot):
    with lifted("cases_case"):
        Case.objects.update(image=None)
    assert get("image", slot).status_code == 404
    assert radiographs_of(Slot.objects.get(pk=slot.pk)) == []
