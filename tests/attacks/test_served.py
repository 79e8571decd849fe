"""The site as it is put up: a real Gunicorn, and the settings that Compose gives."""

import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.attacks.test_secrets_in_logs import nobody_listens
from tests.test_compose import services

ROOT = Path(__file__).resolve().parents[2]
KEY = "Zm9vYmFyYmF6cXV4cXV1eGNvcmdl"


def asked(address: str) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(address, headers={"X-Forwarded-Proto": "https"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, dict(refusal.headers)


def test_the_server_tells_no_version_and_logs_no_link(tmp_path):
    """Its database has no tables: even the traceback of that holds no key."""
    port = nobody_listens()
    environment = os.environ | {
        "SECRET_KEY": "only-for-this-test",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
        "BEHIND_TLS_PROXY": "true",
        "SECURE_COOKIES": "true",
        "SECURE_SSL_REDIRECT": "true",
        "LOG_LEVEL": "DEBUG",
    }
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "readerstudy.wsgi"),
                *("--bind", f"127.0.0.1:{port}", "--access-logfile", "-"),
            ],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(600):
                try:
                    status, headers = asked(f"{address}/healthz")
                    break
                except OSError:
                    assert server.poll() is None
                    time.sleep(0.1)
            assert status == 200
            # Django does not know who the person is: it fails on the missing table,
            # which is one way for a database to be away.
            failed, _ = asked(f"{address}/invitation/{KEY}/")
            assert failed == 503
        finally:
            server.terminate()
            server.wait(20)
    assert not any(sign.isdigit() for sign in headers["Server"])
    assert headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "X-Powered-By" not in headers
    said = (tmp_path / "log").read_text()
    assert "GET /invitation/***/" in said and "no such table" in said
    assert KEY not in said


def test_the_settings_of_compose_leave_django_nothing_to_warn_of(tmp_path):
    web = services()["web"]["environment"]
    environment = {
        **web,
        "PATH": os.environ["PATH"],
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DATA_DIR": str(tmp_path),
        "MEDIA_ROOT": str(tmp_path),
    }
    asked_for = (
        "from django.core.management import call_command;"
        "call_command('check', deploy=True, fail_level='WARNING');"
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME,"
        "s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        "s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 31536000, s.DEBUG)"
    )
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", asked_for],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.split()[-7:] == [
        *("__Host-sessionid", "__Host-csrftoken", "True", "True", "True", "True"),
        "False",
    ]
