"""Reading DICOM files and pictures in a process of their own.

Damaged pixel data can end the process that decodes them, hold it for ever, or make it
ask for all the memory there is. Here that process is a child (apart/children.py): one
file is refused, a new child reads the next one, and the import goes on.
"""

from dataclasses import asdict

from readerstudy.cases.apart import radiographs
from readerstudy.cases.apart.children import ask
from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.radiograph import RadiographFile, file_bytes, sha256


def read_apart(
    content: bytes,
    *,
    code_element: str = "",
    pseudonym: Policy | None = None,
    takes_burned_in: bool = False,
) -> RadiographFile:
    """`read_dicom` in the reading process. Raises Refused, whatever the file does."""
    asked = {
        "code_element": code_element,
        "pseudonym": pseudonym and asdict(pseudonym),
        "takes_burned_in": takes_burned_in,
    }
    answer = ask(radiographs.dicom, asked, file_bytes(content))
    return radiographs.radiograph_in(answer, sha256(content))


def read_picture_apart(content: bytes) -> RadiographFile:
    """`read_bitmap` in the reading process. Raises Refused, whatever the file does."""
    answer = ask(radiographs.bitmap, {}, file_bytes(content))
    return radiographs.radiograph_in(answer, sha256(content))
