"""Whether values of settings can mean anything. Pure; nonsense raises ValueError."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

# The smallest value that makes sense.
LEAST = {
    "JOB_LEASE_SECONDS": 1,
    "JOB_MAXIMUM_ATTEMPTS": 1,
    "PARSER_SECONDS": 1,
    "PARSER_MEMORY_MB": 512,
    "INTAKE_LARGEST_FILE_BYTES": 1,
    "INTAKE_CHUNK_BYTES": 64 * 1024,
    "INTAKE_KEPT_FREE_BYTES": 0,
    "INTAKE_SLICE_SECONDS": 1,
    "INTAKE_NAMES_KEPT_HOURS": 0,
    "INTAKE_KEPT_DAYS": 1,
    "LEFTOVERS_KEPT_DAYS": 1,
    "REPORT_ENDPOINT_SECONDS": 1,
    "REPORT_ENDPOINT_WAIT": 0,
    "SECURE_HSTS_SECONDS": 0,
}
_BROKERS = ("filesystem://", "redis://", "rediss://")
_HOST = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\]")
_DEVICE = re.compile(r"|cpu|cuda(:[0-9]+)?")


def refuse_nonsense(settings: Mapping[str, Any]) -> None:
    """Refuse the first of the settings that can mean nothing."""
    _check_sizes(settings)
    _check_broker(settings["CELERY_BROKER_URL"])
    _check_device(settings["CXR_LLAVA_DEVICE"])
    _check_names(settings["ALLOWED_HOSTS"], settings["CSRF_TRUSTED_ORIGINS"])
    _check_sender(settings["DEFAULT_FROM_EMAIL"])


def _check_sizes(settings: Mapping[str, Any]) -> None:
    for name, least in LEAST.items():
        # Not `<`, for it lets a value through that is no number at all.
        if not settings[name] >= least:
            raise ValueError(
                f"{name} is {settings[name]}: it must be {least} at least."
            )


def _check_broker(url: str) -> None:
    if not url.startswith(_BROKERS):
        # Without the value, which may hold a password.
        raise ValueError(f"BROKER_URL must begin with {' or '.join(_BROKERS[:2])}.")


def _check_device(device: str) -> None:
    if not _DEVICE.fullmatch(device):
        raise ValueError(
            f"CXR_LLAVA_DEVICE is {device!r}: it is cpu, cuda, cuda:1 or another "
            "number, or empty."
        )


def _check_names(hosts: Sequence[str], origins: Sequence[str]) -> None:
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ValueError(
                f"ALLOWED_HOSTS names {host!r}: give names alone, without scheme, port "
                "or path, and commas between."
            )
    for origin in origins:
        if not origin.startswith(("https://", "http://")):
            raise ValueError(
                f"CSRF_TRUSTED_ORIGINS names {origin!r}: each begins with https:// and "
                "the site's name."
            )


def _check_sender(address: str) -> None:
    if "@" not in address:
        raise ValueError(
            f"EMAIL_FROM is {address!r}: give an address, such as "
            "study@hospital.example."
        )
