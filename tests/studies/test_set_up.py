"""Cora sets a study up in the browser; every refusal is a sentence on the page."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.services import add_member, remove_arm, remove_member
from tests import worlds
from tests.people import anya, cora, nils, person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_readers_stand_in_the_order_of_their_codes_whoever_came_first():
    study = worlds.draft_study(readers=[person(f"Reader{n}") for n in range(1, 11)])
    first = study.membership_set.get(reader_code="R1")
    remove_member(study=study, actor=cora().user, membership=first)
    add_member(study=study, actor=cora().user, user=rosa().user, role="reader")
    codes = list(study.membership_set.readers().values_list("reader_code", flat=True))
    assert codes == [f"R{number}" for number in range(1, 11)]
    assert study.membership_set.readers().first().user == rosa().user


def test_what_somebody_else_took_out_a_moment_before_leaves_no_second_event():
    study = worlds.draft_study()
    reader, arm = study.membership_set.readers().first(), study.arm_set.last()
    actor = cora().user
    remove_member(study=study, actor=actor, membership=reader)
    with pytest.raises(ValidationError, match="no role in the study any more"):
        remove_member(study=study, actor=actor, membership=reader)
    remove_arm(study=study, actor=actor, arm=arm)
    with pytest.raises(ValidationError, match="taken out already"):
        remove_arm(study=study, actor=actor, arm=arm)
    verbs = Event.objects.values_list("verb", flat=True)
    for verb in ("study.member_removed", "study.arm_removed"):
        assert list(verbs).count(verb) == 1


def create(title="Acceptability", code="acceptability"):
    return cora().client.post(
        reverse("set_up:new"),
        {"title": title, "code": code, "start": "paper"},
        follow=True,
    )


def settings_of(study, **changes):
    return {
        "title": study.title,
        "instructions": "",
        "seed": 7,
        "minimum_pair_distance": 3,
        "redaction": "ellipsis",
        "show_indication": "on",
        "margin_points": "10",
    } | changes


def test_a_new_study_is_a_draft_with_the_two_arms_of_the_paper():
    answer = create()
    assert answer.redirect_chain[-1][0] == reverse(
        "studies:setup", args=["acceptability"]
    )
    study = Study.objects.get()
    assert study.is_draft
    arms = [(arm.source, arm.is_reference) for arm in study.arm_set.all()]
    assert arms == [("cxr_llava", False), ("ground_truth", True)]
    assert [grade["letter"] for grade in study.scale] == ["A", "B", "C", "D"]
    assert study.membership_set.get().user == cora().user


def test_no_reader_can_guess_the_seed_of_a_new_study():
    for number in range(8):
        create(code=f"study-{number}")
    seeds = set(Study.objects.values_list("seed", flat=True))
    assert len(seeds) == 8
    assert max(seeds) > 2**24


@pytest.mark.parametrize("code", ["acceptability", "not a code", "", "site", "new"])
def test_a_code_that_is_taken_or_unfit_is_refused_on_the_page(code):
    create()
    answer = create(title="Another", code=code)
    assert answer.status_code == 200
    assert Study.objects.count() == 1
    assert b"error" in answer.content


def test_settings_are_saved_and_leave_an_event():
    create()
    study = Study.objects.get()
    cora().client.post(reverse("studies:setup", args=[study.code]), settings_of(study))
    study.refresh_from_db()
    assert (study.seed, study.minimum_pair_distance) == (7, 3)
    assert study.redaction == "ellipsis"
    event = Event.objects.of_stream(study.code).last()
    assert event.verb == "study.settings"
    assert event.detail["redaction"] == ["as_written", "ellipsis"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minimum_pair_distance", "0"),
        ("minimum_pair_distance", "many"),
        ("seed", "-1"),
        ("margin_points", "101"),
        ("redaction", "none"),
        ("title", ""),
    ],
)
def test_a_bad_setting_is_refused_and_the_rest_stays(field, value):
    create()
    study = Study.objects.get()
    before = Study.objects.values().get()
    answer = cora().client.post(
        reverse("studies:setup", args=[study.code]),
        settings_of(study, **{field: value}),
    )
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    assert Study.objects.values().get() == before


def test_readers_get_codes_and_a_person_has_one_role():
    create()
    study = Study.objects.get()
    add = reverse("studies:add_member", args=[study.code])
    for name in ("Rosa", "Ravi"):
        user = person(name).user
        cora().client.post(add, {"user": user.username, "role": "reader"})
    codes = study.membership_set.readers().values_list("reader_code", flat=True)
    assert list(codes) == ["R1", "R2"]
    refused = cora().client.post(add, {"user": "rosa", "role": "analyst"}, follow=True)
    assert b"one role in a study" in refused.content
    assert study.membership_set.filter(user=rosa().user).count() == 1
    unknown = cora().client.post(add, {"user": "nobody", "role": "reader"})
    assert unknown.context["member_form"].errors["user"]


def test_a_freed_reader_code_is_given_again_but_the_last_coordinator_stays():
    create()
    study = Study.objects.get()
    add = reverse("studies:add_member", args=[study.code])
    for name in ("Rosa", "Ravi"):
        user = person(name).user
        cora().client.post(add, {"user": user.username, "role": "reader"})

    def remove(user):
        membership = study.membership_set.get(user=user)
        return cora().client.post(
            reverse("studies:remove_member", args=[study.code, membership.pk]),
            follow=True,
        )

    remove(rosa().user)
    cora().client.post(add, {"user": nils().user.username, "role": "reader"})
    assert study.membership_set.get(user=nils().user).reader_code == "R1"
    assert b"needs a coordinator" in remove(cora().user).content
    assert study.membership_set.filter(user=cora().user).exists()


def test_an_arm_can_be_added_and_removed_and_one_is_the_reference():
    create()
    study = Study.objects.get()
    cora().client.post(
        reverse("studies:add_arm", args=[study.code]),
        {"label": "Another model", "source": "other", "is_reference": "on"},
    )
    assert study.arm_set.get(is_reference=True).source == "other"
    twice = cora().client.post(
        reverse("studies:add_arm", args=[study.code]),
        {"label": "Once more", "source": "other"},
    )
    assert b"Another model has this source already" in twice.content
    assert b"Once more" in twice.content
    arm = study.arm_set.get(source="other")
    cora().client.post(reverse("studies:remove_arm", args=[study.code, arm.pk]))
    assert not study.arm_set.filter(source="other").exists()


def test_an_arm_of_another_study_is_out_of_reach():
    create()
    other = worlds.draft_study("other")
    arm = other.arm_set.first()
    answer = cora().client.post(
        reverse("studies:remove_arm", args=["acceptability", arm.pk])
    )
    assert answer.status_code == 404
    assert other.arm_set.filter(pk=arm.pk).exists()


@pytest.mark.parametrize(
    ("make", "someone", "words", "page"),
    [
        (worlds.draft_study, cora, "Go on setting up", "studies:setup"),
        (worlds.draft_study, rosa, "being prepared", "grading:start"),
        (worlds.open_study, rosa, "Read", "grading:start"),
        (worlds.open_study, anya, "Watch the progress", "grading:progress"),
        (worlds.closed_study, anya, "See the results", "analysis:results"),
        (worlds.closed_study, rosa, "Reading has ended", "grading:start"),
    ],
)
def test_each_role_is_led_to_where_its_work_is(make, someone, words, page):
    study = make()
    assert words in someone().client.get(reverse("home")).content.decode()
    answer = someone().client.get(reverse("studies:overview", args=[study.code]))
    assert answer.url == reverse(page, args=[study.code])


def test_a_reader_of_a_draft_is_told_to_come_back():
    study = worlds.draft_study()
    answer = rosa().client.get(reverse("grading:start", args=[study.code]))
    assert answer.status_code == 403
    assert b"Come back once it is open" in answer.content


@pytest.mark.parametrize(
    ("url", "state"), [("presentation:freeze", "draft"), ("grading:close", "open")]
)
def test_what_cannot_be_undone_asks_once_more(url, state):
    study = worlds.draft_study() if state == "draft" else worlds.open_study()
    path = reverse(url, args=[study.code])
    asked = cora().client.post(path, follow=True)
    assert b"Nothing was done" in asked.content
    study.refresh_from_db()
    assert study.state == state
    sure = {"is_sure": "on", "accepted_missing": "12", "reason": "Nobody has time."}
    cora().client.post(path, sure)
    study.refresh_from_db()
    assert study.state != state


def test_a_form_that_comes_too_late_says_that_the_protocol_is_frozen():
    study = worlds.open_study()
    setup = reverse("studies:setup", args=[study.code])
    answer = cora().client.post(setup, settings_of(study, title="Too late"))
    assert b"The protocol is frozen" in answer.content
    assert b"Too late" not in answer.content


def test_an_amendment_from_the_page_needs_a_reason():
    study = worlds.open_study()
    amend = reverse("studies:amend", args=[study.code])
    words = {"field": "instructions", "value": "Mind the devices."}
    refused = cora().client.post(amend, words)
    assert refused.context["amendment_form"].errors["reason"]
    assert b"Mind the devices." in refused.content
    cora().client.post(amend, words | {"reason": "Readers asked."})
    page = cora().client.get(reverse("studies:setup", args=[study.code]))
    assert b"Readers asked." in page.content
    assert study.amendment_set.get().after == "Mind the devices."


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "change",
    [
        {"seed": 99},
        {"minimum_pair_distance": 1},
        {"protocol": {}},
        {"protocol_sha256": "f" * 64},
        {"redaction": "ellipsis"},
        {"scale": []},
        {"margin_points": 5},
        {"show_indication": False},
        {"code": "renamed"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_database_itself_refuses_to_change_a_frozen_protocol(change):
    study = worlds.open_study()
    with (
        pytest.raises(DatabaseError, match="never altered"),
        transaction.atomic(),
    ):
        Study.objects.filter(pk=study.pk).update(**change)
    Study.objects.filter(pk=study.pk).update(title="A title may be amended")


@pytest.mark.sqlite
def test_the_database_itself_refuses_two_roles_and_two_reader_codes():
    study = worlds.draft_study()
    with pytest.raises(DatabaseError), transaction.atomic():
        Membership.objects.create(study=study, user=rosa().user, role="analyst")
    with pytest.raises(DatabaseError), transaction.atomic():
        Membership.objects.create(
            study=study, user=nils().user, role="reader", reader_code="R1"
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Membership.objects.create(study=study, user=nils().user, role="reader")
