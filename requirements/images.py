"""Write the digests of the images that come from a registry, or say which lack one.

    python3 requirements/images.py pin [FILE...]
    python3 requirements/images.py check [FILE...]

Of docker-compose.yml and the Dockerfile, unless files are named. Standard library
only. A digest is asked of the image's own registry, where the tag leads today; a name
that has one keeps it until it is taken away by hand.
"""

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("docker-compose.yml", "Dockerfile")
# A line that names an image with a tag; stages and images built here have other forms.
NAMED = re.compile(
    r"^(?P<before>\s*(?:image:|FROM)\s+)(?P<name>[a-z0-9][\w./:-]*:[\w.-]+)"
    r"(?P<digest>@sha256:[0-9a-f]{64})?(?P<after>(?: AS [a-z-]+)?\s*)$",
    re.MULTILINE,
)
OURS = re.compile(r"readerstudy-[a-z-]+:local")
HUB = "registry-1.docker.io"
# An index of images for several kinds of machines comes before an image for one.
KINDS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


def main(arguments: Sequence[str]) -> None:
    if not arguments or arguments[0] not in {"pin", "check"}:
        sys.exit("Say pin or check, and perhaps which files.")
    paths = [Path(each) for each in arguments[1:]] or [ROOT / each for each in FILES]
    if arguments[0] == "check":
        missing = [name for path in paths for name in unpinned(path.read_text())]
        if missing:
            sys.exit(f"Without a digest: {', '.join(sorted(set(missing)))}.")
        return
    try:
        for path in paths:
            path.write_text(pinned(path.read_text()))
    except (OSError, ValueError) as problem:
        sys.exit(f"No digest was written into {path.name}: {problem}")


def unpinned(text: str) -> list[str]:
    """The images that a file takes from a registry by a tag alone."""
    return [
        found["name"]
        for found in NAMED.finditer(text)
        if not found["digest"] and not OURS.fullmatch(found["name"])
    ]


def pinned(text: str) -> str:
    """The same file with the digest of today behind every such image."""
    digests = {name: digest_of(name) for name in sorted(set(unpinned(text)))}

    def with_digest(found: re.Match[str]) -> str:
        if found["name"] not in digests or found["digest"]:
            return found[0]
        name = f"{found['name']}@{digests[found['name']]}"
        return f"{found['before']}{name}{found['after']}"

    return NAMED.sub(with_digest, text)


def digest_of(name: str) -> str:
    """Where a tag leads, asked of its registry. Raises OSError or ValueError."""
    registry, repository, tag = parts_of(name)
    is_here = registry.partition(":")[0] in {"localhost", "127.0.0.1"}
    scheme = "http" if is_here else "https"
    address = f"{scheme}://{registry}/v2/{repository}/manifests/{tag}"
    try:
        answer = _asked(address, "")
    except urllib.error.HTTPError as refusal:
        if refusal.code != 401:
            raise OSError(
                f"{registry} knows no {repository}:{tag} ({refusal})"
            ) from None
        answer = _asked(address, _token(refusal.headers["WWW-Authenticate"] or ""))
    digest = str(answer["Docker-Content-Digest"])
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise ValueError(f"{registry} named no digest of {repository}:{tag}.")
    return digest


def parts_of(name: str) -> tuple[str, str, str]:
    """Registry, repository and tag, as Docker reads a name."""
    path, _, tag = name.rpartition(":")
    first, _, rest = path.partition("/")
    if rest and ("." in first or ":" in first or first == "localhost"):
        return first, rest, tag
    return HUB, path if rest else f"library/{path}", tag


def _asked(address: str, token: str) -> Message:
    """The headers of an image's manifest."""
    headers = {"Accept": ", ".join(KINDS)}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(address, headers=headers, method="HEAD")  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        told: Message = answer.headers
        return told


def _token(challenge: str) -> str:
    """A token for whoever asks, from where the registry says."""
    told = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    where = told.pop("realm", "")
    if not where.startswith("https://"):
        raise ValueError(
            f"The registry asks for a sign-in: {challenge or 'no reason'}."
        )
    with urllib.request.urlopen(  # noqa: S310
        f"{where}?{urllib.parse.urlencode(told)}", timeout=30
    ) as answer:
        said = json.load(answer)
    return str(said.get("token") or said.get("access_token") or "")


if __name__ == "__main__":
    main(sys.argv[1:])
