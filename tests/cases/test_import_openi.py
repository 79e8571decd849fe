"""Cora imports Open-i: sections apart, strata by MeSH, the frontal image chosen."""

import io
import json

import numpy as np
import PIL.Image
import pytest
from django.core.management import CommandError, call_command

from readerstudy.cases.bitmaps import read_bitmap
from readerstudy.cases.frames import render_8bit
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


def xml(n, *, findings="Clear &lt;BR&gt; XXXX.", impression="Normal.", mesh="normal"):
    images = "".join(
        f'<parentImage id="CXR{n}_IM-0001-{number}"/>' for number in (1001, 2001)
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


def test_xml_with_entities_is_refused():
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><eCitation>&b;</eCitation>'
    with pytest.raises(Refused):
        read_study(bomb)


def test_a_grey_png_of_eight_bits_passes_bit_for_bit():
    pixels, content = png(7)
    assert (render_8bit(read_bitmap(content).frame) == pixels).all()


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", png(1)[1][:100], b"GIF89a"])
def test_a_broken_picture_is_refused(content):
    with pytest.raises(Refused):
        read_bitmap(content)
