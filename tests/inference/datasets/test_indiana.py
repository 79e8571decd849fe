"""Indiana: Open-i's XML and the Kaggle tables tell the same of the same images."""

from pathlib import Path

import pytest

from tests.inference.datasets.layouts import picture, read, refusal, write

STUDIES = {
    "1": ("normal", "Lungs are clear.", "No acute disease.", "CXR1_1_IM-0001-4001"),
    "2": (
        "Cardiomegaly/borderline;Opacity/lung/base/left;Nodule",
        "An opacity  at the left base.",
        "XXXX for 2 <BR> weeks.",
        "CXR2_IM-0652-1001",
    ),
    "3": ("No Indexing", "", "", "CXR3_IM-1384-1001"),
}
LATERAL = "CXR2_IM-0652-2001"


def xml(uid: str) -> str:
    terms, findings, impression, image = STUDIES[uid]
    figures = [image, *([LATERAL] if uid == "2" else [])]
    impression = impression.replace("<", "&lt;").replace(">", "&gt;")
    return (
        f'<?xml version="1.0" encoding="utf-8"?><eCitation><uId id="CXR{uid}"/>'
        "<MedlineCitation><Article><Abstract>"
        f'<AbstractText Label="INDICATION">Cough</AbstractText>'
        f'<AbstractText Label="FINDINGS">{findings}</AbstractText>'
        f'<AbstractText Label="IMPRESSION">{impression}</AbstractText>'
        "</Abstract></Article></MedlineCitation><MeSH>"
        + "".join(f"<major>{term}</major>" for term in terms.split(";"))
        + "<automatic>edema</automatic></MeSH>"
        + "".join(
            f'<parentImage id="{name}"><figureId>F{number}</figureId></parentImage>'
            for number, name in enumerate(figures, 1)
        )
        + "</eCitation>"
    )


def kaggle_name(name: str) -> str:
    return name.removeprefix("CXR").replace("1_1_IM", "1_IM") + ".dcm.png"


def projections(root: Path) -> None:
    views = {study[3]: "Frontal" for study in STUDIES.values()} | {LATERAL: "Lateral"}
    rows = [
        f"{name[3]},{kaggle_name(name)},{projection}"
        for name, projection in views.items()
    ]
    write(root / "indiana_projections.csv", "uid,filename,projection", *rows)


@pytest.fixture
def openi(tmp_path):
    for uid, (_, _, _, image) in STUDIES.items():
        write(tmp_path / "ecgen-radiology" / f"{uid}.xml", xml(uid))
        picture(tmp_path / "NLMCXR_png" / f"{image}.png")
    picture(tmp_path / "NLMCXR_png" / f"{LATERAL}.png")
    projections(tmp_path)
    return tmp_path


@pytest.fixture
def kaggle(tmp_path):
    root = tmp_path / "kaggle"
    write(
        root / "indiana_reports.csv",
        "uid,MeSH,Problems,image,indication,comparison,findings,impression",
        *(
            f"{uid},{terms},x,Xray Chest PA and Lateral,Cough,,{findings},{impression}"
            for uid, (terms, findings, impression, _) in STUDIES.items()
        ),
    )
    projections(root)
    for name in [*(study[3] for study in STUDIES.values()), LATERAL]:
        picture(root / "images" / "images_normalized" / kaggle_name(name))
    return root


def test_reports_terms_and_views_are_read(openi, capsys):
    normal, sick, silent = read("indiana", openi)
    assert normal["labels"] == {"No Finding": 1}
    assert normal["report"] == "Lungs are clear. No acute disease."
    assert sick["report"] == "An opacity at the left base. XXXX for 2 <BR> weeks."
    # A nodule without a site may lie in a rib, and a borderline heart is a doubt.
    assert sick["labels"] == {"Lung Opacity": 1, "No Finding": 0}
    assert sick["uncertain"] == ["Cardiomegaly"]
    assert silent["labels"] == {} and "report" not in silent
    said = capsys.readouterr().err
    assert "Images that are a figure F1: 3." in said
    assert "1 images left out: lateral view" in said


def test_both_layouts_say_the_same(openi, kaggle):
    told = [
        [(one["study"], one["labels"], one.get("report"), one["view"]) for one in lines]
        for lines in (read("indiana", openi), read("indiana", kaggle))
    ]
    assert told[0] == told[1]


def test_without_the_projections_only_all_views_can_be_taken(openi, capsys):
    (openi / "indiana_projections.csv").unlink()
    said = refusal(capsys, "indiana", openi)
    assert "4 images left out: view not known (--lateral takes it)." in said
    assert "There is no indiana_projections.csv" in said
    assert len(read("indiana", openi, "--lateral")) == 4


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("<eCitation>", "2.xml is no well-formed XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><eCitation/>', "is XML of a kind"),
        ("<report/>", "2.xml is no report of Open-i"),
    ],
)
def test_a_broken_report_is_named(openi, capsys, content, sentence):
    write(openi / "ecgen-radiology" / "2.xml", content)
    assert sentence in refusal(capsys, "indiana", openi)


def test_a_projection_of_another_kind_is_refused(openi, capsys):
    table = openi / "indiana_projections.csv"
    table.write_text(table.read_text().replace("Lateral", "Oblique"))
    said = refusal(capsys, "indiana", openi)
    assert "indiana_projections.csv, line 5: the column projection" in said


def test_an_empty_folder_says_what_is_expected(tmp_path, capsys):
    assert "There is neither indiana_reports.csv nor ecgen-radiology" in refusal(
        capsys, "indiana", tmp_path
    )
