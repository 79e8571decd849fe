"""What the dashboard shows of readers, and that it tells no grade and no arm."""

import csv
import datetime
import io
import re

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.grading.dashboard.known import known_of
from readerstudy.grading.dashboard.rows import dashboard_rows
from readerstudy.grading.dashboard.rules import (
    UNIFORM_READS,
    PageRead,
    Reading,
    expected_end,
    flags_of,
    hardly_varies,
    pace_of,
)
from readerstudy.grading.models import Grade
from readerstudy.grading.path import next_slot, next_step
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.blinding.exchange import comparable, exchange_what_is_behind, undone
from tests.people import anya, cora, person, rosa

NOW = datetime.datetime(2026, 5, 20, 12, tzinfo=datetime.UTC)


def read(seconds, *, code="R1", days_ago=0, **more):
    at = NOW - datetime.timedelta(days=days_ago)
    pages = [PageRead(at, each) for each in seconds]
    return Reading(code, pages, more.pop("answers", ()), more.pop("left", 5), **more)


def flags(reading, *others, **more):
    return flags_of(reading, [reading, *others], NOW, is_open=True, **more)


def test_pace_is_a_median_of_what_was_timed_and_pages_a_reading_day():
    pace = pace_of(read([10, None, 30, 50]))
    assert (pace.seconds, pace.pages_a_day) == (30, 4)
    nothing = pace_of(read([]))
    assert (nothing.seconds, nothing.pages_a_day) == (None, None)


def test_the_expected_end_goes_on_as_until_now_and_waits_for_the_wash_out():
    today = NOW.date()
    reading = read([20] * 10, days_ago=4, left=10, waits=1)
    assert expected_end(reading, today) == today + datetime.timedelta(days=5)
    later = expected_end(reading, today, washout_days=28)
    assert later == today + datetime.timedelta(days=28)
    assert expected_end(read([20], left=0), today) is None
    assert expected_end(read([]), today) is None


def test_reading_in_seconds_is_flagged_by_itself_and_beside_the_others():
    assert flags(read([3] * 5)) == ["reads unusually fast"]
    assert flags(read([3] + [30] * 19)) == []
    others = [read([90] * 6, code="R2"), read([120] * 6, code="R3")]
    assert flags(read([20] * 6), *others) == ["reads unusually fast"]
    assert flags(read([60] * 6), *others) == []
    assert flags(read([3] * 4)) == []


def test_long_silence_is_flagged_unless_there_is_nothing_to_do():
    seen = NOW - datetime.timedelta(days=9)
    assert flags(read([30], last_seen=seen)) == ["not seen for 9 days"]
    assert flags(read([30], last_seen=seen, left=0)) == []
    assert flags(read([30], last_seen=seen), is_waiting=True) == []
    assert flags(read([30], last_seen=seen, has_withdrawn=True)) == []


def test_what_a_reader_has_not_done_yet_is_told():
    missing = read([], lacks_consent=True, lacks_display_check=True)
    assert flags(missing) == ["has not given consent", "has not checked the display"]
    assert flags_of(missing, [], NOW, is_open=False) == []
    failed = read([], display_failed=True)
    assert flags(failed) == ["reads on a display that did not pass"]


@given(
    answers=st.lists(st.sampled_from("ABCD"), max_size=60),
    order=st.permutations("ABCD"),
)
def test_whether_grades_hardly_vary_has_nothing_to_do_with_which_they_are(
    answers, order
):
    other = dict(zip("ABCD", order, strict=True))
    renamed = [other[letter] for letter in answers]
    assert hardly_varies(answers) == hardly_varies(renamed)
    assert hardly_varies(answers[::-1]) == hardly_varies(answers)
    assert len(answers) >= UNIFORM_READS or not hardly_varies(answers)


def test_nearly_all_alike_is_flagged_after_enough_reads():
    assert flags(read([30], answers="B" * 20)) == ["grades hardly vary"]
    assert flags(read([30], answers="B" * 19)) == []
    assert flags(read([30], answers="B" * 19 + "C")) == []
    assert flags(read([30], answers="B" * 39 + "C")) == ["grades hardly vary"]


