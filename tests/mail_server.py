"""A mail server that keeps what it gets, in the place of the site's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message as Letter

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from pytest_django.fixtures import Settings

from tests.servers import free_port


class _Kept(Message):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[Letter] = []

    def handle_message(self, message: Letter) -> None:
        self.got.append(message)


@contextmanager
def kept_letters(settings: Settings) -> Iterator[list[Letter]]:
    """What arrives meanwhile, the oldest first."""
    kept = _Kept()
    server = Controller(kept, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    try:
        yield kept.got
    finally:
        server.stop()
