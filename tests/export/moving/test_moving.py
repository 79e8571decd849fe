"""A study is packed on one server and unpacked on another: it is the same study."""

import datetime
import io
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from readerstudy.accounts.models import User
from readerstudy.analysis.services import compute
from readerstudy.audit.models import Event
from readerstudy.audit.verifying import first_break
from readerstudy.cases.frame_store import pixels_of
from readerstudy.cases.models import Case, CaseSet, Collection, Image
from readerstudy.export.moving.archive import Packed, read
from readerstudy.export.moving.declared import DECLARED
from readerstudy.export.moving.lines import target_of
from readerstudy.export.moving.matching import look
from readerstudy.export.moving.scope import LATER, ORDER, model_of
from readerstudy.export.moving.unpacking import unpack
from readerstudy.export.tables import table_lines, table_names
from readerstudy.grading.models import Draft, Grade
from readerstudy.presentation.models import Slot
from readerstudy.reports.models import Report
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.protocol import canonical_json, sha256_of
from tests import worlds
from tests.export.moving.two_servers import closed_study, packed, read_study
from tests.lifted import lifted
from tests.people import cora, person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def strangers() -> None:
    """Another server has numbered its people and cases in its own way."""
    for name in ("Olga", "Omar", "Otto", "Oskar"):
        person(name)
    collection = Collection.objects.create(name="elsewhere")
    Case.objects.create(collection=collection, code="E1")


def tables(study: Study) -> dict[str, str]:
    return {name: "".join(table_lines(study, name)) for name in table_names()}


def test_a_study_is_the_same_on_another_server(here, there, tmp_path):
    with here:
        study = closed_study()
        file = packed(study, tmp_path)
        before = tables(study), compute(study=study, actor=None).results
        numbers = set(User.objects.values_list("pk", "username"))
    with there:
        strangers()
        moved = unpack(packed=read(file), actor=None)
        assert sha256_of(canonical_json(moved.locked_protocol)) == moved.protocol_sha256
        assert first_break(moved.code) is None
        assert packed(moved, tmp_path, "again.zip").read_bytes() == file.read_bytes()
        assert tables(moved) == before[0]
        assert compute(study=moved, actor=None).results == before[1]
        assert set(User.objects.values_list("pk", "username")) != numbers
        for image in Image.objects.filter(case__studycase__isnull=False):
            assert pixels_of(str(image.frame_file), image.frame_sha256)


def test_the_database_keeps_what_was_locked(here, there, tmp_path):
    with here:
        file = packed(closed_study(), tmp_path)
    with there:
        moved = unpack(packed=read(file), actor=None)
        assert CaseSet.objects.get(study=moved).is_locked
        for rows, field in (
            (Study.objects.filter(pk=moved.pk), "seed"),
            (Grade.objects.of_study(moved), "version"),
            (Event.objects.filter(stream=moved.code), "sequence"),
        ):
            refused = pytest.raises(DatabaseError, match="never altered")
            with refused, transaction.atomic():
                rows.update(**{field: 999})


def test_new_people_can_not_sign_in_and_known_ones_are_matched(here, there, tmp_path):
    with here:
        file = packed(closed_study(), tmp_path)
    with there:
        known = person("Rosa").user
        found = look(read(file))
        assert {name: there for name, _, there in found.people}["rosa"] == known
        unpack(packed=read(file), actor=None)
        ravi = User.objects.get(username="ravi")
        assert not ravi.is_active and not ravi.has_usable_password()
        assert Membership.objects.get(user=known).reader_code == "R1"


def test_who_brings_it_in_coordinates_where_nobody_else_could(here, there, tmp_path):
    with here:
        file = packed(closed_study(), tmp_path)
    with there:
        otto = person("Otto", may_create_studies=True).user
        moved = unpack(packed=read(file), actor=otto)
        assert moved.membership_set.get(user=otto).role == "coordinator"
        assert first_break(moved.code) is None


def test_nobody_is_added_where_a_coordinator_is_known(here, there, tmp_path):
    with here:
        file = packed(closed_study(), tmp_path)
    with there:
        cora()
        otto = person("Otto", may_create_studies=True).user
        moved = unpack(packed=read(file), actor=otto)
        assert not moved.membership_set.filter(user=otto).exists()


def test_what_was_typed_and_not_sent_stays(here, there, tmp_path):
    with here:
        study = read_study()
        slot = Slot.objects.of_study(study).filter(grade=None).first()
        Draft.objects.create(slot=slot, content={"comment": "half a thought"})
        file = packed(worlds.close(study), tmp_path)
    with zipfile.ZipFile(file) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"half a thought" not in whole
    assert b"password" not in whole and b"pbkdf2" not in whole


def test_an_open_study_is_refused_and_a_paused_one_is_not(here, tmp_path):
    with here:
        worlds.open_study()
        out = tmp_path / "open.zip"
        with pytest.raises(CommandError, match="Pause it first"):
            call_command("pack_study", "acceptability", out=out)
        assert not out.exists()


