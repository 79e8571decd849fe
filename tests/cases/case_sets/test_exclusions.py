"""Cora leaves cases out, before and after the draw, and the protocol tells it all."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.cases.case_sets.drawing import exclude_cases, lift_exclusion
from readerstudy.cases.case_sets.eligibility import Filters
from readerstudy.cases.case_sets.protocol import case_set_protocol, flow_of
from readerstudy.cases.desk.bulk import change_cases
from readerstudy.cases.desk.duplicates import set_aside
from readerstudy.cases.models import (
    Case,
    CaseExclusion,
    CaseSet,
    Collection,
    Image,
    StudyCase,
)
from readerstudy.cases.sampling import ranking, replay_case_set
from readerstudy.cases.services import draw_cases
from readerstudy.presentation.services import freeze
from readerstudy.reports.models import Report
from readerstudy.studies import services as studies
from readerstudy.studies.protocol import canonical_json
from tests import worlds
from tests.lifted import lifted
from tests.people import anya, cora, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    """A draft, and a collection of six normal and six abnormal cases to draw from."""
    made = studies.create(coordinator=cora().user, code="chest", title="Chest")
    worlds.collection(cases=12)
    return made


def draw(study, *, normal=2, abnormal=2, seed=7, **options):
    return draw_cases(
        study=study,
        actor=cora().user,
        collection=Collection.objects.get(name="phantoms"),
        sizes={"normal": normal, "abnormal": abnormal, "unknown": 0},
        seed=seed,
        **options,
    )


def codes(study):
    return [case.code for case in Case.objects.of_study(study)]


def exclude(study, *names, **options):
    options = {"reason": "quality", "note": ""} | options
    return exclude_cases(study=study, actor=cora().user, codes=names, **options)


def is_what_is_recorded(study):
    """The protocol alone, read from its text, gives the study's cases."""
    block = json.loads(canonical_json(case_set_protocol(study)))
    return replay_case_set(block) == codes(study) == block["cases"]


def test_a_case_excluded_before_the_draw_is_never_drawn(study):
    made = Collection.objects.get(name="phantoms")
    exclude(study, "CXR1", "CXR2", collection=made)
    draw(study, normal=None, abnormal=None)
    assert len(codes(study)) == 10
    assert not {"CXR1", "CXR2"} & set(codes(study))
    assert is_what_is_recorded(study)
    block = case_set_protocol(study)
    assert {"what": "excluded: poor image quality", "count": 2} in block["left_out"]
    assert [each["case"] for each in block["exclusions"]] == ["CXR1", "CXR2"]


def test_a_drawn_case_is_excluded_and_the_next_of_the_ranking_takes_its_place(study):
    case_set = draw(study)
    ranked = ranking(case_set.candidates["normal"], stratum="normal", seed=7)
    exclude(study, ranked[0], is_replaced=True)
    assert set(codes(study)) >= {ranked[1], ranked[2]}
    assert ranked[0] not in codes(study)
    assert is_what_is_recorded(study)
    exclude(study, ranked[3])
    exclude(study, ranked[2], is_replaced=True)
    assert ranked[4] in codes(study) and ranked[3] not in codes(study)
    assert is_what_is_recorded(study)
    event = Event.objects.filter(verb="study.cases_excluded").last()
    assert event.detail["replaced_by"] == {ranked[2]: ranked[4]}


def test_one_that_is_not_replaced_leaves_its_place_empty(study):
    draw(study)
    gone = codes(study)[0]
    exclude(study, gone)
    assert len(codes(study)) == 3
    assert is_what_is_recorded(study)


def test_the_next_draw_knows_what_was_excluded_after_the_last(study):
    draw(study, normal=None, abnormal=None)
    exclude(study, "CXR5")
    draw(study, normal=None, abnormal=None)
    assert "CXR5" not in codes(study)
    row = CaseExclusion.objects.get()
    assert not row.after_draw
    lift_exclusion(exclusion=row, actor=cora().user)
    assert is_what_is_recorded(study)
    draw(study, normal=None, abnormal=None)
    assert "CXR5" in codes(study)


def test_an_exclusion_after_the_draw_is_lifted_only_after_another_draw(study):
    draw(study)
    (row,) = exclude(study, codes(study)[0])
    with pytest.raises(ValidationError, match="Draw again first"):
        lift_exclusion(exclusion=row, actor=cora().user)


