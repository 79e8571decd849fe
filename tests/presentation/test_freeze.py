"""Cora freezes: everything is dealt and locked at once, or nothing is."""

from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from readerstudy.audit.models import Event
from readerstudy.audit.verifying import first_break
from readerstudy.cases.models import Case
from readerstudy.cases.services import draw_cases
from readerstudy.grading.models import Draft
from readerstudy.presentation import services
from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.services import freeze
from readerstudy.presentation.thawing import thaw
from readerstudy.reports.models import Report
from readerstudy.reports.review.models import SignOff, TextReview
from readerstudy.reports.tables.models import TableImport
from readerstudy.studies import services as studies
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import canonical_json, sha256_of
from tests import worlds
from tests.lifted import lifted
from tests.people import cora, join, person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_every_reader_gets_every_report_of_both_arms_once():
    study = worlds.open_study(readers=[rosa(), person("Ravi")])
    dealt = Counter(
        Slot.objects.of_study(study).values_list(
            "reader__reader_code", "presented__case__code", "presented__arm__name"
        )
    )
    assert len(dealt) == 2 * 6 * 2
    assert set(dealt.values()) == {1}


def test_pairs_keep_their_distance():
    study = worlds.open_study(distance=4)
    places: dict[str, list[int]] = {}
    for slot in Slot.objects.of_study(study).order_by("position"):
        places.setdefault(slot.presented.case.code, []).append(slot.position)
    assert all(later - earlier >= 4 for earlier, later in places.values())


def test_the_protocol_is_locked_under_its_hash():
    study = worlds.open_study()
    assert study.protocol_sha256 == sha256_of(canonical_json(study.protocol))
    assert study.protocol["success"] == ["A", "B"]
    assert len(study.protocol["reports"]) == 12
    download = cora().client.get(
        reverse("presentation:protocol", args=["acceptability"])
    )
    assert sha256_of(download.content.decode()) == study.protocol_sha256


def test_readers_who_may_know_the_texts_are_warned_of():
    worlds.open_study("before", readers=[person("Rita")])
    of_the_same = worlds.study_without_grades("ended", readers=[person("Rita")])
    join(of_the_same, rosa(), "analyst")
    still_sealed = worlds.open_study("sealed", readers=[person("Rita")])
    join(still_sealed, person("Ravi"), "analyst")
    study = worlds.draft_study(readers=[rosa(), person("Ravi")])
    join(study, person("Ruth"), "reader", "R3")
    SignOff.objects.create(
        collection=study.caseset.collection,
        by=person("Ruth").user,
        statement="Seen.",
        digest="0" * 64,
    )
    told = [check.sentence for check in checklist(study) if check.warns]
    told = [sentence for sentence in told if "which text is whose" in sentence]
    assert told == [
        "Rosa can see the results of the study ended of the same cases, and may know "
        "which text is whose: name another reader, or draw other cases.",
        "Ruth signed off the collection phantoms, and may know which text is whose: "
        "name another reader, or draw other cases.",
    ]


def test_a_design_that_cannot_give_the_planned_answer_is_not_frozen_in_silence():
    study = worlds.draft_study(
        readers=[rosa(), person("Ravi")],
        allocation="split_plot",
        reader_inference="random",
    )
    with pytest.raises(ValidationError, match="cannot speak of"):
        freeze(study=study, actor=cora().user, accepts_warnings=True)
    Study.objects.filter(pk=study.pk).update(allocation="one_report")
    with pytest.raises(ValidationError, match="the margin is not judged"):
        freeze(study=study, actor=cora().user)
    frozen = freeze(study=study, actor=cora().user, accepts_warnings=True)
    accepted = frozen.locked_protocol["accepted_warnings"]
    assert any("no primary answer" in sentence for sentence in accepted)


def test_the_hash_changes_with_the_protocol_and_only_with_it():
    first = worlds.open_study("first", seed=5)
    again = worlds.open_study("again", seed=5)
    other = worlds.open_study("other", seed=5, distance=3)

    def without_name(study):
        return {key: value for key, value in study.protocol.items() if key != "study"}

    assert without_name(first) == without_name(again)
    assert without_name(first) != without_name(other)
    assert len({first.protocol_sha256, other.protocol_sha256}) == 2


