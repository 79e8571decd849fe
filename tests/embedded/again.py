"""The embedded default, SQLite and the filesystem broker, holds what PostgreSQL holds.

What has the database for its subject runs here once more: models, triggers, locks,
services, commands; in a run of its own, for a process of Django knows one engine. Pages
are asked once each (addresses.py), so that every query of theirs meets SQLite too.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ADDRESSES = Path(__file__).with_name("addresses.py")
# Folders and files about pages, files, figures, radiographs or the model. What is new
# and not named here runs again.
OF_OTHER_THINGS = (
    *("accounts/test_add_person.py", "accounts/test_sign_in.py"),
    *("analysis/findings", "analysis/test_disagreements.py"),
    "analysis/test_exclusions.py",
    *("analysis/test_planning_page.py", "analysis/test_results_page.py"),
    "audit/test_every_verb.py",
    *("cases/deidentification/test_header_profile.py", "cases/desk/test_desk.py"),
    *(f"cases/intake/test_{name}.py" for name in ("folders", "hostile", "pages")),
    *("cases/intake/test_reported_layouts.py", "cases/intake/test_taking_in.py"),
    *("cases/pacs", "cases/test_deidentify.py", "cases/test_greys.py"),
    *("cases/test_import_mimic.py", "cases/test_media_in_a_bucket.py"),
    "cases/test_preview.py",
    *("demo/test_story.py", "export/moving/test_moving_pages.py"),
    *("export/standards/test_reads_for_others.py", "export/test_bundle.py"),
    *(f"export/test_{name}.py" for name in ("orders", "single_files", "sittings")),
    *("export/test_tables_by_token.py", "export/test_texts_by_arm.py"),
    "export/test_versions.py",
    *("grading/test_between_sessions.py", "grading/test_display_check.py"),
    *(f"grading/test_{name}.py" for name in ("guess", "practice", "reading", "words")),
    *("grading/test_rehearsal.py", "operations/test_metrics.py"),
    "operations/test_pages.py",
    *("presentation/set_up", "presentation/test_design_page.py"),
    *("presentation/test_designs_read.py", "presentation/test_practice_set.py"),
    *("presentation/test_radiograph.py", "presentation/test_replay.py"),
    *(f"reports/console/test_{name}.py" for name in ("export", "page", "worker")),
    "reports/labels/test_computing.py",
    *("reports/tables/test_guessing.py", "reports/tables/test_wizard.py"),
    *("reports/test_adding_sources.py", "reports/test_batches.py"),
    "reports/test_damaged_checkpoint.py",
    *("reports/test_other_sources.py", "reports/test_page.py"),
    "reports/test_self_tests.py",
    *(f"studies/account/test_{name}.py" for name in ("administrators", "confirming")),
    *(f"studies/account/test_{name}.py" for name in ("hospital", "second_factor")),
    *(f"studies/account/test_{name}.py" for name in ("lock_out", "signing_in")),
)


def apps() -> set[str]:
    """The apps that have tests."""
    there = {path.name for path in (TESTS.parent / "readerstudy").iterdir()}
    return {path.name for path in TESTS.iterdir()} & there - {"__pycache__"}


def holds_on_sqlite(
    folder: Path, record_property: Callable[[str, object], None]
) -> None:
    """Run these tests on a database in a folder; all of them pass."""
    # What pytest told this process, and its own settings, are not for the other one.
    own = ("PYTEST_", "DATABASE_URL", "BROKER_URL", "DATA_DIR")
    kept = {name: word for name, word in os.environ.items() if not name.startswith(own)}
    left_out = [f"--ignore={TESTS / name}" for name in OF_OTHER_THINGS]
    asked = [*(str(TESTS / name) for name in sorted(apps())), str(ADDRESSES)]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "sqlite"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *left_out, *asked],
        cwd=TESTS.parent,
        env={**kept, "TEST_DATABASE_URL": f"sqlite:///{folder}/readerstudy.sqlite3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    closing = done.stdout.splitlines()[-1]
    found = re.match(r"(\d+) passed", closing)
    assert found and "skipped" not in closing, closing
    record_property("again on SQLite", int(found[1]))
