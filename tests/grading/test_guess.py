"""The guess at the sources: after a session, once; from then on its grades stand."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from readerstudy.analysis.reads import READ_COLUMNS, read_rows
from readerstudy.grading import amending
from readerstudy.grading.after.guessing import (
    Guess,
    GuessConflict,
    open_sheet,
    sampled_slots,
    store_guesses,
)
from readerstudy.grading.models import GuessSheet, SourceGuess
from readerstudy.grading.path import Stop, next_step
from readerstudy.grading.services import Conflict
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.people import person, rosa

pytestmark = pytest.mark.django_db
SHEET = reverse("grading:guess", args=["acceptability", 1])
OPEN = reverse("grading:open_guess", args=["acceptability", 1])
NEXT = reverse("grading:next", args=["acceptability"])


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def reader_of(**rules):
    rules = {"guess_sample": 3, "session_reads": 6, "amending": "study"} | rules
    study = worlds.open_study(**rules)
    return study.membership_set.readers().order_by("id").first()


def answers(count, author="model", confidence="4"):
    sent = {f"author{number}": author for number in range(1, count + 1)}
    return sent | {f"confidence{n}": confidence for n in range(1, count + 1)}


def test_after_the_last_report_of_a_session_the_guess_comes_next():
    reader = reader_of()
    assert rosa().client.get(SHEET).url == NEXT
    worlds.read_session(reader)
    step = next_step(reader)
    assert (step.stop, step.session) == (Stop.GUESS, 1)
    assert rosa().client.get(NEXT).url == SHEET
    cover = rosa().client.get(SHEET).content.decode()
    assert "3 reports" in cover
    with pytest.raises(Conflict, match="session you finished"):
        worlds.grade(step.slot, "A")


def test_the_sample_is_seeded_and_holds_a_radiograph_once():
    reader = reader_of(guess_sample=50, session_reads=None, seed=5)
    sample = sampled_slots(reader, 1)
    assert len(sample) == 6
    assert len({slot.presented.case_id for slot in sample}) == 6
    assert sample == sampled_slots(reader, 1)
    places = [slot.position for slot in sample]
    assert places == sorted(places)
    reader.study.seed = 6
    assert [slot.position for slot in sampled_slots(reader, 1)] != places


def test_two_readers_are_asked_of_different_reports():
    reader = reader_of(readers=[rosa(), person("Ravi")], guess_sample=4, seed=1)
    other = reader.study.membership_set.readers().last()
    asked = [{s.position for s in sampled_slots(r, 1)} for r in (reader, other)]
    assert asked[0] != asked[1]


def test_all_guesses_are_handed_in_at_once_and_reach_the_export():
    reader = reader_of()
    worlds.read_session(reader)
    assert rosa().client.post(OPEN).url == SHEET
    page = rosa().client.get(SHEET).content.decode()
    assert page.count("Who wrote it?") == 3
    assert rosa().client.post(SHEET, answers(3)).url == NEXT
    assert SourceGuess.objects.count() == 3
    assert next_step(reader).stop == Stop.READ
    rows = [row for row in read_rows(reader.study) if row["guess_source"]]
    assert [(row["guess_source"], row["guess_confidence"]) for row in rows] == [
        ("model", 4)
    ] * 3
    assert {row["position"] for row in rows} == {
        slot.position for slot in sampled_slots(reader, 1)
    }
    assert "person or model" in READ_COLUMNS["guess_source"]


def test_a_missing_answer_keeps_the_others_and_stores_nothing():
    reader = reader_of()
    worlds.read_session(reader)
    rosa().client.post(OPEN)
    sent = answers(3)
    del sent["author2"]
    page = rosa().client.post(SHEET, sent)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Say who wrote it." in text
    assert text.count("checked") == 5
    assert not SourceGuess.objects.exists()


def test_the_same_answers_twice_are_stored_once_and_others_are_refused():
    reader = reader_of()
    worlds.read_session(reader)
    open_sheet(reader=reader, session=1)
    guesses = [Guess("person", 2)] * 3
    first = store_guesses(reader=reader, session=1, guesses=guesses)
    assert store_guesses(reader=reader, session=1, guesses=guesses) == first
    with pytest.raises(GuessConflict, match="first stand"):
        store_guesses(reader=reader, session=1, guesses=[Guess("model", 2)] * 3)
    again = rosa().client.post(SHEET, answers(3), follow=True)
    assert "those given first stand" in again.content.decode()
    assert set(SourceGuess.objects.values_list("source", flat=True)) == {"person"}
    assert rosa().client.get(SHEET).url == NEXT


def test_an_open_sheet_ends_every_change_of_that_session():
    reader = reader_of(undo_seconds=60)
    worlds.read_session(reader)
    last = Slot.objects.of_reader(reader).get(position=6)
    assert amending.may_amend(last)
    open_sheet(reader=reader, session=1)
    assert not amending.may_amend(last)
    with pytest.raises(ValidationError, match="grades stand"):
        amending.undo(slot=last, actor=reader.user)
    with pytest.raises(ValidationError, match="grades stand"):
        amending.amend(slot=last, actor=reader.user, reason="A slip.")
    answer = rosa().client.post(reverse("api:undo", args=[last.public_id]))
    assert answer.status_code == 400


def test_a_grade_taken_up_again_is_submitted_before_the_sheet_opens():
    reader = reader_of()
    worlds.read_session(reader)
    slot = Slot.objects.of_reader(reader).get(position=2)
    amending.amend(slot=slot, actor=reader.user, reason="A slip.")
    page = rosa().client.post(OPEN, follow=True).content.decode()
    assert "taken up a grade" in page
    assert not GuessSheet.objects.exists()
    worlds.grade(slot, "D", key="the-second-version")
    rosa().client.post(OPEN)
    assert GuessSheet.objects.count() == 1


def test_a_session_that_is_not_graded_has_no_sheet_to_open():
    reader = reader_of()
    worlds.grade_next(reader, "A")
    with pytest.raises(ValidationError, match="nothing to guess"):
        open_sheet(reader=reader, session=1)
    with pytest.raises(ValidationError, match="nothing to guess"):
        open_sheet(reader=reader, session=9)
    with pytest.raises(ValidationError, match="Open the page"):
        store_guesses(reader=reader, session=1, guesses=[])


def test_after_the_last_session_the_guess_comes_before_the_end():
    reader = reader_of(session_reads=None)
    worlds.read_session(reader)
    assert next_step(reader).stop == Stop.GUESS
    rosa().client.post(OPEN)
    rosa().client.post(SHEET, answers(3))
    assert next_step(reader).stop == Stop.DONE


def test_of_a_pair_one_report_is_guessed():
    reader = reader_of(presentation="pair", session_reads=None, guess_sample=4)
    while next_step(reader).stop == Stop.READ:
        worlds.grade_pair(next_step(reader).slot)
    sample = sampled_slots(reader, 1)
    assert len({slot.presented.case_id for slot in sample}) == 4
    open_sheet(reader=reader, session=1)
    store_guesses(reader=reader, session=1, guesses=[Guess("model", 1)] * 4)
    assert next_step(reader).stop == Stop.DONE


def test_a_closed_study_takes_no_guesses():
    reader = reader_of()
    worlds.read_session(reader)
    open_sheet(reader=reader, session=1)
    worlds.close(reader.study)
    with pytest.raises(ValidationError, match="closed"):
        store_guesses(reader=reader, session=1, guesses=[Guess("model", 1)] * 3)


def test_a_guess_is_never_altered_and_stays_on_its_scale():
    reader = reader_of()
    worlds.read_session(reader)
    sheet = open_sheet(reader=reader, session=1)
    store_guesses(reader=reader, session=1, guesses=[Guess("model", 1)] * 3)
    with pytest.raises(DatabaseError), transaction.atomic():
        SourceGuess.objects.update(source="person")
    slot = Slot.objects.of_reader(reader).get(position=12)
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceGuess.objects.create(sheet=sheet, slot=slot, source="model", confidence=6)


@pytest.mark.parametrize("body", [{}, {"author1": "model"}])
def test_the_sheet_is_shown_by_no_other_way_than_opening_it(body):
    reader = reader_of(guess_sample=2)
    early = rosa().client.post(SHEET, body, follow=True).content.decode()
    assert "A person" not in early
    while next_step(reader).stop == Stop.READ:
        worlds.grade_next(reader, "B")
    due = rosa().client.post(SHEET, body, follow=True).content.decode()
    assert "A person" not in due
    assert not GuessSheet.objects.exists()
    rosa().client.post(OPEN)
    assert "A person" in rosa().client.get(SHEET).content.decode()


def test_opening_the_sheet_twice_opens_it_once():
    reader = reader_of()
    worlds.read_session(reader)
    first = open_sheet(reader=reader, session=1)
    assert rosa().client.post(OPEN).url == SHEET
    assert open_sheet(reader=reader, session=1) == first
    assert GuessSheet.objects.count() == 1


@pytest.mark.parametrize(
    ("guesses", "told"),
    [
        ([Guess("model", 4)] * 2, "Answer for each of the reports."),
        ([Guess("nobody", 4)] * 3, "Say of each report who wrote it."),
        ([Guess("person", 6)] * 3, "how sure you are, 1 to 5"),
    ],
)
def test_what_is_no_whole_guess_is_not_stored(guesses, told):
    reader = reader_of()
    worlds.read_session(reader)
    open_sheet(reader=reader, session=1)
    with pytest.raises(ValidationError, match=told):
        store_guesses(reader=reader, session=1, guesses=guesses)
    assert not SourceGuess.objects.exists()


def test_an_old_window_with_half_a_sheet_leads_on_once_it_is_handed_in():
    reader = reader_of()
    worlds.read_session(reader)
    rosa().client.post(OPEN)
    rosa().client.post(SHEET, answers(3))
    assert rosa().client.post(SHEET, answers(2, author="person")).url == NEXT
    assert set(SourceGuess.objects.values_list("source", flat=True)) == {"model"}
