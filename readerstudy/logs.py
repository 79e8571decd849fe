"""What is kept out of every log: keys, passwords, and links that open something.

The code writes none of them. But servers log the addresses they were asked for, and
exceptions quote what they choked on.
"""

import json
import logging
import os
import re
from collections.abc import ItemsView
from datetime import UTC, datetime
from pprint import pformat
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from readerstudy import tracing

HIDDEN = "***"
_SECRETS = (
    # A link that opens something for whoever has it. Any sign of an address may be
    # written by its number.
    re.compile(r"(?<=/invitation/)[\w%-]{16,}|(?<=/calendar/)[\w%-]{16,}"),
    # What a hospital's sign-in hands over on the way back, by which somebody gets in.
    # A short state is a choice on a page of ours.
    re.compile(r"(?<=[?&]code=)[^&\s\"']+|(?<=[?&_]state=)[^&\s\"']{12,}"),
    # What signs a webhook.
    re.compile(r"(?<=whsec_)[\w+/=%]{16,}"),
    # A person's API token, and whatever else a header lets somebody in by.
    re.compile(r"(?<=rs_)[\w%-]{16,}"),
    re.compile(r"(?<=\bToken )[\w%-]{16,}|(?<=\bBearer )\S{8,}|(?<=\bBasic )\S{8,}"),
    # User and password in an address.
    re.compile(r"(?<=://)[^/\s@'\":]*:[^/\s'\"]*(?=@)"),
    re.compile(r"(?<=sessionid=)\w+|(?<=csrftoken=)\w+|(?<=csrfmiddlewaretoken=)\w+"),
)


# Letters, digits, - . _ ~ and / by their numbers: such an address leads to the same.
_BY_NUMBER = re.compile(
    "%(2[DEF]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])", re.IGNORECASE
)


def masked(text: str) -> str:
    """A text without what opens anything."""
    text = _masked(text)
    if "%" not in text:
        return text
    # It stays as it was written, unless that hid something.
    plain = _BY_NUMBER.sub(lambda found: chr(int(found[1], 16)), text)
    shown = _masked(plain)
    return text if shown == plain else shown


def _masked(text: str) -> str:
    for secret in _SECRETS:
        text = secret.sub(HIDDEN, text)
    return text


class MaskedFormatter(logging.Formatter):
    """Whole lines, with their tracebacks, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class JsonFormatter(MaskedFormatter):
    """A JSON object a line: when, how grave, who says what, for which request and job.

    `fields` of a record, a dictionary of plain values, come with it.
    """

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        said = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            **tracing.told(),
            "message": masked(record.getMessage()),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


def _masking(handler: logging.Handler) -> MaskedFormatter:
    """The form of a handler's lines, without secrets."""
    form = handler.formatter or logging.Formatter()
    return MaskedFormatter(form._fmt, form.datefmt)


class MaskedAccessLog(Logger):  # type: ignore[misc]
    """Gunicorn's log of requests: the address is told, a key in it is not.

    With LOG_FORMAT=json its lines are JSON as well, with the id of the request.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self._is_json = os.environ.get("LOG_FORMAT") == "json"
        # A line is masked once it is whole: most of what it could hold is left out.
        for each in (*self.error_log.handlers, *self.access_log.handlers):
            each.setFormatter(JsonFormatter() if self._is_json else _masking(each))

    def access(self, resp: Any, req: Any, environ: dict[str, Any], took: Any) -> None:
        with tracing.of_request(environ.get(tracing.IN_ENVIRON, "")):
            if not self._is_json:
                super().access(resp, req, environ, took)
            elif self.cfg.accesslog:
                self._tell(self.atoms(resp, req, environ, took), took.total_seconds())

    def _tell(self, atoms: dict[str, Any], seconds: float) -> None:
        fields = {
            "method": atoms["m"],
            "path": masked(atoms["U"]),
            "status": int(atoms["s"]),
            "bytes": int(atoms["B"] or 0),
            "seconds": round(seconds, 4),
        }
        self.access_log.info("request answered", extra={"fields": fields})


class ErrorReports(SafeExceptionReporterFilter):
    """Pages and letters about an error of the server, without secrets.

    Left out are what was typed, variables that are a secret by their name or hold one
    that was sent, and addresses of servers, which hold passwords. With DEBUG too: such
    people pass such pages on.
    """

    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE|_URL|DATABASES|SERVERS|"
        "ENDPOINTS|COMMANDS|WEBHOOKS",
        re.IGNORECASE,
    )
    _secret_names = re.compile("pass|again|key|token|secret|link|cookie", re.IGNORECASE)

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        if request is None:
            return {}
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: Any
    ) -> ItemsView[str, Any]:
        shown = dict(super().get_traceback_frame_variables(request, tb_frame))
        secrets = _sent_secrets(request, self._secret_names)
        for name, value in shown.items():
            if self._tells(name, value, secrets):
                shown[name] = self.cleansed_substitute
        return shown.items()

    def _tells(self, name: str, value: Any, secrets: set[str]) -> bool:
        """Whether a variable is a secret by its name, or holds one that was sent."""
        if self._secret_names.search(name):
            return True
        said = pformat(value)
        return any(secret in said for secret in secrets)


def _sent_secrets(request: HttpRequest | None, names: re.Pattern[str]) -> set[str]:
    """What a request carried that opens something."""
    if request is None:
        return set()
    typed = {value for name, value in request.POST.items() if names.search(name)}
    known = {request.META.get("HTTP_AUTHORIZATION", ""), *request.COOKIES.values()}
    matched = request.resolver_match.kwargs if request.resolver_match else {}
    named = {str(value) for name, value in matched.items() if names.search(name)}
    return {str(each) for each in typed | known | named if each}
