"""Reads as DICOM Structured Reports: TID 1500, Measurement Report, by highdicom.

A document holds what one reader said of one case: a measurement group (TID 1501) for
each report that was read. Grades and answers are qualitative evaluations in a coding
scheme of ours, times and counts of errors are measurements. Source: DICOM PS3.16 2024c.
Knows no Django.
"""

import datetime
import io
from collections.abc import Mapping, Sequence

import highdicom.sr as sr
from highdicom.sr.coding import CodedConcept
from pydicom import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import UID, ComputedRadiographyImageStorage

from readerstudy.export.standards.record import (
    SCHEME,
    Question,
    ReadRecord,
    uuid_of,
)

_PROCEDURE = CodedConcept("399208008", "SCT", "Plain X-ray of chest")
# The length of the value representation LO.
_LONGEST_MEANING = 64
_NOTICE = "Research reader study; no claim of clinical validity"


def document(
    reads: Sequence[ReadRecord],
    asked: Sequence[Question],
    errors: Mapping[str, str],
    *,
    software: str,
) -> bytes:
    """A file of one reader's reads of one case, the same at every export.

    It is preliminary and nobody has verified it: no report about a patient.
    """
    first = reads[0]
    image = _radiograph(first)
    made = sr.EnhancedSR(
        evidence=[image],
        content=sr.MeasurementReport(
            observation_context=_observers(first, software),
            procedure_reported=_PROCEDURE,
            imaging_measurements=[_group(each, asked, errors, image) for each in reads],
        )[0],
        series_instance_uid=_uid(first.study, first.reader, first.case, "series"),
        series_number=1,
        sop_instance_uid=_uid(first.study, first.reader, first.case, "report"),
        instance_number=1,
        manufacturer="readerstudy",
        is_complete=True,
        is_final=False,
    )
    if first.examination is None:
        # highdicom lists what it was given as evidence; there is no such instance.
        del made.CurrentRequestedProcedureEvidenceSequence
    # Protocols may word their grades in any language.
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SoftwareVersions = software
    made.SeriesDescription = "Reader study"
    made.CompletionFlagDescription = _NOTICE
    _date(made, max(each.submitted for each in reads))
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _radiograph(read: ReadRecord) -> Dataset:
    """What the document is about: a pseudonymous patient, and the UIDs of the image.

    Where the radiograph came without UIDs they are made up from its names, and the
    document refers to no image.
    """
    known = read.examination
    image = Dataset()
    image.PatientID = f"{read.study}-{read.case}"[:_LONGEST_MEANING]
    image.PatientName = image.PatientBirthDate = image.PatientSex = ""
    image.StudyID = image.AccessionNumber = image.ReferringPhysicianName = ""
    image.StudyDate = image.StudyTime = ""
    image.StudyInstanceUID = known.study_uid if known else _uid(read.study, read.case)
    image.SeriesInstanceUID = (
        known.series_uid if known else _uid(read.study, read.case, "image series")
    )
    image.SOPInstanceUID = (
        known.instance_uid if known else _uid(read.study, read.case, "image")
    )
    image.SOPClassUID = known.class_uid if known else ComputedRadiographyImageStorage
    # highdicom looks whether it is an image at all; neither stands in the document.
    image.Modality, image.Rows, image.Columns = "CR", 1, 1
    return image


def _observers(read: ReadRecord, software: str) -> sr.ObservationContext:
    """The reader by pseudonym, and the software that asked."""
    person = sr.PersonObserverIdentifyingAttributes(
        name=f"{read.reader}^^^^", organization_name=read.study[:_LONGEST_MEANING]
    )
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=_uid("readerstudy"), name=software[:_LONGEST_MEANING]
    )
    return sr.ObservationContext(
        observer_person_context=sr.ObserverContext(codes.DCM.Person, person),
        observer_device_context=sr.ObserverContext(codes.DCM.Device, device),
    )


def _group(
    read: ReadRecord,
    asked: Sequence[Question],
    errors: Mapping[str, str],
    image: Dataset,
) -> sr.MeasurementsAndQualitativeEvaluations:
    """What was said of one report."""
    said = [
        sr.QualitativeEvaluation(
            _code(each.name, each.text),
            _code(read.answers[each.name], each.answers[read.answers[each.name]]),
        )
        for each in asked
        if each.name in read.answers
    ]
    known = {
        "arm": ("Source of the report", _code(read.arm, read.arm)),
        "repeat": ("The same reader read it before", _said(read.is_repeat)),
        "included": ("The read counts in the analysis", _said(read.is_included)),
    }
    said += [
        sr.QualitativeEvaluation(_code(name, words), value)
        for name, (words, value) in known.items()
    ]
    counted = [
        sr.Measurement(_code(name, errors[name]), count, codes.UCUM.NoUnits)
        for name, count in read.errors.items()
    ]
    if read.seconds is not None:
        name = _code("active_time", "Active reading time")
        counted.append(sr.Measurement(name, read.seconds, codes.UCUM.Second))
    source = None
    if read.examination is not None:
        source = [sr.SourceImageForMeasurementGroup.from_source_image(image)]
    return sr.MeasurementsAndQualitativeEvaluations(
        sr.TrackingIdentifier(
            uid=_uid(read.name), identifier=read.name[:_LONGEST_MEANING]
        ),
        session=str(read.session),
        measurements=counted,
        qualitative_evaluations=said,
        source_images=source,
    )


def _code(value: str, meaning: str) -> CodedConcept:
    """A concept of our own scheme; a meaning that is too long is cut to fit."""
    return CodedConcept(value, SCHEME, meaning[:_LONGEST_MEANING])


def _said(holds: bool) -> CodedConcept:
    return _code("yes", "Yes") if holds else _code("no", "No")


def _uid(*words: str) -> UID:
    return UID(f"2.25.{uuid_of(*words).int}")


def _date(made: Dataset, submitted: str) -> None:
    """Date a document by its last read, not by its export."""
    at = datetime.datetime.fromisoformat(submitted).astimezone(datetime.UTC)
    made.TimezoneOffsetFromUTC = "+0000"
    made.ContentDate = made.InstanceCreationDate = f"{at:%Y%m%d}"
    made.ContentTime = made.InstanceCreationTime = f"{at:%H%M%S}"
    for equipment in made.ContributingEquipmentSequence:
        equipment.ContributionDateTime = f"{at:%Y%m%d%H%M%S}+0000"
