"""Settings that make no sense are refused at the start, with one sentence."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import EnvError

ROOT = Path(__file__).resolve().parents[1]
NONSENSE = {
    ("DEBUG", "perhaps"): "DEBUG",
    ("DATA_DIR", "/proc/nowhere"): "DATA_DIR is /proc/nowhere",
    ("DATABASE_URL", "mysql://site@db/site"): "DATABASE_URL must begin with",
    ("SCHEDULER", "sometimes"): "SCHEDULER",
    ("MEDIA_BUCKET", "Our Films"): "MEDIA_BUCKET is 'Our Films'",
    ("S3_SECRET_KEY", "alone"): "mean nothing without MEDIA_BUCKET",
    ("BROKER_URL", "queue.hospital.example"): "BROKER_URL must begin with",
    ("ALLOWED_HOSTS", "https://study.example.org"): "ALLOWED_HOSTS names 'https://",
    ("ALLOWED_HOSTS", "study.example.org:443"): "without scheme, port or path",
    ("CSRF_TRUSTED_ORIGINS", "study.example.org"): "each begins with https://",
    ("EMAIL_FROM", "the study"): "EMAIL_FROM is 'the study'",
    ("LOG_LEVEL", "info"): "LOG_LEVEL is 'info': it is DEBUG, INFO,",
    ("LOG_FORMAT", "xml"): "LOG_FORMAT is 'xml'",
    ("SECURE_HSTS_SECONDS", "-1"): "SECURE_HSTS_SECONDS is -1",
    ("JOB_LEASE_SECONDS", "soon"): "JOB_LEASE_SECONDS",
    ("JOB_LEASE_SECONDS", "0"): "JOB_LEASE_SECONDS is 0: it must be 1 at least.",
    ("JOB_MAXIMUM_ATTEMPTS", "0"): "JOB_MAXIMUM_ATTEMPTS is 0",
    ("INTAKE_SLICE_SECONDS", "0"): "INTAKE_SLICE_SECONDS is 0",
    ("REPORT_ENDPOINT_SECONDS", "0"): "REPORT_ENDPOINT_SECONDS is 0",
    ("CXR_LLAVA_DEVICE", "gpu"): "CXR_LLAVA_DEVICE is 'gpu'",
    ("PARSER_SECONDS", "0"): "PARSER_SECONDS is 0: it must be 1 at least.",
    ("IMPORT_ROOTS", "films"): "IMPORT_ROOTS names 'films'",
    ("CXR_LLAVA_BATCH", "0"): "CXR_LLAVA_BATCH is 0",
    ("SECOND_FACTOR_REQUIRED", "visitors"): "visitors is not known",
    ("SESSION_IDLE_MINUTES", "0"): "a session cannot end after 0 idle minutes",
    ("REPORT_ENDPOINTS", "ours=ftp://models"): "REPORT_ENDPOINTS: ",
    ("DICOMWEB_SERVERS", "archive"): "DICOMWEB_SERVERS: ",
    ("SITE_URL", "study.example.org"): "SITE_URL is 'study.example.org'",
}


# What may look odd and is right.
SENSE = (
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", ".hospital.example, 10.0.0.7,[::1],web_1"),
    ("BROKER_URL", "rediss://:secret@queue:6379/0"),
    ("CSRF_TRUSTED_ORIGINS", "https://study.example.org:8443"),
    ("CXR_LLAVA_DEVICE", "cuda:3"),
    ("EMAIL_FROM", "Reader study <study@hospital.example>"),
    ("REPORT_ENDPOINT_WAIT", "0"),
)


@pytest.mark.parametrize(("name", "word"), NONSENSE)
def test_nonsense_is_named_in_a_sentence(
    name: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, word)
    with pytest.raises((ImproperlyConfigured, EnvError)) as refused:
        runpy.run_path(str(ROOT / "readerstudy" / "settings.py"))
    told = str(refused.value)
    assert NONSENSE[name, word] in told
    assert "\n" not in told


@pytest.mark.parametrize(("name", "word"), SENSE)
def test_sense_is_not_refused(
    name: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, word)
    runpy.run_path(str(ROOT / "readerstudy" / "settings.py"))


def test_every_process_ends_with_the_sentence_alone(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "only-for-this-test",
        "DATA_DIR": str(tmp_path),
        "CXR_LLAVA_BATCH": "0",
    }
    starts = [
        subprocess.Popen(
            [sys.executable, *words.split()],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for words in (
            "-m gunicorn readerstudy.wsgi --bind 127.0.0.1:0 --preload",
            "-m celery --app readerstudy worker --pool solo",
            "-m celery --app readerstudy beat",
            "manage.py migrate",
        )
    ]
    for process in starts:
        told, _ = process.communicate(timeout=120)
        assert process.returncode == 1
        assert told == "CXR_LLAVA_BATCH is 0: a worker takes at least one report.\n"
