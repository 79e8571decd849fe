"""The reckoning of the drill: content with what is right, it names what is not."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from drills import verify
from drills.names import CODE
from drills.readers import Diary
from drills.uploader import Ledger
from readerstudy.audit.models import Event
from readerstudy.cases.models import Image
from readerstudy.grading.models import Grade
from readerstudy.presentation.models import Slot
from readerstudy.reports.models import CXR_LLAVA, Job
from readerstudy.reports.services import source_named
from tests import worlds
from tests.lifted import lifted

Diaries = dict[str, Diary]


@pytest.fixture
def diaries(db, settings, tmp_path: Path) -> Diaries:
    """Rosa has graded two reports, and knows it."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(CODE, cases=2, distance=1)
    diary = Diary()
    for slot in Slot.objects.of_study(study).order_by("position")[:2]:
        worlds.grade(slot, "B", "key-of-this-one")
        diary.sent[slot.public_id] = ("key-of-this-one", "B")
        diary.acknowledged[slot.public_id] = "B"
    return {"rosa": diary}


def broken(diaries: Diaries, ledger: Ledger | None = None) -> list[str]:
    """The first words of the rules that do not hold."""
    found = verify.everything(diaries, ledger or Ledger())
    return [" ".join(each.rule.split()[:6]) for each in found if not each.holds]


def test_it_is_content_with_what_is_right(diaries: Diaries) -> None:
    assert broken(diaries) == []


def first(diaries: Diaries) -> str:
    return next(iter(diaries["rosa"].acknowledged))


def another_letter(diaries: Diaries) -> None:
    diaries["rosa"].acknowledged[first(diaries)] = "A"


def never_stored(diaries: Diaries) -> None:
    diaries["rosa"].acknowledged["another"] = "A"


def never_sent(diaries: Diaries) -> None:
    del diaries["rosa"].sent[first(diaries)]


def another_key(diaries: Diaries) -> None:
    diaries["rosa"].sent[first(diaries)] = ("another key", "B")


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (another_letter, "Each of 2 acknowledged grades is"),
        (never_stored, "Each of 3 acknowledged grades is"),
        (never_sent, "Each of 2 stored grades was"),
        (another_key, "Each of 2 stored grades was"),
    ],
)
def test_it_names_a_grade_that_is_not_as_it_was_sent(
    diaries: Diaries, spoil: Callable[[Diaries], None], rule: str
) -> None:
    spoil(diaries)
    assert broken(diaries) == [rule]


def test_it_names_a_grade_that_is_there_twice(diaries: Diaries) -> None:
    stored = Grade.objects.order_by("pk")[0]
    stored.pk, stored.version, stored.reason = None, 2, "No reason."
    stored.idempotency_key = "another key"
    stored.save(force_insert=True)
    *rules, record = broken(diaries)
    assert rules == [
        "Each of 2 acknowledged grades is",
        "Each of 3 stored grades was",
        "Each stored grade has exactly one",
    ]
    assert record.startswith("The chain of ")


def test_it_names_a_broken_chain(diaries: Diaries) -> None:
    with lifted("audit_event"):
        Event.objects.filter(stream=CODE).update(subject="somebody else's")
    assert "The chain of" in " ".join(broken(diaries))


def test_it_names_a_report_that_was_not_written(diaries: Diaries) -> None:
    Job.objects.create(
        case=Image.objects.all()[0].case,
        source=source_named(CXR_LLAVA),
        fingerprint="f" * 64,
        checkpoint="bundled",
    )
    assert broken(diaries) == [
        "All of 1 jobs are done.",
        "Each of 0 reports was asked",
        "No work is left waiting or",
    ]


def test_it_names_an_upload_that_was_lost(diaries: Diaries) -> None:
    ledger = Ledger(files={"upload-1.dcm"})
    assert broken(diaries, ledger) == ["Each of 1 uploaded radiographs is"]


def test_it_names_pixels_that_are_lost(diaries: Diaries, tmp_path: Path) -> None:
    (tmp_path / Image.objects.all()[0].frame_file.name).unlink()
    assert "has its pixels" in "".join(
        each.rule for each in verify.media() if not each.holds
    )


def test_leftovers_are_swept_and_a_stranger_is_named(
    diaries: Diaries, tmp_path: Path
) -> None:
    (tmp_path / "frames" / f"{'a' * 32}.u16.gz").write_bytes(b"of a killed import")
    (tmp_path / "stray").write_bytes(b"of nobody")
    *_, files = verify.media()
    assert files.problems == (str(tmp_path / "stray"),)
    assert "had removed 1 leftovers" in files.rule


def test_a_broken_rule_is_told_with_what_breaks_it() -> None:
    finding = verify.Finding("All is well.", tuple(f"not {n}" for n in range(9)))
    told = finding.told()
    assert told.startswith("  BROKEN  All is well. (9)")
    assert told.count("not ") == verify.SHOWN
    assert dataclasses.replace(finding, problems=()).told() == "  holds   All is well."
