"""The DICOM file inside a multipart/related answer of WADO-RS (PS3.18, 8.6.1.2)."""

from email.message import Message

from readerstudy.cases.radiograph import NotNow, Refused

_BLANK = b"\r\n\r\n"


def only_part(content_type: str, content: bytes) -> bytes:
    """The first part's bytes, untouched.

    Some servers send the file without any multipart message around it; it is taken too.
    Raises NotNow for an answer that is cut off, Refused for one that is something else.
    """
    header = Message()
    header["Content-Type"] = content_type
    kind, boundary = header.get_content_type(), header.get_boundary()
    if kind == "application/dicom":
        return content
    if kind != "multipart/related" or not boundary:
        raise Refused(f"The PACS sends {kind[:60]} instead of DICOM.")
    line = b"--" + boundary.encode("latin-1", "replace")
    start = content.find(line)
    body = content.find(_BLANK, start)
    if start < 0 or body < 0:
        raise NotNow("The PACS broke off its answer.")
    body += len(_BLANK)
    end = content.find(b"\r\n" + line, body + _stated(content[start:body]))
    if end < 0:
        raise NotNow("The PACS broke off its answer.")
    return content[body:end]


def _stated(head: bytes) -> int:
    """The length that a part's head states, so that its bytes need not be searched."""
    for row in head.split(b"\r\n"):
        name, _, value = row.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return 0
