"""What of a header stays, what takes the place of the rest, and what is told of it."""

import csv
import gzip
import io
import json
import string
from datetime import date, datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.deidentification.profile import PROFILE, RULES
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.imports import (
    choose_dates,
    prepare,
    pseudonymiser,
    store_radiograph,
)
from readerstudy.cases.models import Collection, HeaderRecord, Image
from readerstudy.cases.radiograph import Refused
from tests.cases.films import content_of, film, values
from tests.people import cora

pytestmark = [
    pytest.mark.django_db,
    # pydicom warns of values that do not belong where they stand.
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def patient_film(seed=1, **elements):
    """A film of a patient's examination in March 2020."""
    whose = {"PatientID": "4711", "PatientName": "Doe^Jane", "StudyDate": "20200305"}
    uids = {
        "StudyInstanceUID": "1.2.3.1",
        "SeriesInstanceUID": "1.2.3.2",
        "SOPInstanceUID": f"1.2.3.3.{seed}",
    }
    return film(values(seed=seed), **(whose | uids | elements))


def imported(tmp_path, datasets, *words):
    folder = tmp_path / "films"
    folder.mkdir(exist_ok=True)
    for number, dataset in enumerate(datasets):
        (folder / f"{number}.dcm").write_bytes(content_of(dataset))
    call_command("import_dicom", str(folder), *words)
    return list(Image.objects.order_by("pk"))


def test_uids_are_made_anew_and_still_tie_the_images_of_one_examination(tmp_path):
    first, second = imported(tmp_path, [patient_film(1), patient_film(2)])
    for name in ("StudyInstanceUID", "SeriesInstanceUID"):
        assert first.header[name] == second.header[name]
        assert first.header[name].startswith("2.25.")
    assert first.header["SOPInstanceUID"] != second.header["SOPInstanceUID"]
    assert "1.2.3" not in json.dumps(first.header)
    elsewhere = Policy("another site's secret")
    assert elsewhere.uid("1.2.3.1") != first.header["StudyInstanceUID"]


def test_dates_are_dropped_unless_the_collection_shifts_them(tmp_path):
    (image,) = imported(tmp_path, [patient_film()])
    assert "StudyDate" not in image.header
    assert "2020" not in json.dumps(image.header)


def test_dates_of_one_patient_are_shifted_by_the_same_days(tmp_path):
    films = [
        patient_film(1),
        patient_film(2, StudyDate="20200315", AcquisitionDate="20200316"),
        patient_film(3, PatientID="4712"),
        patient_film(4, PatientID=""),
    ]
    first, later, other, unknown = imported(tmp_path, films, "--dates", "shifted")
    taken = datetime.strptime(later.header["AcquisitionDate"], "%Y%m%d")
    gap = taken - datetime.strptime(first.header["StudyDate"], "%Y%m%d")
    assert gap.days == 11
    assert first.header["StudyDate"] < "20200305"
    assert first.header["StudyDate"] >= "20190306"
    assert other.header["StudyDate"] != first.header["StudyDate"]
    # No patient, no shift that his other files share.
    assert "StudyDate" not in unknown.header


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    key=st.text(min_size=1),
    patient=st.text(min_size=1),
    days=st.lists(st.dates(min_value=date(1900, 1, 1)), min_size=2),
)
def test_a_shift_keeps_the_days_between_two_examinations(key, patient, days):
    policy = Policy(key, "shifted")
    shifted = [policy.shifted(f"{day:%Y%m%d}", patient) for day in days]
    moved = [datetime.strptime(day, "%Y%m%d").date() for day in shifted]
    gaps = {(was - now).days for was, now in zip(days, moved, strict=True)}
    assert len(gaps) == 1
    assert 1 <= gaps.pop() <= 365


def test_the_choice_of_dates_stands_from_the_first_file_on(tmp_path):
    choose_dates(collection="imported", dates="shifted", actor=None)
    choose_dates(collection="imported", dates="dropped", actor=None)
    imported(tmp_path, [patient_film()])
    with pytest.raises(ValidationError, match="dates dropped"):
        choose_dates(collection="imported", dates="shifted", actor=None)
    with pytest.raises(CommandError, match="dates dropped"):
        call_command("import_dicom", str(tmp_path), "--dates", "shifted")
    with pytest.raises(DatabaseError), transaction.atomic():
        Collection.objects.update(dates="shifted")


def test_a_file_read_under_the_other_choice_is_not_stored():
    """The choice is made while a worker has the file in hand."""
    policy = pseudonymiser("imported")
    read = prepare("a.dcm", read_dicom(content_of(patient_film()), pseudonym=policy))
    choose_dates(collection="imported", dates="shifted", actor=None)
    with pytest.raises(Refused, match="choice"):
        store_radiograph(
            collection="imported", code="a", radiograph=read, one_per_case=True
        )
    assert not Image.objects.exists()


