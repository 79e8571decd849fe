"""Receive radiographs by C-STORE until told to stop."""

import signal
import threading
from argparse import ArgumentParser
from ipaddress import ip_address
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from readerstudy.cases.codes import PSEUDONYMISED
from readerstudy.cases.imports import checked_name
from readerstudy.cases.pacs.receiver import Receiver, Reception

LOOK_SECONDS = 1.0


class Command(BaseCommand):
    help = "Receive CR and DX radiographs that a PACS or a modality sends by C-STORE."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=11112)
        parser.add_argument(
            "--host", default="127.0.0.1", help="the address to listen at"
        )
        parser.add_argument("--ae-title", default="READERSTUDY", help="our own")
        parser.add_argument("--collection", required=True, metavar="NAME")
        parser.add_argument(
            "--allow",
            default="",
            metavar="AE[,AE]",
            help="AE titles of those who may send; required unless only this machine "
            "can reach us",
        )
        parser.add_argument(
            "--code-from",
            choices=PSEUDONYMISED,
            default="AccessionNumber",
            help="which number a case's code is a pseudonym of",
        )
        parser.add_argument(
            "--take-burned-in",
            action="store_true",
            help="take files that say that text is burned into their pixels",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        receiver = Receiver(_reception(options))
        try:
            port = receiver.start()
        except OSError as problem:
            raise CommandError(
                f"Nothing can be received at {options['host']}:{options['port']}: "
                f"{problem.strerror or problem}."
            ) from None
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        self.stdout.write(f"Receiving as {options['ae_title']} at port {port}.")
        self.stdout.flush()
        while not over.wait(LOOK_SECONDS):
            receiver.seal_what_ended()
        receiver.stop()


def _reception(options: dict[str, Any]) -> Reception:
    """What was asked for. Raises CommandError with a sentence."""
    allowed = tuple(filter(None, map(str.strip, options["allow"].split(","))))
    for title in (options["ae_title"], *allowed):
        if not 1 <= len(title) <= 16 or not title.isascii() or "\\" in title:
            raise CommandError(f"{title!r} is no AE title: it has 1 to 16 letters.")
    if not allowed and not _is_this_machine(options["host"]):
        raise CommandError(
            f"--allow is missing: at {options['host']} anybody in the network could "
            "send. Name the AE titles of those who may."
        )
    try:
        collection = checked_name(options["collection"])
    except ValidationError as problem:
        raise CommandError(f"--collection: {' '.join(problem.messages)}") from None
    return Reception(
        host=options["host"],
        port=options["port"],
        ae_title=options["ae_title"],
        allowed=allowed,
        collection=collection,
        code_from=options["code_from"],
        take_burned_in=options["take_burned_in"],
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
