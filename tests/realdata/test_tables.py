"""Report tables as they are in use: side by side, collapsed, without a header.

READERSTUDY_TEST_DATA names the folder.
"""

import csv
import os
from pathlib import Path

import pytest

from readerstudy.cases.models import Case, Collection
from readerstudy.reports.models import Report
from readerstudy.reports.quality import Text, quality_of
from readerstudy.reports.tables import services
from readerstudy.reports.tables.guessing import guess_mapping
from readerstudy.reports.tables.mapping import ColumnMapping
from tests.people import cora

DATA = Path(os.environ["READERSTUDY_TEST_DATA"])
PAIRS = DATA / "pairs" / "iu_side_by_side_dev.csv"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def rows():
    with PAIRS.open(newline="") as file:
        return list(csv.DictReader(file))


def uploaded(path, collection):
    return services.upload(
        collection=collection,
        name=path.name,
        chunks=[path.read_bytes()],
        actor=cora().user,
    )


@pytest.mark.django_db
def test_a_table_of_pairs_comes_in_by_its_open_i_names():
    collection = Collection.objects.create(name="openi")
    codes = {row["uid"] for row in rows()}
    Case.objects.bulk_create(Case(collection=collection, code=code) for code in codes)
    table = uploaded(PAIRS, collection)
    sheet = services.sheet_of(table)
    titles, cells = sheet.columns(), [row for _, row in sheet.first(400)]
    guessed = guess_mapping(titles, cells, codes)
    assert guessed is not None
    guess = guessed.mapping
    assert (titles[guess.case], guess.rule) == ("uid", "exact")
    assert titles[guess.findings] == "reference_findings"
    assert titles[guess.impression] == "reference_impression"
    table = services.set_mapping(
        table=table,
        mapping=ColumnMapping(
            titles.index("study_id"),
            "openi",
            report=titles.index("ai_mrg_rl"),
            stratum=titles.index("normal_mesh"),
            normal="1",
            abnormal="0",
        ),
        source="mrg_rl",
        making={"model": "MRG_RL"},
    )
    counts = services.look(table=table).counts()
    assert (counts["rows"], counts["new"], counts["bad"]) == (357, 47, 310)
    assert counts["kinds"] == {"empty": 310}
    table.refresh_from_db()
    shown = table.checked["digest"]
    services.confirm(table=table, actor=cora().user, leave_out=True, shown=shown)
    assert Report.objects.filter(source__name="mrg_rl").count() == 47
    assert Case.objects.exclude(stratum="unknown").count() == 47


@pytest.mark.django_db
def test_reports_without_a_header_keep_their_line_breaks():
    collection = Collection.objects.create(name="four")
    table = uploaded(DATA / "pairs" / "chexpert_sample_reports.csv", collection)
    assert not table.has_header
    found = services.sheet_of(table).first(10)
    assert [number for number, _ in found] == [1, 2, 3, 4]
    assert found[1][1][0].count("\n") == 2


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("ai_cvt2distilgpt2", "One text stands under 197 of 357 cases."),
        ("ai_moerad", "Only 20 different texts stand under 357 cases"),
        ("ai_mrg_rl", "310 of 357 reports are empty."),
    ],
)
def test_collapsed_and_empty_columns_are_serious(column, sentence):
    quality = quality_of([Text(row["uid"], row[column]) for row in rows()])
    assert any(each.sentence.startswith(sentence) for each in quality.serious)


def test_of_the_reference_nothing_serious_is_said():
    texts = [Text(row["uid"], row["reference_findings"]) for row in rows()]
    assert quality_of(texts).serious == ()
