"""What the settings say of keys, of the way through the network, and of the logs."""

from urllib.parse import urlsplit

from django.conf import settings

from readerstudy.operations.findings import Finding, note, well, wrong

_SHORTEST_KEY = 32


def keys() -> list[Finding]:
    """The signing key, and what becomes of pseudonyms when it is changed."""
    if len(settings.SECRET_KEY) < _SHORTEST_KEY:
        return [
            wrong(
                "key",
                f"SECRET_KEY has {len(settings.SECRET_KEY)} signs: it can be guessed.",
                "Change it as docs/how-to/rotate-keys.md says; "
                '`python3 -c "import secrets; print(secrets.token_urlsafe(64))"` makes '
                "one.",
            )
        ]
    found = [well("key", "The signing key is long enough.")]
    if settings.SECRET_KEY_FALLBACKS:
        found.append(
            note(
                "key",
                "Earlier signing keys are still believed.",
                "When `manage.py reseal` has run and the longest session is over, "
                "empty SECRET_KEY_FALLBACKS.",
            )
        )
        if settings.PSEUDONYM_KEY == settings.SECRET_KEY:
            found.append(
                wrong(
                    "key",
                    "The signing key was changed, and the key of pseudonyms with it: "
                    "patients who are here already get other pseudonyms in the next "
                    "import.",
                    "Set PSEUDONYM_KEY to the first SECRET_KEY of this site.",
                )
            )
    return found


def modes() -> list[Finding]:
    """What must not be on where others can reach the site."""
    found = []
    if settings.DEBUG:
        found.append(
            wrong(
                "mode",
                "DEBUG is on: errors show the code and the settings of the site.",
                "Set DEBUG=false.",
            )
        )
    if settings.DEMONSTRATION:
        found.append(
            wrong(
                "mode",
                "DEMONSTRATION is on: the sign-in page shows passwords.",
                "Set DEMONSTRATION=false; never keep real data on a demonstration.",
            )
        )
    return found or [well("mode", "Neither DEBUG nor DEMONSTRATION is on.")]


def network() -> list[Finding]:
    """Whether names, scheme, cookies and proxy fit each other."""
    found = [*_names(), *_scheme()]
    return found or [well("network", "Names, https and cookies fit each other.")]


def _names() -> list[Finding]:
    if "*" in settings.ALLOWED_HOSTS:
        remedy = "Name in ALLOWED_HOSTS what people type."
        return [wrong("network", "The site answers to every name.", remedy)]
    host = urlsplit(settings.SITE_URL).hostname
    if host is None:
        if settings.BEHIND_TLS_PROXY:
            remedy = "Set SITE_URL=https://NAME."
            return [note("network", "Letters do not know the site's address.", remedy)]
        return []
    if host not in settings.ALLOWED_HOSTS:
        return [
            wrong(
                "network",
                f"SITE_URL leads to {host}, a name that the site does not answer to.",
                f"Add {host} to ALLOWED_HOSTS.",
            )
        ]
    return []


def _scheme() -> list[Finding]:
    local = {"127.0.0.1", "localhost", "[::1]"}
    if not settings.BEHIND_TLS_PROXY:
        if set(settings.ALLOWED_HOSTS) <= local:
            return []
        return [
            wrong(
                "network",
                "Others can reach the site, and nothing says that a proxy with TLS "
                "stands in front: passwords and grades may travel in the open.",
                "Put such a proxy in front and set BEHIND_TLS_PROXY=true.",
            )
        ]
    found = []
    if not settings.SECURE_COOKIES:
        remedy = "Remove SECURE_COOKIES=false."
        sentence = "Cookies travel over plain http too."
        found.append(wrong("network", sentence, remedy))
    if settings.SITE_URL and not settings.SITE_URL.startswith("https://"):
        remedy = "Begin SITE_URL with https://."
        sentence = "The links in letters lead to plain http."
        found.append(wrong("network", sentence, remedy))
    return found
