"""A private Orthanc with DICOMweb, a real PACS that lives as long as a test."""

import json
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

import requests

from tests.servers import Server, free_port

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
USER, PASSWORD = "readerstudy", "p@ss,w/rd: 1"
AE_TITLE = "ARCHIVE"


def orthanc_binary() -> Path:
    """Debian's Orthanc, if its DICOMweb plugin and dcmtk are there as well.

    Raises RuntimeError where one is missing.
    """
    found = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")
    if found is None or not PLUGIN.exists() or shutil.which("storescu") is None:
        raise RuntimeError(
            "There is no Orthanc with DICOMweb. Run `make test` as root, which "
            "installs one, or install the Debian packages orthanc, orthanc-dicomweb "
            "and dcmtk."
        )
    return Path(found)


def there_is_a_pacs() -> bool:
    try:
        orthanc_binary()
    except RuntimeError:
        return False
    return True


class Orthanc(Server):
    """A PACS with one user. What it acknowledged it has after a kill."""

    # It takes seconds to end in order, for the sake of data that nobody wants.
    polite_signal = signal.SIGKILL

    def __init__(self) -> None:
        super().__init__()
        self.dicom_port = 0
        self._paired_with = 0

    def __str__(self) -> str:
        return "Orthanc"

    @property
    def url(self) -> str:
        """The root of its DICOMweb service, without user and password."""
        return f"http://127.0.0.1:{self.port}/dicom-web"

    def store(self, *contents: bytes) -> None:
        """Put DICOM files into it."""
        with self._session() as session:
            for content in contents:
                address = f"http://127.0.0.1:{self.port}/instances"
                session.post(address, data=content, timeout=10).raise_for_status()

    def forget(self, sop_instance_uid: str) -> None:
        """Delete an instance."""
        with self._session() as session:
            root = f"http://127.0.0.1:{self.port}"
            asked = session.post(f"{root}/tools/lookup", data=sop_instance_uid)
            for found in asked.json():
                session.delete(f"{root}{found['Path']}").raise_for_status()

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.auth = (USER, PASSWORD)
        return session

    def _prepare(self) -> None:
        (self.folder / "data").mkdir()

    def _command(self) -> Sequence[str]:
        if self._paired_with != self.port:
            self._paired_with, self.dicom_port = self.port, free_port()
        configuration = {
            "Name": self.folder.name,
            "DicomAet": AE_TITLE,
            "StorageDirectory": str(self.folder / "data"),
            "IndexDirectory": str(self.folder / "data"),
            "HttpPort": self.port,
            "DicomPort": self.dicom_port,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": True,
            "RegisteredUsers": {USER: PASSWORD},
            "Plugins": [str(PLUGIN)],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }
        written = self.folder / "orthanc.json"
        written.write_text(json.dumps(configuration))
        return [str(orthanc_binary()), str(written)]

    def _answers(self) -> bool:
        try:
            with self._session() as session:
                root = f"http://127.0.0.1:{self.port}"
                answer = session.get(f"{root}/system", timeout=2)
                return answer.ok and answer.json()["Name"] == self.folder.name
        except requests.ConnectionError:
            return False
