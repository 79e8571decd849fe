"""Header and pixel values of a DICOM file, and what is told of both; no codecs."""

from typing import Any
from unittest import mock

from readerstudy.cases import dicom
from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.radiograph import Refused

REFUSALS = (Refused,)
_POLICY = Policy("a key", "shifted")
_STORED = dicom.stored_values
# Codecs that are written in C are tried by codecs.py, in a child that may die.
_NATIVE = ("1.2.840.10008.1.2.4", "1.2.840.10008.1.2.5")


def parse(content: bytes) -> None:
    with mock.patch.object(dicom, "stored_values", _without_codecs):
        dicom.read_dicom(
            content, code_element="PatientID", pseudonym=_POLICY, takes_burned_in=True
        )


def _without_codecs(dataset: Any, **bits: int) -> Any:
    if str(dataset.file_meta.TransferSyntaxUID).startswith(_NATIVE):
        raise Refused("It is compressed.")
    return _STORED(dataset, **bits)
