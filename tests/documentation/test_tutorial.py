"""The commands of the tutorial, run as they stand there.

What they need in between is done in the browser; here a command does it.
"""

import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.documentation.pages import ROOT, blocks
from tests.servers import free_port

TUTORIAL = ROOT / "docs" / "tutorial" / "first-study.md"
pytestmark = [pytest.mark.slow(seconds=120), pytest.mark.timeout(900)]


@pytest.fixture
def environment(tmp_path):
    """A machine on which only the packages are there: no settings, no data."""
    settings = {
        *("SECRET_KEY", "DATA_DIR", "MEDIA_ROOT", "DATABASE_URL", "BROKER_URL"),
        *("ALLOWED_HOSTS", "SECURE_COOKIES", "SECURE_SSL_REDIRECT", "DEBUG"),
        *("DEMONSTRATION", "SECOND_FACTOR_REQUIRED", "DJANGO_SETTINGS_MODULE"),
    }
    kept = {name: each for name, each in os.environ.items() if name not in settings}
    binaries = Path(sys.executable).parent
    return kept | {
        "DATA_DIR": str(tmp_path / "data"),
        "PORT": str(free_port()),
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "READERSTUDY_VENV": str(binaries.parent),
        # What it would install is what this test runs in.
        "MAKEFLAGS": "--assume-old=worker-set",
    }


def test_the_commands_of_the_tutorial_do_what_it_says(environment, tmp_path):
    start, recompute = blocks(TUTORIAL.read_text())
    assert start.strip() == "make demo"
    demo = subprocess.Popen(
        ["sh", "-ec", start],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said = until_ready(demo)
        assert said[-1] == f"Ready: http://127.0.0.1:{environment['PORT']}\n"
        export_the_closed_study(environment, tmp_path)
    finally:
        os.killpg(demo.pid, signal.SIGINT)
        demo.wait(60)
        demo.stdout.close()
    # One's own study is called my-first; here it is the one that is read already.
    script = recompute.replace("my-first", "demo-closed")
    script = script.replace("manage.py", str(ROOT / "manage.py"))
    done = subprocess.run(
        ["sh", "-ec", script],
        cwd=tmp_path,
        env=environment | {"MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again" / "table5.csv").exists()


def until_ready(demo) -> list[str]:
    said = []
    for line in demo.stdout:
        said.append(line)
        if line.startswith("Ready:"):
            return said
    pytest.fail("".join(said))


def export_the_closed_study(environment, folder: Path) -> None:
    """The bundle as the export page gives it, a ZIP with one folder."""
    data = environment["DATA_DIR"]
    told = {
        "DEMONSTRATION": "true",
        "MEDIA_ROOT": f"{data}/media",
        "DATABASE_URL": f"sqlite:///{data}/readerstudy.sqlite3",
    }
    exported = folder / "exported" / "demo-closed"
    subprocess.run(
        [
            *(sys.executable, "manage.py", "export_study", "demo-closed"),
            *("--out", str(exported)),
        ],
        cwd=ROOT,
        env=environment | told | {"MAKEFLAGS": ""},
        check=True,
    )
    archive = shutil.make_archive(
        str(folder / "demo-closed-bundle"), "zip", exported.parent
    )
    assert "demo-closed/reads.csv" in zipfile.ZipFile(archive).namelist()
