"""The guide says where every step of a set-up stands, and what comes next."""

from dataclasses import dataclass

import pytest
from django.urls import reverse

from readerstudy.presentation.set_up.guide import expected_of, guide_of
from readerstudy.presentation.set_up.steps import (
    STEPS,
    State,
    neighbours,
    next_of,
    standings,
    step_at,
)
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@dataclass(frozen=True)
class Line:
    done: bool
    sentence: str
    tab: str
    warns: bool = False


def test_a_step_is_open_with_its_first_open_sentence():
    found = standings(
        [
            Line(True, "Drawn.", "cases:of_study"),
            Line(False, "Not signed off.", "cases:of_study"),
            Line(False, "No images.", "cases:of_study"),
            Line(True, "Guessable.", "reports:of_study", warns=True),
        ]
    )
    assert (found[0].state, found[0].sentence) == (State.OPEN, "Not signed off.")
    assert (found[1].state, found[1].sentence) == (State.WARNED, "Guessable.")
    assert found[3].state == State.OPTIONAL
    assert next_of(found) is found[0]
    assert "2 points are still open" in found[-1].sentence


def test_the_freeze_comes_when_nothing_is_open():
    found = standings([Line(True, "Drawn.", "cases:of_study")])
    assert next_of(found).step.title == "Freeze"


def test_a_line_of_a_page_that_no_step_names_is_not_lost():
    found = standings([Line(False, "Mark one arm.", "studies:setup")])
    assert next_of(found).sentence == "Mark one arm."


def test_the_steps_follow_each_other():
    assert neighbours(STEPS[0]) == (None, STEPS[1])
    assert neighbours(STEPS[-1]) == (STEPS[-2], None)
    assert [step_at(step.page) for step in STEPS] == list(STEPS)


def test_every_line_of_the_checklist_is_told_by_the_guide_s_pages():
    study = worlds.draft_study(distance=1)
    answer = cora().client.get(reverse("studies:setup", args=[study.code]))
    shown = answer.content.decode()
    for row in guide_of(study).rows:
        assert row.standing.sentence.replace("'", "&#x27;") in shown


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_each_step_s_page_leads_back_and_on(step):
    study = worlds.draft_study(distance=1)
    page = cora().client.get(reverse(step.page, args=[study.code])).content.decode()
    assert "Steps of the set-up" in page
    for neighbour in neighbours(step):
        if neighbour:
            assert reverse(neighbour.page, args=[study.code]) in page


def test_an_empty_site_says_the_three_things_to_do_first():
    page = cora().client.get(reverse("home")).content.decode()
    assert reverse("cases:intake:bring_in") in page
    assert reverse("reports:tables:tables") in page
    assert reverse("set_up:new") in page


def test_the_guide_says_why_a_design_can_not_be_dealt():
    study = worlds.draft_study(allocation="split_plot", reader_groups=4)
    told = expected_of(study)
    assert str(told).startswith("4 groups need 4 readers at the least; there are 1.")
    page = cora().client.get(reverse("studies:setup", args=[study.code]))
    assert "4 groups need 4 readers at the least" in page.content.decode()
