"""What lies in the PACS of a test, and how the site is told of that PACS."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, generate_uid

from readerstudy.cases.pacs.servers import PacsServer
from tests.cases.films import content_of, film, values
from tests.orthanc import PASSWORD, USER, Orthanc


def radiograph(
    seed: int = 1,
    *,
    accession: str = "",
    patient: str = "",
    date: str = "20240105",
    modality: str = "CR",
    body_part: str = "CHEST",
    study: str = "",
    series: str = "",
    instance: str = "",
    bits: int = 12,
    compress: UID | None = None,
) -> bytes:
    """A DICOM file of a patient with a name and a birthday; a CT slice if asked."""
    dataset = film(
        values(bits, seed=seed),
        bits=bits,
        syntax=ExplicitVRLittleEndian,
        StudyInstanceUID=study or generate_uid(),
        SeriesInstanceUID=series or generate_uid(),
        SOPInstanceUID=instance or generate_uid(),
        PatientName="Musterfrau^Erika",
        PatientBirthDate="19640812",
        PatientID=patient or f"H-{seed:06}",
        AccessionNumber=accession or f"ACC-{seed:06}",
        StudyDate=date,
        Modality=modality,
    )
    if body_part:
        dataset.BodyPartExamined = body_part
    if modality == "CT":
        dataset.SOPClassUID = CTImageStorage
        dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    if compress:
        dataset.compress(compress, generate_instance_uid=False)
    return content_of(dataset)


def server_of(orthanc: Orthanc, *, password: str = PASSWORD) -> PacsServer:
    """An Orthanc as the site's settings name it."""
    return PacsServer("archive", orthanc.url, USER, password)


@contextmanager
def orthanc_with(*contents: bytes) -> Iterator[Orthanc]:
    """A fresh Orthanc that holds some files."""
    with Orthanc() as orthanc:
        orthanc.store(*contents)
        yield orthanc
