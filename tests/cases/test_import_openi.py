"""Cora imports Open-i: sections apart, strata by MeSH, the frontal image chosen."""

import io
import json
import tarfile

import numpy as np
import PIL.Image
import pytest
from django.core.management import CommandError, call_command

from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw
from readerstudy.cases.bitmaps import read_bitmap
from readerstudy.cases.frames import render_8bit, rendering_of
from readerstudy.cases.models import Case
from readerstudy.cases.openi import image_name, read_study, stratum_of
from readerstudy.cases.radiograph import Refused
from readerstudy.reports.models import Report

REPORT = """<eCitation><uId id="CXR{n}"/><MedlineCitation><Article><Abstract>
<AbstractText Label="COMPARISON">None.</AbstractText>
<AbstractText Label="INDICATION">XXXX-year-old, cough</AbstractText>
<AbstractText Label="FINDINGS">{findings}</AbstractText>
<AbstractText Label="IMPRESSION">{impression}</AbstractText>
</Abstract></Article></MedlineCitation><MeSH><major>{mesh}</major></MeSH>
{images}</eCitation>"""


def xml(
    n,
    *,
    findings="Clear &lt;BR&gt; XXXX.",
    impression="Normal.",
    mesh="normal",
    images=(1001, 2001),
):
    images = "".join(
        f'<parentImage id="CXR{n}_IM-0001-{number}"/>' for number in images
    )
    return REPORT.format(
        n=n, findings=findings, impression=impression, mesh=mesh, images=images
    )


def png(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 16), dtype=np.uint8)
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG")
    return pixels, buffer.getvalue()


@pytest.fixture
def archive(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    place = tmp_path / "openi"
    (place / "ecgen-radiology").mkdir(parents=True)
    (place / "images").mkdir()
    studies = {
        2: xml(2),
        3: xml(3, mesh="Opacity/lung/left"),
        4: xml(4),
        5: xml(5, findings="", impression=""),
        6: "<eCitation>",
    }
    for n, text in studies.items():
        (place / "ecgen-radiology" / f"{n}.xml").write_text(text)
    for n in (2, 3, 5):
        (place / "images" / f"CXR{n}_IM-0001-1001.png").write_bytes(png(n)[1])
    (place / "images" / "2_IM-0001-2001.dcm.png").write_bytes(png(20)[1])
    (place / "projections.csv").write_text(
        "uid,filename,projection\n"
        "2,2_IM-0001-1001.dcm.png,Lateral\n2,2_IM-0001-2001.dcm.png,Frontal\n"
    )
    return place


def imported(archive, *words):
    output = io.StringIO()
    call_command("import_openi", str(archive), "--json", *words, stdout=output)
    return json.loads(output.getvalue())


@pytest.mark.django_db
def test_an_archive_is_counted_study_by_study(archive):
    said = imported(archive, "--projections", str(archive / "projections.csv"))
    assert said["imported"] == 2
    assert (said["no_image"], said["no_report"], said["refused"]) == (1, 1, 1)
    assert said["reasons"][0]["file"].endswith("6.xml")
    normal, abnormal = Case.objects.order_by("code")
    assert (normal.code, normal.stratum) == ("CXR2", "normal")
    assert (abnormal.code, abnormal.stratum) == ("CXR3", "abnormal")
    assert normal.indication == "XXXX-year-old, cough"
    assert normal.image.name == "CXR2_IM-0001-2001"
    report = Report.objects.get(case=normal)
    assert (report.findings, report.impression) == ("Clear <BR> XXXX.", "Normal.")


@pytest.mark.django_db
def test_importing_again_changes_nothing(archive):
    imported(archive)
    said = imported(archive)
    assert (said["imported"], said["already_there"]) == (0, 2)
    assert Report.objects.count() == 2


@pytest.mark.django_db
def test_strict_takes_all_or_none(archive):
    with pytest.raises(CommandError, match="all or none"):
        imported(archive, "--strict")
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_a_bad_table_of_projections_is_refused_with_its_row(archive):
    table = archive / "projections.csv"
    table.write_text("filename,projection\n2_IM-0001-1001.dcm.png,Sideways\n")
    with pytest.raises(CommandError, match="row 2, column projection"):
        imported(archive, "--projections", str(table))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "place"),
    [
        (b"uid,projection\n1,Frontal\n", "row 1: it has no columns filename"),
        (b"filename,projection\n1_IM.png\n", "row 2: 1 cells instead of 2"),
        (b"filename,projection\n1.png,Frontal\n1.png,Lateral\n", "row 3, column file"),
        (b"filename,projection\n1.png,Frontal\n\xff.png,Lateral\n", "row 3: it is not"),
        (b"", "It is empty"),
    ],
)
def test_every_bad_table_of_projections_is_refused_with_its_place(
    archive, table, place
):
    path = archive / "bad.csv"
    path.write_bytes(table)
    with pytest.raises(CommandError, match=place):
        imported(archive, "--projections", str(path))


