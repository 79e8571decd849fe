"""Cora's pages: a case, the questions, the answer as soon as it is there."""

import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from inference.chexpert import FINDINGS
from readerstudy.reports.console import views
from readerstudy.reports.console.models import Conversation, Turn
from readerstudy.reports.console.services import store_answer
from readerstudy.reports.models import Report
from readerstudy.studies.lifecycle.services import close
from readerstudy.studies.models import Membership
from readerstudy.work import leases
from readerstudy.work.models import WorkerPulse
from tests import worlds
from tests.lifted import lifted
from tests.people import cora, join, person

pytestmark = pytest.mark.django_db
SCRIPT = '<script>alert("1")</script><img src=x onerror=alert(2)>'


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    return worlds.open_study()


def address(name, study, *rows):
    return reverse(f"reports:console:{name}", args=[study.code, *rows])


def shown(name, study, *rows, **query):
    answer = cora().client.get(address(name, study, *rows), query)
    assert answer.status_code == 200
    return answer.content.decode()


def sent(name, study, *rows, **form):
    path = address(name, study, *rows)
    return cora().client.post(path, form, follow=True).content.decode()


def beat():
    WorkerPulse.objects.update_or_create(
        worker="one", defaults={"seen_at": timezone.now()}
    )


def test_cora_finds_her_way_from_the_reports_to_a_case(study):
    reports = cora().client.get(reverse("reports:of_study", args=[study.code]))
    assert address("cases", study) in reports.content.decode()
    text = shown("cases", study)
    assert re.findall(r">(CXR\d)</a>", text) == [f"CXR{n}" for n in range(1, 7)]
    assert "demonstration model" in text and "Not for clinical use" in text
    found = shown("cases", study, case="r3")
    assert re.findall(r">(CXR\d)</a>", found) == ["CXR3"]
    assert "No case of the study has “&lt;b&gt;”" in shown("cases", study, case="<b>")


def test_a_long_list_goes_on_from_its_last_case(study, monkeypatch):
    monkeypatch.setattr(views, "CASES_PER_PAGE", 4)
    first = shown("cases", study)
    assert re.findall(r">(CXR\d)</a>", first) == [f"CXR{n}" for n in range(1, 5)]
    assert "First page" not in first
    (after,) = re.findall(r"after=(\d+)", first)
    last = shown("cases", study, after=after)
    assert re.findall(r">(CXR\d)</a>", last) == ["CXR5", "CXR6"]
    assert "First page" in last and "Next page" not in last


def test_a_study_without_cases_is_sent_to_draw_them():
    study = worlds.draft_study()
    study.caseset.delete()
    assert "Draw the cases" in shown("cases", study)


def test_a_case_shows_its_radiograph_and_closed_its_ground_truth(study):
    case = study.caseset.studycase_set.first().case
    text = shown("case", study, case.pk)
    assert address("image", study, case.image_id) in text
    assert f"Text ground_truth on {case.code}" in text
    assert "<details" in text and "<details open" not in text
    assert "Write a report" in text and "Export panel" not in text


def test_a_case_without_ground_truth_says_so():
    study = worlds.draft_study()
    with lifted("reports_report"):
        Report.objects.filter(source__name="ground_truth").delete()
    case = study.caseset.studycase_set.first().case
    assert "No reference report has been imported" in shown("case", study, case.pk)


def test_a_case_of_another_study_is_not_there(study):
    elsewhere = worlds.collection("elsewhere", cases=1).case_set.get()
    for name, row in (("case", elsewhere.pk), ("image", elsewhere.image_id)):
        answer = cora().client.get(address(name, study, row))
        assert answer.status_code == 404


def test_the_report_is_asked_for_and_the_page_waits_for_the_answer(study):
    beat()
    case = study.caseset.studycase_set.first().case
    text = sent("case", study, case.pk, kind="report")
    turn = Turn.objects.get()
    assert "Write a radiologic report" in text
    assert f"{address('turn', study, turn.pk)}?seen=queued" in text
    assert "Waiting for the worker" in text and 'hx-trigger="every 1s"' in text
    # As long as nothing has changed, nothing on the page is touched.
    same = cora().client.get(address("turn", study, turn.pk), {"seen": "queued"})
    assert (same.status_code, same.content) == (204, b"")
    assert leases.claim(Turn, id=turn.pk, worker="one")
    now = shown("turn", study, turn.pk, seen="queued")
    assert "The model is writing" in now and "seen=running" in now
    assert "hx-swap-oob" not in now


def test_the_answer_ends_the_waiting_and_opens_what_comes_next(study):
    talk = worlds.conversation(study, "A nodule.")
    turn = talk.turns.get()
    part = shown("turn", study, turn.pk, seen="running")
    assert "A nodule." in part and "every 1s" not in part
    assert part.count("hx-swap-oob") == 3 and "Question 1 is answered." in part
    assert 'value="differential">' in part and 'value="report"' not in part
    text = shown("conversation", study, talk.pk)
    assert "A nodule." in text and "Export panel" in text
    assert "every 1s" not in text


def test_a_worker_that_is_away_is_said_plainly(study):
    case = study.caseset.studycase_set.first().case
    text = sent("case", study, case.pk, kind="report")
    assert "No worker has shown itself for a while. Nothing is lost" in text
    turn = Turn.objects.get()
    path = address("turn", study, turn.pk)
    assert cora().client.get(path, {"seen": "queued-alone"}).status_code == 204
    beat()
    assert "Waiting for the worker" in shown(
        "turn", study, turn.pk, seen="queued-alone"
    )