@pytest.fixture
def study(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(
        readers=[rosa(), person("Ravi")], cases=12, distance=1, session_reads=12
    )
    for reader in study.membership_set.readers():
        for number in range(22):
            worlds.grade_next(
                reader, "AB"[number % 2] if reader.user == rosa().user else "C"
            )
    return study


def page(study, someone=None, name="grading:progress"):
    return (someone or cora()).client.get(reverse(name, args=[study.code]))


def test_the_page_tells_how_far_how_fast_and_what_is_worth_a_look(study):
    shown = page(study).content.decode()
    assert "44 of 48 reports graded." in shown
    assert "22 of 24" in shown
    assert "1 of 2" in shown
    assert "grades hardly vary" in shown
    assert shown.count("grades hardly vary") == 1
    rows = dashboard_rows(study)
    assert rows[0].pace.seconds == 20.0
    assert rows[0].expected_end == timezone.now().date() + datetime.timedelta(days=1)


@pytest.mark.parametrize("name", ["grading:progress", "grading:progress_csv"])
def test_no_byte_changes_with_the_letters_or_the_arms(study, name):
    def seen():
        return [comparable(page(study, each, name)) for each in (cora(), anya())]

    before = seen()
    with undone():
        exchange_what_is_behind(study)
        assert seen() == before
    with undone():
        rename_the_letters()
        assert seen() == before


def rename_the_letters():
    """Every grade becomes another one; as many are alike as before."""
    of_table = " ON grading_grade" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        # Grades are append-only; what is done here is rolled back.
        cursor.execute(f"DROP TRIGGER grading_grade_append_only{of_table}")
    other = {"A": "D", "B": "C", "C": "A"}
    for grade in Grade.objects.all():
        Grade.objects.filter(pk=grade.pk).update(letter=other[grade.letter])


def test_the_table_holds_the_same_by_codes_alone(study):
    rows = list(
        csv.DictReader(
            io.StringIO(page(study, None, "grading:progress_csv").content.decode())
        )
    )
    assert [row["reader"] for row in rows] == ["R1", "R2"]
    assert rows[0]["graded"] == "22"
    assert rows[1]["flags"] == "grades hardly vary"
    assert "Rosa" not in str(rows)


def test_no_grade_stands_on_the_page(study):
    shown = page(study).content.decode()
    table = shown[shown.index("<table") : shown.index("</table>")]
    words = re.sub(r"<[^>]+>", " ", table).split()
    assert not {"A", "B", "C", "D"} & set(words)
    assert Slot.objects.of_study(study).exists()


def test_of_a_pair_one_page_is_counted_and_both_answers(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(presentation="pair", cases=4)
    reader = study.membership_set.readers().get()
    worlds.grade_pair(next_slot(reader), "BD")
    known = known_of(study, [reader])[reader.pk].reading
    assert (len(known.pages), sorted(known.answers), known.left) == (1, ["B", "D"], 3)
    assert "2 of 8 reports graded." in page(study).content.decode()


def test_what_a_reader_has_to_do_before_reading_is_told(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(
        readers=[rosa(), person("Ravi")],
        cases=4,
        display_check=True,
        consent="My grades may be published.",
    )
    rosas, ravis = study.membership_set.readers()
    worlds.prepare(rosas)
    known = known_of(study, [rosas, ravis])
    told = {
        each.reading.code: (
            each.reading.lacks_consent,
            each.reading.lacks_display_check,
            each.reading.last_seen is None,
        )
        for each in known.values()
    }
    assert told == {"R1": (False, False, False), "R2": (True, True, True)}
    shown = page(study).content.decode()
    assert "has not given consent" in shown


def test_the_end_waits_for_the_wash_out_of_the_radiographs_read(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(
        readers=[rosa(), person("Ravi")],
        cases=4,
        distance=1,
        session_reads=2,
        washout_days=14,
    )
    rosas, ravis = study.membership_set.readers()
    assert known_of(study, [rosas])[rosas.pk].opens_at is None
    worlds.read_session(rosas)
    known = known_of(study, [rosas, ravis])
    assert known[rosas.pk].opens_at == next_step(rosas).opens_at
    assert known[rosas.pk].opens_at > timezone.now() + datetime.timedelta(days=13)
    assert known[ravis.pk].opens_at is None
    assert (known[rosas.pk].sessions_done, known[rosas.pk].sessions) == (2, 4)