@pytest.mark.parametrize("state", ["draft", "frozen", "paused", "archived"])
def test_a_study_of_any_other_state_moves(state, here, there, tmp_path):
    with here:
        file = packed(getattr(worlds, f"{state}_study")(), tmp_path)
    with there:
        strangers()
        call_command("unpack_study", file, stdout=io.StringIO())
        study = Study.objects.get()
        assert study.state == state
        assert packed(study, tmp_path, "again.zip").read_bytes() == file.read_bytes()


def test_a_locked_study_keeps_its_code(here, tmp_path):
    with here:
        study = closed_study()
        file = packed(study, tmp_path)
        with pytest.raises(CommandError, match="has a study acceptability already"):
            call_command("unpack_study", file, stdout=io.StringIO())
        with pytest.raises(CommandError, match="keeps its code on every server"):
            call_command("unpack_study", file, code="other", stdout=io.StringIO())
        assert Study.objects.count() == 1


def test_a_draft_can_take_another_code(here, tmp_path):
    with here:
        file = packed(worlds.draft_study(), tmp_path)
        call_command("unpack_study", file, code="other", stdout=io.StringIO())
        study = Study.objects.get(code="other")
        event = Event.objects.of_stream("other").get()
        assert event.detail["packed_as"] == "acceptability"
        assert first_break("other") is None
        assert study.caseset.studycase_set.count() == 6


def test_a_collection_with_other_content_stands_in_the_way(here, there, tmp_path):
    with here:
        file = packed(closed_study(), tmp_path)
    with there:
        Case.objects.create(
            collection=Collection.objects.create(name="phantoms"),
            code="CXR1",
            stratum="abnormal",
        )
        with pytest.raises(ValidationError, match="phantoms CXR1"):
            unpack(packed=read(file), actor=None)
        assert not Study.objects.exists()
        assert Case.objects.count() == 1


@pytest.fixture
def draft(here, tmp_path) -> Path:
    """A packed draft, of which nothing is on this server."""
    with here:
        return packed(worlds.draft_study(), tmp_path)


def test_another_report_of_the_same_source_stands_in_the_way(here, there, tmp_path):
    with here:
        file = packed(worlds.draft_study(), tmp_path)
    with there:
        made = worlds.collection()
        with lifted("reports_report"):
            Report.objects.all().delete()
        worlds.store_reports(
            source=worlds.source_named("cxr_llava"),
            cases={"CXR1": made.case_set.get(code="CXR1")},
            uploads=[worlds.UploadedReport("CXR1", text="Another text.")],
            actor=None,
            origin="reports.csv",
        )
        problems = look(read(file)).problems
        assert [each for each in problems if "has another report of cxr_llava" in each]


def test_a_day_comes_along(here, there, tmp_path):
    with here:
        day = datetime.date(2031, 5, 6)
        file = packed(worlds.draft_study(ends_on=day), tmp_path)
    with there:
        assert unpack(packed=read(file), actor=None).ends_on == day


def test_a_reserved_code_is_taken_by_no_study(draft):
    with pytest.raises(ValidationError, match="The code new is reserved"):
        unpack(packed=read(draft), actor=None, code="new")


class TakenInMeanwhile(Packed):
    """A packed study that somebody else takes in while its pixels are kept."""

    def pixels(self):
        unpack(packed=Packed(self.manifest, self.rows, self.path, []), actor=None)
        return super().pixels()


def test_of_two_who_bring_a_study_in_at_once_one_is_told(draft):
    found = read(draft)
    second = TakenInMeanwhile(found.manifest, found.rows, found.path, found.frames)
    with pytest.raises(ValidationError, match="has a study acceptability already"):
        unpack(packed=second, actor=None)
    assert Study.objects.count() == 1


def test_the_command_packs_and_says_what_stands_in_its_way(here, tmp_path):
    with here:
        worlds.draft_study()
        out, told = tmp_path / "study.zip", io.StringIO()
        call_command("pack_study", "acceptability", out=out, stdout=told)
        assert f"acceptability packed into {out}, manifest " in told.getvalue()
        with pytest.raises(CommandError, match="There is no study elsewhere"):
            call_command("pack_study", "elsewhere", out=out)
        with pytest.raises(CommandError, match="can't be written: No such file"):
            call_command("pack_study", "acceptability", out=tmp_path / "no" / "s.zip")


def test_the_command_looks_first_and_asks_who_answers_for_the_study(draft):
    told = io.StringIO()
    call_command("unpack_study", draft, look=True, stdout=told)
    assert "acceptability: A study" in told.getvalue()
    assert not Study.objects.exists()
    with pytest.raises(CommandError, match="nobody called otto on this server"):
        call_command("unpack_study", draft, coordinator="otto", stdout=told)
    person("Otto", may_create_studies=True)
    call_command("unpack_study", draft, coordinator="otto", stdout=told)
    study = Study.objects.get()
    assert study.membership_set.get(user__username="otto").role == "coordinator"


def test_rows_are_packed_after_those_they_refer_to():
    place = {label: number for number, label in enumerate(ORDER)}
    for label in ORDER:
        for name in DECLARED[label].moved():
            target = target_of(model_of(label), name)
            if target and (label, name) not in LATER:
                assert place[target._meta.label] <= place[label], f"{label}.{name}"


def test_what_is_declared_as_moved_is_packed():
    assert set(ORDER) == {label for label, each in DECLARED.items() if each.moved()}
