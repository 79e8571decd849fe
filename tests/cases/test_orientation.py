"""Letters at the edges of the image come from the header, or not at all."""

import warnings

import pytest

from readerstudy.cases.deidentify import kept_header
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.orientation import edge_letters
from tests.cases.films import content_of, film, values


@pytest.mark.parametrize(
    ("orientation", "letters"),
    [
        (["L", "F"], "R L H F"),
        (["R", "F"], "L R H F"),
        (["P", "F"], "A P H F"),
        (["LH", "FP"], "RF LH HA FP"),
    ],
)
def test_the_edges_follow_from_the_directions(orientation, letters):
    edges = edge_letters(orientation)
    assert edges is not None
    found = [edges[side] for side in ("left", "right", "top", "bottom")]
    assert " ".join(found) == letters


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "L",
        ["L"],
        ["L", ""],
        ["L", "R", "F"],
        ["LR", "F"],
        ["Smith", "John"],
        ["LLLL", "F"],
        7,
    ],
)
def test_what_is_no_orientation_gives_no_letters_and_is_not_kept(value):
    assert edge_letters(value) is None
    dataset = film(values())
    with warnings.catch_warnings():
        # pydicom warns of what the standard does not allow here.
        warnings.simplefilter("ignore")
        dataset.add_new("PatientOrientation", "CS", value)
    assert "PatientOrientation" not in kept_header(dataset)


def test_a_film_keeps_its_orientation_and_a_view_alone_says_nothing():
    turned = film(values(), PatientOrientation=["L", "F"], ViewPosition="PA")
    header = read_dicom(content_of(turned)).header
    assert header["PatientOrientation"] == ["L", "F"]
    plain = read_dicom(content_of(film(values(), ViewPosition="PA"))).header
    assert edge_letters(plain.get("PatientOrientation")) is None
