"""PadChest: lists of labels as Python writes them, projections, 16-bit PNG."""

import numpy as np
import pytest
from PIL import Image

from inference.radiographs import open_for_training, open_radiograph
from tests.inference.datasets.layouts import labels, picture, read, refusal, write

TABLE = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"
HEADER = (
    ",ImageID,ImageDir,StudyID,PatientID,Projection,Pediatric,Report,MethodLabel,Labels"
)
ROWS = {
    "a.png": ("PA", "['normal']"),
    "b.png": ("AP_horizontal", "['pleural effusion', ' pneumonia', '', 'NSG tube']"),
    "c.png": ("L", "['normal']"),
    "d.png": ("COSTAL", "['rib fracture']"),
    "e.png": ("PA", "['unchanged']"),
    "f.png": ("PA", "nan"),
    "g.png": ("AP", "['heart insufficiency']"),
    "h.png": ("PA", "['normal', 'nodule', 'scoliosis']"),
}


@pytest.fixture
def root(tmp_path):
    lines = [
        f"{number},{name},{number % 2},S{number},P{number},{view},No,sin hallazg,"
        f'RNN,"{said}"'
        for number, (name, (view, said)) in enumerate(ROWS.items())
    ]
    write(tmp_path / TABLE, HEADER, *lines)
    for number, name in enumerate(ROWS):
        picture(tmp_path / str(number % 2) / name)
    return tmp_path


def test_the_labels_of_frontal_films_are_mapped(root):
    lines = read("padchest", root)
    found = labels(lines)
    assert list(found) == ["a.png", "b.png", "e.png", "f.png", "g.png", "h.png"]
    assert found["a.png"]["No Finding"] == 1 and found["a.png"]["Fracture"] == 0
    sick = found["b.png"]
    present = {name for name, mark in sick.items() if mark}
    assert present == {"Pleural Effusion", "Pneumonia", "Support Devices"}
    assert sick["Edema"] == 0 and "Lung Opacity" not in sick
    # "unchanged" and an unread film say nothing of what is there.
    assert found["e.png"] == {} and found["f.png"] == {}
    failure = next(one for one in lines if str(one["image"]).endswith("g.png"))
    assert failure["uncertain"] == ["Edema"] and "Edema" not in found["g.png"]
    assert found["h.png"]["Lung Lesion"] == 1 and found["h.png"]["No Finding"] == 0


def test_the_stemmed_spanish_reports_are_left_out(root):
    assert all("report" not in one for one in read("padchest", root))


def test_a_film_of_16_bits_is_scaled_for_training_and_refused_for_a_report(root):
    path = root / "0" / "a.png"
    samples = np.linspace(300, 64000, 120).reshape(10, 12).astype(np.uint16)
    Image.fromarray(samples).save(path)
    shown = np.asarray(open_for_training(path))
    assert shown.dtype == np.uint8 and (shown.min(), shown.max()) == (0, 255)
    assert (np.diff(shown.reshape(-1).astype(int)) >= 0).all()
    with pytest.raises(ValueError, match="16-bit image"):
        open_radiograph(path)


@pytest.mark.parametrize("cell", ["['normal'", "normal", "{'normal'}", "[1]"])
def test_a_cell_that_is_no_list_of_labels_is_refused(root, capsys, cell):
    table = root / TABLE
    table.write_text(table.read_text().replace("['normal']", cell, 1))
    said = refusal(capsys, "padchest", root)
    assert f"{TABLE}, line 2: the column Labels holds" in said


def test_a_projection_that_padchest_has_not_is_refused(root, capsys):
    table = root / TABLE
    table.write_text(table.read_text().replace(",COSTAL,", ",OBLIQUE,"))
    assert "line 5: the column Projection holds 'OBLIQUE'" in refusal(
        capsys, "padchest", root
    )