@pytest.mark.parametrize(
    ("names", "options", "sentence"),
    [
        (["CXR1", "XR7"], {}, "has no case XR7"),
        ([], {}, "one case at least"),
        (["CXR1"], {"reason": "other"}, "what the other reason is"),
        (["CXR1"], {"reason": "boredom"}, "not a valid choice"),
        ([f"CXR{n}" for n in range(1, 13)], {}, "No case would be left"),
    ],
)
def test_what_cannot_be_excluded_changes_nothing(study, names, options, sentence):
    draw(study)
    before = codes(study)
    with pytest.raises(ValidationError, match=sentence), transaction.atomic():
        exclude(study, *names, **options)
    assert codes(study) == before
    assert not CaseExclusion.objects.exists()


def test_a_case_is_excluded_once(study):
    draw(study)
    exclude(study, "CXR1")
    with pytest.raises(ValidationError, match="Excluded already: CXR1"):
        exclude(study, "CXR1", reason="known")


def test_flags_reports_and_codes_keep_cases_from_the_draw(study):
    made = Collection.objects.get(name="phantoms")
    with lifted("reports_report"):
        Report.objects.filter(case__code="CXR3", source__name="cxr_llava").delete()
    Image.objects.filter(case__code="CXR4").update(view="lateral")
    Image.objects.exclude(case__code="CXR5").update(flags={})
    Case.objects.filter(code="CXR6").update(image=None)
    set_aside(case=Case.objects.get(code="CXR7"), actor=cora().user, reason="Twice.")
    filters = Filters(
        without_flags=("lateral", "size"), search="cxr", needs_reports=True
    )
    draw(study, normal=None, abnormal=None, filters=filters)
    gone = {f"CXR{n}" for n in range(1, 13)} - set(codes(study))
    assert gone == {"CXR3", "CXR4", "CXR5", "CXR6", "CXR7"}
    block = case_set_protocol(study)
    assert {row["what"]: row["count"] for row in block["left_out"]} == {
        "no report of cxr_llava": 1,
        "flagged: lateral view": 1,
        "flagged: unusual size": 1,
        "no radiograph chosen": 1,
        "set aside as a duplicate": 1,
    }
    assert Filters.from_json(block["filters"]) == filters
    assert made.name == block["collection"]
    assert is_what_is_recorded(study)


def test_flags_are_not_asked_of_radiographs_that_nobody_looked_at(study):
    Image.objects.filter(case__code="CXR4").update(looked_sha256="")
    with pytest.raises(ValidationError, match="1 radiographs of phantoms"):
        draw(study, filters=Filters(without_flags=("empty",)))
    draw(study)


def test_a_stratum_may_give_what_it_has(study):
    with pytest.raises(ValidationError, match="only 6 can be drawn"):
        draw(study, normal=25, abnormal=25)
    case_set = draw(study, normal=25, abnormal=3, takes_what_is_there=True)
    assert (case_set.normal, case_set.abnormal) == (6, 3)
    assert len(codes(study)) == 9


def test_the_flow_accounts_for_every_case(study):
    case_set = draw(study)
    ranked = ranking(case_set.candidates["normal"], stratum="normal", seed=7)
    exclude(study, ranked[0], reason="known", is_replaced=True)
    exclude(study, ranked[2], is_replaced=True)
    exclude(study, ranked[1])
    flow = {box.what: box for box in flow_of(study)}
    assert [box.count for box in flow.values()] == [12, 12, 4, 2, 3]
    drawn, came = flow["Drawn"], flow["Came in place of excluded cases"]
    left = sum(count for _, count in (*drawn.leaves, *came.leaves))
    assert drawn.count + came.count - left == flow["In the study"].count
    assert ("excluded after the draw: known to a reader", 1) in drawn.leaves


def test_a_change_since_the_draw_is_told_on_the_page(study):
    draw(study)
    page = reverse("cases:of_study", args=[study.code])
    assert "would not be drawn" not in cora().client.get(page).content.decode()
    change_cases(
        collection=Collection.objects.get(name="phantoms"),
        actor=cora().user,
        cases=Case.objects.filter(code=codes(study)[0]),
        what="stratum",
        value="unknown",
    )
    assert "1 of the drawn cases" in cora().client.get(page).content.decode()


