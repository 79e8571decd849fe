"""Keeps a handful of processes alive and takes them all with it when it ends.

Every process leads a session of its own, so one signal reaches all its children. One
that dies is started again after a pause that doubles from failure to failure. On Linux
the kernel itself ends a process whose supervisor was killed. Standard library only.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

TICK_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# prctl's option by which Linux signals a process whose parent has died.
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Process:
    """A command to keep running; `environment` is laid over the supervisor's own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BackOff:
    """Seconds to wait before a restart; a healthy run starts the count anew."""

    first: float = 1.0
    longest: float = 30.0
    healthy: float = 60.0

    def seconds(self, failures: int) -> float:
        """Return the pause before the restart that follows the n-th failure."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 32))


@dataclass(frozen=True)
class Ready:
    """Say something once, as soon as the check holds. The check must not block long."""

    check: Callable[[], bool]
    say: Callable[[], None]


PATIENCE = BackOff()


def run(
    processes: Sequence[Process],
    *,
    ready: Ready | None = None,
    output: TextIO = sys.stdout,
    back_off: BackOff = PATIENCE,
    grace: float = 10.0,
) -> None:
    """Keep the processes running until SIGINT, SIGTERM or SIGHUP, then end them all.

    Ending is SIGTERM and, `grace` seconds later or at a second signal, SIGKILL. Only
    the main thread may call this: it takes over the three signals while it runs.
    """
    voice = Voice(output)
    with _stop_requests() as requests, selectors.DefaultSelector() as selector:
        supervised = [Supervised(each, voice, selector) for each in processes]
        try:
            while not requests:
                for one in supervised:
                    one.keep_alive(back_off)
                _listen(selector)
                if ready is not None and ready.check():
                    ready.say()
                    ready = None
        finally:
            _end_all(supervised, selector, requests, grace)


class Voice:
    """The output of everything; falls silent when nobody listens any more."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._heard = True

    def say(self, name: str, sentence: str) -> None:
        if not self._heard:
            return
        try:
            self._output.write(f"{name}: {sentence}\n")
            self._output.flush()
        except BrokenPipeError:
            self._heard = False


class Supervised:
    """One process: its present run, its failures so far, and its next start."""

    def __init__(
        self, process: Process, voice: Voice, selector: selectors.BaseSelector
    ) -> None:
        self.process = process
        self._voice = voice
        self._selector = selector
        self._child: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._unfinished_line = b""
        self._started = 0.0
        self._next_start = 0.0
        self._failures = 0

    def keep_alive(self, back_off: BackOff) -> None:
        """Start the process if it is due; note its death if it has died."""
        if self._child is None:
            if time.monotonic() >= self._next_start:
                self._start()
        elif self.has_ended():
            self._restart_later(self.reap(), back_off)

    def _start(self) -> None:
        tied = [sys.executable, "-I", "-S", __file__, str(os.getpid())]
        self._pipe, speaking_end = os.pipe()
        os.set_blocking(self._pipe, False)
        try:
            self._child = subprocess.Popen(
                [*tied, *self.process.command],
                env={**os.environ, **self.process.environment},
                stdin=subprocess.DEVNULL,
                stdout=speaking_end,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            os.close(speaking_end)
        self._started = time.monotonic()
        self._selector.register(self._pipe, selectors.EVENT_READ, self)

    def _restart_later(self, status: int, back_off: BackOff) -> None:
        now = time.monotonic()
        if now - self._started >= back_off.healthy:
            self._failures = 0
        self._failures += 1
        pause = back_off.seconds(self._failures)
        self._next_start = now + pause
        self._say(f"{ending(status)}; starting it again in {pause:g} s.")

    def has_ended(self) -> bool:
        """Whether no run is going on.

        Asking does not reap a dead process: until its group has been signalled, the
        group's number must not be free for a stranger.
        """
        if self._child is None:
            return True
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._child.pid, look) is not None

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the process and every child it started."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)

    def reap(self) -> int:
        """End whatever is left of the run and return its exit status."""
        if self._child is None:
            return 0
        self.signal_group(signal.SIGKILL)
        status = self._child.wait()
        while self.pass_on_output():
            pass
        if self._unfinished_line:
            self._say(self._unfinished_line.decode(errors="replace"))
            self._unfinished_line = b""
        self._stop_listening()
        os.close(self._pipe)
        self._child = None
        return status

    def pass_on_output(self) -> bool:
        """Repeat what the process has said, line by line; False if there was nothing.

        The last line may be unfinished: it is kept until its end arrives.
        """
        try:
            said = os.read(self._pipe, 65536)
        except BlockingIOError:
            return False
        if not said:
            self._stop_listening()
            return False
        *lines, self._unfinished_line = (self._unfinished_line + said).split(b"\n")
        for line in lines:
            self._say(line.decode(errors="replace"))
        return True

    def _stop_listening(self) -> None:
        # It may have closed its output long before it ended.
        with suppress(KeyError):
            self._selector.unregister(self._pipe)

    def _say(self, sentence: str) -> None:
        self._voice.say(self.process.name, sentence)


def ending(status: int) -> str:
    """Put a process's exit status into words."""
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


@contextmanager
def _stop_requests() -> Iterator[list[int]]:
    """Collect the stop signals that arrive; the handlers before are put back."""
    requests: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        requests.append(number)

    before = {number: signal.signal(number, note) for number in STOP_SIGNALS}
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(selector: selectors.BaseSelector) -> None:
    if not selector.get_map():
        time.sleep(TICK_SECONDS)
    for key, _ in selector.select(TICK_SECONDS):
        one: Supervised = key.data
        one.pass_on_output()


def _end_all(
    supervised: Sequence[Supervised],
    selector: selectors.BaseSelector,
    requests: list[int],
    grace: float,
) -> None:
    for one in supervised:
        one.signal_group(signal.SIGTERM)
    deadline = time.monotonic() + grace
    patient_until = len(requests)
    while time.monotonic() < deadline and len(requests) == patient_until:
        if all(one.has_ended() for one in supervised):
            break
        _listen(selector)
    for one in supervised:
        one.reap()


def _run_tied_to(parent: int, command: Sequence[str]) -> None:
    """Become the command, but end with the parent, however the parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        # It died before the kernel knew that it matters.
        sys.exit(1)
    # Python ignores this one, and ignoring is inherited: give the default back.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(command[0], list(command))  # noqa: S606 - its own words
    except OSError as refusal:
        sys.exit(f"{command[0]} cannot be started: {refusal.strerror}.")


if __name__ == "__main__":
    _run_tied_to(int(sys.argv[1]), sys.argv[2:])