def odd_film():
    """Names in every odd place that people have found them in."""
    dataset = patient_film(
        StudyDescription="Chest of Jane Doe",
        ImageComments="Called Dr Smith",
        OtherPatientIDs="815",
        WindowCenter="2000",
        WindowWidth="3000",
        WindowCenterWidthExplanation="JANE",
    )
    nested = Dataset()
    nested.PatientName = "Doe^Jane"
    inner = Dataset()
    inner.InstitutionName = "St Elsewhere"
    nested.ReferencedStudySequence = Sequence([inner, inner])
    dataset.OriginalAttributesSequence = Sequence([nested])
    known = dataset.private_block(0x0009, "GEMS_IDEN_01", create=True)
    known.add_new(1, "LO", "Jane Doe")
    unknown = dataset.private_block(0x0011, "JANE DOE", create=True)
    unknown.add_new(1, "LO", "Jane Doe")
    dataset.add_new(0x60000010, "US", 4)
    dataset.add_new(0x60000022, "LO", "Doe")
    dataset.add_new(0x60003000, "OW", b"Jane")
    icon = Dataset()
    icon.PixelData = b"Jane Doe"
    icon["PixelData"].VR = "OB"
    dataset.IconImageSequence = Sequence([icon])
    dataset.EncapsulatedDocument = b"%PDF Jane Doe"
    dataset.add_new(0xFFFCFFFC, "OB", b"Jane Doe")
    dataset.file_meta.SourceApplicationEntityTitle = "JANE"
    dataset.PixelData += b"Jane Doe"
    return dataset


def test_the_record_names_every_element_that_went_and_none_of_its_values(tmp_path):
    (image,) = imported(tmp_path, [odd_film()], "--code-from", "PatientID")
    record = image.header_record
    assert (record.profile, record.dates) == (PROFILE, "dropped")
    assert record.software.startswith("readerstudy ")
    told = {
        (tag, within, name): (vr, action, n)
        for tag, within, name, vr, action, n in record.elements
    }
    assert told["(0010,0010)", "", "PatientName"] == ("PN", "removed", 1)
    assert told["(0010,0020)", "", "PatientID"] == ("LO", "replaced", 1)
    assert told["(0020,000D)", "", "StudyInstanceUID"] == ("UI", "replaced", 1)
    assert told["(0008,0020)", "", "StudyDate"] == ("DA", "removed", 1)
    within = "OriginalAttributesSequence"
    assert ("(0010,0010)", within, "PatientName") in told
    deep = told["(0008,0080)", "ReferencedStudySequence", "InstitutionName"]
    assert deep == ("LO", "removed", 2)
    assert ("(0009,1001)", "", "private (GEMS_IDEN_01)") in told
    # A private creator may be a name itself.
    assert ("(0011,1001)", "", "private (unknown creator)") in told
    assert ("(6000,3000)", "", "OverlayData") in told
    assert ("(0002,0016)", "", "SourceApplicationEntityTitle") in told
    names = {name for _, _, name in told}
    assert {
        "EncapsulatedDocument",
        "IconImageSequence",
        "WindowCenterWidthExplanation",
    } <= names
    assert record.trailing == len("Jane Doe")
    text = json.dumps(record.elements).upper()
    assert "JANE" not in text and "DOE" not in text
    assert not {"Rows", "Columns", "Modality"} & names


def test_the_record_is_never_altered(tmp_path):
    imported(tmp_path, [patient_film()])
    with pytest.raises(DatabaseError), transaction.atomic():
        HeaderRecord.objects.update(profile="another")


def test_the_record_is_shown_and_taken_away_as_a_table(tmp_path):
    (image,) = imported(tmp_path, [odd_film()])
    client = cora().client
    of_collection = reverse("cases:collection", args=["imported"])
    assert "header elements removed" in client.get(of_collection).content.decode()
    page = client.get(reverse("cases:deidentification:image", args=[image.pk]))
    assert "private (GEMS_IDEN_01)" in page.content.decode()
    answer = client.get(
        reverse("cases:deidentification:removed_csv", args=["imported"])
    )
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert len(rows) == len(image.header_record.elements) + 1
    assert rows[-1]["within"] == "" and rows[-1]["count"] == "8"
    assert {row["profile"] for row in rows} == {PROFILE}


