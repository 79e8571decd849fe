"""What the site's administrator lets coordinators choose from, by name.

Nobody who uses the site types an address, a path or a command line: what the settings
do not name is never called, opened or started.
"""

import json
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FIELDS = {"url", "key_variable", "key_file"}


@dataclass(frozen=True)
class AllowedEndpoint:
    """An endpoint, and where its key lies; the key itself is read when it is used.

    url           as clients of OpenAI have it, without the last slash
    key_variable  a variable of the environment
    key_file      a file that holds nothing but the key; where named, it alone counts
    """

    name: str
    url: str
    key_variable: str
    key_file: str = ""

    @property
    def key_place(self) -> str:
        """Where the key lies, for people to read."""
        return self.key_file or self.key_variable

    def key(self) -> str:
        """The key; empty where there is none. Raises ValueError, without it."""
        if not self.key_file:
            return os.environ.get(self.key_variable, "").strip()
        try:
            return Path(self.key_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as problem:
            raise ValueError(
                f"The key of the endpoint {self.name} cannot be read from "
                f"{self.key_file}."
            ) from problem


def endpoints_in(text: str) -> dict[str, AllowedEndpoint]:
    """Endpoints by name, as REPORT_ENDPOINTS has them: NAME=URL,... or a JSON object.

    In the short form the key of `gemini` lies in GEMINI_API_KEY. Raises ValueError with
    a sentence.
    """
    endpoints = {}
    for name, said in _entries(text.strip(), ","):
        fields = {"url": said} if isinstance(said, str) else said
        if (
            not isinstance(fields, dict)
            or not fields.keys() <= _FIELDS
            or not all(isinstance(value, str) for value in fields.values())
        ):
            raise ValueError(
                f"What is said of {name} is neither a URL nor an object of url, "
                "key_variable and key_file."
            )
        own = re.sub(r"[^A-Z0-9]", "_", name.upper()) + "_API_KEY"
        variable = fields.get("key_variable", own)
        if not _VARIABLE.fullmatch(variable):
            # It may be the key itself, put into the wrong place.
            raise ValueError(f"The key_variable of {name} is no name of a variable.")
        url = _address(name, fields.get("url", ""))
        endpoints[name] = AllowedEndpoint(
            name, url, variable, fields.get("key_file", "")
        )
    return endpoints


def commands_in(text: str) -> dict[str, tuple[str, ...]]:
    """Command lines by name, as REPORT_COMMANDS has them: NAME=LINE;... or JSON.

    Lines are split into words as a shell would, but no shell ever sees them. Raises
    ValueError with a sentence.
    """
    commands = {}
    for name, said in _entries(text.strip(), ";"):
        # To a shell it would end the command; here it would only part two words.
        if isinstance(said, str) and len(said.splitlines()) > 1:
            raise ValueError(
                f"The command line of {name} holds a line break: put it on one line, "
                "with a semicolon before the next command."
            )
        try:
            words = shlex.split(said) if isinstance(said, str) else said
        except ValueError as problem:
            raise ValueError(
                f"The command line of {name} has a quote without an end."
            ) from problem
        if (
            not isinstance(words, list)
            or not words
            or not all(isinstance(word, str) and word for word in words)
        ):
            raise ValueError(
                f"What is said of {name} is neither a command line nor a list of words."
            )
        if not Path(words[0]).is_absolute():
            raise ValueError(
                f"The command of {name} is {words[0]!r}: give its whole path, which "
                "begins with a slash."
            )
        commands[name] = tuple(words)
    return commands


def _entries(text: str, between: str) -> Iterator[tuple[str, Any]]:
    """Names with what is said of each; every name is one, and comes once."""
    seen = set()
    for name, said in _pairs(text, between):
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"{name[:60]!r} is no name: it has 1 to 40 letters, digits, - and _."
            )
        if name in seen:
            raise ValueError(f"{name} is named twice.")
        seen.add(name)
        yield name, said


def _pairs(text: str, between: str) -> Iterator[tuple[str, Any]]:
    if text.startswith("{"):
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError:
            raise ValueError("It begins with { but is no JSON.") from None
        yield from found.items()
        return
    for entry in filter(None, (part.strip() for part in text.split(between))):
        name, sign, said = entry.partition("=")
        if not sign:
            raise ValueError("An entry is not of the form NAME=VALUE.")
        yield name.strip(), said.strip()


def _address(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"The address of {name} is no URL.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"The address of {name} does not begin with https://HOST.")
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            f"The address of {name} must hold no password: a key has a place of its "
            "own."
        )
    if not re.fullmatch(r"[A-Za-z0-9.-]+", parts.hostname):
        raise ValueError(f"The host of {name} is neither a name nor an IPv4 address.")
    if parts.query or parts.fragment or not re.fullmatch(r"[\w./~%-]*", parts.path):
        raise ValueError(f"The address of {name} is not of the form https://HOST/v1.")
    host = f"{parts.hostname}:{port}" if port else parts.hostname
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
