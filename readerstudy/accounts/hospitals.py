"""The hospitals whose accounts may sign in by OpenID Connect, as settings name them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

# It becomes a part of addresses and the beginning of variables' names.
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
_HERE = {"127.0.0.1", "::1", "localhost"}
FORM = "hospital=https://login.hospital.example/realms/staff"


@dataclass(frozen=True)
class Hospital:
    """One OpenID Connect server. The secret stands in no text of this object.

    issuer  its address, below which /.well-known/openid-configuration lies
    """

    name: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)


def hospitals_in(text: str, environ: Mapping[str, str]) -> dict[str, Hospital]:
    """Servers by name, as OIDC_SERVERS has them: NAME=ISSUER, several with commas.

    The client's id of `hospital` is OIDC_HOSPITAL_CLIENT_ID, its secret
    OIDC_HOSPITAL_CLIENT_SECRET or, in a file, OIDC_HOSPITAL_CLIENT_SECRET_FILE. Raises
    ValueError with a sentence that holds no secret.
    """
    found: dict[str, Hospital] = {}
    for name, issuer in _entries(text):
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} is no name for a server: it has 1 to 30 small letters, "
                "digits and -, and begins with a letter."
            )
        if name in found:
            raise ValueError(f"the server {name} is named twice.")
        found[name] = _hospital(name, issuer, environ)
    return found


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, sign, issuer = entry.partition("=")
        if not sign or not issuer.strip():
            raise ValueError(
                f"OIDC_SERVERS: {entry!r} is not of the form NAME=ISSUER, such as "
                f"{FORM}"
            )
        yield name.strip(), issuer.strip().rstrip("/")


def _hospital(name: str, issuer: str, environ: Mapping[str, str]) -> Hospital:
    parts = urlsplit(issuer)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(f"the issuer of {name} is no plain address, such as {FORM}")
    if parts.scheme != "https" and (
        parts.scheme != "http" or parts.hostname not in _HERE
    ):
        raise ValueError(
            f"the issuer of {name} does not begin with https://. What it says of a "
            "person must not be altered on the way."
        )
    variable = f"OIDC_{name.upper().replace('-', '_')}_CLIENT"
    client_id = environ.get(f"{variable}_ID", "")
    if not client_id:
        raise ValueError(f"{name} wants the client's id in {variable}_ID.")
    return Hospital(name, issuer, client_id, _secret(name, variable, environ))


def _secret(name: str, variable: str, environ: Mapping[str, str]) -> str:
    given = environ.get(f"{variable}_SECRET", "")
    path = environ.get(f"{variable}_SECRET_FILE", "")
    if bool(given) == bool(path):
        raise ValueError(
            f"{name} wants the client's secret in either {variable}_SECRET or the file "
            f"that {variable}_SECRET_FILE names."
        )
    if given:
        return given
    try:
        kept = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(
            f"the file of {variable}_SECRET_FILE cannot be read."
        ) from None
    if not kept:
        raise ValueError(f"the file of {variable}_SECRET_FILE is empty.")
    return kept
