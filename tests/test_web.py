"""How the web process starts: with all of its views, without torch, and impatient of a
database that says nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TELL = """
import json, sys
import readerstudy.wsgi
from django.conf import settings
print(json.dumps({
    "loaded": [name for name in sys.modules if name.endswith(".views")],
    "torch": "torch" in sys.modules,
    "options": settings.DATABASES["default"]["OPTIONS"],
}))
"""


def started(database: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", TELL],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_every_view_is_loaded_before_the_first_request() -> None:
    told = started("postgres://nobody@127.0.0.1/nothing?connect_timeout=2")
    assert {"readerstudy.grading.views", "readerstudy.export.views"} <= {
        *told["loaded"]
    }
    assert not told["torch"]
    # What the address says goes before what is set for every site.
    assert told["options"]["connect_timeout"] in {2, "2"}
    assert told["options"]["tcp_user_timeout"] == 20_000
    assert "idle_in_transaction" in told["options"]["options"]
