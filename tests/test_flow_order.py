"""The imports follow the flow of the study, and the pure parts stay pure.

Every import counts, also one inside a function or one for type checkers only.
"""

import ast
import functools
import graphlib
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STAGES = (
    "accounts",
    "audit",
    "work",
    "studies",
    "cases",
    "reports",
    "presentation",
    "grading",
    "analysis",
    "export",
    "operations",
    "demo",
)
# Between models and views: these know models only, and only views and api.py know them.
DOORS = (
    "readerstudy.access",
    "readerstudy.access_labels",
    "readerstudy.access_export",
    "readerstudy.access_webhooks",
    "readerstudy.access_operations",
    "readerstudy.pages",
)
# They put the stages together; no stage knows them.
COMPOSITION = ("urls", "api_urls", "api_pages", "health", "wsgi")
PURE = (
    "inference/**/*.py",
    "readerstudy/analysis/statistics/**/*.py",
    "readerstudy/cases/deidentification/blanking.py",
    "readerstudy/cases/deidentification/markers.py",
    "readerstudy/cases/deidentification/ocr.py",
    "readerstudy/cases/deidentification/policy.py",
    "readerstudy/cases/deidentification/profile.py",
    "readerstudy/cases/deidentification/regions.py",
    "readerstudy/cases/deidentification/removed.py",
    "readerstudy/cases/case_sets/flow.py",
    "readerstudy/cases/desk/flags.py",
    "readerstudy/cases/desk/looks.py",
    "readerstudy/cases/dialects.py",
    "readerstudy/cases/dicom.py",
    "readerstudy/cases/frames.py",
    "readerstudy/cases/greyscale.py",
    "readerstudy/cases/mimic.py",
    "readerstudy/cases/openi.py",
    "readerstudy/cases/sampling.py",
    "readerstudy/cases/tables.py",
    "readerstudy/cases/voi.py",
    "readerstudy/csv_text.py",
    "readerstudy/demo/supervisor.py",
    "readerstudy/grading/dashboard/rules.py",
    "readerstudy/email_url.py",
    "readerstudy/kept_key.py",
    "readerstudy/media_settings.py",
    "readerstudy/operations/configuration.py",
    "readerstudy/operations/findings.py",
    "readerstudy/presentation/blind.py",
    "readerstudy/presentation/blinding_audit/reading/*.py",
    "readerstudy/presentation/dealing.py",
    "readerstudy/presentation/levelling.py",
    "readerstudy/presentation/list_marks.py",
    "readerstudy/presentation/randomise.py",
    "readerstudy/reports/review/patterns.py",
    "readerstudy/presentation/repeats.py",
    "readerstudy/presentation/replay.py",
    "readerstudy/presentation/sessions.py",
    "readerstudy/presentation/set_up/steps.py",
    "readerstudy/presentation/who_reads.py",
    "readerstudy/presentation/williams.py",
    "readerstudy/reports/quality.py",
    "readerstudy/reports/tables/mapping.py",
    "readerstudy/reports/tables/matching.py",
    "readerstudy/studies/lifecycle/transitions.py",
)
FRAMEWORKS = {
    "django",
    "rest_framework",
    "celery",
    "drf_spectacular",
    "dotenv",
    "environs",
}


@functools.cache
def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    found = {}
    for package in ("readerstudy", "inference"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


@functools.cache
def imports(module: str) -> frozenset[str]:
    """What a module imports: our own by exact module, others by their full name."""
    found = set()
    for node in ast.walk(ast.parse(modules()[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{module} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in modules() else node.module)
    return frozenset(found)


def stage(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "readerstudy" and len(parts) > 1 and parts[1] in STAGES:
        return parts[1]
    return None


def arrows() -> Iterator[tuple[str, str]]:
    """Every import of one of our modules by another."""
    for module in modules():
        for imported in sorted(imports(module)):
            if imported in modules():
                yield module, imported


def test_there_is_an_app_for_each_stage_and_no_other() -> None:
    apps = {path.parent.name for path in (ROOT / "readerstudy").glob("*/__init__.py")}
    # Django finds a database's backend by its folder.
    assert apps - {"postgresql"} == set(STAGES)


def test_a_stage_imports_only_from_stages_before_it() -> None:
    backwards = [
        f"{module} imports {imported}"
        for module, imported in arrows()
        if (here := stage(module)) and (there := stage(imported))
        if STAGES.index(there) > STAGES.index(here)
    ]
    assert backwards == []


def test_a_stage_knows_nothing_of_what_puts_the_stages_together() -> None:
    composed = {f"readerstudy.{name}" for name in COMPOSITION}
    assert [pair for pair in arrows() if stage(pair[0]) and pair[1] in composed] == []


@pytest.mark.parametrize("door", DOORS)
def test_a_door_imports_models_only(door: str) -> None:
    own = {imported for module, imported in arrows() if module == door}
    others = {name for name in own if not name.endswith(".models")}
    assert others - set(DOORS) == set()


@pytest.mark.parametrize("door", DOORS)
def test_only_views_and_api_use_a_door(door: str) -> None:
    users = {module for module, imported in arrows() if imported == door}
    users -= set(DOORS)
    assert users
    assert {user for user in users if user.split(".")[-1] not in {"views", "api"}} == (
        set()
    )


def test_no_module_imports_itself_by_a_detour() -> None:
    graph: dict[str, set[str]] = {}
    for module, imported in arrows():
        # The package only names the Celery application for Celery's own sake.
        if module != "readerstudy":
            graph.setdefault(module, set()).add(imported)
    tuple(graphlib.TopologicalSorter(graph).static_order())


def pure_modules() -> list[str]:
    paths = {path for pattern in PURE for path in ROOT.glob(pattern)}
    return sorted(name for name, path in modules().items() if path in paths)


def test_the_pure_modules_are_where_they_are_looked_for() -> None:
    assert [pattern for pattern in PURE if not any(ROOT.glob(pattern))] == []


@pytest.mark.parametrize("module", pure_modules())
def test_a_pure_module_never_reaches_django(module: str) -> None:
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        foreign = {name.split(".")[0] for name in imports(current)} & FRAMEWORKS
        assert foreign == set(), f"{current} imports {foreign}"
        # Any import runs the package's own module, which names the Celery application.
        waiting += [
            name
            for name in imports(current)
            if name in modules() and name != "readerstudy"
        ]


def test_inference_knows_nothing_of_the_site() -> None:
    own = [name for name in modules() if name.split(".")[0] == "inference"]
    named = itertools.chain.from_iterable(imports(name) for name in own)
    assert [name for name in named if name.startswith("readerstudy")] == []


def test_the_web_process_starts_without_torch_and_without_the_statistics(
    tmp_path: Path,
) -> None:
    look = (
        "import sys, django; django.setup(); import readerstudy.urls, readerstudy.wsgi;"
        "heavy = {'torch', 'transformers', 'accelerate', 'sentencepiece', 'scipy',"
        " 'pandas', 'statsmodels', 'matplotlib', 'sklearn', 'rapidocr', 'onnxruntime'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    seen = subprocess.run(
        [sys.executable, "-c", look],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
            "SECRET_KEY": "only-for-tests",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path}/readerstudy.sqlite3",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (seen.stdout, seen.returncode) == ("[]\n", 0), seen.stderr
