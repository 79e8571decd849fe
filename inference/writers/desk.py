"""Lets the threads of a pool have something done by the thread that waits for them.

Whoever asks for reports may have to look into a database before a radiograph leaves,
and a connection to a database belongs to the thread that opened it.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class _Wish:
    """Something to be done, and where its asker waits for the end of it."""

    do: Callable[[], None]
    done: "Future[None]" = field(default_factory=Future)

    def grant(self) -> None:
        try:
            self.do()
        except Exception as problem:  # noqa: BLE001 - it belongs to the asker
            self.done.set_exception(problem)
        except BaseException:  # such as Ctrl-C
            self.done.cancel()
            raise
        else:
            self.done.set_result(None)


class Desk(Generic[Result]):
    """Takes wishes from threads, and grants them while it waits for their results."""

    def __init__(self) -> None:
        self._came: SimpleQueue[_Wish | Future[Result]] = SimpleQueue()
        self._is_closed = False
        self._lock = threading.Lock()

    def have_done(self, do: Callable[[], None]) -> None:
        """Have something done by the waiting thread, and wait for it.

        Raises whatever it raises, and CancelledError where nobody waits any more.
        """
        wish = _Wish(do)
        with self._lock:
            if self._is_closed:
                wish.done.cancel()
            else:
                self._came.put(wish)
        wish.done.result()

    def finished(self, awaited: Sequence["Future[Result]"]) -> Iterator[Result]:
        """Return what comes of each, as soon as it is there."""
        for each in awaited:
            each.add_done_callback(self._came.put)
        left = len(awaited)
        while left:
            came = self._came.get()
            if isinstance(came, _Wish):
                came.grant()
            else:
                left -= 1
                yield came.result()

    def close(self) -> None:
        """Grant nothing any more: no thread waits for somebody who has left."""
        with self._lock:
            self._is_closed = True
        while True:
            try:
                came = self._came.get_nowait()
            except Empty:
                return
            if isinstance(came, _Wish):
                came.done.cancel()
