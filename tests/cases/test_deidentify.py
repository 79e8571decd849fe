"""Nothing that names a person gets from a file into the site."""

import gzip
import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.deidentify import kept_header
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.models import Case, Image
from readerstudy.cases.radiograph import Refused
from tests.cases.films import content_of, film, values

SECRET = "DOEJANE"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def named_everywhere():
    """A film whose every text element, also where a code belongs, has a name in it."""
    dataset = film(values(), WindowCenter=["2000", "9"], WindowWidth=["3000", "9"])
    dataset.WindowCenterWidthExplanation = [SECRET, "NORMAL"]
    for name in (
        *("PatientName", "PatientID", "AccessionNumber", "InstitutionName"),
        *("OtherPatientNames", "PatientAddress", "ReferringPhysicianName"),
        *("OperatorsName", "StudyDescription", "SeriesDescription", "ImageComments"),
        *("Manufacturer", "StationName", "ProtocolName", "DeviceSerialNumber"),
        *("BodyPartExamined", "ViewPosition", "ImageLaterality", "Laterality"),
        *("PresentationLUTShape", "PresentationIntentType", "RescaleType"),
        *("PixelIntensityRelationship", "LossyImageCompression", "StudyID"),
    ):
        setattr(dataset, name, SECRET)
    dataset.PatientBirthDate = "19500101"
    table = Dataset()
    table.LUTDescriptor = [2, 0, 8]
    table.add_new("LUTData", "US", [0, 255])
    table.LUTExplanation = SECRET
    dataset.VOILUTSequence = Sequence([table])
    nested = Dataset()
    nested.PatientName = SECRET
    dataset.OriginalAttributesSequence = Sequence([nested])
    block = dataset.private_block(0x0019, SECRET, create=True)
    block.add_new(1, "LO", SECRET)
    dataset.add_new(0x60000022, "LO", SECRET)
    return dataset


def everything_stored(media):
    """Each row of each table, and each file, as text."""
    rows = [
        json.dumps(list(model._default_manager.values()), default=str)
        for model in apps.get_models()
    ]
    files = [path for path in media.rglob("*") if path.is_file()]
    names = [str(path.relative_to(media)) for path in files]
    frames = [gzip.decompress(path.read_bytes()) for path in media.rglob("*.gz")]
    return "".join(rows + names), b"".join(frames)


@pytest.mark.django_db
@pytest.mark.parametrize("element", ["PatientID", "AccessionNumber"])
def test_no_name_reaches_the_database_or_the_disk(tmp_path, settings, element):
    place = tmp_path / SECRET
    place.mkdir()
    (place / f"{SECRET}.dcm").write_bytes(content_of(named_everywhere()))
    call_command("import_dicom", str(place), "--code-from", element)
    text, pixels = everything_stored(settings.MEDIA_ROOT)
    assert Case.objects.count() == 1
    assert SECRET not in text
    assert "19500101" not in text
    assert SECRET.encode() not in pixels


@pytest.mark.django_db
def test_one_patient_number_is_one_pseudonym(tmp_path):
    for number in (1, 2):
        dataset = film(values(seed=number), PatientID="4711")
        (tmp_path / f"{number}.dcm").write_bytes(content_of(dataset))
    call_command("import_dicom", str(tmp_path), "--code-from", "PatientID")
    case = Case.objects.get()
    assert case.code.startswith("P")
    assert "4711" not in case.code
    assert case.images.count() == 2


@pytest.mark.django_db
def test_a_file_without_the_number_is_refused(tmp_path):
    (tmp_path / "a.dcm").write_bytes(content_of(film(values())))
    with pytest.raises(CommandError, match="AccessionNumber is empty"):
        call_command("import_dicom", str(tmp_path), "--code-from", "AccessionNumber")


def test_usual_codes_and_window_names_are_kept():
    dataset = film(
        values(),
        BodyPartExamined="CHEST",
        ViewPosition="PA",
        RescaleType="US",
        WindowCenter="2000",
        WindowWidth="3000",
        WindowCenterWidthExplanation="HARDER",
    )
    radiograph = read_dicom(content_of(dataset))
    assert radiograph.header["BodyPartExamined"] == "CHEST"
    assert radiograph.header["ViewPosition"] == "PA"
    assert radiograph.header["TransferSyntaxUID"] == "1.2.840.10008.1.2.1"
    assert radiograph.frame.windows[0].explanation == "HARDER"


def test_a_private_transfer_syntax_is_not_kept():
    dataset = film(values())
    dataset.file_meta.TransferSyntaxUID = "2.25.4711"
    assert "TransferSyntaxUID" not in kept_header(dataset)


@pytest.mark.parametrize("said", ["YES", ["NO", "YES"], ["YES", "NO"]])
def test_whoever_says_twice_that_text_is_burned_in_is_heard(said):
    content = content_of(film(values(), BurnedInAnnotation=said))
    with pytest.raises(Refused, match="BurnedInAnnotation"):
        read_dicom(content)


@pytest.mark.parametrize(
    ("number", "what"), [("", "is empty"), (["4711", "4712"], "has several values")]
)
def test_a_number_that_gives_no_code_is_told_as_it_is(number, what):
    content = content_of(film(values(), PatientID=number))
    with pytest.raises(Refused, match=f"Its PatientID {what}"):
        read_dicom(
            content, code_element="PatientID", pseudonym=Policy("a key", "dropped")
        )


@pytest.mark.django_db
def test_text_in_the_pixels_is_refused_until_somebody_looked(tmp_path):
    dataset = film(values(), BurnedInAnnotation="YES")
    path = tmp_path / "a.dcm"
    path.write_bytes(content_of(dataset))
    with pytest.raises(Refused, match="BurnedInAnnotation"):
        read_dicom(path.read_bytes())
    with pytest.raises(CommandError, match="the choice to take such files"):
        call_command("import_dicom", str(path))
    call_command("import_dicom", str(path), "--take-burned-in")
    assert Image.objects.count() == 1


@pytest.mark.parametrize(
    ("position", "view"),
    [
        ("PA", "frontal"),
        ("AP PORTABLE", "frontal"),
        ("LARGE LATERAL", "lateral"),
        ("AP LATERAL", "unknown"),
        ("JANE", "unknown"),
    ],
)
def test_the_view_is_taken_from_words_that_are_known(position, view):
    radiograph = read_dicom(content_of(film(values(), ViewPosition=position)))
    assert radiograph.view == view
    assert "JANE" not in radiograph.view_reason
