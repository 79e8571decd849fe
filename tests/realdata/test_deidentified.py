"""Real headers in many character sets, and broken ones: no value reaches the record.

READERSTUDY_TEST_DATA names the folder.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.datadict import keyword_dict
from pydicom.dataset import Dataset

from readerstudy.cases.decoding import DAMAGED, parse
from readerstudy.cases.deidentification.ocr import readings_of
from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.deidentification.regions import regions_of
from readerstudy.cases.deidentification.removed import removal_of
from readerstudy.cases.deidentify import kept_header
from readerstudy.cases.radiograph import Refused

DATA = Path(os.environ["READERSTUDY_TEST_DATA"])
NAMING = ("PatientName", "PatientID", "InstitutionName", "ReferringPhysicianName")
LEAST_LETTERS = 4
# A record names elements by their keywords, which hold words such as Name.
KEYWORDS = " ".join(keyword_dict)


def names_in(dataset: Dataset) -> set[str]:
    """The words of the elements that name people and places, longer than codes."""
    words: set[str] = set()
    for element in NAMING:
        try:
            text = str(dataset.get(element, ""))
        except DAMAGED:
            continue
        words |= {
            word
            for word in text.replace("^", " ").replace("=", " ").split()
            if len(word) >= LEAST_LETTERS and word not in KEYWORDS
        }
    return words


# What pydicom says of broken values; the reading process of an import says nothing.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for folder in ("dicom_charset", "dicom_malformed", "dicom_cxr")
        for path in DATA.glob(f"{folder}/*.dcm")
    ),
    ids=lambda path: path.name,
)
def test_a_record_is_made_of_any_header_and_names_nobody(path):
    try:
        dataset = parse(path.read_bytes())
        header = kept_header(dataset, Policy("secret", "shifted"))
        removal = removal_of(dataset, header)
    except Refused:
        return
    except DAMAGED:
        return  # the import refuses it: tests/realdata/test_imports.py
    text = json.dumps([header, removal.as_json()], ensure_ascii=False)
    assert not [name for name in names_in(dataset) if name in text]
    if "PatientName" in dataset:
        assert "PatientName" in text


@pytest.mark.slow
def test_real_radiographs_are_searched_and_their_markers_are_told():
    """Hannover's films have had their names removed; some show a side marker."""
    proposed = 0
    paths = sorted(DATA.glob("cxr_png/hannover/*.png"))[:4]
    for path in paths:
        pixels = np.asarray(Image.open(path).convert("L"))
        rows, columns = pixels.shape
        found = regions_of(readings_of(pixels), rows=rows, columns=columns)
        proposed += sum(not each.marker and each.place == "border" for each in found)
    assert paths
    assert proposed <= len(paths)
