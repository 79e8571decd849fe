"""What stands in .env counts as if it stood in the environment, wherever it is read."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINES = """
SECRET_KEY=only-for-this-test
DATA_DIR={folder}/data
SESSION_HOURS=3
LOG_FORMAT=json
OIDC_SERVERS=clinic=https://login.hospital.example/realms/staff
OIDC_CLINIC_CLIENT_ID=readerstudy
OIDC_CLINIC_CLIENT_SECRET=hush
REPORT_ENDPOINTS=gemini=https://models.example/v1
GEMINI_API_KEY=whisper
"""
TELL = """
import json, os, runpy
of_gunicorn = runpy.run_path("gunicorn.conf.py")
form = os.environ.get("LOG_FORMAT")
site = runpy.run_path("readerstudy/settings.py")
print(json.dumps({
    "form": form,
    "hours": site["SESSION_COOKIE_AGE"] // 3600,
    "hospitals": len(site["OIDC_SERVERS"]),
    "key": site["REPORT_ENDPOINTS"]["gemini"].key(),
}))
"""


def told(folder: Path, **environment: str) -> dict[str, object]:
    """What a site reads whose folder holds the lines above as .env."""
    (folder / "readerstudy").mkdir(exist_ok=True)
    shutil.copy(ROOT / "gunicorn.conf.py", folder)
    shutil.copy(ROOT / "readerstudy" / "settings.py", folder / "readerstudy")
    (folder / ".env").write_text(LINES.format(folder=folder))
    output = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})" + TELL],
        cwd=folder,
        env={"TMPDIR": str(folder), **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return json.loads(output)


def test_keys_that_other_settings_name_are_found_in_the_file(tmp_path: Path) -> None:
    assert told(tmp_path) == {
        "form": "json",
        "hours": 3,
        "hospitals": 1,
        "key": "whisper",
    }


def test_the_environment_wins(tmp_path: Path) -> None:
    found = told(tmp_path, LOG_FORMAT="line", SESSION_HOURS="2", GEMINI_API_KEY="loud")
    assert found == {"form": "line", "hours": 2, "hospitals": 1, "key": "loud"}
