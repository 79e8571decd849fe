"""Reading DICOM files and pictures in a process of their own.

Damaged pixel data can end the process that decodes them, hold it for ever, or make it
ask for all the memory there is. Here that process is a child: one file is refused, a
new child reads the next one, and the import goes on.
"""

import contextlib
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from readerstudy.cases.bitmaps import read_bitmap
from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.radiograph import RadiographFile, Refused

PATIENCE_SECONDS = 120
# The largest image that is taken (radiograph.py) needs about half of this.
MEMORY_BYTES = 4 * 1024**3


class Child:
    """One reading process, started when it is needed and again when it broke."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._line: Connection | None = None

    def answer(self, question: Callable[[], RadiographFile]) -> RadiographFile:
        """What a function returns that can be pickled. Raises Refused."""
        line = self._line or self._start()
        try:
            line.send(question)
            if not line.poll(PATIENCE_SECONDS):
                raise TimeoutError
            answer: RadiographFile | Refused = line.recv()
        except TimeoutError:
            self.stop()
            raise Refused(
                f"It could not be read within {PATIENCE_SECONDS} seconds."
            ) from None
        except (EOFError, OSError):
            self.stop()
            raise Refused("It is damaged: its decoder broke on it.") from None
        if isinstance(answer, Refused):
            raise answer
        return answer

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None and self._line is not None:
            self._line.close()
            self._process.kill()
            self._process.join()
        self._process = self._line = None

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._line, far_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(far_end,), daemon=True)
        self._process.start()
        far_end.close()
        return self._line


_child = Child()


def read_apart(
    content: bytes,
    *,
    code_element: str = "",
    pseudonym: Policy | None = None,
    takes_burned_in: bool = False,
) -> RadiographFile:
    """`read_dicom` in the reading process. Raises Refused, whatever the file does."""
    return _child.answer(
        partial(
            read_dicom,
            content,
            code_element=code_element,
            pseudonym=pseudonym,
            takes_burned_in=takes_burned_in,
        )
    )


def read_picture_apart(content: bytes) -> RadiographFile:
    """`read_bitmap` in the reading process. Raises Refused, whatever the file does."""
    return _child.answer(partial(read_bitmap, content))


def _serve(line: Connection) -> None:
    """Answer until the other end is gone; in the child."""
    # Ctrl-C is the parent's to answer; the decoders' chatter is nobody's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with contextlib.suppress(EOFError, OSError):
        while True:
            question = line.recv()
            try:
                line.send(question())
            except Refused as refusal:
                line.send(refusal)