def another_text(report):
    """A newer report of the same case and source."""
    Report.objects.create(
        case=report.case,
        source=report.source,
        text="Another text.",
        sha256="f" * 64,
        fingerprint="f" * 64,
    )


def test_a_report_that_comes_later_does_not_change_what_was_frozen():
    study = worlds.open_study()
    before = list(PresentedReport.objects.values_list("id", "sha256", "report_id"))
    another_text(Report.objects.first())
    assert before == list(
        PresentedReport.objects.values_list("id", "sha256", "report_id")
    )
    assert study.is_open


def test_a_report_that_comes_between_the_checklist_and_the_lists_is_not_frozen(
    monkeypatch,
):
    study = worlds.draft_study()
    report = Report.objects.filter(source__name="cxr_llava").first()

    def checked_before_it_came(of_study):
        found = checklist(of_study)
        another_text(report)
        return found

    monkeypatch.setattr(services, "checklist", checked_before_it_came)
    with pytest.raises(ValidationError, match="at this very moment"):
        freeze(study=study, actor=cora().user, accepts_warnings=True)
    study.refresh_from_db()
    assert study.is_draft and not PresentedReport.objects.exists()


def unready(study, what):
    match what:
        case "readers":
            study.membership_set.readers().delete()
        case "analyst":
            study.membership_set.filter(role="analyst").delete()
        case "cases":
            study.caseset.studycase_set.all().delete()
        case "reports":
            with lifted("reports_report"):
                Report.objects.filter(source__name="cxr_llava").first().delete()
        case "distance":
            study.minimum_pair_distance = 7
            study.save()
        case "arms":
            study.arm_set.filter(name="cxr_llava").delete()
        case "reference":
            study.arm_set.update(is_reference=False)


@pytest.mark.parametrize(
    "what",
    ["readers", "analyst", "cases", "reports", "distance", "arms", "reference"],
)
def test_an_unready_study_is_refused_with_the_reason_and_nothing_is_dealt(what):
    study = worlds.draft_study()
    unready(study, what)
    study = Study.objects.get(pk=study.pk)
    assert [check for check in checklist(study) if not check.done]
    with pytest.raises(ValidationError):
        freeze(study=study, actor=cora().user)
    assert not Slot.objects.exists()
    assert not PresentedReport.objects.exists()
    study.refresh_from_db()
    assert study.is_draft


def test_a_reader_who_has_asked_the_model_about_a_case_stops_the_freeze():
    """Carla coordinated a study and is to read the same cases in the next one."""
    carla, first = person("Carla"), worlds.draft_study("first")
    join(first, carla, "coordinator")
    study = worlds.draft_study("next", readers=[rosa(), carla])
    assert all(check.done for check in checklist(study))
    worlds.conversation(first, asker=carla)
    (told,) = [check.sentence for check in checklist(study) if not check.done]
    assert told == (
        "Carla asked the model about 1 of the cases and would know its reports: name "
        "other readers or draw other cases."
    )
    with pytest.raises(ValidationError):
        freeze(study=study, actor=cora().user)


@pytest.mark.parametrize(
    ("source", "what", "remedy"),
    [
        ("cxr_llava", "reports", "5 of 6 reports. Let the model write"),
        ("ground_truth", "reports", "5 of 6 reports. Import"),
        ("cxr_llava", "cases", "once cases are drawn"),
    ],
)
def test_the_list_says_where_the_missing_reports_come_from(source, what, remedy):
    study = worlds.draft_study()
    if what == "reports":
        with lifted("reports_report"):
            Report.objects.filter(source__name=source).first().delete()
    else:
        unready(study, what)
    page = cora().client.get(reverse("presentation:freeze", args=[study.code]))
    assert remedy in page.content.decode()
    assert "Go to Reports" in page.content.decode()


def test_freezing_twice_is_refused():
    study = worlds.open_study()
    with pytest.raises(ValidationError, match="frozen already"):
        freeze(study=study, actor=cora().user)


