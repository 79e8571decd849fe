"""What is asked of a PACS: studies, their series, their instances, and one file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dicomweb_client.web import DICOMwebClient

from readerstudy.cases.pacs.connection import (
    ANSWER_BYTES,
    INSTANCE_BYTES,
    BoundedSession,
    Failing,
    Gone,
)
from readerstudy.cases.pacs.multipart import only_part
from readerstudy.cases.pacs.servers import PacsServer
from readerstudy.cases.radiograph import NotNow, Refused

ADDRESS = re.compile(
    r"studies/([0-9.]{1,64})/series/([0-9.]{1,64})/instances/([0-9.]{1,64})"
)
INSTANCE_SECONDS = 300
# As the PACS keeps it: a lossy copy or a decoded one would be another file each time.
_AS_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'


@dataclass(frozen=True)
class Answer:
    """One data set of a QIDO-RS answer. Only what is asked of it is looked at."""

    elements: dict[str, Any]

    def text(self, keyword: str) -> str:
        """An element's first value as stripped text, empty where there is none."""
        element = self.elements.get(DICOMwebClient.lookup_tag(keyword))
        values = element.get("Value") if isinstance(element, dict) else None
        if not isinstance(values, list) or not values:
            return ""
        first = values[0]
        return str(first).strip() if isinstance(first, str | int | float) else ""

    def number(self, keyword: str) -> int:
        """A whole number, 0 where it is none."""
        text = self.text(keyword)
        return int(text) if text.isascii() and text.isdigit() else 0

    def uid(self, keyword: str) -> str:
        """A UID that can be part of an address, empty where it can not."""
        text = self.text(keyword)
        return text if re.fullmatch(r"[0-9.]{1,64}", text) else ""


class Archive:
    """A conversation with one server that may take so many seconds in all.

    Every method raises NotNow or Refused.
    """

    def __init__(self, server: PacsServer, *, seconds: float) -> None:
        self.server = server
        session = BoundedSession(server, seconds=seconds, most_bytes=ANSWER_BYTES)
        self._client = DICOMwebClient(server.url, session, permissive_uid=True)
        self._client.set_http_retry_params(retry=False)

    def studies(self, filters: dict[str, str], *, limit: int) -> list[Answer]:
        return self._asked(
            self._client.search_for_studies,
            limit=limit,
            fields=["StudyDate", "AccessionNumber", "PatientID", "ModalitiesInStudy"],
            search_filters=filters,
        )

    def series(self, study: str) -> list[Answer]:
        return self._asked(
            self._client.search_for_series,
            study,
            fields=["BodyPartExamined", "NumberOfSeriesRelatedInstances"],
        )

    def instances(self, study: str, series: str) -> list[Answer]:
        return self._asked(self._client.search_for_instances, study, series)

    def _asked(self, search: Any, *path: str, **options: Any) -> list[Answer]:
        try:
            found = search(*path, **options)
        except Failing as problem:
            raise NotNow(str(problem)) from None
        except (Gone, ValueError, RecursionError):
            found = None
        if not isinstance(found, list) or not all(isinstance(a, dict) for a in found):
            raise Refused(
                f"The PACS {self.server.name} does not answer as a DICOMweb server "
                "does. Ask the administrator whether its address is right."
            )
        return [Answer(elements) for elements in found]


def instance(server: PacsServer, address: str) -> bytes:
    """One DICOM file, byte for byte as the server keeps it.

    Raises NotNow or Refused.
    """
    if not ADDRESS.fullmatch(address):
        raise Refused("Its address is not that of an instance.")
    with BoundedSession(
        server, seconds=INSTANCE_SECONDS, most_bytes=INSTANCE_BYTES
    ) as session:
        try:
            answer = session.get(
                f"{server.url}/{address}",
                # A film hardly shrinks, and packing it takes the PACS's time.
                headers={"Accept": _AS_STORED, "Accept-Encoding": "identity"},
            )
        except Failing as problem:
            if not _is_well(server):
                raise NotNow(str(problem)) from None
            raise Refused(str(problem)) from None
        return only_part(answer.headers.get("Content-Type", ""), answer.content)


def _is_well(server: PacsServer) -> bool:
    """Whether a server that failed at one file answers otherwise."""
    try:
        Archive(server, seconds=60).studies({}, limit=1)
    except (NotNow, Refused):
        return False
    return True


def addresses(study: str, series: str, found: list[Answer]) -> Iterator[str]:
    """The addresses of instances that were found in a series."""
    for answer in found:
        if uid := answer.uid("SOPInstanceUID"):
            yield f"studies/{study}/series/{series}/instances/{uid}"
