"""The administrator names the PACS; a mistake stops the start with a sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from readerstudy.cases.pacs.servers import PacsServer, servers_in

ROOT = Path(__file__).resolve().parents[3]


def test_a_server_is_a_name_and_a_url() -> None:
    text = "archive=https://rosa:s%40cret%2C%3A%2F@pacs.example.org:8443/dicom-web/"
    assert servers_in(text) == {
        "archive": PacsServer(
            "archive",
            "https://pacs.example.org:8443/dicom-web",
            "rosa",
            "s@cret,:/",
        )
    }


def test_several_stand_between_commas() -> None:
    found = servers_in("one=https://a.example/x, two=http://b.example ,")
    assert {name: server.url for name, server in found.items()} == {
        "one": "https://a.example/x",
        "two": "http://b.example",
    }
    assert [server.is_encrypted for server in found.values()] == [True, False]


def test_json_takes_a_password_as_it_is(tmp_path: Path) -> None:
    bundle = tmp_path / "hospital.pem"
    bundle.write_text("certificates")
    said = {
        "archive": {
            "url": "https://pacs.example.org",
            "user": "rosa",
            "password": 'a,b@c/d%"',
            "ca_file": str(bundle),
        },
        "other": "https://other.example.org",
    }
    found = servers_in(json.dumps(said))
    assert found["archive"].password == 'a,b@c/d%"'
    assert found["archive"].ca_file == str(bundle)
    assert found["other"].ca_file == ""


def test_the_common_certificates_are_for_every_server(tmp_path: Path) -> None:
    bundle = tmp_path / "hospital.pem"
    bundle.write_text("certificates")
    found = servers_in("a=https://a.example,b=https://b.example", str(bundle))
    assert [server.ca_file for server in found.values()] == [str(bundle)] * 2


def test_nothing_is_no_server() -> None:
    assert servers_in("") == {} == servers_in(" , ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://pacs.example.org", "NAME=URL"),
        ("a b=https://pacs.example.org", "no name"),
        ("a=https://x.example,a=https://y.example", "named twice"),
        ("a=ftp://x.example", "https://HOST"),
        ("a=file:///etc/passwd", "https://HOST"),
        ("a=https://", "https://HOST"),
        ("a=https://x.example:port/", "no URL"),
        ("a=https://x.example:99999/", "no URL"),
        ("a=https://[::1]:8042/", "neither a name nor an IPv4"),
        ("a=https://x.example/dicom-web?key=1", "root of a DICOMweb"),
        ("a=https://x.example/#there", "root of a DICOMweb"),
        ("a=https://user:pass/word@x.example/", "no URL"),
        ('{"a": 5}', "neither a URL nor an object"),
        ('{"a": {"url": "https://x.example", "pasword": "x"}}', "neither a URL nor"),
        ('{"a": ', "no JSON"),
        ('{"a": {"user": "x"}}', "https://HOST"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        servers_in(text)


def test_certificates_that_are_not_there_are_named() -> None:
    with pytest.raises(ValueError, match=r"not there: /nowhere\.pem"):
        servers_in("a=https://x.example", "/nowhere.pem")


@pytest.mark.parametrize(
    "text",
    [
        "a=https://user:hidden-word@x.example/?q",
        "a=https://user:hidden,word@x.example",
        "a=https://user:hidden-word@x.example:x",
        '{"a": {"url": "https://x.example", "password": "hidden\\nword"}}',
    ],
)
def test_no_sentence_and_no_text_of_a_server_holds_a_password(text: str) -> None:
    with pytest.raises(ValueError) as told:
        servers_in(text)
    assert "hidden" not in str(told.value)
    good = servers_in("a=https://user:hidden-word@x.example")
    assert "hidden" not in f"{good} {good['a']!s}"


def test_a_site_does_not_start_with_a_mistake(tmp_path: Path) -> None:
    started = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ
        | {
            "SECRET_KEY": "only-for-tests",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
            "DICOMWEB_SERVERS": "archive=https://user:hidden-word@x.example/?q",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode != 0
    last = started.stderr.splitlines()[-1]
    assert last.startswith("DICOMWEB_SERVERS: The address of archive")
    assert "hidden" not in started.stderr
