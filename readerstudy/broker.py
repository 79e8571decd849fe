"""The embedded default's broker: a folder in which every message is a file.

A message appears whole or not at all, whatever is killed meanwhile and however full the
disk is; the process that removes its file has it. kombu's own filesystem transport
writes in place, so that a worker may read half a message, and dies of it.
"""

import logging
import os
import threading
import time
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import virtual
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)


class Channel(virtual.Channel):
    """Puts messages into the folder named by the transport option `folder`."""

    @property
    def folder(self) -> Path:
        client: Any = self.connection.client
        return Path(client.transport_options["folder"])

    def _put(self, queue: str, message: Any, **options: Any) -> None:
        name = f"{time.time_ns():020}-{uuid4().hex}"
        # One draft per thread: what a kill leaves behind is overwritten by the next.
        draft = self.folder / f"draft-{os.getpid()}-{threading.get_ident()}"
        draft.write_text(dumps(message))
        draft.rename(self.folder / f"{name}.{queue}")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for message in self._messages(queue):
            try:
                content = message.read_text()
                message.unlink()
            except FileNotFoundError:
                continue  # another process was quicker
            try:
                return loads(content)
            except ValueError:
                logger.warning("%s held no message and was removed", message.name)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._messages(queue))

    def _purge(self, queue: str) -> int:
        messages = self._messages(queue)
        for message in messages:
            message.unlink(missing_ok=True)
        return len(messages)

    def _messages(self, queue: str) -> list[Path]:
        """The waiting messages, oldest first."""
        return sorted(self.folder.glob(f"*.{queue}"))


class Transport(virtual.Transport):
    """What CELERY_BROKER_TRANSPORT names."""

    Channel = Channel
    # Exchanges and bindings: every process declares the same ones for itself.
    global_state = virtual.BrokerState()
    driver_type = "filesystem"
    driver_name = "filesystem"

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self.state = self.global_state

    def driver_version(self) -> str:
        return "1"
