"""A command of its own environment as a writer of reports: JSONL in, JSONL out.

The command is started once for a batch. On its standard input it gets a line for each
radiograph, {"id": "0001", "image": "/tmp/.../0001.png"}, and then the end of the input;
the images are 8-bit grey PNG. On its standard output it writes a line for each, in any
order: {"id": "0001", "report": "..."}, or {"id": "0001", "error": "why there is none"},
with "finish": "length" where the model was cut off. Lines are UTF-8. What it writes to
standard error is quoted, its last line, where it fails.

No shell takes part. The command leads a process group of its own, which ends with it,
and with this process, even where that is killed; of this process's environment it sees
only what PASSED_ON names.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from inference.characters import whole_characters
from inference.identity import canonical_sha256, file_sha256
from inference.writers.pictures import png_of
from inference.writers.watch import watched
from inference.writers.writing import Failed, Key, Outcome, Picture, Written

# Keys and passwords of the site are none of the command's business.
PASSED_ON = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH"),
    *("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "OMP_NUM_THREADS"),
    *("HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE"),
)
LARGEST_OUTPUT = 64 * 1024**2
LONGEST_REPORT = 100_000
_LOOK_SECONDS = 0.1
_QUOTED = 200


@dataclass(frozen=True)
class CommandMaking:
    """Everything that a report of a command depends on besides its image.

    name          what the site's administrator calls the command
    words         the command line, word by word
    version       of model and adapter, in the words of whoever set it up
    seconds       after so many a batch is given up; no part of the fingerprint
    largest_side  pixels of the longer side of the images that it gets
    """

    name: str
    words: tuple[str, ...]
    version: str = ""
    seconds: float = 1800.0
    largest_side: int = 2048

    @property
    def fingerprint(self) -> str:
        """The SHA-256 that names this making."""
        made = asdict(self)
        del made["seconds"]
        return canonical_sha256({"kind": "command", **made})


@dataclass(frozen=True)
class _Ended:
    """What a run of the command left behind; `problem` where it did not end well."""

    output: bytes
    problem: str


class CommandWriter:
    """Runs a command once for each batch."""

    def __init__(self, making: CommandMaking) -> None:
        self.making = making

    @property
    def fingerprint(self) -> str:
        """Name the command line and its version."""
        return self.making.fingerprint

    def provenance(self) -> dict[str, Any]:
        """Return what reports rest on besides their images."""
        return {
            "kind": "command",
            "command": self.making.name,
            "command_line": list(self.making.words),
            "version": self.making.version,
            "files_sha256": {
                word: file_sha256(Path(word))
                for word in self.making.words[1:]
                if Path(word).is_file()
            },
        }

    def write(self, pictures: Sequence[Picture[Key]]) -> Iterator[Outcome[Key]]:
        """Let the command write about all pictures that can be opened."""
        with tempfile.TemporaryDirectory(prefix="radiographs-") as folder:
            names: dict[str, Key] = {}
            for number, picture in enumerate(pictures, 1):
                name = f"{number:04d}"
                try:
                    self._put(picture, Path(folder, f"{name}.png"))
                except ValueError as problem:
                    yield Failed(picture.key, str(problem))
                else:
                    names[name] = picture.key
            if not names:
                return
            started = time.monotonic()
            ended = self._run(Path(folder), list(names))
            share = (time.monotonic() - started) / len(names)
        read = _Read(list(names), ended)
        for name, key in names.items():
            if why := read.problem_of(name):
                yield Failed(key, why)
                continue
            answer = read.answers[name]
            finish = "length" if answer.get("finish") == "length" else "stop"
            making = {"finish": finish, "seconds": round(share, 3), "batch": len(names)}
            yield Written(key, answer["report"], making)

    def _put(self, picture: Picture[Key], path: Path) -> None:
        path.write_bytes(png_of(picture.open(), largest_side=self.making.largest_side))

    def _run(self, folder: Path, names: Sequence[str]) -> _Ended:
        """Start the command, wait for it, and end whatever is left of it."""
        asked = "".join(
            json.dumps({"id": name, "image": str(folder / f"{name}.png")}) + "\n"
            for name in names
        )
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as said,
            tempfile.TemporaryFile() as complained,
        ):
            given.write(asked.encode())
            given.seek(0)
            try:
                process = subprocess.Popen(
                    self.making.words,
                    stdin=given,
                    stdout=said,
                    stderr=complained,
                    cwd=folder,
                    env={n: os.environ[n] for n in PASSED_ON if n in os.environ},
                    start_new_session=True,
                )
            except OSError as problem:
                return _Ended(
                    b"", f"The command cannot be started: {problem.strerror}."
                )
            try:
                with watched(process.pid):
                    problem_of_run = self._awaited(process, said)
            finally:
                _end(process)
            if problem_of_run:
                problem_of_run += _last_words(complained)
            said.seek(0)
            return _Ended(said.read(LARGEST_OUTPUT), problem_of_run)

    def _awaited(self, process: "subprocess.Popen[bytes]", said: IO[bytes]) -> str:
        """Wait for the end; says what was wrong with it, if anything."""
        until = time.monotonic() + self.making.seconds
        while process.poll() is None:
            if time.monotonic() > until:
                return f"The command was ended after {self.making.seconds:g} seconds."
            if os.fstat(said.fileno()).st_size > LARGEST_OUTPUT:
                return "The command was ended, as it wrote without end."
            time.sleep(_LOOK_SECONDS)
        if process.returncode < 0:
            return f"The command was killed by signal {-process.returncode}."
        if process.returncode:
            return f"The command ended with status {process.returncode}."
        return ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the whole group: also what the command has started and left behind."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()


def _last_words(complained: IO[bytes]) -> str:
    """The last line of standard error, as a sentence to add."""
    size = complained.seek(0, os.SEEK_END)
    complained.seek(max(0, size - 4000))
    lines = complained.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    last = whole_characters(last)
    return f" It said last: {last[-_QUOTED:]}" if last else ""


class _Read:
    """What a command wrote, line by line, against what it was asked."""

    def __init__(self, names: Sequence[str], ended: _Ended) -> None:
        self.answers: dict[str, Mapping[str, Any]] = {}
        self._ended = ended
        self._problems: dict[str, str] = {}
        self._of_all = ""
        self._damaged = ""
        for number, line in enumerate(ended.output.split(b"\n"), 1):
            if line.strip():
                self._take(number, line, names)

    def problem_of(self, name: str) -> str:
        """Why a radiograph has no report; empty where it has one."""
        if self._of_all:
            return self._of_all
        if name in self._problems:
            return self._problems[name]
        if name in self.answers:
            return ""
        missing = "The command wrote no report of this radiograph."
        return " ".join(filter(None, (self._ended.problem, missing, self._damaged)))

    def _take(self, number: int, line: bytes, names: Sequence[str]) -> None:
        damage = "it is no JSON object with an id"
        try:
            answer = json.loads(line.decode())
        except UnicodeDecodeError:
            answer, damage = None, "it is not UTF-8"
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
            self._damaged = self._damaged or (
                f"Line {number} of its output is damaged: {damage}."
            )
            return
        name = answer["id"]
        if name not in names:
            self._of_all = (
                f"Line {number} of the command's output is about {name[:40]!r}, which "
                "it was not asked about: nothing of this run is kept."
            )
        elif name in self.answers or name in self._problems:
            self.answers.pop(name, None)
            self._problems[name] = (
                f"The command answered twice about this radiograph, the second time in "
                f"line {number} of its output: neither is kept."
            )
        else:
            self._keep(name, number, answer)

    def _keep(self, name: str, number: int, answer: Mapping[str, Any]) -> None:
        report, error = answer.get("report"), answer.get("error")
        if isinstance(error, str) and error.strip():
            words = whole_characters(" ".join(error.split()))[:_QUOTED]
            self._problems[name] = f"The command says: {words}"
        elif not isinstance(report, str) or not report.strip():
            self._problems[name] = (
                f"Line {number} of the command's output holds no text under report."
            )
        elif len(report) > LONGEST_REPORT:
            self._problems[name] = (
                f"The command wrote {len(report)} characters about one radiograph, "
                f"more than {LONGEST_REPORT}."
            )
        else:
            self.answers[name] = {**answer, "report": whole_characters(report)}
