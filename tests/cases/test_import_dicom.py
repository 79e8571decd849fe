"""Cora imports radiographs: each file whole, or refused in a sentence."""

import io
import json
import os
import zipfile

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from inference.phantom.dicom import dataset_of, write_dicom
from inference.phantom.phantom import draw, render_8bit
from readerstudy.cases import frames
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.imports import refuse_code
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.services import frame_of

pytestmark = pytest.mark.sqlite


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def content_of(change=None, seed=5, size=64):
    """A small phantom's file, its dataset changed first."""
    dataset = dataset_of(draw(seed, size=size))
    if change:
        change(dataset)
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def imported(*words):
    output = io.StringIO()
    call_command("import_dicom", *map(str, words), "--json", stdout=output)
    return json.loads(output.getvalue())


def test_the_model_sees_the_phantom_through_its_own_window():
    phantom = draw(5, size=64)
    radiograph = read_dicom(content_of())
    assert (radiograph.frame.pixels == phantom.pixels).all()
    assert (frames.render_8bit(radiograph.frame) == render_8bit(phantom)).all()
    assert (radiograph.view, radiograph.body_part) == ("frontal", "CHEST")


def test_monochrome1_is_turned_and_looks_the_same_through_its_window():
    def turn(dataset):
        stored = np.frombuffer(dataset.PixelData, "<u2")
        dataset.PixelData = (4095 - stored).astype("<u2").tobytes()
        dataset.PhotometricInterpretation = "MONOCHROME1"
        dataset.WindowCenter = str(4096 - float(dataset.WindowCenter))

    plain = frames.render_8bit(read_dicom(content_of()).frame).astype(int)
    turned = frames.render_8bit(read_dicom(content_of(turn)).frame).astype(int)
    assert abs(plain - turned).max() <= 1


def test_nothing_that_identifies_is_kept():
    def name(dataset):
        dataset.PatientName = "Doe^Jane"
        dataset.PatientID = "4711"
        dataset.BodyPartExamined = "CHEST"
        dataset.Manufacturer = "Jane Doe's own"

    kept = json.dumps(read_dicom(content_of(name)).header)
    assert "Doe" not in kept
    assert "4711" not in kept
    assert "2.25." not in kept


@pytest.mark.parametrize(
    ("element", "value", "sentence"),
    [
        ("Modality", "MR", "only CR and DX"),
        ("PhotometricInterpretation", "RGB", "photometric"),
        ("SamplesPerPixel", 3, "colour"),
        ("NumberOfFrames", 2, "several frames"),
        ("Rows", 0, "no pixels"),
        ("Rows", 60_000, "too large"),
        ("Columns", 65, "damaged"),
        ("BitsAllocated", 32, "8 nor 16"),
        ("BitsStored", 17, "make no sense"),
        ("HighBit", 3, "make no sense"),
    ],
)
def test_what_is_no_radiograph_is_refused_in_a_sentence(element, value, sentence):
    with pytest.raises(Refused, match=sentence):
        read_dicom(content_of(lambda dataset: setattr(dataset, element, value)))


@pytest.mark.parametrize("cut", [0, 1, 200, 1500, -100])
def test_a_file_cut_anywhere_is_refused(cut):
    with pytest.raises(Refused):
        read_dicom(content_of()[:cut])


@pytest.fixture
def folder(tmp_path):
    """Three good files, one twice; a bad one; and a list beside them."""
    place = tmp_path / "in"
    place.mkdir()
    for seed in (1, 2):
        write_dicom(draw(seed, size=64), place / f"phantom-{seed}.dcm")
    with zipfile.ZipFile(place / "more.zip", "w") as archive:
        archive.writestr("deep/phantom-3.dcm", content_of(seed=3))
        archive.writestr("../../escape.dcm", b"not a radiograph")
    (place / "copy.dcm").write_bytes((place / "phantom-1.dcm").read_bytes())
    (place / "reports.csv").write_text("case,report\n")
    return place


@pytest.mark.django_db
def test_a_folder_is_imported_with_a_reason_for_each_refused_file(folder):
    said = imported(folder, "--collection", "ward")
    assert (said["imported"], said["already_there"], said["refused"]) == (3, 1, 1)
    assert said["reasons"][0]["file"].endswith("escape.dcm")
    assert set(Case.objects.values_list("code", flat=True)) >= {
        "phantom-2",
        "phantom-3",
    }
    image = Image.objects.get(name="phantom-2.dcm")
    assert (frame_of(image).pixels == draw(2, size=64).pixels).all()
    assert image.case.image == image


@pytest.mark.django_db
def test_importing_again_changes_nothing(folder):
    imported(folder)
    before = list(Image.objects.values())
    said = imported(folder)
    assert (said["imported"], said["already_there"]) == (0, 4)
    assert list(Image.objects.values()) == before


def kept_frames(settings):
    return list((settings.MEDIA_ROOT / "frames").glob("*.gz"))


