"""Make .venv and put one of the locked sets into it: web, worker or test.

    python3 requirements/install.py worker

Standard library only. A set that is already there is recognised in no time. uv does
the work where it can be had, else pip. torch comes apart from the rest, without a hash,
so that the machine may offer its own build of it; see `torch_source`.
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
TORCH = "torch==2.13.0"
# Each set with the sets that contain it.
SETS = {
    "web": ("web", "worker", "test"),
    "worker": ("worker", "test"),
    "test": ("test",),
}


class Refusal(Exception):
    """Why nothing can be installed, in a sentence with what to do next."""


def main(arguments: Sequence[str]) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this very check is its purpose
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            f"readerstudy needs Python 3.11 or newer, and this is Python {found}. "
            "Name another one with `make PYTHON=python3.11 ...`."
        )
    if len(arguments) != 1 or arguments[0] not in SETS:
        sys.exit(f"Say which set to install: {', '.join(SETS)}.")
    try:
        install(arguments[0], Path(os.environ.get("READERSTUDY_VENV", ROOT / ".venv")))
    except Refusal as refusal:
        sys.exit(str(refusal))


def install(name: str, place: Path) -> None:
    """Put a set into the environment at `place`. Raises Refusal."""
    if any(_is_stamped(place, larger) for larger in SETS[name]):
        return
    say(f"Installing the {name} set into {place} ...")
    python = make_environment(place)
    installer = Installer(python)
    installer.install(
        ["--require-hashes", "--no-deps", "-r", str(REQUIREMENTS / f"{name}.txt")]
    )
    if name != "web":
        install_torch(installer)
    _stamp(place, name).write_text(_fingerprint(name))
    say("Installed.")


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


# --- Recognising what is there ---


def _fingerprint(name: str) -> str:
    """What a set was installed from: its file, this script's torch, and the Python."""
    locked = (REQUIREMENTS / f"{name}.txt").read_bytes()
    return hashlib.sha256(locked + f"{TORCH} {sys.version}".encode()).hexdigest()


def _stamp(place: Path, name: str) -> Path:
    return place / f"installed-{name}"


def _is_stamped(place: Path, name: str) -> bool:
    stamp = _stamp(place, name)
    return (
        stamp.exists()
        and (place / "bin" / "python").exists()
        and stamp.read_text() == _fingerprint(name)
    )


# --- The environment ---


def make_environment(place: Path) -> Path:
    """Return the Python of the environment, made now or before. Raises Refusal."""
    python = place / "bin" / "python"
    if _is_usable(python):
        return python
    if _can_make_environments() or _install_venv_from_debian():
        command = [sys.executable, "-m", "venv", "--clear", str(place)]
    elif shutil.which("uv"):
        command = ["uv", "venv", "--seed", "--clear", str(place)]
        command += ["--python", sys.executable]
    elif shutil.which("virtualenv"):
        command = ["virtualenv", "--clear", "--python", sys.executable, str(place)]
    else:
        raise Refusal(
            "This Python cannot make virtual environments: it comes without venv or "
            "ensurepip. On Debian and Ubuntu, `apt install python3-venv` as root adds "
            "them; then run the same command again."
        )
    made = _run(command)
    if made.returncode != 0 or not _is_usable(python):
        raise Refusal(f"{_end_of(made)}\nThe environment {place} could not be made.")
    return python


def _is_usable(python: Path) -> bool:
    """Whether it runs, is of this Python's version, and has pip."""
    if not python.exists():
        return False
    version = f"({sys.version_info[0]}, {sys.version_info[1]})"
    look = f"import sys, pip; sys.exit(sys.version_info[:2] != {version})"
    return _run([str(python), "-c", look]).returncode == 0


def _can_make_environments() -> bool:
    # Debian ships venv in the main package and ensurepip in python3-venv.
    return _run([sys.executable, "-c", "import ensurepip, venv"]).returncode == 0


