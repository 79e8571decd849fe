"""How long Rosa read by the server's clock, where the server saw her reading at all."""

import datetime

import pytest

from readerstudy.analysis.reads import read_rows
from readerstudy.grading.models import Grade
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.lifted import lifted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_only_a_page_whose_opening_was_told_has_seconds_of_the_server():
    """One took 90 seconds, one has no known opening, one came with its own grade."""
    study = worlds.open_study()
    reader = study.membership_set.readers().get()
    for letter in "BCA":
        worlds.grade_next(reader, letter)
    first, second, _ = Slot.objects.of_reader(reader).order_by("position")[:3]
    submitted = Grade.objects.get(slot=first).submitted_at
    with lifted("presentation_slot"):
        opened = submitted - datetime.timedelta(seconds=90)
        Slot.objects.filter(pk=first.pk).update(opened_at=opened)
        Slot.objects.filter(pk=second.pk).update(opened_at=None)
    told = [
        (row["grade"], row["server_seconds"])
        for row in read_rows(study)
        if row["grade"]
    ]
    assert told == [("B", "90.000"), ("C", ""), ("A", "")]
