"""SIIM-FISABIO-RSNA COVID-19: appearances of studies, boxes of images."""

import pytest

from tests.inference.datasets.layouts import labels, picture, read, refusal, write

STUDY_HEADER = (
    "id,Negative for Pneumonia,Typical Appearance,Indeterminate Appearance,"
    "Atypical Appearance"
)
STUDIES = {
    "s0": "1,0,0,0",
    "s1": "0,1,0,0",
    "s2": "0,0,1,0",
    "s3": "0,0,0,1",
}
IMAGES = {
    "i0": ("", "none 1 0 0 1 1", "s0"),
    "i1": ("\"[{'x': 7.0, 'y': 5.0}]\"", "opacity 1 7.0 5.0 10 11", "s1"),
    "i2": ("", "none 1 0 0 1 1", "s2"),
    "i3": ("\"[{'x': 1.0, 'y': 2.0}]\"", "opacity 1 1.0 2.0 3 4", "s3"),
    "i4": ("", "none 1 0 0 1 1", "s1"),
}


@pytest.fixture
def root(tmp_path):
    write(
        tmp_path / "train_study_level.csv",
        STUDY_HEADER,
        *(f"{name}_study,{said}" for name, said in STUDIES.items()),
    )
    write(
        tmp_path / "train_image_level.csv",
        "id,boxes,label,StudyInstanceUID",
        *(
            f"{name}_image,{boxes},{label},{study}"
            for name, (boxes, label, study) in IMAGES.items()
        ),
    )
    for name, (_, _, study) in IMAGES.items():
        film = picture(tmp_path / "train" / study / "series" / f"{name}.png")
        film.rename(film.with_suffix(".dcm"))
    return tmp_path


def test_appearances_and_boxes_become_labels(root):
    lines = read("rsna-covid", root)
    found = labels(lines)
    assert found["i0.dcm"] == {"Pneumonia": 0, "Lung Opacity": 0}
    typical = {"Pneumonia": 1, "Lung Opacity": 1, "No Finding": 0}
    assert found["i1.dcm"] == typical
    # A film without a box says nothing against the appearance of its study.
    assert found["i4.dcm"] == typical
    assert found["i2.dcm"] == {"Lung Opacity": 1, "No Finding": 0}
    assert found["i3.dcm"] == {"Lung Opacity": 1, "No Finding": 0}
    assert lines[2]["uncertain"] == ["Pneumonia"]
    assert lines[1]["image"] == "train/s1/series/i1.dcm"


def test_a_film_that_is_not_there_is_named(root, capsys):
    (root / "train" / "s2" / "series" / "i2.dcm").unlink()
    assert len(read("rsna-covid", root)) == 4
    said = capsys.readouterr().err
    assert "1 images are missing" in said and "i2.dcm" in said


@pytest.mark.parametrize(
    ("table", "before", "after", "sentence"),
    [
        ("study", "0,1,0,0", "0,1,1,0", "line 3: 2 appearances are marked"),
        ("study", "s2_study", "s1_study", "line 4: s1_study came before, in train_"),
        ("study", "s2_study", "s2", "line 4: the column id holds 's2'"),
        ("image", ",s2\n", ",s9\n", "line 4: the study s9 is not in train_study"),
    ],
)
def test_what_contradicts_itself_is_refused(
    root, capsys, table, before, after, sentence
):
    path = root / f"train_{table}_level.csv"
    path.write_text(path.read_text().replace(before, after))
    assert sentence in refusal(capsys, "rsna-covid", root)
