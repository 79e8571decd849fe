"""The DICOMweb servers that a site may ask, as its administrator names them.

Nobody who uses the site types an address: what is not named here is never called.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_FIELDS = {"url", "user", "password", "ca_file"}
FORM = "archive=https://user:password@pacs.example.org/dicom-web"


@dataclass(frozen=True)
class PacsServer:
    """One server. Its user and password stand in no text of this object.

    url      the root of its DICOMweb service, without user, password and last slash
    ca_file  a file of certificates to believe instead of the machine's own
    """

    name: str
    url: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @property
    def is_encrypted(self) -> bool:
        return self.url.startswith("https:")


def servers_in(text: str, ca_file: str = "") -> dict[str, PacsServer]:
    """Servers by name, as DICOMWEB_SERVERS has them: NAME=URL,... or a JSON object.

    Raises ValueError with a sentence that holds no password.
    """
    servers: dict[str, PacsServer] = {}
    for name, fields in _entries(text.strip()):
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} is no name for a server: it has 1 to 40 letters, digits, "
                "- and _."
            )
        if name in servers:
            raise ValueError(f"The server {name} is named twice.")
        servers[name] = _server(name, {"ca_file": ca_file} | fields)
    return servers


def _entries(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Names with what is said of each."""
    if text.startswith("{"):
        yield from _entries_of_json(text)
        return
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, sign, url = entry.partition("=")
        if not sign or "://" in name:
            # The entry itself may be a password with a comma in it.
            raise ValueError(
                f"An entry is not of the form NAME=URL, such as {FORM}; a comma in a "
                "password is written %2C."
            )
        yield name.strip(), {"url": url.strip()}


def _entries_of_json(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        found: Any = json.loads(text)
    except ValueError:
        raise ValueError("It begins with { but is no JSON.") from None
    for name, said in found.items():
        fields = {"url": said} if isinstance(said, str) else said
        if (
            not isinstance(fields, dict)
            or not fields.keys() <= _FIELDS
            or not all(isinstance(value, str) for value in fields.values())
        ):
            raise ValueError(
                f"What is said of {name} is neither a URL nor an object of url, user, "
                "password and ca_file."
            )
        yield name, fields


def _server(name: str, fields: dict[str, str]) -> PacsServer:
    parts, port = _address(name, fields.get("url", ""))
    ca_file = fields["ca_file"]
    if ca_file and not Path(ca_file).is_file():
        raise ValueError(f"The certificates of {name} are not there: {ca_file}.")
    user = fields.get("user", unquote(parts.username or ""))
    password = fields.get("password", unquote(parts.password or ""))
    if not f"{user}{password}".isprintable() or ":" in user:
        raise ValueError(
            f"The user or password of {name} has signs that none may have."
        )
    host = f"{parts.hostname}:{port}" if port else parts.hostname
    return PacsServer(
        name=name,
        url=f"{parts.scheme}://{host}{parts.path.rstrip('/')}",
        user=user,
        password=password,
        ca_file=ca_file,
    )


def _address(name: str, url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"The address of {name} is no URL.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"The address of {name} does not begin with https://HOST.")
    if not re.fullmatch(r"[A-Za-z0-9.-]+", parts.hostname):
        raise ValueError(f"The host of {name} is neither a name nor an IPv4 address.")
    if parts.query or parts.fragment or not re.fullmatch(r"[\w./~%-]*", parts.path):
        raise ValueError(
            f"The address of {name} is not just the root of a DICOMweb service; a / or "
            "@ in a password is written %2F and %40."
        )
    return parts, port