def test_after_the_freeze_every_edit_is_refused():
    study = worlds.open_study()
    actor = cora().user
    arm, member = study.arm_set.first(), study.membership_set.first()
    edits = [
        lambda: studies.add_arm(study=study, actor=actor, label="X", source="x"),
        lambda: studies.remove_arm(study=study, actor=actor, arm=arm),
        lambda: studies.add_member(
            study=study, actor=actor, user=person("Ravi").user, role="reader"
        ),
        lambda: studies.remove_member(study=study, actor=actor, membership=member),
        lambda: studies.change_settings(
            study=study,
            actor=actor,
            title="Other",
            instructions="",
            seed=9,
            minimum_pair_distance=1,
            redaction="ellipsis",
            show_indication=False,
            margin_points=None,
        ),
        lambda: draw_cases(
            study=study,
            actor=actor,
            collection=study.caseset.collection,
            sizes={},
            seed=9,
        ),
        lambda: studies.lock(study=study, actor=actor, protocol={}),
    ]
    stored = Study.objects.values().get()
    for edit in edits:
        with pytest.raises(ValidationError, match="frozen"):
            edit()
    assert Study.objects.values().get() == stored


def test_an_amendment_is_recorded_and_leaves_the_protocol_as_it_was():
    study = worlds.open_study()
    sha256, protocol = study.protocol_sha256, study.protocol
    amendment = studies.amend(
        study=study,
        actor=cora().user,
        field="instructions",
        value="Mind the devices.",
        reason="Readers asked.",
    )
    study.refresh_from_db()
    assert study.instructions == "Mind the devices."
    assert (study.protocol_sha256, study.protocol) == (sha256, protocol)
    assert (amendment.number, amendment.before) == (1, "")
    with pytest.raises(ValidationError, match="Say why"):
        studies.amend(
            study=study, actor=cora().user, field="title", value="T", reason=" "
        )
    with pytest.raises(ValidationError, match="can't be amended"):
        studies.amend(
            study=study, actor=cora().user, field="seed", value="1", reason="r"
        )


def test_the_events_of_a_study_form_an_unbroken_chain():
    study = worlds.closed_study()
    verbs = list(Event.objects.of_stream(study.code).values_list("verb", flat=True))
    assert verbs[0] == "study.created"
    assert verbs[-1] == "study.closed"
    assert verbs.count("grade.submitted") == 12
    assert first_break(study.code) is None


@hypothesis_settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), distance=st.integers(1, 6))
def test_any_seed_and_distance_freeze_to_a_lawful_allocation(seed, distance):
    Study.objects.filter(state="draft").delete()
    study = worlds.draft_study(f"study-{Study.objects.count()}", distance=distance)
    study.seed = seed
    study.save()
    study = freeze(study=study, actor=cora().user)
    positions = Slot.objects.of_study(study).values_list("position", flat=True)
    assert sorted(positions) == list(range(1, 13))


def test_a_case_without_a_radiograph_holds_the_freeze_back():
    study = worlds.draft_study()
    Case.objects.filter(code="CXR3").update(image=None)
    with pytest.raises(ValidationError, match="1 of the cases have no image chosen"):
        freeze(study=study, actor=cora().user)
    (check,) = [check for check in checklist(study) if "no image" in check.sentence]
    assert "such as CXR3" in check.sentence


def test_readers_who_brought_the_texts_or_looked_through_them_are_warned_of():
    study = worlds.draft_study()
    made = study.caseset.collection
    for number in range(2):
        TableImport.objects.create(
            collection=made,
            token=f"table-{number}",
            name="reports.csv",
            size=0,
            uploaded_by=rosa().user,
        )
    for kind in ("name", "date"):
        TextReview.objects.create(
            collection=made, kind=kind, findings=0, digest="0" * 64, by=rosa().user
        )
    told = [check.sentence for check in checklist(study) if check.warns]
    assert [sentence for sentence in told if "which text is whose" in sentence] == [
        "Rosa uploaded report texts of the collection phantoms and looked through "
        "texts of the collection phantoms, and may know which text is whose: name "
        "another reader, or draw other cases."
    ]


def test_lists_on_which_something_hangs_are_not_thawed():
    """What no page makes in a frozen study, somebody wrote there by hand."""
    study = worlds.frozen_study()
    Draft.objects.create(slot=Slot.objects.of_study(study).first())
    with pytest.raises(ValidationError, match="Something hangs on the dealt lists"):
        thaw(study=study, actor=cora().user, reason="A case is missing.")
    study.refresh_from_db()
    assert study.is_frozen and study.protocol
    assert Slot.objects.of_study(study).count() == 12
