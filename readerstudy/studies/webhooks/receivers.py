"""The receivers of webhooks that a site may call, as its administrator names them.

Nobody who uses the site types an address: what is not named here is never called.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_PATH = re.compile(r"[\w./~%&=?+-]*", re.ASCII)
# Each wait is so many times as long as the one before, up to so many seconds: by
# default 30 s, 2, 8, 32 min, 2 h, 6 h and 6 h, the time of a night.
GROWTH, LONGEST_WAIT_SECONDS = 4, 6 * 60 * 60.0


def receivers_in(text: str) -> dict[str, str]:
    """Addresses by name, as WEBHOOK_RECEIVERS has them: NAME=URL NAME=URL ...

    A path or query may hold a secret of the receiver's, so no sentence repeats it.
    Raises ValueError with a sentence.
    """
    receivers: dict[str, str] = {}
    for entry in text.split():
        name, sign, url = entry.partition("=")
        if not sign or not _NAME.fullmatch(name):
            raise ValueError(
                "an entry is not of the form NAME=URL; a name has 1 to 40 letters, "
                "digits, - and _."
            )
        if name in receivers:
            raise ValueError(f"{name} is named twice.")
        receivers[name] = _address(name, url)
    return receivers


def _address(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"the address of {name} is no URL.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"the address of {name} does not begin with https://HOST.")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"the address of {name} must hold no user and no password.")
    if not re.fullmatch(r"[A-Za-z0-9.-]+", parts.hostname):
        raise ValueError(f"the host of {name} is neither a name nor an IPv4 address.")
    rest = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if parts.fragment or not _PATH.fullmatch(rest):
        raise ValueError(f"the address of {name} has signs that none may have.")
    host = f"{parts.hostname}:{port}" if port else parts.hostname
    return f"{parts.scheme}://{host}{rest or '/'}"


def host_of(url: str) -> str:
    """What people may read of an address: its scheme and host."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Webhooks:
    """What the settings say of webhooks.

    receivers  addresses by name
    tries      how often a delivery is tried
    wait       seconds before the second attempt; then it grows
    failures   deliveries given up in a row after which a webhook is switched off
    """

    receivers: dict[str, str] = field(repr=False)
    tries: int
    wait: float
    failures: int


def configured(*, receivers: str, tries: int, wait: float, failures: int) -> Webhooks:
    """The settings of webhooks. Raises ValueError with a sentence."""
    # Beyond nine the worker itself is taken for the fault: work/leases.py.
    if not (1 <= tries <= 9 and wait > 0 and failures >= 1):
        raise ValueError(
            "WEBHOOK_TRIES is 1 to 9, WEBHOOK_WAIT_SECONDS above 0, WEBHOOK_FAILURES 1 "
            "at least."
        )
    return Webhooks(receivers_in(receivers), tries, wait, failures)
