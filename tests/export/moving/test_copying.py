"""Cora copies a study: its choices come along, its reading does not."""

import pytest
from django.core.exceptions import ValidationError

from readerstudy.audit.models import Event
from readerstudy.audit.verifying import first_break
from readerstudy.cases.case_sets.drawing import exclude_cases
from readerstudy.cases.models import CaseExclusion, CaseSet, StudyCase
from readerstudy.export.moving.copying import FRESH, NONE, copy_study
from readerstudy.export.moving.declared import DECLARED
from readerstudy.presentation.models import Slot
from readerstudy.studies import services as studies
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.people.withdrawing import withdraw
from tests import worlds
from tests.people import Person, anya, cora, nils, person, rosa

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
URL = "/studies/acceptability/copy/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def rich_study() -> Study:
    """A closed study that was read, with a practice set and exclusions."""
    study = worlds.draft_study(
        readers=[rosa(), person("Ravi")],
        cases=8,
        allocation="one_report",
        margin_points="5.0",
        instructions="Read as you would at work.",
        layout_profile="even/2",
        consent="I agree.",
        reminder_days=7,
    )
    exclude_cases(
        study=study, actor=cora().user, codes=["CXR2"], reason="other", note="Blurred."
    )
    worlds.practice_case(study)
    worlds.accept_blinding(study)
    study = worlds.opened(study)
    studies.amend(
        study=study,
        actor=cora().user,
        field="instructions",
        value="Read slowly.",
        reason="They read fast.",
    )
    return worlds.close(study)


def copied(study: Study, **options) -> Study:
    options = {"code": "again", "title": "Once more"} | options
    return copy_study(study=study, actor=cora().user, **options)


def shown(someone: Person, page: str) -> str:
    return someone.client.get(f"/studies/acceptability/{page}/").content.decode()


def drawn(study: Study) -> list[str]:
    rows = StudyCase.objects.filter(case_set__study=study)
    return list(rows.order_by("case__code").values_list("case__code", flat=True))


def test_every_declared_field_of_the_protocol_comes_along():
    study = rich_study()
    copy = Study.objects.get(pk=copied(study).pk)
    study.refresh_from_db()
    names = DECLARED["studies.Study"].copied()
    assert {n: getattr(copy, n) for n in names} == {n: getattr(study, n) for n in names}
    assert copy.instructions == "Read slowly."
    assert (copy.code, copy.title, copy.state) == ("again", "Once more", "draft")
    assert copy.seed != study.seed
    assert copy.protocol is None and copy.protocol_sha256 == ""


def test_arms_practice_set_and_cases_come_along():
    study = rich_study()
    copy = copied(study)
    arms = ("position", "name", "label", "source", "is_reference")
    assert list(copy.arm_set.values(*arms)) == list(study.arm_set.values(*arms))
    practice = ("number", "report", "expected", "explanation")
    assert list(copy.practicecase_set.values(*practice)) == list(
        study.practicecase_set.values(*practice)
    )
    assert drawn(copy) == drawn(study)
    exclusion = CaseExclusion.objects.get(study=copy)
    assert (exclusion.case.code, exclusion.told) == ("CXR2", "Another reason: Blurred.")
    assert not copy.caseset.is_locked
    assert copy.caseset.drawn_at == study.caseset.drawn_at


def test_nothing_of_the_reading_comes_along():
    study = rich_study()
    copy = copied(study, with_people=True)
    assert not Slot.objects.of_study(copy).exists()
    assert not copy.amendment_set.exists()
    assert not copy.blindingaudit_set.exists()
    assert not copy.invitation_set.exists()


def test_a_copy_can_be_frozen_and_read():
    study = rich_study()
    copy = copied(study, with_people=True)
    worlds.accept_blinding(copy)
    copy = worlds.opened(copy)
    assert Slot.objects.of_study(copy).count() == Slot.objects.of_study(study).count()
    first, again = (
        list(
            Slot.objects.of_study(each)
            .order_by("reader__reader_code", "position")
            .values_list("reader__reader_code", "presented__case__code")
        )
        for each in (study, copy)
    )
    assert first != again


def test_the_same_lists_are_dealt_where_they_are_asked_for():
    study = rich_study()
    copy = copied(study, with_people=True, same_lists=True)
    worlds.accept_blinding(copy)
    copy = worlds.opened(copy)
    assert (
        copy.locked_protocol["allocation_sha256"]
        == study.locked_protocol["allocation_sha256"]
    )


