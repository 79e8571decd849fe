"""What two readers said of a study, as FHIR and as DICOM Structured Reports: read back
by the libraries of both worlds and by dcmtk, number by number as in reads.csv."""

import csv
import io
import json
import subprocess
import zipfile
from pathlib import Path

import highdicom.sr as sr
import pydicom
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from pydicom.sr.codedict import codes
from pydicom.uid import DigitalXRayImageStorageForPresentation, generate_uid

from readerstudy.analysis.reads import reads_csv
from readerstudy.audit.models import Event
from readerstudy.cases.models import Image
from readerstudy.export.standards import fhir, services
from readerstudy.export.standards.record import Question, ReadRecord
from readerstudy.export.standards.structured_report import document
from readerstudy.grading.models import Grade
from readerstudy.grading.path import next_slot
from readerstudy.grading.reply import Mark
from readerstudy.studies.models import Study
from tests import worlds
from tests.lifted import lifted
from tests.people import anya, cora, person, rosa

pytestmark = pytest.mark.django_db
UIDS = {
    "StudyInstanceUID": generate_uid(entropy_srcs=["study"]),
    "SeriesInstanceUID": generate_uid(entropy_srcs=["series"]),
    "SOPInstanceUID": generate_uid(entropy_srcs=["instance"]),
    "SOPClassUID": str(DigitalXRayImageStorageForPresentation),
}
ASKED = ["radpeer", "confidence", "errors", "comment", "cannot_assess"]
LETTERS = "ABCD"


@pytest.fixture
def study(settings, tmp_path) -> Study:
    """Two cases, one of which came as DICOM; Rosa and Ravi have read all but one."""
    settings.MEDIA_ROOT = tmp_path / "media"
    study = worlds.open_study(
        readers=[rosa(), person("Ravi")], cases=2, distance=1, instruments=ASKED
    )
    Image.objects.filter(case__code="CXR1").update(header=UIDS)
    for reader in study.membership_set.readers():
        for letter in LETTERS[: 4 if reader.reader_code == "R1" else 2]:
            mark = Mark("omission", True, replacement="A nodule.")
            worlds.grade(
                next_slot(reader),
                letter,
                comment="Mr Miller again.",
                answers={"radpeer": "2a", "confidence": "4"},
                marks=[mark] if letter == "D" else [],
            )
    left = next_slot(study.membership_set.readers().last())
    worlds.grade(left, "", cannot_assess="image_quality")
    return worlds.close(study)


def rows(study: Study) -> list[dict[str, str]]:
    """The reads that were given, as reads.csv has them."""
    found = csv.DictReader(io.StringIO(reads_csv(study)))
    return [row for row in found if row["grade"] or row["cannot_assess_reason"]]


def files(study: Study, form: str) -> dict[str, bytes]:
    """What Anya downloads."""
    answer = anya().client.get(reverse("export:reads", args=[study.code, form]))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {
            name.removeprefix(f"{study.code}-{form}/"): archive.read(name)
            for name in archive.namelist()
        }


def names_nobody(content: bytes) -> bool:
    words = (b"Rosa", b"rosa", b"Ravi", b"Miller", b"CXR1", b"phantoms")
    return not any(word in content for word in words)


def test_every_read_is_a_response_to_the_questionnaire(study):
    found = files(study, "fhir")
    assert all(names_nobody(content) for content in found.values())
    asked = Questionnaire.model_validate_json(found["Questionnaire.json"])
    items = {each.linkId: each for each in asked.item}
    assert [each.valueCoding.code for each in items["grade"].answerOption] == [*LETTERS]
    lines = found["QuestionnaireResponse.ndjson"].splitlines()
    given = rows(study)
    assert len(lines) == len(given) == 7
    for line, row in zip(lines, given, strict=True):
        read = QuestionnaireResponse.model_validate_json(line)
        assert read.questionnaire == f"{asked.url}|{asked.version}"
        answers = {each.linkId: each.answer[0] for each in read.item}
        assert answers.keys() <= items.keys()
        kinds = {"choice": "valueCoding", "boolean": "valueBoolean"}
        for link, answer in answers.items():
            kind = items[link].type
            field = kinds.get(kind, f"value{kind.capitalize()}")
            assert getattr(answer, field) is not None, link
            if kind == "choice":
                offered = [each.valueCoding for each in items[link].answerOption]
                assert answer.valueCoding in offered
        for link in ("grade", "radpeer", "confidence"):
            code = answers[link].valueCoding.code if link in answers else ""
            assert code == row[link]
        assert answers["errors_omission"].valueInteger == int(row["errors_omission"])
        assert answers["arm"].valueString == row["arm"]
        assert float(answers["seconds"].valueDecimal) == float(row["seconds"])
        assert read.subject.identifier.value == row["case"]
        assert read.author.identifier.value == row["reader"]
    identifiers = [json.loads(line)["id"] for line in lines]
    assert len(set(identifiers)) == len(identifiers)


