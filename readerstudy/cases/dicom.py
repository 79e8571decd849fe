"""One CR or DX DICOM file to a RadiographFile, or a sentence why not.

Source: DICOM PS3.3 C.7.6.3 (image pixel). dicom_header.py reads what the file says of
its grey levels.
"""

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from readerstudy.cases.decoding import DAMAGED, parse, stored_values
from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.deidentification.profile import CHEST
from readerstudy.cases.deidentification.removed import removal_of
from readerstudy.cases.deidentification.trailing import surplus_of
from readerstudy.cases.deidentify import (
    body_part_word,
    kept_header,
    modality_word,
    photometric_word,
    text_of,
    texts_of,
)
from readerstudy.cases.dicom_header import (
    modality_of,
    padding_of,
    spacing_of,
    vois_of,
    whole,
)
from readerstudy.cases.greyscale import NothingButPadding, build_frame
from readerstudy.cases.radiograph import (
    RadiographFile,
    Refused,
    View,
    file_bytes,
    refuse_size,
    sha256,
    words_of,
)

MODALITIES = ("CR", "DX")
# Of a file that names no modality, these say what it is: the storage of CR and of DX.
_STORAGES = (
    "1.2.840.10008.5.1.4.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1.1",
)
_VIEWS: dict[str, View] = {
    "PA": "frontal",
    "AP": "frontal",
    "LL": "lateral",
    "RL": "lateral",
    "LAT": "lateral",
    "LATERAL": "lateral",
    "LLD": "unknown",
    "RLD": "unknown",
}


def read_dicom(
    source: bytes,
    *,
    code_element: str = "",
    pseudonym: Policy | None = None,
    takes_burned_in: bool = False,
) -> RadiographFile:
    """Read one file whole. Raises Refused.

    code_element     PatientID or AccessionNumber: its pseudonym becomes the case's code
    pseudonym        makes what is replaced: pseudonyms, UIDs, shifted dates
    takes_burned_in  also files that say that text is burned into their pixels

    Imports call this through reading.py, which survives what decoders do.
    """
    content = file_bytes(source)
    try:
        dataset = parse(content)
        _refuse_unless_radiograph(dataset)
        if not takes_burned_in:
            _refuse_burned_in(dataset)
        return _radiograph(dataset, content, code_element, pseudonym)
    except Refused:
        raise
    except NothingButPadding as problem:
        raise Refused(str(problem)) from problem
    except DAMAGED as problem:
        raise Refused(
            f"It is no readable DICOM file: {words_of(problem)}."
        ) from problem


def _refuse_unless_radiograph(dataset: Dataset) -> None:
    """Refuse in the order in which a person would notice."""
    if not any(name in dataset for name in ("SOPClassUID", "Modality", "PixelData")):
        raise Refused("It is not a DICOM file.")
    modality = text_of(dataset, "Modality").upper()
    if modality not in MODALITIES and (
        modality or text_of(dataset, "SOPClassUID") not in _STORAGES
    ):
        raise Refused(
            f"Its modality is {modality_word(modality)}; only CR and DX are taken."
        )
    if "PixelData" not in dataset:
        raise Refused("It holds no pixel data.")
    if whole(dataset, "NumberOfFrames", 1) != 1:
        raise Refused("It holds several frames; a radiograph has one.")
    photometric = text_of(dataset, "PhotometricInterpretation")
    if whole(dataset, "SamplesPerPixel", 1) != 1:
        word = photometric_word(photometric)
        raise Refused(f"It is a colour image ({word}), not a radiograph.")
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise Refused(
            f"Its photometric interpretation is {photometric_word(photometric)}; "
            "a radiograph is MONOCHROME1 or MONOCHROME2."
        )
    refuse_size(whole(dataset, "Rows", 0), whole(dataset, "Columns", 0))
    if whole(dataset, "BitsAllocated", 0) not in (8, 16):
        raise Refused("Its pixels have neither 8 nor 16 bits allocated.")


def _refuse_burned_in(dataset: Dataset) -> None:
    if "YES" in (value.upper() for value in texts_of(dataset, "BurnedInAnnotation")):
        raise Refused(
            "It says that text is burned into its pixels (BurnedInAnnotation), which "
            "may name the patient. Look at it, and bring it in again with the choice "
            "to take such files: the search for burned-in text follows."
        )


def _radiograph(
    dataset: Dataset, content: bytes, code_element: str, pseudonym: Policy | None
) -> RadiographFile:
    if (
        not hasattr(dataset, "file_meta")
        or "TransferSyntaxUID" not in dataset.file_meta
    ):
        _assume_syntax(dataset)
    bits = whole(dataset, "BitsStored", 16)
    high = whole(dataset, "HighBit", bits - 1)
    if not 1 <= bits <= high + 1 <= whole(dataset, "BitsAllocated", 16):
        raise Refused(f"Its bits stored ({bits}) and high bit ({high}) make no sense.")
    stored = stored_values(dataset, bits=bits, high=high)
    if stored.ndim != 2:
        raise Refused("Its pixel data are not one grey image.")
    warnings: list[str] = []
    spacing, kind = spacing_of(dataset)
    modality = modality_of(dataset, warnings)
    frame = build_frame(
        stored,
        bits=bits,
        modality=modality,
        turned=text_of(dataset, "PhotometricInterpretation") == "MONOCHROME1",
        padding=padding_of(dataset),
        vois=vois_of(dataset, modality, warnings),
        spacing_mm=spacing,
        spacing_kind=kind,
    )
    body_part = _body_part(dataset, warnings)
    view, position = _view(dataset)
    header = kept_header(dataset, pseudonym)
    return RadiographFile(
        frame=frame,
        header=header,
        view=view,
        view_reason=f"ViewPosition {position}" if position else "",
        body_part=body_part,
        source_sha256=sha256(content),
        code=_code(dataset, code_element, pseudonym),
        warnings=tuple(warnings),
        removal=removal_of(
            dataset,
            header,
            is_coded=code_element,
            surplus=surplus_of(dataset, content),
            dates=pseudonym.dates if pseudonym else "dropped",
        ),
    )


def _assume_syntax(dataset: Dataset) -> None:
    """A file without meta information: the encoding found, uncompressed."""
    implicit, little = dataset.original_encoding
    syntax = ImplicitVRLittleEndian
    if implicit is False:
        syntax = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax


def _view(dataset: Dataset) -> tuple[View, str]:
    """The view and the word that says so; several contradicting words say nothing."""
    words = text_of(dataset, "ViewPosition").upper().split()
    known = [word for word in words if word in _VIEWS]
    views = {_VIEWS[word] for word in known}
    return (views.pop(), known[0]) if len(views) == 1 else ("unknown", "")


def _body_part(dataset: Dataset, warnings: list[str]) -> str:
    part = text_of(dataset, "BodyPartExamined").upper()
    if not part:
        return ""
    if CHEST.intersection(part.split()):
        return "CHEST"
    word = body_part_word(part)
    warnings.append(f"Its body part is {word}: this may be no chest radiograph.")
    return "OTHER"


def _code(dataset: Dataset, element: str, pseudonym: Policy | None) -> str | None:
    if not element or pseudonym is None:
        return None
    value = text_of(dataset, element)
    if not value:
        is_list = len(texts_of(dataset, element)) > 1
        what = "has several values" if is_list else "is empty"
        raise Refused(f"Its {element} {what}, so it gives the case no code.")
    return pseudonym(value)
