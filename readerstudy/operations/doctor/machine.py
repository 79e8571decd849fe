"""What lies on the machine: the clock, static files, the model."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection
from django.utils import timezone

from readerstudy.operations.findings import Finding, note, well, wrong

# The codes of authenticator apps change every thirty seconds.
_APART = timedelta(seconds=10)
_STYLE = "readerstudy.css"


def clock() -> list[Finding]:
    """Whether this machine and that of the database tell the same time; one query."""
    asked = "SELECT now()"
    if connection.vendor == "sqlite":
        return [well("clock", "The database tells this machine's time.")]
    try:
        with connection.cursor() as cursor:
            cursor.execute(asked)
            apart = abs(cursor.fetchone()[0] - timezone.now())
    except DatabaseError:
        remedy = "See to the database first."
        return [wrong("clock", "The database's time cannot be seen.", remedy)]
    if apart > _APART:
        return [
            wrong(
                "clock",
                f"The clocks of this machine and of the database are "
                f"{apart.total_seconds():.0f} seconds apart: codes of authenticator "
                "apps may be refused, and events bear wrong times.",
                "Let both follow a time server (chrony, systemd-timesyncd).",
            )
        ]
    return [well("clock", "This machine and the database tell the same time.")]


def static_files() -> list[Finding]:
    """Whether the style of the pages is found, as it came with the site."""
    if finders.find(_STYLE) is None:
        return [
            wrong(
                "static files",
                "The style of the pages is missing.",
                "Install the site anew: the folder static/ belongs to it.",
            )
        ]
    kept = Path(settings.STATIC_ROOT) / _STYLE
    found = finders.find(_STYLE)
    if kept.exists() and found and kept.read_bytes() != Path(found).read_bytes():
        return [
            wrong(
                "static files",
                "The collected static files are of another version.",
                "Run `manage.py collectstatic --no-input`.",
                str(settings.STATIC_ROOT),
            )
        ]
    return [well("static files", "Static files are there.")]


def model() -> list[Finding]:
    """Whether the files of the model lie where the setting says."""
    named = settings.CXR_LLAVA_CHECKPOINT
    folder = Path(named)
    if not folder.is_absolute() and not folder.exists():
        return [
            note(
                "model",
                f"The model {named} is fetched by the worker, when it is first needed.",
                "Let the worker fetch it before the first study: `manage.py "
                "selftest_source`.",
            )
        ]
    lacking = [
        each
        for each in ("config.json", "*.safetensors|*.bin")
        if not any(any(folder.glob(pattern)) for pattern in each.split("|"))
    ]
    if lacking:
        return [
            wrong(
                "model",
                "The folder of the model lacks files.",
                "Let CXR_LLAVA_CHECKPOINT name a folder with a whole checkpoint, or a "
                "published one.",
                f"{folder} has no {', no '.join(lacking)}",
            )
        ]
    if folder == settings.ROOT / "inference" / "demonstration":
        sentence = "The demonstration model is set, which knows only drawings."
        remedy = "Set CXR_LLAVA_CHECKPOINT before you study real radiographs."
        return [note("model", sentence, remedy)]
    return [well("model", "The files of the model are there.")]
