"""A demonstration that cannot start says why in one sentence, and starts nothing."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from readerstudy.demo.management.commands import demo

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def _starts_nothing(monkeypatch):
    def started(*arguments, **options):
        raise AssertionError("Something was started.")

    monkeypatch.setattr(demo, "run", started)


def test_a_port_in_use_is_refused_with_a_free_one_to_try():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"port {port}: address already in use"):
            call_command("demo", port=str(port))


@pytest.mark.parametrize("word", ["many", "0", "65536", "-1", ""])
def test_a_port_that_is_none_is_named(word):
    with pytest.raises(CommandError, match="a number from 1 to 65535"):
        call_command("demo", port=word)


def test_a_host_that_is_not_this_machines_is_named():
    with pytest.raises(CommandError, match=r"cannot listen on 192\.0\.2\.1"):
        call_command("demo", host="192.0.2.1", port="8000")


def test_a_data_dir_where_nothing_can_be_stored_is_named(tmp_path):
    folder = tmp_path / "data"
    folder.write_text("This is a file.")
    refused = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"DATA_DIR is {folder}, where nothing can be")
    assert len(refused.stderr.splitlines()) == 1
