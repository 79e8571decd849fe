"""Write the corpus anew: small files of every kind, all of them made here.

python -m fuzz.seeds
"""

import csv
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

CORPUS = Path(__file__).resolve().parent / "corpus"
REPORTS = (
    "FINDINGS: The heart is enlarged. No pleural effusion or pneumothorax.\n"
    "IMPRESSION: Mild cardiomegaly; cannot exclude early oedema.",
    "PA AND LATERAL VIEWS OF THE CHEST:\nLungs are clear, without consolidation.",
    "INDICATION: ___ year old with cough\n\nFINDINGS AND IMPRESSION:\nXXXX opacity",
    "Unchanged right PICC; no new focal airspace disease, but possible atelectasis.",
)
FINDINGS = ("No Finding", "Cardiomegaly", "Edema", "Pneumothorax", "Fracture")


def film(syntax: str, side: int = 8, **elements: object) -> bytes:
    """A film of a few pixels."""
    values = (np.arange(side * side).reshape(side, side) % 4096).astype("<u2")
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = "2.25.1"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = "2.25.1"
    dataset.Modality = "DX"
    dataset.Rows, dataset.Columns = values.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.PatientID, dataset.StudyDate = "7", "20200102"
    dataset.ViewPosition, dataset.BodyPartExamined = "PA", "CHEST"
    dataset.PixelData = values.tobytes()
    for name, value in elements.items():
        setattr(dataset, name, value)
    if syntax in (RLELossless, JPEGLSLossless, JPEG2000Lossless):
        dataset.compress(syntax, generate_instance_uid=False)
    else:
        if syntax == ExplicitVRBigEndian:
            dataset.PixelData = values.astype(">u2").tobytes()
        dataset["PixelData"].VR = "OW"
        dataset.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _table(bits: int) -> Sequence:
    item = Dataset()
    item.LUTDescriptor = [16, 0, bits]
    item.LUTData = np.arange(16, dtype="<u2").tobytes()
    item["LUTData"].VR = "OW"
    return Sequence([item])


def _said_longer(content: bytes) -> bytes:
    return content[:138] + (1099).to_bytes(2, "little") + content[140:]


def dicom() -> Iterator[bytes]:
    for syntax in (
        *(ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian),
        *(DeflatedExplicitVRLittleEndian, RLELossless),
    ):
        yield film(syntax)
    yield film(
        ExplicitVRLittleEndian,
        PhotometricInterpretation="MONOCHROME1",
        PixelPaddingValue=0,
        PixelPaddingRangeLimit=80,
        WindowCenter=[1000, 2000],
        WindowWidth=[500, 900],
        WindowCenterWidthExplanation=["NORMAL", "HARDER"],
        VOILUTFunction="SIGMOID",
        RescaleSlope="2",
        RescaleIntercept="-1024",
        ImagerPixelSpacing=[0.1, 0.1],
        PatientOrientation=["L", "F"],
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Größe^Änne",
    )
    yield film(ExplicitVRLittleEndian, VOILUTSequence=_table(8))
    yield film(ExplicitVRLittleEndian, ModalityLUTSequence=_table(12))
    yield film(ExplicitVRLittleEndian)[132:]
    # A number of many bytes, on which pydicom has an exception of its own.
    yield _said_longer(film(ExplicitVRLittleEndian))
    # Ends within a length, on which Python's struct has one too.
    yield film(ExplicitVRLittleEndian).partition(b"OW\0\0")[0] + b"OW\0\0\0"
    yield b"\0" * 128 + b"DICM"


def codecs() -> Iterator[bytes]:
    yield film(JPEGLSLossless)
    yield film(RLELossless)
    yield film(JPEG2000Lossless, 64)


def picture() -> Iterator[bytes]:
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8) * 3
    for mode, kind in (("L", "PNG"), ("L", "JPEG"), ("RGB", "PNG"), ("P", "PNG")):
        stream = io.BytesIO()
        Image.fromarray(grey).convert(mode).save(stream, kind)
        yield stream.getvalue()
    stream = io.BytesIO()
    Image.fromarray(grey.astype(np.uint16) * 200).save(stream, "PNG")
    yield stream.getvalue()


