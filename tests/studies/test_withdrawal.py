"""Ravi leaves a study: he reads no further, what he read stays stored, and the rule
that was recorded says whether it counts."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.analysis.deviations import deviation_rows
from readerstudy.analysis.documents.methods_deviations import deviation_paragraphs
from readerstudy.analysis.reads import reads_csv
from readerstudy.analysis.services import compute, result_files, stored_results
from readerstudy.analysis.state import changes_since, state_of
from readerstudy.audit.models import Event
from readerstudy.export.tables import table_rows
from readerstudy.grading.closing import close
from readerstudy.grading.models import Grade
from readerstudy.grading.path import next_slot
from readerstudy.grading.services import StudyClosed
from readerstudy.studies.lifecycle.services import archive
from readerstudy.studies.lifecycle.unblinding import unblind
from readerstudy.studies.models import Study, Withdrawal
from readerstudy.studies.people.withdrawing import withdraw
from tests import worlds
from tests.people import cora, person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    return worlds.open_study(readers=[rosa(), person("Ravi")], cases=4, distance=1)


def reader(study, code="R2"):
    return study.membership_set.get(reader_code=code)


def leave(study, code="R2", rule="excluded", reason="Moved to another hospital."):
    return withdraw(
        study=study,
        actor=cora().user,
        reader=reader(study, code),
        reason=reason,
        rule=rule,
    )


def test_he_reads_no_further_and_is_told_kindly(study):
    worlds.grade_next(reader(study), "A")
    slot = next_slot(reader(study))
    form = {"reader": reader(study).pk, "rule": "excluded", "reason": "Ill."}
    path = reverse("people:withdraw", args=[study.code])
    page = cora().client.post(path, form | {"is_sure": "on"}, follow=True)
    assert b"The withdrawal is recorded." in page.content
    for name in ("start", "next", "begin"):
        told = person("Ravi").client.get(reverse(f"grading:{name}", args=[study.code]))
        assert b"You have left the study" in told.content
    assert b"You have left this study." in person("Ravi").client.get("/").content
    with pytest.raises(StudyClosed, match="You have left this study"):
        worlds.grade(next_slot(reader(study)), "B")
    answer = person("Ravi").client.put(
        reverse("api:draft", args=[slot.public_id]),
        {"letter": "A"},
        content_type="application/json",
    )
    assert answer.status_code == 410
    assert Grade.objects.count() == 1
    assert worlds.grade_next(reader(study, "R1"), "C")


def test_a_study_can_be_closed_without_what_he_has_not_read(study):
    while worlds.grade_next(reader(study, "R1"), "B"):
        pass
    leave(study)
    page = cora().client.get(reverse("grading:progress", args=[study.code]))
    assert b"8 of 8 reports graded" in page.content
    assert b"withdrawn" in page.content


def test_where_his_reads_are_kept_those_that_he_left_undone_are_missing(study):
    while worlds.grade_next(reader(study, "R1"), "B"):
        pass
    worlds.grade_next(reader(study), "A")
    leave(study, rule="kept")
    with pytest.raises(ValidationError, match="7 of 16 reports are not graded"):
        close(study=study, actor=cora().user)
    study = close(
        study=study, actor=cora().user, accepted_missing=7, reason="He has moved."
    )
    told = Event.objects.of_stream(study.code).get(verb="study.closed")
    assert told.detail["missing"] == 7
    (_, early) = deviation_rows(study)
    assert (early["number"], early["after"]) == ("C1", "closed with 7 not graded")
    assert early["reason"] == "He has moved."
    assert "Reading was closed with 7 not graded on" in deviation_paragraphs([early])[0]


@pytest.mark.parametrize(("rule", "counts"), [("excluded", {"0"}), ("kept", {"1"})])
def test_the_rule_says_whether_his_reads_count(study, rule, counts):
    for code in ("R1", "R2"):
        worlds.grade_next(reader(study, code), "B")
    leave(study, rule=rule)
    rows = list(csv.DictReader(io.StringIO(reads_csv(study))))
    assert {row["included"] for row in rows if row["reader"] == "R2"} == counts
    assert {row["included"] for row in rows if row["reader"] == "R1"} == {"1"}
    reasons = {row["exclusion_reason"] for row in rows if row["reader"] == "R2"}
    excluded = "The reader withdrew: Moved to another hospital."
    assert reasons == ({excluded} if rule == "excluded" else {""})
    (row,) = deviation_rows(study)
    assert (row["field"], row["reason"]) == ("reader R2", "Moved to another hospital.")


def test_it_shows_in_results_flow_and_documents_with_and_without_him(study):
    for code in ("R1", "R2"):
        while worlds.grade_next(
            reader(study, code), "ABCD"[reader(study, code).pk % 4]
        ):
            pass
    leave(study)
    study = worlds.close(study)
    run = compute(study=study, actor=None)
    assert run.results["design"]["readers"] == 1
    files = result_files(
        stored_results(run),
        study.locked_protocol,
        deviations=list(deviation_rows(study)),
    )
    assert "withdrew on" in files["methods.md"].decode()
    assert "Moved to another hospital." in files["report.html"].decode()
    assert len(files["without_exclusions.csv"].splitlines()) > 1
    flow = {row["what"]: row["count"] for row in table_rows(study, "flow.csv")}
    assert flow["of them withdrawn"] == 1
    page = worlds.anya().client.get(reverse("analysis:exclusions", args=[study.code]))
    assert b"Reader R2 withdrew" in page.content


def test_once_results_are_open_early_nobody_chooses_what_counts(study):
    worlds.grade_next(reader(study), "A")
    unblind(study=study, actor=cora().user, reason="Safety.", typed_code=study.code)
    study = Study.objects.get(pk=study.pk)
    run = compute(study=study, actor=None)
    with pytest.raises(ValidationError, match="is kept"):
        leave(study)
    page = cora().client.get(reverse("grading:progress", args=[study.code]))
    assert b'value="excluded"' not in page.content
    leave(study, rule="kept")
    assert changes_since(run, state_of(study)) == ["0 withdrawals then, 1 now."]
    rows = list(deviation_rows(Study.objects.get(pk=study.pk)))
    assert rows[-1]["after"] == (
        "withdrawn after the results were opened. Reads until the withdrawal are kept"
    )
    (_, told) = deviation_paragraphs(rows)
    assert "after the results were opened: Moved to another hospital." in told


def test_after_the_close_nobody_withdraws_any_more(study):
    worlds.grade_next(reader(study), "A")
    study = worlds.close(study)
    for rule in ("excluded", "kept"):
        with pytest.raises(ValidationError, match="Reading has ended"):
            leave(study, rule=rule)
    page = cora().client.get(reverse("grading:progress", args=[study.code]))
    assert b"Record a withdrawal" not in page.content


def test_what_cannot_be_is_refused(study):
    leave(study)
    with pytest.raises(ValidationError, match="withdrawn already"):
        leave(study)
    with pytest.raises(ValidationError, match="Say why"):
        leave(study, "R1", reason=" ")
    with pytest.raises(ValidationError):
        leave(study, "R1", rule="forgotten")
    other = worlds.draft_study("other")
    with pytest.raises(ValidationError, match="simply removed"):
        leave(other, "R1")
    frozen = worlds.frozen_study("third")
    with pytest.raises(ValidationError, match="back to the draft and remove"):
        leave(frozen, "R1")
    put_away = archive(study=worlds.close(study), actor=cora().user)
    with pytest.raises(ValidationError, match="archived"):
        leave(put_away, "R1")


def test_the_record_of_a_withdrawal_stays_as_it_is(study):
    row = leave(study)
    rows = Withdrawal.objects.filter(pk=row.pk)
    for change in (lambda: rows.update(rule="kept"), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
