"""The supervisor, tried on real processes."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readerstudy.demo.supervisor import BackOff

ROOT = Path(__file__).resolve().parent.parent.parent
SUPERVISOR = ROOT / "readerstudy" / "demo" / "supervisor.py"
# A program that supervises the given Python snippets with short pauses. No test waits
# for less than its first two words say, so that a busy machine makes none of them fail.
PROGRAM = """
import sys
from readerstudy.demo import supervisor
healthy, grace = map(float, sys.argv[1:3])
processes = []
for argument in sys.argv[3:]:
    name, _, code = argument.partition("=")
    processes.append(supervisor.Process(name, [sys.executable, "-uc", code]))
supervisor.run(
    processes,
    ready=supervisor.Ready(lambda: True, lambda: print("Ready", flush=True)),
    back_off=supervisor.BackOff(first=0.2, longest=0.8, healthy=healthy),
    grace=grace,
)
"""
WAITS = "import os, time; print('pid', os.getpid()); time.sleep(600)"
DEAF = (
    "import os, signal, time; "
    "signal.signal(signal.SIGTERM, lambda number, frame: print('heard', number)); "
    "print('pid', os.getpid()); time.sleep(600)"
)
PARENT = (
    "import os, subprocess, sys, time; print('pid', os.getpid()); "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('child', child.pid); time.sleep(600)"
)

Start = Callable[..., "Running"]


class Running:
    """A supervisor at work and what it has said so far."""

    def __init__(
        self, log: Path, *, healthy: float = 60, grace: float = 60, **snippets: str
    ) -> None:
        self.log = log
        named = [f"{name}={code}" for name, code in snippets.items()]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(healthy), str(grace), *named],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text()

    def numbers(self, pattern: str, *, count: int = 1) -> list[int]:
        """Wait for `count` matches of a pattern with one number; return them."""
        until(lambda: len(re.findall(pattern, self.said())) >= count, self.said)
        return [int(number) for number in re.findall(pattern, self.said())]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Running] = []

    def begin(**words: Any) -> Running:
        running.append(Running(tmp_path / f"{len(running)}.log", **words))
        return running[-1]

    yield begin
    for one in running:
        if one.process.poll() is None:
            one.process.terminate()
            one.process.wait(90)


def until(
    holds: Callable[[], bool], explain: Callable[[], str] = str, seconds: float = 60
) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def clock_ticks(pid: int) -> int:
    """Processor time of a process, user and system, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_output_carries_the_name_of_its_process(start: Start) -> None:
    running = start(web="print('hello'); print('half', end='')" + "; " + WAITS)
    running.numbers(r"web: halfpid (\d+)")
    assert "web: hello\n" in running.said()


def test_a_killed_process_is_started_again_with_one_line(start: Start) -> None:
    running = start(worker=WAITS, web=WAITS)
    (first,) = running.numbers(r"worker: pid (\d+)")
    (web,) = running.numbers(r"web: pid (\d+)")
    os.kill(first, signal.SIGKILL)
    second = running.numbers(r"worker: pid (\d+)", count=2)[1]
    assert second != first and is_alive(second) and is_alive(web)
    assert running.said().count("starting it again") == 1
    line = "worker: was ended by SIGKILL; starting it again in 0.2 s."
    assert line in running.said()


def test_the_pause_doubles_up_to_its_longest(start: Start) -> None:
    running = start(worker="raise SystemExit(3)")
    said = r"ended with status 3; starting it again in (?:0\.)?(\d+) s"
    assert running.numbers(said, count=5)[:5] == [2, 4, 8, 8, 8]


def test_a_healthy_run_starts_the_count_anew(start: Start) -> None:
    healthy = "import time; time.sleep(1.6); raise SystemExit(3)"
    running = start(worker=healthy, healthy=1.5)
    assert running.numbers(r"again in 0\.(\d) s", count=2)[:2] == [2, 2]


def test_the_pauses_of_the_demonstration() -> None:
    pauses = [BackOff().seconds(failures) for failures in range(1, 9)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert BackOff().seconds(10_000) == 30


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_every_process_and_its_children(
    start: Start, number: signal.Signals
) -> None:
    running = start(web=PARENT, worker=WAITS)
    pids = running.numbers(r"(?:pid|child) (\d+)", count=3)
    running.process.send_signal(number)
    assert running.process.wait(30) == 0
    assert not any(is_alive(pid) for pid in pids)
    assert "again" not in running.said()


def test_a_process_deaf_to_sigterm_is_killed_after_the_grace(start: Start) -> None:
    running = start(worker=DEAF, grace=1)
    (pid,) = running.numbers(r"pid (\d+)")
    begun = time.monotonic()
    running.process.terminate()
    assert running.process.wait(30) == 0
    assert not is_alive(pid)
    assert time.monotonic() - begun > 0.9


def test_a_second_signal_does_not_wait_for_the_grace(start: Start) -> None:
    running = start(worker=DEAF)
    (pid,) = running.numbers(r"pid (\d+)")
    running.process.terminate()
    running.numbers(r"heard (\d+)")
    running.process.terminate()
    # The grace is a minute here.
    assert running.process.wait(30) == 0
    assert not is_alive(pid)


def test_children_of_a_dead_process_are_gone_before_it_starts_again(
    start: Start,
) -> None:
    running = start(web=PARENT)
    (parent,), (child,) = (
        running.numbers(rf"{word} (\d+)") for word in ("pid", "child")
    )
    os.kill(parent, signal.SIGKILL)
    running.numbers(r"pid (\d+)", count=2)
    assert not is_alive(child)


def test_nothing_outlives_a_supervisor_that_was_killed(start: Start) -> None:
    running = start(web=WAITS, worker=WAITS)
    pids = running.numbers(r"pid (\d+)", count=2)
    running.process.kill()
    running.process.wait(30)
    until(lambda: not any(is_alive(pid) for pid in pids))


def test_a_command_that_does_not_exist_is_named(
    tmp_path: Path,
) -> None:
    refused = subprocess.run(
        [sys.executable, str(SUPERVISOR), str(os.getpid()), "no-such-program"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr == (
        "no-such-program cannot be started: No such file or directory.\n"
    )


def test_a_closed_output_does_not_stop_it_listening(start: Start) -> None:
    quiet = "import os, time; print('pid', os.getpid()); os.close(1); os.close(2); "
    running = start(web=quiet + "time.sleep(600)", worker=WAITS)
    running.numbers(r"pid (\d+)", count=2)
    before = clock_ticks(running.process.pid)
    time.sleep(1)
    # A loop that spins would use most of these 100 clock ticks.
    assert clock_ticks(running.process.pid) - before < 40


def test_it_says_once_that_it_is_ready(start: Start) -> None:
    running = start(web=WAITS)
    running.numbers(r"pid (\d+)")
    time.sleep(0.3)
    assert running.said().count("Ready\n") == 1
