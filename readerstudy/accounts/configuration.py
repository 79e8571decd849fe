"""What the settings of people mean, and what follows from them for the libraries.

Pure: words and numbers come in, values go out; nonsense raises ValueError with a
sentence.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from readerstudy.accounts.hospitals import Hospital

KINDS = ("coordinators", "analysts", "readers")
NOBODY = "nobody"
# Sign-in, second factors, hospital accounts, one's own sessions, lock-out.
SIGN_IN_APPS = (
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
)
_BY_DEFAULT = frozenset({"coordinators", "analysts"})


def kinds_in(text: str, *, is_open: bool) -> frozenset[str]:
    """Who must have a second factor; what is left empty is the default.

    is_open  a site on which passwords are shown or errors are: nobody by default
    """
    words = {word.strip() for word in text.split(",") if word.strip()}
    if not words:
        return frozenset() if is_open else _BY_DEFAULT
    if words == {NOBODY}:
        return frozenset()
    if unknown := words - set(KINDS):
        raise ValueError(
            f"SECOND_FACTOR_REQUIRED: {', '.join(sorted(unknown))} is not known. "
            f"Name {', '.join(KINDS)}, with commas between, or {NOBODY} alone."
        )
    return frozenset(words)


def session_limits(*, idle_minutes: int, hours: int) -> tuple[int, int]:
    """Seconds without a sign of life, and in all, after which a session is over."""
    if not 1 <= idle_minutes <= hours * 60:
        raise ValueError(
            f"a session cannot end after {idle_minutes} idle minutes "
            f"(SESSION_IDLE_MINUTES) and {hours} hours in all (SESSION_HOURS): the "
            "first is 1 at least, and no longer than the second."
        )
    return idle_minutes * 60, hours * 3600


def of_libraries(
    *,
    reauthentication_minutes: int,
    failures: int,
    locked_minutes: int,
    hospitals: Mapping[str, Hospital],
    is_open: bool,
) -> dict[str, Any]:
    """Django's, django-allauth's and django-axes' settings of people."""
    least = min(reauthentication_minutes, failures, locked_minutes)
    if least < 1:
        raise ValueError(
            "REAUTHENTICATION_MINUTES, SIGN_IN_FAILURES and SIGN_IN_LOCKED_MINUTES are "
            f"1 at least; {least} is given."
        )
    locked_seconds = locked_minutes * 60
    return {
        **_of_passwords(),
        **_of_sign_in(reauthentication_minutes * 60, failures, locked_seconds),
        **_of_factors(is_open=is_open),
        **of_hospitals(hospitals),
        **_of_lock_out(failures, locked_seconds),
    }


def _of_passwords() -> dict[str, Any]:
    return {
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "readerstudy.accounts.backends.Accounts",
        ],
        "PASSWORD_HASHERS": [
            f"django.contrib.auth.hashers.{name}PasswordHasher"
            for name in ("Argon2", "PBKDF2")
        ],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
            for name in (
                *("UserAttributeSimilarity", "MinimumLength"),
                *("CommonPassword", "NumericPassword"),
            )
        ],
        # Counts of tries are shared by all processes of the site.
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "shared_cache",
                # More than anybody fills in order to have counts thrown out.
                "OPTIONS": {"MAX_ENTRIES": 100_000},
            }
        },
    }


def _of_sign_in(confirmed: int, failures: int, locked: int) -> dict[str, Any]:
    return {
        "ACCOUNT_ADAPTER": "readerstudy.studies.account.adapters.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
        "ACCOUNT_SIGNUP_ENABLED": False,
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_NOTIFICATIONS": False,
        # The cookie ends with the browser: reading rooms share their computers.
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": confirmed,
        "ACCOUNT_REAUTHENTICATION_METHODS": {"password", "mfa"},
        "ACCOUNT_FORMS": {
            "login": "readerstudy.studies.account.forms.SignInForm",
            "reauthenticate": "readerstudy.studies.account.forms.PasswordAgainForm",
        },
        "ACCOUNT_RATE_LIMITS": {
            # Guesses of a second factor, by account; passwords are counted by axes.
            "login_failed": f"{failures}/{locked}s/key",
            # A whole hospital may stand behind one address.
            "login": "600/m/ip",
            "reauthenticate": "20/m/user",
        },
    }


def _of_factors(*, is_open: bool) -> dict[str, Any]:
    forms = "readerstudy.studies.account.forms"
    return {
        "MFA_ADAPTER": "readerstudy.studies.account.adapters.FactorAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        # Accounts are made by invitation here; nobody signs up with another's address.
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        "MFA_TOTP_ISSUER": "readerstudy",
        # One step before and after: the clocks of telephones are not exact.
        "MFA_TOTP_TOLERANCE": 1,
        # The demonstration has no TLS; everywhere else an origin must be https.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": is_open,
        "MFA_FORMS": {
            "authenticate": f"{forms}.CodeForm",
            "reauthenticate": f"{forms}.CodeAgainForm",
            "activate_totp": f"{forms}.AppForm",
            "add_webauthn": f"{forms}.PasskeyForm",
        },
    }


def of_hospitals(hospitals: Mapping[str, Hospital]) -> dict[str, Any]:
    """What django-allauth is told of the hospitals, and of who may come in by them."""
    return {
        "SOCIALACCOUNT_ADAPTER": "readerstudy.studies.account.hospital.HospitalAdapter",
        # Never by e-mail: the site has verified nobody's address.
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,
        "SOCIALACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_QUERY_EMAIL": False,
        # The way there is a link: form-action of our policy would stop a form whose
        # answer leads to another site.
        "SOCIALACCOUNT_LOGIN_ON_GET": True,
        "SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX": "hospital",
        "SOCIALACCOUNT_PROVIDERS": {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "APPS": [
                    {
                        "provider_id": hospital.name,
                        "name": hospital.name,
                        "client_id": hospital.client_id,
                        "secret": hospital.secret,
                        "settings": {"server_url": hospital.issuer},
                    }
                    for hospital in hospitals.values()
                ],
            }
        },
    }


def _of_lock_out(failures: int, locked: int) -> dict[str, Any]:
    """Wrong passwords are counted by user name and address together.

    By name alone an outsider could keep a person out for ever; by address alone a
    colleague could, for a hospital often has one address.
    """
    package = "readerstudy.studies.account.lockout"
    return {
        "AXES_HANDLER": f"{package}.LockOut",
        "AXES_LOCKOUT_CALLABLE": f"{package}.locked_out",
        "AXES_USERNAME_CALLABLE": f"{package}.counted_name",
        "AXES_CLIENT_IP_CALLABLE": "readerstudy.accounts.addresses.address_of",
        "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
        "AXES_FAILURE_LIMIT": failures,
        "AXES_COOLOFF_TIME": timedelta(seconds=locked),
        # Who goes on guessing meanwhile does not make it longer.
        "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
        "AXES_DISABLE_ACCESS_LOG": True,
        "AXES_ENABLE_ADMIN": False,
        "AXES_VERBOSE": False,
        "AXES_SENSITIVE_PARAMETERS": [
            *("username", "password", "code", "credential", "next"),
            "csrfmiddlewaretoken",
        ],
    }