def xml() -> Iterator[bytes]:
    for number, text in enumerate(REPORTS, 1):
        yield (
            f'<?xml version="1.0" encoding="utf-8"?><eCitation><uId id="CXR{number}"/>'
            '<MedlineCitation><Article><Abstract><AbstractText Label="FINDINGS">'
            f'{text}</AbstractText><AbstractText Label="IMPRESSION">Clear.'
            "</AbstractText></Abstract></Article></MedlineCitation><MeSH><major>normal"
            f'</major></MeSH><parentImage id="CXR{number}_IM-0001-1001"/></eCitation>'
        ).encode()
    yield b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'


def report() -> Iterator[bytes]:
    for text in REPORTS:
        yield text.encode()


def _csv(rows: list[list[object]], delimiter: str = ",", codec: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(codec)


def tables() -> Iterator[bytes]:
    rows: list[list[object]] = [["case", "report"], ["CXR1", REPORTS[0]]]
    for delimiter in ",;\t|":
        yield _csv(rows, delimiter)
    for codec in ("utf-8-sig", "utf-16", "cp1252"):
        yield _csv([*rows, ["CXR2", "Größe"]], codec=codec)
    yield _csv([["filename", "projection"], ["1_IM-0001-1001.dcm.png", "Frontal"]])
    yield _csv([["dicom_id", "ViewPosition"], ["02aa804e", "PA"]])


def labels() -> Iterator[bytes]:
    yield _csv([["study_id", *FINDINGS], ["CXR1", "", 1, 0, -1, "1.0"]])
    yield _csv([["Path", "lung opacity"], ["p10/s50/CXR2.dcm", "\u22121"]], ";")
    yield _csv([["case", "BLEU-4", "note"], ["CXR1", "0.25", "x"], ["a", "1e-3", ""]])
    answer = {"Edema": 1, "Cardiomegaly": 0}
    lines = [
        {"image": "CXR1", "text": json.dumps(answer), "fingerprint": "ab"},
        {"image": "CXR2", "error": "TimeoutError", "provenance": {"checkpoint": "c"}},
    ]
    yield "\n".join(map(json.dumps, lines)).encode()


def reads() -> Iterator[bytes]:
    header = ["reader", "case", "arm", "grade"]
    yield _csv([header, ["R1", "C1", "model", "A"], ["R1", "C1", "human", "b"]])
    yield _csv(
        [
            [*header, "stratum", "repeat", "included", "seconds", "position", "period"],
            ["R1", "C1", "model", "D", "normal", "1", "0", "12.5", "3", "2"],
        ],
        "\t",
    )


def bodies() -> Iterator[bytes]:
    visit = {
        "key": "visit-0001",
        "began_at": "2026-01-01T00:00:00+01:00",
        "events": [[0, "shown"], [20, "blur"], [90, "submit"]],
    }
    mark = {"category": "omission", "significant": True, "sentence": 1, "end": 9}
    reply = {"letter": "B", "comment": "Größe \ud83e\udec1", "marks": [mark]}
    sent = {**reply, "visits": [visit], "idempotency_key": "0123456789"}
    yield json.dumps(sent).encode()
    yield json.dumps({"reports": [reply, reply], "preference": "1"}).encode()
    yield json.dumps(
        {"times_only": True, "visits": [visit]}, ensure_ascii=True
    ).encode()


def archives() -> Iterator[bytes]:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as packed:
            packed.writestr(zipfile.ZipInfo("p/a.dcm"), b"a" * 40, method)
            packed.writestr(
                zipfile.ZipInfo("manifest.json"),
                '{"schema": "readerstudy-study", "version": 1, "members": {}}',
            )
        yield stream.getvalue()
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=form) as tar:
            member = tarfile.TarInfo("d" * 90 + "/" + "ä" * 30)
            member.size = 40
            tar.addfile(member, io.BytesIO(b"a" * 40))
        yield stream.getvalue()


KINDS = (
    *(dicom, codecs, picture, xml, report, tables, labels, reads, bodies, archives),
)


def main() -> None:
    for kind in KINDS:
        folder = CORPUS / kind.__name__
        folder.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(kind(), 1):
            (folder / f"{number:02}").write_bytes(content)


if __name__ == "__main__":
    main()