@pytest.mark.django_db
def test_a_table_of_projections_may_come_later(archive):
    imported(archive)
    case = Case.objects.get(code="CXR2")
    assert case.image.name == "CXR2_IM-0001-1001"
    said = imported(archive, "--projections", str(archive / "projections.csv"))
    assert (said["imported"], said["already_there"]) == (1, 1)
    case.refresh_from_db()
    assert case.image.name == "CXR2_IM-0001-2001"
    assert {image.view for image in case.images.all()} == {"frontal", "lateral"}
    case.images.update(view="frontal", view_reason="set by cora")
    said = imported(archive, "--projections", str(archive / "projections.csv"))
    assert said["imported"] == 0
    assert {image.view for image in case.images.all()} == {"frontal"}


@pytest.mark.django_db
def test_a_case_with_lateral_images_alone_is_told(archive):
    (archive / "projections.csv").write_text(
        "filename,projection\n2_IM-0001-1001.png,Lateral\n2_IM-0001-2001.png,Lateral\n"
    )
    said = imported(archive, "--projections", str(archive / "projections.csv"))
    assert "Only lateral images of CXR2" in said["warnings"][0]["warning"]
    assert Case.objects.get(code="CXR2").image is None


@pytest.mark.django_db
def test_the_first_of_several_frontal_images_is_read(archive):
    (archive / "projections.csv").write_text(
        "filename,projection\n2_IM-0001-1001.png,Frontal\n2_IM-0001-2001.png,Frontal\n"
    )
    imported(archive, "--projections", str(archive / "projections.csv"))
    assert Case.objects.get(code="CXR2").image.name == "CXR2_IM-0001-1001"


@pytest.mark.django_db
def test_a_broken_image_is_named_and_its_study_not_stored(archive, settings):
    (archive / "images" / "CXR3_IM-0001-1001.png").write_bytes(png(3)[1][:90])
    said = imported(archive)
    reasons = {each["file"][-5:]: each["reason"] for each in said["reasons"]}
    assert "Its image CXR3_IM-0001-1001: It is no readable" in reasons["3.xml"]
    assert not Case.objects.filter(code="CXR3").exists()
    assert len(list((settings.MEDIA_ROOT / "frames").glob("*.gz"))) == 2


@pytest.mark.django_db
def test_a_study_that_comes_twice_counts_once_unless_it_differs(archive):
    again = archive / "again"
    again.mkdir()
    for n in (2, 4):
        (again / f"{n}.xml").write_text(xml(n))
    (again / "3.xml").write_text(xml(3, findings="Something else."))
    said = imported(archive)
    assert (said["imported"], said["already_there"], said["no_image"]) == (2, 0, 1)
    reasons = {each["file"][-9:]: each["reason"] for each in said["reasons"]}
    assert "CXR3 came before" in reasons["ogy/3.xml"]


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_reports_and_images_may_lie_in_archives(archive, tmp_path, mode):
    place = tmp_path / "downloaded"
    place.mkdir()
    suffix = "tgz" if mode == "w:gz" else "tar"
    for part, inside in (("reports", "ecgen-radiology"), ("png", "images")):
        with tarfile.open(place / f"NLMCXR_{part}.{suffix}", mode) as packed:
            packed.add(archive / inside, arcname=inside)
    said = imported(place)
    assert (said["imported"], said["no_image"], said["no_report"]) == (2, 1, 1)
    reports = place / f"NLMCXR_reports.{suffix}"
    said = imported(reports, "--images", str(place))
    assert (said["imported"], said["already_there"]) == (0, 2)


