"""The set-up says what it cannot do, and the commands of the README are there."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from requirements import check, install
from tests import machine

ROOT = Path(__file__).resolve().parent.parent
TARGETS = ["demo", "demo-reset", "test", "check", "clean"]
VARIABLES = {"PYTHON": "python3", "PORT": "8000", "HOST": "127.0.0.1"} | {
    "DATA_DIR": ".data",
    "BROWSER": "yes",
}


def make(*words: str, **variables: str) -> str:
    """What make would do, as far as it says so."""
    settings = {*VARIABLES, "MAKEFLAGS", "MAKELEVEL", "READERSTUDY_VENV"}
    kept = {name: value for name, value in os.environ.items() if name not in settings}
    done = subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_installer(
    *words: str, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(ROOT / "requirements" / "install.py"), *words],
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


# --- Makefile ---


@pytest.mark.parametrize("target", TARGETS)
def test_help_names_the_command(target: str) -> None:
    assert re.search(rf"^  make {target}\s+[A-Z]", make("help"), re.MULTILINE)


def test_help_shows_the_variables_with_their_defaults() -> None:
    assert " ".join(f"{name}={value}" for name, value in VARIABLES.items()) in make()


@pytest.mark.parametrize("as_word", [True, False])
def test_the_demonstration_starts_where_it_is_told(as_word: bool) -> None:
    told = {"HOST": "0.0.0.0", "PORT": "8123", "DATA_DIR": "/tmp/elsewhere"}
    if as_word:
        said = make("-n", "demo", *(f"{name}={value}" for name, value in told.items()))
    else:
        said = make("-n", "demo", **told)
    assert "requirements/install.py worker" in said
    assert '.venv/bin/python manage.py demo --host "0.0.0.0" --port "8123"' in said


def test_starting_over_removes_only_what_the_site_stored(tmp_path: Path) -> None:
    said = make("-n", "demo-reset", f"DATA_DIR={tmp_path}")
    removal = next(line for line in said.splitlines() if "rm -rf" in line)
    for name in ("readerstudy.sqlite3", "media", "broker"):
        (tmp_path / name).mkdir()
    (tmp_path / "thesis.txt").touch()
    subprocess.run(["sh", "-ec", removal], check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_browser_tests_are_left_out_only_on_demand() -> None:
    whole, without = make("-n", "test"), make("-n", "test", "BROWSER=no")
    assert "tests.machine --browser" in whole and '-m "not gpu"' in whole
    assert "--browser" not in without
    assert '-m "not gpu and not browser"' in without


def test_ci_runs_the_two_commands_and_then_the_real_data() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text()
    folders = ("export READERSTUDY_TEST_DATA", "export PARITY_VECTORS")
    steps = [text.index(word) for word in ("make check", *folders, "\nmake test")]
    assert steps == sorted(steps)


# --- requirements/install.py ---


def test_an_unknown_set_is_refused_with_those_there_are() -> None:
    refused = run_installer("everything")
    assert refused.returncode == 1
    assert refused.stderr == "Say which set to install: web, worker, test.\n"


def test_an_old_python_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer.*3\.10\.13"):
        install.main(["web"])


def test_a_set_that_is_there_is_not_installed_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    monkeypatch.setattr(install, "make_environment", None)
    for name, larger in (("web", "web"), ("worker", "test")):
        stamp = tmp_path / f"installed-{larger}"
        stamp.write_text(install._fingerprint(larger))
        install.install(name, tmp_path)
        stamp.unlink()


def test_a_place_where_no_environment_can_be_made_is_named(tmp_path: Path) -> None:
    place = tmp_path / "file" / "venv"
    (tmp_path / "file").touch()
    refused = run_installer("web", environment={"READERSTUDY_VENV": str(place)})
    assert refused.returncode == 1
    assert f"The environment {place} could not be made." in refused.stderr


def test_packages_that_cannot_be_had_end_it_with_a_sentence(tmp_path: Path) -> None:
    nowhere = {
        "READERSTUDY_VENV": str(tmp_path / "venv"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path),
        "UV_OFFLINE": "1",
        "UV_NO_CACHE": "1",
    }
    refused = run_installer("web", environment=nowhere)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("Installing failed;")


def offered(tmp_path: Path, *names: str) -> dict[str, str]:
    for name in names:
        (tmp_path / name).touch()
    return {"find-links": str(tmp_path)}


def test_a_folder_that_holds_torch_is_recognised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    assert not install._offers_torch(offered(tmp_path))
    assert not install._offers_torch(offered(tmp_path, "torch-2.12.0-cp311.whl"))
    assert install._offers_torch(offered(tmp_path, "torch-2.13.0+cpu-cp311.whl"))
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    assert install._offers_torch({})


def test_a_named_index_for_torch_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://elsewhere.invalid")
    monkeypatch.setenv("UV_INDEX", "https://elsewhere.invalid")
    alone = install._without_other_sources({"cert": "/ca.pem"})
    assert not any("elsewhere" in value for value in alone.values())
    assert alone["PIP_CERT"]


# --- requirements/check.py and tests/machine.py ---


def test_a_package_missing_from_a_locked_set_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = check.locked("web")
    assert held["django"].startswith("5.2.")
    older = held | {"django": "4.2.1"}
    del older["pillow"]
    monkeypatch.setattr(check, "locked", lambda name: older)
    problems = "\n".join(check.lock_problems())
    assert "web.txt lacks pillow." in problems
    assert (
        "web.txt has django==4.2.1, but pyproject.toml asks for django~=5.2" in problems
    )


def test_a_server_that_cannot_be_had_ends_it_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find() -> object:
        raise RuntimeError("There is no such server.")

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"^There is no such server\.$"):
        machine.see_to_server(find, "no-such-server")


def test_a_chromium_that_does_not_start_ends_it_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"make test BROWSER=no"):
        machine.see_to_chromium()