def _install_venv_from_debian() -> bool:
    """As root on Debian, add what is missing; whether it then works."""
    is_debian_python = Path(sys.executable).is_relative_to("/usr/bin")
    if os.geteuid() != 0 or not shutil.which("apt-get") or not is_debian_python:
        return False
    say("Installing Debian's python3-venv ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], quiet)
    _run(["apt-get", "install", "-qq", "--yes", "python3-venv"], quiet)
    return _can_make_environments()


# --- uv or pip ---


class Installer:
    """Installs into one environment with uv, or with pip where uv cannot do it."""

    def __init__(self, python: Path) -> None:
        self.python = python
        self.settings = pip_settings(python)
        self._uv = self._get_uv()

    def _get_uv(self) -> list[str]:
        """The command of uv, empty where there is none."""
        uv = self.python.with_name("uv")
        if not uv.exists():
            locked = (REQUIREMENTS / "installer.txt").as_posix()
            _run(self._pip(["--require-hashes", "-r", locked]))
        return [str(uv)] if uv.exists() else []

    def _pip(self, words: Sequence[str]) -> list[str]:
        return [str(self.python), "-m", "pip", "install", "--quiet", *words]

    def install(
        self, words: Sequence[str], environment: Mapping[str, str] = os.environ
    ) -> None:
        """Install what the words of `pip install` say. Raises Refusal."""
        if self._uv:
            command = [*self._uv, "pip", "install", "--quiet"]
            command += ["--python", str(self.python), *words]
            if _run_aloud(command, self._for_uv(environment)) == 0:
                return
            say("uv could not install it; trying pip.")
        if _run_aloud(self._pip(words), environment) != 0:
            raise Refusal(
                "Installing failed; the lines above say why. Without a network the "
                "packages must come from an index or a folder of your own, named in "
                "pip's configuration. Then run the same command again."
            )

    def _for_uv(self, environment: Mapping[str, str]) -> dict[str, str]:
        """uv reads nothing of pip's configuration: tell it what counts here."""
        told = {
            "UV_FIND_LINKS": ",".join(find_links(self.settings)),
            "UV_DEFAULT_INDEX": self.settings.get("index-url", ""),
            "SSL_CERT_FILE": self.settings.get("cert", ""),
            "UV_HTTP_TIMEOUT": self.settings.get("default-timeout", ""),
        }
        return {**{name: value for name, value in told.items() if value}, **environment}


def pip_settings(python: Path) -> dict[str, str]:
    """Read pip's configuration files and variables; a variable wins over a file.

    Keys are pip's option names, as in "find-links".
    """
    settings: dict[str, str] = {}
    listed = _run([str(python), "-m", "pip", "config", "list"]).stdout.splitlines()
    # The variables are listed as ":env:.find-links" and come before the files.
    for line in sorted(listed, key=lambda line: line.startswith(":env:")):
        key, equals, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if equals and section in {"global", "install", ":env:"}:
            settings[option] = str(ast.literal_eval(value))
    return settings


def find_links(settings: Mapping[str, str]) -> list[str]:
    """The configured places that hold packages: uv's own, else pip's."""
    told = os.environ.get("UV_FIND_LINKS", "").replace(",", " ")
    return (told or settings.get("find-links", "")).split()


# --- torch ---


def install_torch(installer: Installer) -> None:
    """Add torch from where this machine is to take it. Raises Refusal."""
    index = os.environ.get("TORCH_INDEX_URL", "")
    if index:
        alone = _without_other_sources(installer.settings)
        installer.install([TORCH, "--index-url", index], alone)
        return
    if sys.platform == "linux" and not _offers_torch(installer.settings):
        say(
            f"{TORCH} comes with CUDA, several GB to download. For the CPU build, stop "
            "here, set TORCH_INDEX_URL to PyTorch's CPU index and start again."
        )
    installer.install([TORCH])


def _without_other_sources(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment with one source only: others would win or lose by version."""
    sources = ("FIND_LINKS", "INDEX_URL", "EXTRA_INDEX_URL", "INDEX", "DEFAULT_INDEX")
    others = {f"{tool}_{name}" for tool in ("PIP", "UV") for name in sources}
    kept = {name: value for name, value in os.environ.items() if name not in others}
    if "cert" in settings:
        # It may stand in the configuration that is passed over here.
        kept.setdefault("PIP_CERT", settings["cert"])
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "UV_FIND_LINKS": ""}


def _offers_torch(settings: Mapping[str, str]) -> bool:
    """Whether a configured find-links place may hold a build of torch."""
    wheel = f"{TORCH.replace('==', '-')}*.whl"
    for place in find_links(settings):
        if "://" in place and not place.startswith("file://"):
            return True
        if any(Path(place.removeprefix("file://")).glob(wheel)):
            return True
    return False


# --- Running commands ---


def _run(
    command: Sequence[str], environment: Mapping[str, str] = os.environ
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _run_aloud(command: Sequence[str], environment: Mapping[str, str]) -> int:
    return subprocess.run(
        command, env=dict(environment), stdin=subprocess.DEVNULL, check=False
    ).returncode


def _end_of(done: "subprocess.CompletedProcess[str]") -> str:
    return "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])


if __name__ == "__main__":
    main(sys.argv[1:])