def test_what_each_reader_said_of_each_case_is_a_measurement_report(study):
    worlds.exclusion(study, reader=study.membership_set.readers().last())
    found = files(study, "sr")
    documents = {name: each for name, each in found.items() if name.endswith(".dcm")}
    given = rows(study)
    pairs = {(row["reader"], row["case"]) for row in given}
    assert documents.keys() == {f"{r}/{c}.dcm" for r, c in pairs}
    seen = 0
    for name, content in documents.items():
        assert names_nobody(content)
        made = sr.srread(io.BytesIO(content))
        assert (made.VerificationFlag, made.PreliminaryFlag) == (
            ("UNVERIFIED", "PRELIMINARY")
        )
        reader, case = name.removesuffix(".dcm").split("/")
        assert str(made.PatientID).endswith(case) and not made.PatientName
        own = [r for r in given if (r["reader"], r["case"]) == (reader, case)]
        # CXR1 is C1: it came as DICOM, and is referred to by its UIDs.
        refers = "CurrentRequestedProcedureEvidenceSequence" in made
        assert refers == (case == "C1")
        assert (made.StudyInstanceUID == UIDS["StudyInstanceUID"]) == (case == "C1")
        groups = made.content.get_image_measurement_groups()
        assert len(groups) == len(own)
        for group, row in zip(groups, own, strict=True):
            said = {
                each.name.value: each.value.value
                for each in group.get_qualitative_evaluations()
            }
            assert said.get("grade", "") == row["grade"]
            assert said["arm"] == row["arm"]
            assert said["included"] == ("yes" if row["included"] == "1" else "no")
            assert said["repeat"] == ("yes" if row["repeat"] == "1" else "no")
            assert said.get("cannot_assess", "") == row["cannot_assess_reason"]
            counted = {each.name.value: each.value for each in group.get_measurements()}
            assert counted["active_time"] == float(row["seconds"])
            assert counted["omission"] == int(row["errors_omission"])
            seen += 1
    assert seen == 7


# dcmtk reads UTF-8, but does not look whether each text has only signs that it may.
NOT_CHECKED = (
    "W: The VR checker does not support this Specific Character Set: ISO_IR 192\n"
)
KOREAN = "수정 없이 승인할 수 있음"


def a_read(*, seconds: float | None = 12.5) -> ReadRecord:
    return ReadRecord(
        study="acceptability",
        reader="R1",
        case="C1",
        stratum="normal",
        arm="radiologist",
        position=7,
        session=2,
        is_repeat=True,
        is_included=False,
        answers={"grade": "A"},
        errors={},
        seconds=seconds,
        submitted="2026-03-02T10:00:00Z",
    )


def test_words_in_korean_and_a_repeat_come_back_from_the_file_as_they_were():
    asked = [Question("grade", "Acceptability of the report", {"A": KOREAN})]
    content = document([a_read()], asked, {}, software="readerstudy")
    made = sr.srread(io.BytesIO(content))
    assert made.SpecificCharacterSet == "ISO_IR 192"
    (group,) = made.content.get_image_measurement_groups()
    said = {
        each.name.value: (each.value.value, each.value.meaning)
        for each in group.get_qualitative_evaluations()
    }
    assert said["grade"] == ("A", KOREAN)
    assert (said["repeat"][0], said["included"][0]) == ("yes", "no")


def test_a_read_that_was_not_timed_tells_no_seconds():
    asked = [Question("grade", "Acceptability of the report", {"A": KOREAN})]
    said = {}
    for seconds in (12.5, None):
        made = fhir.response(a_read(seconds=seconds), asked)
        QuestionnaireResponse.model_validate(made)
        said[seconds] = {each["linkId"] for each in made["item"]}
    assert said[12.5] - said[None] == {"seconds"}


@pytest.mark.dcmtk
def test_dcmtk_reads_the_reports_without_a_word_of_complaint(study, tmp_path):
    out = tmp_path / "out"
    call_command("export_reads", study.code, form="sr", out=out)
    for path in sorted(out.rglob("*.dcm")):
        said = subprocess.run(
            ["dsrdump", "+Pt", str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "TID 1500 (DCMR)" in said.stdout
        assert "Acceptability of the report" in said.stdout
        assert said.stderr in {"", NOT_CHECKED}


def test_the_same_reads_give_the_same_bytes_and_leave_an_event(study, tmp_path):
    for form in services.known_forms():
        assert files(study, form) == files(study, form)
        folder: Path = tmp_path / form
        call_command("export_reads", study.code, form=form, out=folder)
        stored = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        assert stored == files(study, form)
    told = Event.objects.of_stream(study.code).filter(verb="study.downloaded")
    assert {(each.subject, each.detail["by"]) for each in told} == {
        (f"reads as {form}", by)
        for form in ("fhir", "sr")
        for by in ("browser", "command")
    }


def test_too_many_reads_are_left_to_the_command(study, monkeypatch):
    monkeypatch.setitem(services.AT_ONCE_READS, "sr", 3)
    path = reverse("export:reads", args=[study.code, "sr"])
    answer = cora().client.get(path, follow=True)
    assert "export_reads acceptability --form sr" in answer.content.decode()
    assert cora().client.get(path.replace("sr.zip", "hl7.zip")).status_code == 404


def test_the_command_says_what_is_wrong(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(CommandError, match="no study nowhere"):
        call_command("export_reads", "nowhere", form="sr", out=tmp_path)
    study = worlds.frozen_study(cases=2)
    with pytest.raises(CommandError, match="sealed until"):
        call_command("export_reads", study.code, form="sr", out=tmp_path)
    (tmp_path / "file").write_text("in the way")
    closed = worlds.study_without_grades("second")
    with pytest.raises(CommandError, match="can't be written"):
        call_command("export_reads", closed.code, form="fhir", out=tmp_path / "file")


def test_the_codes_are_those_of_the_standard():
    assert codes.DCM.ImagingMeasurementReport.value == "126000"
    assert pydicom.uid.EnhancedSRStorage.name == "Enhanced SR Storage"


def test_a_read_whose_time_nobody_took_has_none_in_its_report(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = worlds.open_study(cases=2, distance=1)
    slot = next_slot(study.membership_set.readers().get())
    worlds.grade(slot, "B")
    with lifted("grading_grade"):
        Grade.objects.update(active_ms=None)
    (report,) = [
        content
        for name, content in files(worlds.close(study), "sr").items()
        if name.endswith(".dcm")
    ]
    document = str(pydicom.dcmread(io.BytesIO(report)))
    assert "active_time" not in document
    assert slot.presented.arm.name in document
