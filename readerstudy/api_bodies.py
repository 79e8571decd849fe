"""What the API reads of a request's body: JSON of a sensible size, to be stored."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

# An escape that may be half of a pair; a whole pair is a letter like any other.
_HALF = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}|\\u[dD][c-fC-F][0-9a-fA-F]{2}")


class TooLong(APIException):
    """The body is longer than any page's."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is too long."


class BoundedJSON(JSONParser):
    """JSON that is not too long, not too deep, and made of whole letters.

    DRF's own reads a body of any length, ends in a traceback at the thousandth bracket,
    and lets through halves of letters, which no database stores.
    """

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content: bytes = stream.read(most + 1)
        if len(content) > most:
            raise TooLong
        try:
            found = json.loads(content.decode(), parse_constant=_refuse_constant)
            if _HALF.search(content):
                json.dumps(found, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except ValueError as problem:
            # A UnicodeError is one too; neither says more than a place.
            raise ParseError(f"It is no JSON in UTF-8: {_words(problem)}.") from None
        return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _words(problem: ValueError) -> str:
    if isinstance(problem, UnicodeError):
        return "a character is not whole"
    return str(problem)[:200]
