"""Whether the site answers as people reach it, by the proxy and its certificate."""

import requests
from django.conf import settings

from readerstudy.operations.findings import Finding, well, wrong

SECONDS = 5


def front() -> list[Finding]:
    """Ask SITE_URL for a sign of life, if it is set."""
    if not settings.SITE_URL:
        return []
    address = f"{settings.SITE_URL.rstrip('/')}/healthz"
    try:
        answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
    except requests.exceptions.SSLError as problem:
        sentence = "The certificate of the site is not believed."
        remedy = "Give the proxy a certificate that browsers know."
        return [wrong("proxy", sentence, remedy, str(problem))]
    except requests.exceptions.RequestException as problem:
        return [
            wrong(
                "proxy",
                "The site does not answer under SITE_URL.",
                "See that the proxy runs, that its name leads to it, and that the web "
                "process is up.",
                str(problem),
            )
        ]
    return [_told(answer.status_code, answer.headers.get("X-Content-Type-Options"))]


def _told(status: int, mark: str | None) -> Finding:
    if status == 400:
        remedy = "Add the name in SITE_URL to ALLOWED_HOSTS."
        return wrong("proxy", "The site does not know its own name.", remedy)
    if status != 200 or mark is None:
        return wrong(
            "proxy",
            f"Something else answers under SITE_URL, with {status}.",
            "See that the proxy passes every address on to the web process.",
        )
    return well("proxy", "The site answers under SITE_URL.")
