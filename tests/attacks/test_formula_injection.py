"""A comment that a spreadsheet would run: in every table that leaves the site."""

import csv
import io
import re
import zipfile

import openpyxl
import pytest
from django.core.management import call_command
from django.urls import reverse

from readerstudy.csv_text import unguarded
from tests import worlds
from tests.attacks.hostile import HOSTILE
from tests.attacks.test_stored_xss import Seen
from tests.attacks.walked import walked
from tests.people import cora

pytestmark = pytest.mark.django_db
RUN = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
NUMBER = re.compile(r"[+-]?(\d[\d.,]*|\.\d+)(e[+-]?\d+)?|[+-]?inf|-", re.IGNORECASE)
# Each begins in another way that some spreadsheet takes for a formula.
COMMENTS = [
    "=HYPERLINK(1)",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\uff1d1+1",
    "'=1",
    "plain",
    "a\nb",
    "\n=1",
    "=1\r\n=2",
]


def run_cells(text: str) -> list[str]:
    """The cells of a table that a spreadsheet would run."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return [
        cell
        for row in rows
        for cell in row
        if cell.startswith(RUN) and not NUMBER.fullmatch(cell)
    ]


def test_no_table_of_the_site_has_a_cell_that_runs():
    tables = [answer for answer in walked() if answer.kind == "text/csv"]
    assert len({answer.url for answer in tables}) >= 6
    assert {f"{t!r}": run_cells(t.body.decode()) for t in tables} == {
        f"{t!r}": [] for t in tables
    }
    with_text = [each for each in tables if HOSTILE[:4] in each.body.decode()]
    assert with_text, "else the test looks at nothing"


@pytest.fixture
def study():
    """A closed study whose reader typed every kind of formula as a comment."""
    made = worlds.open_study(cases=6)
    reader = made.membership_set.readers().get()
    for comment in COMMENTS:
        slot = worlds.next_slot(reader)
        worlds.grade(slot, "B", comment=comment)
    return worlds.close(made)


def bundle_of(study) -> zipfile.ZipFile:
    answer = cora().client.post(reverse("export:bundle", args=[study.code]))
    return zipfile.ZipFile(io.BytesIO(b"".join(answer)))


def test_a_bundle_runs_nowhere_and_nothing_is_lost(study, tmp_path):
    """Every file of it: CSV, the workbook, the report; and analyse_reads reads it."""
    with bundle_of(study) as bundle:
        content = {
            name.partition("/")[2]: bundle.read(name) for name in bundle.namelist()
        }
    tables = {
        name: run_cells(text.decode())
        for name, text in content.items()
        if name.endswith(".csv")
    }
    assert len(tables) > 15
    assert tables == {name: [] for name in tables}
    rows = csv.DictReader(io.StringIO(content["reads.csv"].decode(), newline=""))
    assert [unguarded(row["comment"]) for row in rows] == COMMENTS
    for name, raw in content.items():
        if name.endswith(".xlsx"):
            for sheet in openpyxl.load_workbook(io.BytesIO(raw)):
                kinds = {cell.data_type for row in sheet for cell in row}
                assert "f" not in kinds, name
        if name.endswith(".html"):
            found = set(Seen(raw.decode()).found)
            assert not [one for one in found if "onxss" in one or "xss-probe" in one]
    (tmp_path / "reads.csv").write_bytes(content["reads.csv"])
    call_command(
        "analyse_reads", str(tmp_path / "reads.csv"), "--out", str(tmp_path / "out")
    )
    results = sorted((tmp_path / "out").rglob("*.csv"))
    assert results
    for path in results:
        assert run_cells(path.read_text()) == [], path.name


def test_the_check_would_notice():
    assert run_cells("a,b\n=1+1,2\n") == ["=1+1"]
    assert run_cells('a\n"\r=1"\n') == ["\r=1"]
    assert run_cells("a\n-1.5\n+2e-3\n'=1\n") == []
