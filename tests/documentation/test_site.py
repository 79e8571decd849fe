"""The site of the documentation is built without a warning, and needs no network."""

import re
import subprocess
import sys
import tomllib

import pytest
import yaml

from requirements.check import locked
from tests.documentation.pages import ROOT

FETCHED = re.compile(
    r'<(?:script|img|iframe|source|video)\b[^>]*\bsrc="([^"]+)"'
    r'|<link\b[^>]*\brel="(?:stylesheet|icon|preload)"[^>]*\bhref="([^"]+)"'
)
ELSEWHERE = re.compile(r"url\(\s*[\"']?(?:https?:)?//|@import\s+[\"'](?:https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    place = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going"]
    done = subprocess.run(
        [*command, "--quiet", str(ROOT / "docs"), str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return place


def test_every_page_is_built_and_found_from_the_first(site):
    pages = (ROOT / "docs").rglob("*.md")
    names = [path.relative_to(ROOT / "docs").with_suffix(".html") for path in pages]
    assert len(names) > 45
    assert [str(name) for name in names if not (site / name).exists()] == []
    first = (site / "index.html").read_text()
    assert [
        str(name) for name in names if name.stem != "index" and str(name) not in first
    ] == []


def test_nothing_of_it_is_fetched_from_elsewhere(site):
    for page in site.rglob("*.html"):
        for source in FETCHED.findall(page.read_text()):
            assert not re.match(r"(?:https?:)?//", "".join(source)), page.name
    for style in site.rglob("*.css"):
        assert not ELSEWHERE.search(style.read_text()), style.name


def test_what_is_said_of_the_version_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert str(cited["version"]) == project["version"]
    assert cited["license"] == project["license"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_table_of_licences_holds_everything_that_is_locked():
    table = (ROOT / "docs" / "reference" / "licences.md").read_text()
    rows = re.findall(r"^\| ([a-z0-9-]+) \| [^|]+ \| \S[^|]* \|$", table, re.MULTILINE)
    assert set(rows) - {"---"} == {*locked("test"), "torch"}
