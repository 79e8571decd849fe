"""Cora reviews the texts of a collection and answers for it; the freeze asks for it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.cases.deidentification import covering
from readerstudy.cases.deidentification.models import LookedAt, TextRegion, TextScan
from readerstudy.cases.models import Case, Image
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.services import freeze
from readerstudy.reports.models import Report
from readerstudy.reports.review import services
from readerstudy.reports.review.models import SignOff, TextReview
from readerstudy.reports.review.services import sign_off, standing_of
from readerstudy.reports.services import UploadedReport, source_named, store_reports
from tests import worlds
from tests.people import cora, join, person

pytestmark = pytest.mark.django_db
REASON = {"without_scan": "Drawn by a program."}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def collection():
    return worlds.collection(cases=3, is_signed=False)


def page(name, collection, **form):
    path = reverse(f"reports:review:{name}", args=[collection.name])
    client = cora().client
    return client.post(path, form) if form else client.get(path)


def upload(collection, text, code="CXR1", source="ground_truth"):
    case = Case.objects.get(collection=collection, code=code)
    store_reports(
        source=source_named(source),
        cases={code: case},
        uploads=[UploadedReport(code, text=text)],
        actor=None,
        origin="more.csv",
    )


def search_is_over(collection):
    for image in Image.objects.filter(case__collection=collection):
        of_frame = {"image": image, "frame_sha256": image.frame_sha256}
        TextScan.objects.update_or_create(**of_frame, defaults={"status": "done"})
        LookedAt.objects.get_or_create(**of_frame, defaults={"by": cora().user})


def test_nothing_is_signed_before_it_was_searched_and_looked_at(collection):
    with pytest.raises(ValidationError) as refusal:
        sign_off(collection=collection, actor=cora().user)
    assert refusal.value.messages == [
        "3 of 3 images were not searched for burned-in text. Have them searched, or "
        "say why that is not needed.",
        "Look at 3 of 3 images.",
    ]
    search_is_over(collection)
    signed = sign_off(collection=collection, actor=cora().user)
    assert signed.state["searched"] == signed.state["looked_at"] == 3
    assert standing_of(collection).is_fresh
    assert Event.objects.filter(verb="collection.signed_off").exists()


def test_a_reason_stands_in_for_the_search_and_is_told_at_the_freeze(collection):
    answer = page("sign_off", collection, statement="Drawn.", is_sure="on", **REASON)
    assert answer.status_code == 302
    sentence = standing_of(collection).sentence
    assert "without a search for burned-in text: Drawn by a program." in sentence
    assert "Drawn by a program" in page("sign_off", collection).content.decode()


def test_no_reason_stands_in_for_a_decision(collection):
    image = Image.objects.first()
    TextRegion.objects.create(
        **{"image": image, "frame_sha256": image.frame_sha256, "place": "border"},
        **{"left": 0, "top": 0, "width": 3, "height": 3},
    )
    answer = page("sign_off", collection, statement="Drawn.", is_sure="on", **REASON)
    assert "Decide on 1 regions" in answer.content.decode()
    assert not SignOff.objects.exists()


@pytest.mark.parametrize("reason", [{}, REASON])
def test_nothing_is_signed_while_a_region_waits_to_be_blanked(collection, reason):
    search_is_over(collection)
    image, cora_herself = Image.objects.first(), cora().user
    region = covering.add_region(
        image=image, actor=cora_herself, left=0, top=0, width=3, height=3
    )
    with pytest.raises(ValidationError, match="1 regions are marked to be blanked"):
        sign_off(collection=collection, actor=cora_herself, **reason)
    image.refresh_from_db()
    covering.confirm(
        image=image,
        actor=cora_herself,
        decisions={region.pk: "blank"},
        frame_sha256=image.frame_sha256,
    )
    search_is_over(collection)
    sign_off(collection=collection, actor=cora_herself, **reason)


@pytest.mark.parametrize(
    "what",
    [
        *("image", "frame", "text", "indication", "decision"),
        *("look", "view", "prior", "read"),
    ],
)
def test_whatever_comes_in_or_changes_later_makes_it_stale(collection, what):
    search_is_over(collection)
    worlds.signed_off(collection)
    image = Image.objects.first()
    match what:
        case "look":
            region = covering.add_region(
                image=image, actor=cora().user, left=0, top=0, width=3, height=3
            )
            covering.remove_region(image=image, actor=cora().user, region_id=region.pk)
        case "view":
            Image.objects.filter(pk=image.pk).update(view="lateral")
        case "prior":
            Image.objects.filter(pk=image.pk).update(is_prior=True)
        case "read":
            Case.objects.filter(pk=image.case_id).update(image=None)
        case "image":
            worlds.store_image(
                case=image.case,
                name="further.png",
                frame=worlds.keep_frame(worlds.radiograph(77)),
                view="frontal",
                source_sha256="7" * 64,
            )
        case "frame":
            Image.objects.filter(pk=image.pk).update(frame_sha256="f" * 64)
        case "text":
            upload(collection, "The heart is large.")
        case "indication":
            Case.objects.filter(pk=image.case_id).update(indication="Fall.")
        case "decision":
            TextRegion.objects.create(
                **{"image": image, "frame_sha256": image.frame_sha256},
                **{"left": 0, "top": 0, "width": 3, "height": 3, "place": "border"},
            )
    assert not standing_of(collection).is_fresh
    assert "has changed since" in standing_of(collection).sentence


def test_a_sign_off_is_never_altered_or_deleted(collection):
    worlds.signed_off(collection)
    with pytest.raises(DatabaseError), transaction.atomic():
        SignOff.objects.update(statement="Another.")
    with pytest.raises(DatabaseError), transaction.atomic():
        SignOff.objects.all().delete()


def test_a_study_is_frozen_only_with_a_sign_off_that_holds():
    study = worlds.draft_study()
    made = study.caseset.collection
    upload(made, "The heart is large.")
    told = [check.sentence for check in checklist(study) if not check.done]
    assert any("phantoms was signed off by Cora" in sentence for sentence in told)
    with pytest.raises(ValidationError, match="sign again"):
        freeze(study=study, actor=cora().user)
    worlds.signed_off(made)
    told = [check.sentence for check in checklist(study) if not check.done]
    assert not any("signed off" in sentence for sentence in told)


def test_the_collection_of_practice_cases_is_signed_too():
    study = worlds.draft_study()
    practice = worlds.practice_case(study)
    upload(practice.report.case.collection, "Another text.", practice.report.case.code)
    told = [check.sentence for check in checklist(study) if not check.done]
    assert any("to-practise-on" in sentence for sentence in told)


def test_findings_are_shown_in_context_and_passed_kind_by_kind(collection):
    upload(collection, "No change. Discussed with Dr. Miller at 3:45 pm.")
    text = page("texts", collection).content.decode()
    assert "<mark>Dr. Miller</mark>" in text and "<mark>3:45 pm" in text
    assert "No change. Discussed with" in text
    form = {"source": "ground_truth", "kind": "name"}
    digest = text.split('name="kind" value="name">')[1].split('value="')[1][:64]
    page("looked_at", collection, **form, digest="0" * 64)
    assert not TextReview.objects.exists()
    page("looked_at", collection, **form, digest=digest)
    assert TextReview.objects.get().findings == 1
    upload(collection, "Reviewed by Dr. Jones.", "CXR2")
    after = page("texts", collection).content.decode()
    assert "Names of people: looked at, nothing to do" in after  # asked for again


def test_findings_that_nobody_looked_at_warn_before_the_freeze():
    study = worlds.draft_study()
    made = study.caseset.collection
    upload(made, "Discussed with Dr. Miller.")
    worlds.signed_off(made)
    warned = [check.sentence for check in checklist(study) if check.warns]
    assert any(sentence.startswith("1 finding") for sentence in warned)


def test_whoever_reads_an_open_study_with_these_cases_does_not_see_the_sources():
    study = worlds.open_study()
    carla = person("Carla", may_create_studies=True)
    path = reverse("reports:review:texts", args=["phantoms"])
    assert carla.client.get(path).status_code == 200
    join(study, carla, "reader", "R9")
    assert carla.client.get(path).status_code == 403
    sign = reverse("reports:review:sign_off", args=["phantoms"])
    shown = carla.client.get(sign).content.decode()
    assert "cxr_llava" not in shown and "ground_truth" not in shown
    worlds.close(study)
    assert carla.client.get(path).status_code == 200


def test_the_site_changes_no_text(collection):
    before = list(Report.objects.order_by("pk").values())
    page("texts", collection)
    worlds.signed_off(collection)
    assert list(Report.objects.order_by("pk").values()) == before


def test_what_changes_while_it_is_read_is_not_signed(collection, monkeypatch):
    """All is read before the transaction, in which nobody else could write."""
    search_is_over(collection)
    read = services.reviewed

    def reading(found):
        assert len(connection.savepoint_ids) == outside
        upload(collection, "A report that comes in at this moment.")
        return read(found)

    outside = len(connection.savepoint_ids)
    monkeypatch.setattr(services, "reviewed", reading)
    with pytest.raises(ValidationError, match="has changed while it was looked"):
        sign_off(collection=collection, actor=cora().user)
    assert not SignOff.objects.exists()