def test_the_profile_is_a_page_with_a_reason_for_every_rule():
    page = cora().client.get(reverse("cases:deidentification:profile"))
    text = page.content.decode()
    assert PROFILE in text
    for rule in RULES:
        assert rule.element in text and rule.reason
    assert {rule.action for rule in RULES} == {"K", "C", "D", "U"}


def test_an_original_is_kept_only_where_the_site_asks(tmp_path, settings):
    (image,) = imported(tmp_path, [patient_film()])
    assert not image.header_record.original_is_kept
    assert not (settings.MEDIA_ROOT / "originals").exists()
    settings.KEEP_ORIGINALS = True
    call_command("import_dicom", str(tmp_path / "films"), "--collection", "kept")
    record = HeaderRecord.objects.get(image__case__collection__name="kept")
    assert record.original_is_kept
    (kept,) = (settings.MEDIA_ROOT / "originals").iterdir()
    assert kept.name == record.image.source_sha256
    assert kept.read_bytes() == (tmp_path / "films" / "0.dcm").read_bytes()


def test_a_refusal_quotes_nothing_from_the_file():
    for element, value in (
        ("Modality", "DOEJANE"),
        ("PhotometricInterpretation", "DOEJANE"),
        ("NumberOfFrames", "1"),
    ):
        dataset = patient_film()
        dataset.add_new(
            element, dataset[element].VR if element in dataset else "IS", value
        )
        try:
            read_dicom(content_of(dataset))
        except Refused as refusal:
            assert "DOEJANE" not in refusal.reason
    told = read_dicom(content_of(patient_film(BodyPartExamined="DOEJANE"))).warnings
    assert told and "DOEJANE" not in told[0]


LETTERS = st.text(string.ascii_uppercase, min_size=10, max_size=14)
TEXTS = ("LO", "SH", "LT", "ST", "UT", "PN", "UC", "CS")
TAGS = st.one_of(
    st.sampled_from(
        [
            *(0x00080016, 0x00080018, 0x00080020, 0x00080022, 0x00080050, 0x00080060),
            *(0x00080068, 0x00080080, 0x00081030, 0x00100010, 0x00100020, 0x00101000),
            *(0x00180015, 0x00185101, 0x0020000D, 0x0020000E, 0x00200010, 0x00200020),
            *(0x00200060, 0x00200062, 0x00204000, 0x00280004, 0x00281040, 0x00281054),
            *(0x00281055, 0x00281056, 0x00282110, 0x20500020, 0x00320010, 0x40000010),
            *(0x60000022, 0x60001500, 0x00400275, 0xFFFCFFFC, 0x00082111, 0x00104000),
        ]
    ),
    st.integers(0x0008, 0x7FDF).map(lambda group: (group << 16) | 0x1001),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
@given(
    secret=LETTERS,
    tag=TAGS,
    vr=st.sampled_from(TEXTS),
    depth=st.integers(0, 3),
    creator=st.booleans(),
    dates=st.sampled_from(["dropped", "shifted"]),
)
def test_a_secret_in_any_element_is_in_no_column_and_no_file(
    secret, tag, vr, depth, creator, dates, tmp_path_factory, settings
):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    dataset = patient_film()
    holder = dataset
    for _ in range(depth):
        item = Dataset()
        holder.OriginalAttributesSequence = Sequence([item])
        holder = item
    holder.add_new(tag, vr, secret)
    if creator:
        block = holder.private_block(0x0029, secret, create=True)
        block.add_new(0x10, "LO", secret)
    try:
        content = content_of(dataset)
    except TypeError:
        reject()  # pydicom writes no file whose class is a name
    with transaction.atomic():
        said = import_it(content, dates)
        rows, files = everything_stored(settings.MEDIA_ROOT)
        transaction.set_rollback(True)
    assert secret not in said + rows
    assert secret.encode() not in files


def import_it(content, dates):
    """What a coordinator reads of the import of one file."""
    choose_dates(collection="any", dates=dates, actor=None)
    policy = pseudonymiser("any")
    try:
        radiograph = read_dicom(content, code_element="PatientID", pseudonym=policy)
        store_radiograph(
            collection="any",
            code=radiograph.code,
            radiograph=prepare("a", radiograph, content),
            one_per_case=False,
        )
    except Refused as refusal:
        return refusal.reason
    return " ".join(radiograph.warnings)


def everything_stored(media):
    rows = [
        json.dumps(list(model._default_manager.values()), default=str)
        for model in apps.get_models()
    ]
    files = [path for path in media.rglob("*") if path.is_file()]
    opened = [
        gzip.decompress(path.read_bytes())
        if path.suffix == ".gz"
        else path.read_bytes()
        for path in files
    ]
    return "".join(rows) + "".join(map(str, files)), b"".join(opened)