def test_a_failure_is_shown_with_its_reason_and_tried_again(study, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    case = study.caseset.studycase_set.first().case
    sent("case", study, case.pk, kind="report")
    turn = Turn.objects.get()
    claimed = leases.claim(Turn, id=turn.pk, worker="one")
    leases.fail(claimed, reason="The conversation is too long.")
    part = shown("turn", study, turn.pk, seen="running")
    assert "The conversation is too long." in part and "Try it again" in part
    assert "Question 1 got no answer." in part
    sent("retry", study, turn.pk)
    turn.refresh_from_db()
    assert turn.status == "queued"


def test_a_refused_question_is_not_lost(study):
    talk = worlds.conversation(study)
    text = sent("conversation", study, talk.pk, kind="free", question="y" * 1200)
    assert "The question has 1200 characters" in text and "y" * 1200 in text
    assert 'aria-invalid="true"' in text
    sent("conversation", study, talk.pk, kind="labels")
    busy = sent("conversation", study, talk.pk, kind="free", question="And the heart?")
    assert "still at the question before" in busy
    assert ">And the heart?</textarea>" in busy
    assert talk.turns.count() == 2


def test_labels_are_a_table_and_what_is_none_stays_as_it_came(study):
    case = study.caseset.studycase_set.first().case
    sent("case", study, case.pk, kind="labels")
    values = {name: int(name == "Edema") for name in FINDINGS}
    turn = worlds.answered(Turn.objects.get(), json.dumps(values))
    text = shown("conversation", study, turn.conversation_id)
    assert text.count("<strong>present</strong>") == 1
    assert text.count(">absent<") == 13
    sent("case", study, case.pk, kind="labels")
    turn = worlds.answered(Turn.objects.last(), '{"Edema": 1, "Heart": <b>')
    text = shown("conversation", study, turn.conversation_id)
    assert "{&quot;Edema&quot;: 1, &quot;Heart&quot;: &lt;b&gt;" in text
    assert "It is no JSON" in text and "kept as it came" in text


def test_an_answer_that_was_cut_off_says_so(study):
    case = study.caseset.studycase_set.first().case
    sent("case", study, case.pk, kind="report")
    turn = Turn.objects.get()
    claimed = leases.claim(Turn, id=turn.pk, worker="one")
    store_answer(claimed, answer="The heart", provenance={"finish": "length"})
    assert "cut off" in shown("conversation", study, turn.conversation_id)


def test_nothing_that_was_typed_or_answered_runs_as_a_script(study):
    case = study.caseset.studycase_set.first().case
    with lifted("reports_report"):
        Report.objects.filter(case=case).update(text=SCRIPT)
    sent("case", study, case.pk, kind="free", question=SCRIPT)
    turn = worlds.answered(Turn.objects.get(), SCRIPT)
    for text in (
        shown("conversation", study, turn.conversation_id),
        shown("turn", study, turn.pk, seen="running"),
        sent("conversation", study, turn.conversation_id, kind="free", question=""),
    ):
        assert "<script>alert" not in text and "<img src=x" not in text
        assert "&lt;script&gt;alert" in text
    policy = cora().client.get(address("cases", study))["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy


def test_a_new_conversation_begins_beside_the_old_one(study):
    talk = worlds.conversation(study)
    text = shown("conversation", study, talk.pk)
    assert address("case", study, talk.case_id) in text
    sent("case", study, talk.case_id, kind="free", question="Is there a tube?")
    assert Conversation.objects.filter(case=talk.case).count() == 2
    assert shown("case", study, talk.case_id).count("1 question</span>") == 2
    assert shown("conversation", study, talk.pk).count("1 question</span>") == 1
    assert '<td class="number">2</td>' in shown("cases", study)


def test_the_radiograph_is_asked_for_anew_but_sent_once(study):
    image = study.caseset.studycase_set.first().case.image
    path = address("image", study, image.pk)
    first = cora().client.get(path)
    assert first["Content-Type"] == "image/png"
    assert first["Cache-Control"] == "private, no-cache"
    again = cora().client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    image.frame_file.storage.delete(image.frame_file.name)
    assert cora().client.get(path).status_code == 404


@pytest.mark.parametrize("state", ["draft", "open"])
def test_whoever_still_reads_somewhere_sees_nothing_of_it(study, state):
    """Carla coordinates this study and is to read in another one."""
    carla = person("Carla")
    join(study, carla, Membership.Role.COORDINATOR)
    talk = worlds.conversation(study)
    names = [("cases",), ("case", talk.case_id), ("image", talk.image_id)]
    names += [("conversation", talk.pk), ("turn", talk.turns.get().pk)]
    paths = [address(name, study, *row) for name, *row in names]
    assert {carla.client.get(path).status_code for path in paths} == {200}
    make = worlds.draft_study if state == "draft" else worlds.open_study
    other = make("other", readers=[carla])
    answers = [carla.client.get(path) for path in paths]
    answers.append(carla.client.post(paths[1], {"kind": "report"}))
    answers.append(
        carla.client.post(address("export", study, talk.pk), {"kind": "svg"})
    )
    assert {answer.status_code for answer in answers} == {403}
    assert b"You are a reader of a study that is not closed yet" in answers[0].content
    if state == "open":
        close(study=other, actor=cora().user)
        assert {carla.client.get(path).status_code for path in paths} == {200}


def test_a_conversation_is_reached_through_its_own_study_alone(study):
    talk = worlds.conversation(study)
    other = worlds.open_study("other")
    for name, row in (("conversation", talk.pk), ("turn", talk.turns.get().pk)):
        assert cora().client.get(address(name, other, row)).status_code == 404
    export = address("export", other, talk.pk)
    assert cora().client.post(export, {"kind": "svg"}).status_code == 404
