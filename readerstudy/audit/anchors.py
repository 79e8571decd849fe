"""Where the chains end, kept outside of the database.

Whoever can write to the database can make a whole chain anew, or cut its end off. What
was written down elsewhere before shows it: a chain may only grow.
"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from readerstudy.audit.models import Event
from readerstudy.audit.verifying import Break

SCHEMA = "readerstudy.anchor/1"


def write_anchor(path: Path, heads: dict[str, tuple[int, str]]) -> None:
    """Write length and head of each chain into a new file; none is written over."""
    content = {
        "schema": SCHEMA,
        "at": timezone.now().isoformat(),
        "streams": {
            name: {"length": length, "sha256": sha256}
            for name, (length, sha256) in sorted(heads.items())
        },
    }
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(json.dumps(content, indent=2) + "\n")
    except OSError as problem:
        raise CommandError(f"The anchor could not be written: {problem}") from problem


def read_anchor(path: Path) -> dict[str, Any]:
    """The streams of an anchor."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        streams: dict[str, Any] = content["streams"]
        if content["schema"] != SCHEMA:
            raise ValueError(content["schema"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CommandError(f"{path} is no anchor that can be read.") from problem
    return streams


def compare(anchor: dict[str, Any], stream: str = "") -> list[Break]:
    """Where a chain does not go through the point that an anchor holds."""
    found = []
    for name, said in anchor.items():
        if (stream and name != stream) or not said["length"]:
            continue
        event = Event.objects.filter(stream_id=name, sequence=said["length"]).first()
        if event is None:
            says = f"it ends before event {said['length']}, which the anchor holds."
            found.append(Break("head", name, says, said["length"]))
        elif event.sha256 != said["sha256"]:
            says = f"event {said['length']} has another hash than the anchor holds."
            found.append(Break("head", name, says, said["length"], event.pk))
    return found
