"""What several tests of accounts need: passwords, apps, sessions that are not fresh."""

import re
import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from readerstudy.audit.models import Event
from tests.people import Person

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def with_password(someone: Person) -> Person:
    someone.user.set_password(PASSWORD)
    someone.user.save()
    return someone


def with_app(someone: Person) -> Person:
    """Give somebody an authenticator app, and recovery codes as the site does."""
    TOTP.activate(someone.user, SECRET)
    RecoveryCodes.activate(someone.user)
    return someone


def code_now(secret: str = SECRET) -> str:
    """What an authenticator app shows at this moment."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def typed(username: str, password: str = PASSWORD, client: Client | None = None):
    """Send user name and password; returns the browser and the answer."""
    client = client or Client()
    answer = client.post(
        reverse("sign_in"), {"username": username, "password": password}
    )
    return client, answer


def is_in(client: Client) -> bool:
    return client.get(reverse("home")).status_code == 200


def stale(client: Client, minutes: int = 11) -> Client:
    """Let the sign-in of a session lie so many minutes back."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= minutes * 60
    session.save()
    return client


def without_tokens(answer) -> bytes:
    """A page without what differs at every visit."""
    return re.sub(rb"[A-Za-z0-9]{64}", b"", answer.content)


def verbs() -> list[str]:
    """What has happened on the site, oldest first."""
    return list(Event.objects.of_stream("site").values_list("verb", flat=True))
