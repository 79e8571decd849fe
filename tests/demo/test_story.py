"""The demonstration: what a visitor meets, and what simulated readers do."""

import pytest

from readerstudy.demo import story
from readerstudy.demo.simulate import read_all
from readerstudy.grading.models import ErrorMark, Grade, SourceGuess
from readerstudy.grading.path import Stop, next_step
from readerstudy.presentation.readiness import checklist
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_visitor_meets_consent_practice_and_a_short_guess(monkeypatch):
    chapter = story.OPEN
    small = story.Chapter(**{**vars(chapter), "normal": 1, "abnormal": 1})
    monkeypatch.setattr(story, "CHAPTERS", (small,))
    for _ in range(2):
        story.prepare()
    study = Study.objects.get(code=chapter.code)
    assert study.practicecase_set.count() == 2
    assert (study.guess_sample, study.display_check) == (4, True)
    assert "demonstration" in study.consent
    (check,) = [each for each in checklist(study) if "practice case" in each.sentence]
    assert check.done
    expected = study.practicecase_set.values_list("expected", flat=True)
    assert set(expected) == {"A"}
    assert Report.objects.filter(practicecase__study=study).count() == 2


def test_simulated_readers_guess_as_well(monkeypatch):
    monkeypatch.setattr("readerstudy.demo.simulate.simulated_grade", lambda *_: "B")
    study = worlds.open_study(guess_sample=4)
    reader = study.membership_set.readers().get()
    read_all(reader)
    assert next_step(reader).stop == Stop.DONE
    assert SourceGuess.objects.count() == 4


def test_simulated_readers_answer_whatever_the_protocol_asks(monkeypatch):
    monkeypatch.setattr("readerstudy.demo.simulate.simulated_grade", lambda *_: "D")
    monkeypatch.setattr(
        "readerstudy.demo.simulate._drawn", lambda _: frozenset({"effusion"})
    )
    study = worlds.open_study(
        guess_sample=2, session_reads=6, instruments=["errors", "confidence"]
    )
    reader = study.membership_set.readers().get()
    read_all(reader)
    assert next_step(reader).stop == Stop.DONE
    # Two sessions, and a guess after each.
    assert SourceGuess.objects.count() == 4
    grades = Grade.objects.of_study(study)
    assert {grade.answers["confidence"] for grade in grades} <= {"4", "5"}
    omitted = ErrorMark.objects.filter(grade__in=grades)
    assert omitted.count() == 12
    assert {mark.category for mark in omitted} == {"omission"}
    assert all(mark.significant for mark in omitted)
