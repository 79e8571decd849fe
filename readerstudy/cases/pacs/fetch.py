"""The bytes of a delivered file that a PACS keeps, when a worker comes to it."""

from django.conf import settings

from readerstudy.cases.intake.models import DeliveredFile
from readerstudy.cases.pacs import archive
from readerstudy.cases.radiograph import NotNow, refuse_bytes


def fetch(file: DeliveredFile) -> bytes:
    """The DICOM file at a delivered file's address, byte for byte.

    Raises Refused where the PACS is well and does not give it, and NotNow where it can
    be asked again later: it is away, busy, or set up wrongly.
    """
    name = str(file.delivery.options.get("server", ""))
    server = settings.DICOMWEB_SERVERS.get(name)
    if server is None:
        raise NotNow(f"No PACS named {name} is set up: the administrator can name it.")
    content = archive.instance(server, file.address)
    refuse_bytes(len(content))
    return content
