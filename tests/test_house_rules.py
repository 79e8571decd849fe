"""The rules of the house that a machine can see to."""

import ast
import functools
import re
from pathlib import Path

import pytest

from requirements import check

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sorted(path for path in check.our_files() if path.suffix == ".py")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# A document that stands alone when it is taken away carries its style with it.
TAKEN_AWAY = ROOT / "templates" / "analysis" / "report" / "report.html"
NAMES = [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]


@functools.cache
def imported(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names += (f"{node.module}.{alias.name}" for alias in node.names)
    return names


def importing(pattern: str) -> list[str]:
    """The files of ours that import something whose full name fits."""
    return [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if any(re.match(pattern, name) for name in imported(path))
    ]


def test_there_is_something_to_look_at() -> None:
    assert len(PYTHON) > 100
    assert len(TEMPLATES) > 10


def test_no_file_is_too_long() -> None:
    assert list(check.length_problems()) == []


def test_the_locked_sets_follow_pyproject() -> None:
    assert list(check.lock_problems()) == []


def test_there_is_no_grab_bag() -> None:
    grab_bags = {"utils.py", "util.py", "helpers.py", "misc.py", "common.py"}
    assert [path for path in PYTHON if path.name in grab_bags] == []


def test_there_are_no_signals() -> None:
    assert importing(r"django\.dispatch|django\.db\.models\.signals") == []


def test_views_are_functions() -> None:
    assert importing(r"django\.views\.(generic|View$)") == []
    assert importing(r"rest_framework\.(views\.APIView|generics|viewsets)") == []


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_holds_no_script_and_no_style_of_its_own(path: Path) -> None:
    text = path.read_text()
    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL)
    for attributes, body in scripts:
        # Data for a script is no script.
        if 'type="application/json"' not in attributes:
            assert "src=" in attributes and not body.strip()
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", text)
    assert path == TAKEN_AWAY or "<style" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_trusts_no_text(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b|autoescape\s+off", path.read_text())


def settings_read() -> set[str]:
    """The variables that settings.py takes from the environment."""
    tree = ast.parse((ROOT / "readerstudy" / "settings.py").read_text())
    return {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_setting_has_a_line_in_the_example() -> None:
    text = (ROOT / ".env.example").read_text()
    lines = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    compose = (ROOT / "docker-compose.yml").read_text()
    for_compose = set(re.findall(r"\$\{([A-Z][A-Z0-9_]+)", compose))
    assert settings_read() > {"SECRET_KEY", "DATABASE_URL"}
    assert for_compose > {"POSTGRES_PASSWORD", "SITE_ADDRESS"}
    assert lines == settings_read() | for_compose


def test_the_example_changes_nothing_as_it_is() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_no_test_is_skipped() -> None:
    named = r"pytest\.(skip|importorskip|mark\.(skip|skipif|xfail))\b|unittest\.skip"
    skipping = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path != Path(__file__).resolve() and re.search(named, path.read_text())
    ]
    assert skipping == []
