"""Each design through the site: frozen, read to its end, closed, and analysed."""

import csv
import datetime
import io
from collections import Counter

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from readerstudy.analysis.disagreements.listing import Filters, page_of
from readerstudy.analysis.disagreements.opened import opened
from readerstudy.analysis.reads import reads_csv
from readerstudy.analysis.services import results_of_csv
from readerstudy.analysis.statistics.design import design_of_protocol
from readerstudy.export.flow import flow_rows
from readerstudy.grading import path
from readerstudy.grading.amending import may_amend
from readerstudy.grading.models import Grade
from readerstudy.grading.path import Stop, next_slot, next_step
from readerstudy.grading.progress import progress_of
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.lifted import lifted
from tests.people import person, rosa
from tests.remembered import remembered

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=50)]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def a_grade(slot, place):
    """What a reader thinks of a report, the same each time."""
    case, arm = int(slot.presented.case.code[3:]), slot.presented.arm.position
    return "ABCD"[(case + arm * case % 3 + place) % 4]


def read_through_the_site(study):
    """Every reader submits the plain form until nothing is left."""
    people = {"rosa": rosa(), "ravi": person("Ravi"), "rita": person("Rita")}
    readers = study.membership_set.readers().select_related("user")
    for place, reader in enumerate(readers):
        client = people[reader.user.username].client
        start = reverse("grading:next", args=[study.code])
        while True:
            slot = next_slot(reader)
            if slot is None:
                break
            page = client.get(start, follow=True)
            assert page.redirect_chain[-1][0].endswith(f"{slot.public_id}/")
            form = {"idempotency_key": f"{slot.public_id}-key"}
            read = list(Slot.objects.read_together(slot))
            for number, each in enumerate(read, 1):
                prefix = f"report{number}-" if len(read) == 2 else ""
                form[f"{prefix}letter"] = a_grade(each, place)
            if len(read) == 2:
                form["preference"] = "1"
            client.post(page.redirect_chain[-1][0], form)
        assert next_slot(reader) is None
        done = progress_of(reader)
        assert done.missing == 0
        assert next_step(reader).stop == Stop.DONE
    return worlds.close(study)


def results_of(study):
    return results_of_csv(
        reads_csv(study).encode(), design_of_protocol(study.locked_protocol)
    ).values


def rows_of(study):
    return list(csv.DictReader(io.StringIO(reads_csv(study))))


@pytest.mark.parametrize(
    ("design", "reads", "headline"),
    [
        ({}, 36, "ok"),
        ({"allocation": "split_plot", "anchor_cases": 2}, 24, "ok"),
        ({"allocation": "one_report"}, 18, "no_complete_blocks"),
        ({"arm_order": "williams"}, 36, "ok"),
        ({"hidden_repeats": 3}, 45, "ok"),
        ({"allocation": "split_plot", "presentation": "pair"}, 18, "ok"),
    ],
)
def test_a_design_is_read_closed_and_analysed(design, reads, headline):
    readers = [rosa(), person("Ravi"), person("Rita")]
    study = worlds.open_study(readers=readers, instruments=[], seed=5, **design)
    assert Slot.objects.of_study(study).count() == reads
    study = read_through_the_site(study)
    assert Grade.objects.of_study(study).count() == reads
    found = results_of(study)
    repeats = design.get("hidden_repeats", 0) * 3
    assert found["design"]["reads"] == reads - repeats
    assert found["pairs"][0]["headline"]["status"] == headline
    assert found["repeats"].get("pairs", 0) == repeats
    crossed = "allocation" not in design
    assert found["design"]["fully_crossed"] is crossed
    if headline != "ok":
        sensitivity = found["sensitivity"][0]["all_rows"]
        assert sensitivity["difference"] is not None


@remembered
def read_with_repeats():
    study = worlds.open_study(readers=[rosa(), person("Ravi")], hidden_repeats=3)
    return read_through_the_site(study)


@pytest.fixture
def repeated():
    """A closed study in which three reports came again to each of two readers."""
    return read_with_repeats()


def test_a_repeat_enters_its_own_table_alone(repeated):
    rows = rows_of(repeated)
    assert Counter(row["repeat"] for row in rows) == {"0": 24, "1": 6}
    found = results_of(repeated)
    assert found["missing"]["repeats"] == 6
    assert sum(found["grades"][arm]["n"] for arm in found["grades"]) == 24
    assert found["repeats"]["pairs"] == 6


def test_the_flow_counts_repeats_apart_from_the_arms(repeated):
    rows = [row for row in flow_rows(repeated) if row["stage"] in ("reads", "grades")]
    by_arm = [row for row in rows if row["arm"]]
    for what in ("dealt", "given"):
        assert [row["count"] for row in by_arm if row["what"] == what] == [12, 12]
    (again,) = [row for row in rows if "repeats" in row["what"]]
    assert (again["count"], again["arm"]) == (6, "")


def test_disagreements_count_first_readings_and_the_open_case_shows_both(repeated):
    listed = page_of(repeated, Filters(spread=0), None, 50)
    graded = [
        grade for row in listed.rows for each in row.reports for grade in each.grades
    ]
    assert len(graded) == 24
    again = Slot.objects.of_study(repeated).filter(repeat=1).first()
    shown = opened(repeated, again.presented.case)
    readers = [each.reader for report in shown.reports for each in report.opinions]
    assert f"{again.reader.reader_code}, again" in readers


def test_the_database_takes_a_report_twice_and_no_third_time():
    study = worlds.open_study(hidden_repeats=1)
    again = Slot.objects.of_study(study).get(repeat=1)
    assert (
        Slot.objects.filter(reader=again.reader, presented=again.presented).count() == 2
    )
    for repeat in (1, 2):
        # The lock of the lists would refuse it before its constraint does.
        with (
            lifted("presentation_slot"),
            pytest.raises(IntegrityError),
            transaction.atomic(),
        ):
            Slot.objects.create(
                reader=again.reader,
                presented=again.presented,
                position=99,
                repeat=repeat,
            )


def test_a_repeat_waits_for_the_wash_out_like_any_other_reading(monkeypatch):
    study = worlds.open_study(hidden_repeats=2, washout_days=7)
    reader = study.membership_set.readers().get()
    now = timezone.now()
    sessions = 0
    while next_slot(reader) is not None:
        worlds.read_session(reader)
        sessions += 1
        step = next_step(reader)
        if step.stop == Stop.DONE:
            break
        assert step.stop == Stop.WAIT
        page = rosa().client.get(reverse("grading:next", args=[study.code]))
        text = page.content.decode()
        assert "some of the radiographs again. The 7 days" in text
        assert "another report" not in text and "It has" not in text
        now += datetime.timedelta(days=8)
        monkeypatch.setattr(path.timezone, "now", lambda now=now: now)
    assert sessions == 3
    last = Slot.objects.of_reader(reader).filter(session=3)
    assert set(last.values_list("repeat", flat=True)) == {1}


def test_where_reports_come_again_earlier_grades_are_not_taken_up(settings):
    changes = {"amending": "study", "session_reads": 7}
    study = worlds.open_study(hidden_repeats=2, **changes)
    plain = worlds.open_study("plain", **changes)
    for each, expected in ((study, False), (plain, True)):
        reader = each.membership_set.readers().get()
        while (slot := next_slot(reader)) and slot.session < 3:
            if slot.session == 2 and Grade.objects.of_reader(reader).filter(
                slot__session=2
            ):
                break
            worlds.grade_next(reader, "B")
        first = Slot.objects.of_reader(reader).first()
        assert may_amend(first) is expected