@pytest.mark.django_db
def test_a_damaged_archive_leaves_the_other_reports_alone(archive):
    (archive / "cut.tgz").write_bytes(b"\x1f\x8b\x08cut")
    said = imported(archive)
    assert said["imported"] == 2
    assert any(each["file"].endswith("cut.tgz") for each in said["reasons"])


@pytest.mark.django_db
def test_dicom_images_are_taken_under_both_names(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    place = tmp_path / "openi"
    for n, name in ((7, "7_IM-0001-1001.dcm"), (8, "CXR8_IM-0001-1001.dcm")):
        folder = place / str(n)
        folder.mkdir(parents=True)
        (place / f"{n}.xml").write_text(xml(n))
        write_dicom(draw(n, size=64), folder / name)
    assert imported(place)["imported"] == 2
    assert {case.image.view for case in Case.objects.all()} == {"frontal"}


@pytest.mark.django_db
def test_a_collection_without_its_images_says_what_to_do(archive, tmp_path):
    with pytest.raises(CommandError, match="name their folder with --images"):
        imported(archive, "--images", str(tmp_path / "openi" / "ecgen-radiology"))
    assert not Case.objects.exists()
    for words in (["nowhere"], [str(archive), "--images", "nowhere"]):
        with pytest.raises(CommandError, match="There is no folder nowhere"):
            call_command("import_openi", *words)


def test_both_names_of_an_image_are_one():
    assert image_name("CXR10_IM-0003-1001.png") == image_name("10_IM-0003-1001.dcm.png")
    assert image_name("CXR1_1_IM-0001-3001") == image_name("1_IM-0001-3001.dcm.png")


@pytest.mark.parametrize(
    ("terms", "stratum"),
    [
        (["normal"], "normal"),
        (["No Indexing"], "unknown"),
        (["Technical Quality of Image Unsatisfactory "], "unknown"),
        (["Opacity/lung", "normal"], "abnormal"),
        ([], "unknown"),
    ],
)
def test_strata_come_from_what_a_person_indexed(terms, stratum):
    assert stratum_of(terms) == stratum


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><eCitation>&b;</eCitation>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><eCitation/>',
        b"<eCitation>&nbsp;</eCitation>",
        b"",
        b"   ",
        b"\xff\xfe<\x00",
        b"<eCitation/>",
        b'<other><uId id="CXR1"/></other>',
        b'<eCitation><uId id="CXR"/></eCitation>',
        '<eCitation><uId id="CXR\u0661"/></eCitation>'.encode(),
        b'<eCitation><uId id="CXR1/../2"/></eCitation>',
        xml(1, findings="caf\xe9").encode("latin-1"),
        b'<?xml version="1.0" encoding="nonsense"?><eCitation/>',
        xml(1, findings="x" * 5_000_000).encode(),
        b"<eCitation>" + b"<a>" * 200_000,
    ],
    ids=range(15),
)
def test_xml_that_is_no_report_is_refused_in_a_sentence(content):
    with pytest.raises(Refused, match=r"^It.*\.$"):
        read_study(content)


def test_a_text_stands_as_it_is_whatever_it_looks_like():
    sign = "&lt;XXXX&gt; &amp;gt; [&lt;... &gt;] <![CDATA[<BR> a & b]]> {{ x }}"
    study = read_study(xml(9, findings=sign).encode())
    assert study.findings == "<XXXX> &gt; [<... >] <BR> a & b {{ x }}"


def test_other_encodings_that_say_so_are_read():
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    study = read_study((head + xml(9, findings="caf\xe9")).encode("latin-1"))
    assert study.findings == "caf\xe9"


def test_a_section_that_comes_twice_loses_nothing():
    twice = xml(9).replace('Label="IMPRESSION"', 'Label="FINDINGS"')
    assert read_study(twice.encode()).findings == "Clear <BR> XXXX.\nNormal."


def test_a_grey_png_of_eight_bits_passes_bit_for_bit():
    pixels, content = png(7)
    frame = read_bitmap(content).frame
    assert (render_8bit(frame) == pixels).all()
    assert rendering_of(frame)["rule"] == "8-bit picture as is"


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", png(1)[1][:100], b"GIF89a"])
def test_a_broken_picture_is_refused(content):
    with pytest.raises(Refused):
        read_bitmap(content)
