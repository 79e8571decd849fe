"""Cora has the blinding audited, reads the number, and accepts it in writing."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.presentation.blinding_audit.models import (
    BlindingAcceptance,
    BlindingAudit,
)
from readerstudy.presentation.blinding_audit.reading.audit import MOST_ARMS
from readerstudy.presentation.blinding_audit.tasks import audit_blinding
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.services import freeze
from readerstudy.studies import services as studies
from readerstudy.studies.models import Study
from readerstudy.work import leases
from tests import worlds
from tests.people import cora, join, nils, person

pytestmark = pytest.mark.django_db
WORDS = "The arms differ in wording; readers guess the source as well."


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def address(study, name="page", *more):
    return reverse(f"presentation:blinding:{name}", args=[study.code, *more])


def audit_check(study):
    (check,) = [
        check for check in checklist(study) if check.tab == "presentation:blinding:page"
    ]
    return check


def changed(study, **layout):
    chosen = {"layout_profile": "even/2", "redaction": "as_written"} | layout
    return studies.choose_layout(study=study, actor=cora().user, **chosen)


def test_from_the_button_to_the_acceptance():
    study = changed(worlds.draft_study())
    client = cora().client
    assert "run it again" not in audit_check(study).sentence
    client.post(
        address(study, "run"), {"layout_profile": "even/2", "redaction": "as_written"}
    )
    assert b"Waiting for a worker" in client.get(address(study)).content
    assert "under way" in audit_check(study).sentence
    audit = BlindingAudit.objects.waiting().get()
    audit_blinding(audit.pk)
    audit.refresh_from_db()
    assert audit.result["cases"] == 6
    page = client.get(address(study)).content.decode()
    assert "too few for a useful number" in page
    assert "Accept the number" in page
    assert not audit_check(study).done
    answer = client.post(address(study), {"audit_id": audit.pk, "text": WORDS})
    assert answer.status_code == 302
    assert audit_check(study).done
    frozen = freeze(study=study, actor=cora().user)
    stored = frozen.protocol["blinding_audit"]
    assert stored["acceptance"] == {"text": WORDS, "author": "cora"}
    assert (stored["auc"], stored["digest"]) == (audit.result["auc"], audit.digest)
    assert frozen.protocol["layout_profile"] == "even/2"
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"blinding.audit_asked", "blinding.audited", "blinding.accepted"} <= verbs
    # The frozen study keeps its page, without anything to press.
    page = client.get(address(study)).content.decode()
    assert WORDS in page
    assert "Run an audit" not in page


def test_without_an_acceptance_there_is_no_freeze():
    study = changed(worlds.draft_study())
    worlds.blinding_audit(study)
    with pytest.raises(ValidationError, match="Accept this in writing"):
        freeze(study=study, actor=cora().user)


def test_too_few_words_are_refused_and_kept_on_the_page():
    study = changed(worlds.draft_study())
    audit = worlds.blinding_audit(study)
    answer = cora().client.post(address(study), {"audit_id": audit.pk, "text": "Fine."})
    page = answer.content.decode()
    assert "at least 20 characters" in page
    assert ">\nFine.</textarea>" in page
    assert not audit_check(study).done


def test_a_number_of_other_texts_cannot_be_accepted():
    study = worlds.draft_study()
    audit = BlindingAudit.objects.get()
    changed(study, redaction="ellipsis")
    with pytest.raises(ValidationError, match="Look at a fresh one"):
        worlds.blinding.accept(
            study=study, actor=cora().user, audit_id=audit.pk, text=WORDS
        )


@pytest.mark.parametrize("change", ["layout", "text", "arm"])
def test_an_acceptance_goes_stale_with_what_was_read(change):
    study = worlds.draft_study()
    assert audit_check(study).done
    made = study.caseset.collection
    if change == "layout":
        study = changed(study)
    elif change == "text":
        case = made.case_set.first()
        worlds.store_reports(
            source=worlds.source_named("ground_truth"),
            cases={case.code: case},
            uploads=[worlds.UploadedReport(case.code, text="Another text.")],
            actor=None,
            origin="mended.csv",
        )
    else:
        worlds.add_reports(made, "another")
        studies.add_arm(
            study=study,
            actor=cora().user,
            label="Another",
            source="another",
            is_reference=False,
        )
    assert not audit_check(study).done


def test_going_back_to_what_was_accepted_needs_no_second_acceptance():
    study = changed(worlds.draft_study())
    assert not audit_check(study).done
    study = changed(study, layout_profile="plain/3")
    assert audit_check(study).done


def test_what_was_found_and_accepted_is_never_altered():
    study = worlds.draft_study()
    accepted = BlindingAcceptance.objects.get()
    for rows, new in (
        (BlindingAudit.objects.all(), {"result": {}}),
        (BlindingAudit.objects.all(), {"digest": "0" * 64}),
        (BlindingAcceptance.objects.all(), {"text": "Other words."}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**new)
    with pytest.raises(DatabaseError), transaction.atomic():
        accepted.delete()
    assert audit_check(study).done


def test_missing_reports_are_named():
    study = worlds.draft_study()
    arm = study.arm_set.get(name="cxr_llava")
    arm.source = "nowhere"
    arm.save()
    assert "there is none yet of CXR-LLaVA" in audit_check(study).sentence
    page = cora().client.get(address(study)).content.decode()
    assert "there is none yet of CXR-LLaVA" in page
    study.arm_set.filter(name="cxr_llava").delete()
    assert "two arms" in audit_check(study).sentence


def test_two_who_ask_at_once_wait_for_one_audit():
    study = changed(worlds.draft_study())
    layout = {"layout_profile": "even/2", "redaction": "ellipsis"}
    asked = {
        worlds.blinding.ask(study=study, actor=cora().user, **layout).pk
        for _ in range(2)
    }
    assert len(asked) == 1


def test_layouts_are_compared_in_one_figure():
    study = changed(worlds.draft_study())
    worlds.blinding_audit(study, auc=0.83, ci95=[0.7, 0.9])
    page = cora().client.get(address(study)).content.decode()
    assert page.count('class="audit-point"') == 2
    assert "Plain, XXXX" in page
    older = BlindingAudit.objects.order_by("id").first()
    assert cora().client.get(address(study, "result", older.pk)).status_code == 200


def test_the_layout_is_looked_at_and_chosen():
    study = worlds.draft_study()
    client = cora().client
    page = client.get(
        address(study, "layout"),
        {"case": "CXR2", "layout_profile": "even/2", "redaction": "ellipsis"},
    ).content.decode()
    assert "Text ground_truth on CXR2." in page
    assert "Take Even for the study" in page
    client.post(
        address(study, "layout"), {"layout_profile": "even/2", "redaction": "ellipsis"}
    )
    study.refresh_from_db()
    assert (study.layout_profile, study.redaction) == ("even/2", "ellipsis")


def test_two_sections_need_both_parts_in_every_report():
    study = changed(worlds.draft_study(), layout_profile="sections/2")
    worlds.accept_blinding(study)
    sentences = [check.sentence for check in checklist(study) if not check.done]
    assert len(sentences) == 1
    assert "12 of the reports have not both findings and impression" in sentences[0]


def test_a_coordinator_who_reads_these_cases_elsewhere_sees_no_audit():
    ravi = person("Ravi")
    worlds.open_study("elsewhere-open", readers=[ravi])
    study = worlds.draft_study("mine")
    join(study, ravi, "coordinator")
    answer = ravi.client.get(address(study))
    assert answer.status_code == 403
    assert b"another coordinator can audit" in answer.content
    # Who reads other cases only may audit.
    join(study, nils(), "coordinator")
    assert nils().client.get(address(study)).status_code == 200


def test_a_study_of_one_case_gets_no_number_and_may_be_frozen_all_the_same():
    study = changed(worlds.draft_study(cases=1, distance=1))
    layout = {"layout_profile": "even/2", "redaction": "as_written"}
    asked = worlds.blinding.ask(study=study, actor=cora().user, **layout)
    audit_blinding(asked.pk)
    sentence = audit_check(study).sentence
    assert "no number, as one case is too few. Accept this in writing" in sentence
    page = cora().client.get(address(study)).content.decode()
    assert "With one case nothing can be learnt and tried on another." in page
    assert 'class="audit-point"' in page, "another layout has a number"
    cora().client.post(address(study), {"audit_id": asked.pk, "text": WORDS})
    frozen = freeze(study=study, actor=cora().user, accepts_warnings=True)
    stored = frozen.protocol["blinding_audit"]
    assert (stored["auc"], stored["status"]) == (None, "no_number")


def test_where_nothing_could_be_drawn_anew_there_is_a_number_without_an_interval():
    study = changed(worlds.draft_study())
    worlds.blinding_audit(study, ci95=None, message="")
    assert "with AUC 0.61. Accept this" in audit_check(study).sentence
    page = cora().client.get(address(study)).content.decode()
    assert "AUC 0.61" in page and "AUC 0.61 (95% CI" not in page


def test_of_three_arms_each_has_its_row_in_the_figure():
    study = worlds.draft_study()
    worlds.add_reports(study.caseset.collection, "another")
    studies.add_arm(
        study=study,
        actor=cora().user,
        label="Another",
        source="another",
        is_reference=False,
    )
    worlds.blinding_audit(study, within_cases=None)
    page = cora().client.get(address(study)).content.decode()
    assert "Another against the rest" in page
    assert page.count('class="audit-point"') == 1 + 3
    assert "Of the two reports of a case" not in page


def test_what_gives_the_arms_away_is_followed_by_advice():
    study = worlds.draft_study()
    told = {"arm": "cxr_llava", "sentence": "All of them do.", "example": "As an AI."}
    kinds = ("model_speech", "removed_words", "template")
    capitals = {"feature": "capitals", "label": "capitals", "arm": "cxr_llava"}
    audit = worlds.blinding_audit(
        study,
        auc=0.9,
        ci95=[0.8, 0.95],
        cases=1200,
        cases_read=1000,
        unsettled=3,
        leaks=[told | {"kind": kind} for kind in kinds],
        styles=[
            capitals
            | {"more": True, "auc": 0.8}
            | {"means": {"cxr_llava": 9.0, "ground_truth": 1.0}}
        ],
    )
    answer = cora().client.get(address(study, "result", audit.pk))
    page = " ".join(answer.content.decode().split())
    for advice in (
        "Some reports say who wrote them.",
        "The layout Even makes most of that even",
        "Marks for removed words stand in one arm alone",
        "An arm repeats sentences over many cases.",
        "1000 of the 1200 cases were read, by lot.",
        "3 of the fits did not settle.",
    ):
        assert advice in page, advice


def test_a_layout_that_is_not_offered_is_not_audited():
    study = worlds.draft_study()
    for wrong in ({"layout_profile": "plain/2"}, {"redaction": "blackened"}):
        layout = {"layout_profile": "even/2", "redaction": "as_written"} | wrong
        with pytest.raises(ValidationError, match="There is no such layout"):
            worlds.blinding.ask(study=study, actor=cora().user, **layout)
    assert BlindingAudit.objects.count() == 1


def test_an_audit_that_lacks_an_arm_is_not_begun():
    study = worlds.draft_study()
    study.arm_set.filter(name="cxr_llava").delete()
    layout = {"layout_profile": "even/2", "redaction": "as_written"}
    answer = cora().client.post(address(study, "run"), layout, follow=True)
    assert "compares the reports of two arms: add an arm" in answer.content.decode()
    assert not BlindingAudit.objects.unfinished().exists()


def test_more_arms_than_an_audit_reads_are_too_many():
    study = worlds.draft_study()
    for number in range(3, MOST_ARMS + 2):
        name = f"arm-{number}"
        study.arm_set.create(position=number, name=name, label=name, source=name)
    assert audit_check(study).sentence == "The blinding audit reads at most 12 arms."


def test_a_worker_that_lost_an_audit_to_another_stores_nothing():
    study = changed(worlds.draft_study())
    layout = {"layout_profile": "even/2", "redaction": "as_written"}
    asked = worlds.blinding.ask(study=study, actor=cora().user, **layout)
    claimed = leases.claim(BlindingAudit, id=asked.pk, worker="one")
    BlindingAudit.objects.filter(pk=asked.pk).update(lease_token="of another")
    assert worlds.blinding.finish(claimed, digest="d", result={"auc": 0.5}) is None
    asked.refresh_from_db()
    assert (asked.status, asked.result) == ("running", None)


def test_an_audit_that_failed_is_to_be_run_again():
    study = changed(worlds.draft_study())
    layout = {"layout_profile": "even/2", "redaction": "as_written"}
    asked = worlds.blinding.ask(study=study, actor=cora().user, **layout)
    claimed = leases.claim(BlindingAudit, id=asked.pk, worker="one")
    leases.fail(claimed, reason="No memory was left.", for_good=True)
    check = audit_check(study)
    assert (check.done, check.sentence) == (
        False,
        "The blinding audit failed; run it again.",
    )


def test_a_draft_with_a_former_layout_has_to_choose_the_newer_one():
    study = worlds.draft_study()
    Study.objects.filter(pk=study.pk).update(layout_profile="plain/2")
    study.refresh_from_db()
    worlds.add_reports(study.caseset.collection, "another")
    told = [check.sentence for check in checklist(study) if not check.done]
    assert any("The layout plain/2 may take a number" in each for each in told)


def test_reports_with_both_parts_may_stand_in_two_sections():
    study = changed(worlds.draft_study(), layout_profile="sections/2")
    cases = {case.code: case for case in study.caseset.collection.case_set.all()}
    for source in ("ground_truth", "cxr_llava"):
        worlds.store_reports(
            source=worlds.source_named(source),
            cases=cases,
            uploads=[
                worlds.UploadedReport(
                    code, findings=f"Clear, says {source}.", impression="Normal."
                )
                for code in cases
            ],
            actor=None,
            origin="mended.csv",
        )
    told = [check.sentence for check in checklist(study)]
    assert not any("would stand out" in sentence for sentence in told)


def test_a_layout_is_shown_before_any_case_is_drawn():
    study = studies.create(coordinator=cora().user, code="empty", title="Empty")
    answer = cora().client.get(address(study, "layout"), {"case": "CXR1"})
    assert answer.status_code == 200
    assert answer.context["preview"].reports == []
