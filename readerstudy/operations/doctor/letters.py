"""Whether letters can be sent: the mail server is greeted, nothing is sent."""

import smtplib

from django.conf import settings
from django.core import mail

from readerstudy.operations.findings import Finding, note, well, wrong

_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def letters() -> list[Finding]:
    """Whether the mail server takes a connection, with its TLS and password."""
    if settings.EMAIL_BACKEND != _SMTP:
        return [
            note(
                "e-mail",
                "Letters are not sent but written to the log.",
                "Set EMAIL_URL=smtp+tls://USER:PASSWORD@HOST:587, or give people their "
                "links by hand.",
            )
        ]
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        return [
            wrong(
                "e-mail",
                f"Letters come from {settings.DEFAULT_FROM_EMAIL}, which no mail "
                "server believes.",
                "Set EMAIL_FROM to an address of the hospital's.",
            )
        ]
    try:
        with mail.get_connection(fail_silently=False):
            pass
    except (OSError, smtplib.SMTPException) as problem:
        return [
            wrong(
                "e-mail",
                "The mail server does not let the site in.",
                "See that EMAIL_URL names its host, port, user and password.",
                f"{type(problem).__name__}: {problem}",
            )
        ]
    return [well("e-mail", "The mail server lets the site in.")]