@pytest.mark.parametrize("options", [{}, {"with_people": True, "cases": FRESH}])
def test_the_same_lists_need_the_same_cases_and_people(options):
    study = worlds.draft_study()
    with pytest.raises(ValidationError, match="same cases and the same people"):
        copied(study, same_lists=True, **options)
    assert not Study.objects.filter(code="again").exists()


def test_cases_are_drawn_anew_with_another_seed():
    study = rich_study()
    copy = copied(study, cases=FRESH)
    assert copy.caseset.seed != study.caseset.seed
    # The exclusion is known to the new draw.
    assert "CXR2" not in drawn(copy)
    assert not CaseExclusion.objects.get(study=copy).after_draw


def test_a_copy_without_cases_has_none():
    copy = copied(rich_study(), cases=NONE)
    assert not CaseSet.objects.filter(study=copy).exists()
    assert not CaseExclusion.objects.filter(study=copy).exists()


def test_people_come_along_only_if_asked_for():
    study = rich_study()
    assert list(copied(study).membership_set.values_list("user__username")) == [
        ("cora",)
    ]
    roles = copied(study, code="third", with_people=True).membership_set
    assert set(roles.values_list("user__username", "role", "reader_code")) == {
        ("cora", "coordinator", ""),
        ("rosa", "reader", "R1"),
        ("ravi", "reader", "R2"),
        ("anya", "analyst", ""),
    }


def test_a_reader_who_has_left_is_left_out():
    study = worlds.open_study(readers=[rosa(), person("Ravi")])
    withdraw(
        study=study,
        reader=study.membership_set.get(reader_code="R2"),
        actor=cora().user,
        reason="Ill.",
        rule="excluded",
    )
    copy = copied(study, with_people=True)
    readers = copy.membership_set.filter(role=Membership.Role.READER)
    assert readers.count() == 1
    event = Event.objects.get(verb="study.copied_from")
    assert len(event.detail["withdrawn_left_out"]) == 1


def test_both_records_tell_of_it():
    study = rich_study()
    copied(study)
    came = Event.objects.get(stream="again", verb="study.copied_from")
    went = Event.objects.get(stream="acceptability", verb="study.copied_to")
    assert (came.subject, went.subject) == ("acceptability", "again")
    assert came.detail["protocol_sha256"] == study.protocol_sha256
    assert first_break("again") is None and first_break("acceptability") is None


@pytest.mark.parametrize("state", ["draft", "frozen", "open", "paused", "archived"])
def test_a_study_of_any_state_is_copied_on_its_page(state):
    getattr(worlds, f"{state}_study")()
    assert b"Copy this study" in cora().client.get(URL).content
    body = {"code": "again", "title": "Once more", "cases": "same"}
    answer = cora().client.post(URL, body)
    assert answer.url == "/studies/again/setup/"
    assert Study.objects.get(code="again").is_draft


def test_a_code_that_is_taken_loses_nothing_that_was_typed():
    worlds.draft_study()
    body = {"code": "acceptability", "title": "My title", "cases": "none"}
    page = cora().client.post(URL, body).content.decode()
    assert "taken by another study" in page
    assert "My title" in page
    assert Study.objects.count() == 1


def test_the_page_is_found_from_setup_and_progress():
    worlds.open_study()
    for page in ("setup", "progress"):
        assert (
            URL in cora().client.get(f"/studies/acceptability/{page}/").content.decode()
        )
    assert (
        URL
        not in anya().client.get("/studies/acceptability/progress/").content.decode()
    )


def test_a_coordinator_who_may_not_create_studies_is_not_offered_a_copy():
    study = worlds.draft_study()
    studies.add_member(
        study=study, actor=cora().user, user=nils().user, role="coordinator"
    )
    assert nils().client.get(URL).status_code == 403
    assert (
        URL not in nils().client.get("/studies/acceptability/setup/").content.decode()
    )


def test_a_study_that_has_drawn_nothing_yet_gives_its_copy_nothing_to_read():
    study = studies.create(coordinator=cora().user, code="empty", title="Nothing drawn")
    copy = copied(study, cases=FRESH)
    assert not CaseSet.objects.filter(study=copy).exists()
    assert copy.arm_set.count() == study.arm_set.count() == 2