def test_cora_excludes_and_lifts_on_the_page(study):
    draw(study)
    gone = codes(study)[0]
    answer = cora().client.post(
        reverse("cases:exclude", args=[study.code]),
        {"codes": gone, "reason": "known", "note": "", "is_replaced": "on"},
        follow=True,
    )
    text = answer.content.decode()
    assert "Known to a reader" in text and "In the study: 4" in text
    draw(study)
    row = CaseExclusion.objects.get()
    lift = reverse("cases:lift_exclusion", args=[study.code, row.pk])
    text = cora().client.post(lift, follow=True).content.decode()
    assert f"{gone} can be drawn again" in text


def test_what_was_typed_stays_when_it_is_refused(study):
    draw(study)
    answer = cora().client.post(
        reverse("cases:exclude", args=[study.code]),
        {"codes": "nowhere", "reason": "known", "note": "Seen in a round."},
    )
    text = answer.content.decode()
    assert "has no case nowhere" in text and "Seen in a round." in text


def test_another_seed_is_asked_for_and_recorded(study):
    form = {"collection": "phantoms", "normal": "2", "abnormal": "2", "seed": "7"}
    page = reverse("cases:of_study", args=[study.code])
    cora().client.post(page, form | {"unknown": "0"})
    assert CaseSet.objects.get().seed == 7
    cora().client.post(page, form | {"unknown": "0", "another_seed": "yes"})
    seeds = [
        event.detail["seed"]
        for event in Event.objects.filter(verb="study.cases_drawn").order_by("pk")
    ]
    assert seeds[0] == 7 and seeds[1] == CaseSet.objects.get().seed != 7


def test_fewer_than_the_paper_asked_for_is_said(study):
    form = {"collection": "phantoms", "normal": "25", "abnormal": "25", "seed": "1"}
    text = (
        cora()
        .client.post(
            reverse("cases:of_study", args=[study.code]),
            form | {"unknown": "0", "takes_what_is_there": "on"},
            follow=True,
        )
        .content.decode()
    )
    assert "25 normal cases were asked for; 6 can be drawn" in text


@pytest.fixture
def frozen(study):
    draw(study)
    exclude(study, codes(study)[0], is_replaced=True)
    study.minimum_pair_distance = 2
    study.display_check, study.guess_sample = False, 0
    study.save()
    for someone, role in ((rosa(), "reader"), (anya(), "analyst")):
        studies.add_member(study=study, actor=cora().user, user=someone.user, role=role)
    worlds.accept_blinding(study)
    return freeze(study=study, actor=cora().user)


def test_the_locked_protocol_gives_the_cases_again(frozen):
    block = frozen.locked_protocol["case_set"]
    assert replay_case_set(block) == codes(frozen)
    assert [row["case"] for row in frozen.locked_protocol["cases"]] == codes(frozen)


def test_nothing_of_it_changes_after_the_freeze(frozen):
    row = CaseExclusion.objects.get()
    for verb in (
        lambda: draw(frozen),
        lambda: exclude(frozen, codes(frozen)[0]),
        lambda: lift_exclusion(exclusion=row, actor=cora().user),
    ):
        with pytest.raises(ValidationError, match="frozen"):
            verb()


@pytest.mark.parametrize(
    "change",
    [
        lambda: CaseSet.objects.update(seed=99),
        lambda: StudyCase.objects.all().delete(),
        lambda: StudyCase.objects.first().case_set.studycase_set.create(
            case=Case.objects.exclude(studycase__isnull=False).first()
        ),
        lambda: StudyCase.objects.update(
            case=Case.objects.exclude(studycase__isnull=False).first()
        ),
        lambda: CaseExclusion.objects.update(reason="known"),
        lambda: CaseExclusion.objects.all().delete(),
        lambda: CaseExclusion.objects.create(
            study=CaseSet.objects.get().study,
            case=Case.objects.first(),
            reason="known",
            actor=cora().user,
        ),
    ],
    ids=[
        "the seed",
        "a case less",
        "a case more",
        "another case",
        "a reason",
        "an exclusion less",
        "an exclusion more",
    ],
)
def test_the_database_itself_refuses_to_change_a_frozen_case_set(frozen, change):
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        change()
