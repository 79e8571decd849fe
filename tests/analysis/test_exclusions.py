"""Anya leaves something out after closing: with a reason, for all to see."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.analysis.exclusions import exclude, lift
from readerstudy.analysis.models import Exclusion
from readerstudy.analysis.reads import read_rows
from readerstudy.analysis.services import compute
from readerstudy.audit.models import Event
from readerstudy.export.tables import table_lines
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.export.whole import bundle_files
from tests.people import anya, person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    return worlds.closed_study(readers=[rosa(), person("Ravi"), person("Ruth")])


def send(study, **typed):
    address = reverse("analysis:exclusions", args=[study.code])
    return anya().client.post(address, typed)


def left_out(study):
    return {
        (row["reader"], row["case"], row["arm"]): row["exclusion_reason"]
        for row in read_rows(study)
        if row["included"] == 0
    }


def test_a_reader_is_left_out_and_counts_again_once_lifted(study):
    reader = study.membership_set.readers().first()
    assert send(study, reader=reader.pk, reason="Ill that day.").status_code == 302
    assert len(left_out(study)) == 12
    assert set(left_out(study).values()) == {"Ill that day."}
    row = Exclusion.objects.get()
    address = reverse("analysis:lift", args=[study.code, row.pk])
    anya().client.post(address, {"reason": "It was another day."})
    assert left_out(study) == {}
    verbs = Event.objects.of_stream(study.code).values_list("verb", flat=True)
    assert {"analysis.excluded", "analysis.exclusion_lifted"} <= set(verbs)


def test_a_case_and_a_single_read_are_left_out(study):
    reader = study.membership_set.readers().last()
    arm = study.arm_set.first()
    send(study, case="CXR1", reason="Rotated.")
    send(study, reader=reader.pk, case="CXR2", arm=arm.pk, reason="Interrupted.")
    found = left_out(study)
    assert len(found) == 7
    assert found[reader.reader_code, "C2", arm.name] == "Interrupted."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reason": "So."}, "Name a reader, a case or a read."),
        ({"case": "CXR999", "reason": "So."}, "The study has no such case."),
        ({"case": "CXR1", "arm": 1, "reason": "So."}, "single read needs all three"),
        ({"case": "CXR1"}, "This field is required."),
        ({"case": "CXR1", "reason": "  "}, "This field is required."),
    ],
)
def test_what_is_not_clear_is_refused_and_nothing_is_lost(study, typed, said):
    if "arm" in typed:
        typed = typed | {"arm": study.arm_set.first().pk}
    answer = send(study, **typed)
    assert said in answer.content.decode()
    assert not Exclusion.objects.exists()


def test_a_report_that_a_reader_was_not_given_is_not_left_out():
    readers = [rosa(), person("Ravi")]
    study = worlds.closed_study(readers=readers, allocation="one_report")
    reader = study.membership_set.readers().first()
    dealt = Slot.objects.of_reader(reader).get(presented__case__code="CXR1")
    other = study.arm_set.exclude(pk=dealt.presented.arm_id).get()
    read = {"reader": reader.pk, "case": "CXR1", "reason": "So."}
    answer = send(study, **read, arm=other.pk)
    assert "This reader was not given that report." in answer.content.decode()
    assert not Exclusion.objects.exists()
    send(study, **read, arm=dealt.presented.arm_id)
    assert Exclusion.objects.get().slot == dealt


def test_one_thing_of_this_very_study_is_left_out_for_a_reason(study):
    other = worlds.closed_study("other", readers=[rosa()])
    stranger = other.membership_set.readers().get()
    elsewhere = worlds.collection("elsewhere", cases=1).case_set.get()
    reader = study.membership_set.readers().first()
    for target, said in (
        ({}, "Name one thing to leave out"),
        ({"reader": reader, "case": elsewhere}, "Name one thing to leave out"),
        ({"reader": stranger}, "This is no reader of the study"),
        ({"case": elsewhere}, "The study has no such case"),
        ({"slot": Slot.objects.of_study(other).first()}, "The study has no such read"),
    ):
        with pytest.raises(ValidationError, match=said):
            exclude(study=study, actor=anya().user, reason="So.", **target)
    with pytest.raises(ValidationError, match="Say why it is left out"):
        exclude(study=study, actor=anya().user, reason=" ", reader=reader)
    assert not Exclusion.objects.exists()


def test_what_lifts_an_exclusion_is_not_lifted(study):
    row = worlds.exclusion(study)
    lifting = lift(exclusion=row, actor=anya().user, reason="An error.")
    with pytest.raises(ValidationError, match="there is nothing to lift"):
        lift(exclusion=lifting, actor=anya().user, reason="Another.")


def test_the_same_is_left_out_once_and_lifted_once(study):
    row = worlds.exclusion(study)
    with pytest.raises(ValidationError, match="already"):
        worlds.exclusion(study)
    lift(exclusion=row, actor=anya().user, reason="An error.")
    with pytest.raises(ValidationError, match="already"):
        lift(exclusion=row, actor=anya().user, reason="An error.")
    # After that it may be left out again.
    assert worlds.exclusion(study).is_in_force


def test_nothing_is_left_out_while_the_study_is_read():
    study = worlds.open_study()
    with pytest.raises(ValidationError, match="after the study is closed"):
        exclude(
            study=study,
            actor=anya().user,
            reason="Ill.",
            reader=study.membership_set.readers().first(),
        )


def test_a_row_is_never_altered(study):
    worlds.exclusion(study)
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        Exclusion.objects.update(reason="Another.")


def test_a_row_is_never_deleted_in_force_or_lifted(study):
    row = worlds.exclusion(study)
    for _ in range(2):
        with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
            Exclusion.objects.filter(lifted_by=None).delete()
        if row.is_in_force:
            lift(exclusion=row, actor=anya().user, reason="An error.")
            row = Exclusion.objects.get(pk=row.pk)


def test_it_is_a_deviation_and_the_result_stands_with_and_without_it(study):
    worlds.exclusion(study)
    table = "".join(table_lines(study, "deviations.csv"))
    lines = list(csv.DictReader(io.StringIO(table)))
    assert [(line["number"], line["field"], line["reason"]) for line in lines] == [
        ("E1", "reader R1", "Ill that day.")
    ]
    results = compute(study=study, actor=None).results
    assert results["design"]["readers"] == 2
    assert results["without_exclusions"]["excluded"] == 12
    assert results["without_exclusions"]["reads"] == 36
    page = anya().client.get(reverse("analysis:results", args=[study.code]))
    assert "With and without exclusions" in page.content.decode()


def test_the_methods_tell_what_was_left_out_after_the_close(study):
    worlds.exclusion(study)
    text = bundle_files(study)["methods.md"].decode()
    assert "Reader R1 was excluded on " in text
    assert ", after the close: Ill that day." in text