@pytest.mark.django_db
def test_strict_takes_all_or_none(folder, settings):
    with pytest.raises(CommandError, match="Nothing was imported: --strict"):
        imported(folder, "--strict")
    assert not Image.objects.exists()
    assert not Collection.objects.exists()
    assert not kept_frames(settings)
    (folder / "more.zip").unlink()
    said = imported(folder, "--strict")
    assert (said["imported"], said["already_there"]) == (2, 1)
    assert len(kept_frames(settings)) == 2


@pytest.mark.django_db
def test_strict_sees_two_pictures_of_one_case_before_it_stores(folder, settings):
    (folder / "more.zip").unlink()
    (folder / "deeper").mkdir()
    write_dicom(draw(9, size=64), folder / "deeper" / "phantom-2.dcm")
    with pytest.raises(CommandError, match=r"phantom-2.dcm was refused: .*another"):
        imported(folder, "--strict")
    assert not kept_frames(settings)
    imported(folder)
    assert Image.objects.count() == 2


@pytest.mark.django_db
def test_the_same_code_with_another_picture_is_refused(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    write_dicom(draw(9, size=64), other / "phantom-2.dcm")
    imported(folder)
    with pytest.raises(CommandError):
        imported(other)
    assert Image.objects.filter(case__code="phantom-2").count() == 1


@pytest.mark.django_db
def test_patient_numbers_become_pseudonyms(folder):
    imported(folder, "--code-from", "PatientID")
    codes = set(Case.objects.values_list("code", flat=True))
    assert len(codes) == 3
    assert all(code.startswith("P") and "PHANTOM" not in code for code in codes)


@pytest.mark.django_db
def test_a_file_that_another_import_stored_meanwhile_is_no_second_picture(folder):
    imported(folder, "--collection", "ward")
    image = Image.objects.get(name="phantom-2.dcm")
    refuse_code("ward", "phantom-2", image.source_sha256, one_per_case=True)
    with pytest.raises(Refused, match="another radiograph"):
        refuse_code("ward", "phantom-2", "another file", one_per_case=True)


@pytest.mark.django_db
def test_folders_may_give_the_codes(tmp_path):
    for number in (1, 2):
        (tmp_path / f"case-{number}").mkdir()
        for seed in (number, number + 10):
            path = tmp_path / f"case-{number}" / f"{seed}.dcm"
            write_dicom(draw(seed, size=64), path)
    with zipfile.ZipFile(tmp_path / "case-3.zip", "w") as archive:
        archive.writestr("film.dcm", content_of(seed=3))
    imported(tmp_path, "--code-from", "parent")
    counts = {case.code: case.images.count() for case in Case.objects.all()}
    assert counts == {"case-1": 2, "case-2": 2, "case-3": 1}


@pytest.mark.django_db
def test_a_file_named_by_a_uid_has_no_suffix(tmp_path):
    for last in (1, 2):
        write_dicom(draw(last, size=64), tmp_path / f"1.2.840.10008.{last}")
    imported(tmp_path)
    codes = set(Case.objects.values_list("code", flat=True))
    assert codes == {"1.2.840.10008.1", "1.2.840.10008.2"}


@pytest.mark.django_db
def test_odd_names_are_taken_or_refused_and_always_shown(tmp_path):
    composed, taken_apart = "M\u00fcller", "Mu\u0308ller"
    names = [
        f"{taken_apart}.dcm",
        '<b>"x",=1.dcm',
        "two\nlines.dcm",
        "\x1b[2Jclear.dcm",
        os.fsdecode(b"bytes-\xff.dcm"),
        "long" * 40 + ".dcm",
    ]
    for seed, name in enumerate(names):
        write_dicom(draw(seed, size=64), tmp_path / name)
    said = imported(tmp_path)
    codes = set(Case.objects.values_list("code", flat=True))
    assert codes == {composed, '<b>"x",=1'}
    shown = "".join(each["file"] for each in said["reasons"])
    assert said["refused"] == 4
    assert "two\\nlines.dcm" in shown
    assert "bytes-\\xff.dcm" in shown
    assert shown.isprintable()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "sentence"), [("", "blank"), ("a\nb", "one line"), ("x" * 81, "80")]
)
def test_a_collection_has_a_name_that_can_be_shown(folder, name, sentence):
    with pytest.raises(CommandError, match=sentence):
        imported(folder, "--collection", name)


@pytest.mark.django_db
def test_nothing_to_import_is_an_error_that_says_why(tmp_path):
    with pytest.raises(CommandError, match="nowhere was refused: There is no such"):
        imported(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="No file held anything"):
        imported(tmp_path)
    for name in ("a.dcm", "b.dcm"):
        (tmp_path / name).write_text("This is text.")
    with pytest.raises(CommandError, match=r"2 files were refused, the first .*a.dcm"):
        imported(tmp_path)
    assert not Collection.objects.exists()
