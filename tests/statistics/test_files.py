"""The result set as files, and the codebook of their columns."""

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest

from readerstudy.analysis.statistics.files import RESULT_COLUMNS
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.analysis.statistics.result_tables import result_tables
from readerstudy.analysis.statistics.results import ResultSet, _plain
from tests.statistics.tables import Read, result_set, rows, write_result_set

VECTORS = Path(__file__).parent / "vectors"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def folder(tmp_path):
    content = (VECTORS / "v12_table5_typical.csv").read_bytes()
    result = result_set(
        read_csv(content), arms=["model", "ground_truth"], reference="ground_truth"
    )
    folder = tmp_path / "made" / "here"
    names = write_result_set(result, folder)
    assert sorted(names) == sorted(path.name for path in folder.iterdir())
    assert json.loads((folder / "results.json").read_text()) == result.as_json()
    return folder


def test_table5_holds_the_margins_of_the_paper(folder):
    found = table(folder / "table5.csv")
    success = {row["arm"]: row for row in found if row["row"] == "A+B"}
    assert (success["model"]["count"], success["model"]["percent"]) == ("109", "72.7")
    truth = success["ground_truth"]
    assert (truth["count"], truth["percent"]) == ("126", "84.0")
    assert [row["row"] for row in found[:8:2]] == ["A", "B", "C", "D"]
    cochran = found[-1]
    assert cochran["row"] == "Cochran's Q"
    assert (cochran["rows"], cochran["columns"], cochran["df"]) == ("150", "2", "1")
    assert float(cochran["statistic"]) == pytest.approx(11.56)
    assert float(cochran["p_value"]) == pytest.approx(0.000674, abs=1e-6)


def test_the_tables_repeat_the_numbers_of_the_json(folder):
    results = json.loads((folder / "results.json").read_text())
    (pair,), (row,) = results["pairs"], table(folder / "pairs.csv")
    assert float(row["headline_p_value"]) == pair["headline"]["p_value"]
    assert float(row["fixed_readers_low"]) == pair["fixed_readers"]["ci95"][0]
    assert float(row["tango_high"]) == pair["tango_ci95"][1]
    overall, *pairs_of_readers = table(folder / "agreement.csv")
    agreement = results["agreement"]["all"]
    assert float(overall["gwet_ac2_se"]) == agreement["gwet_ac2_se"]
    kappa = agreement["weighted_kappa"]["R1|R2"]
    assert float(pairs_of_readers[0]["weighted_kappa"]) == kappa
    assert len(table(folder / "by_reader.csv")) == 6
    assert len(table(folder / "by_case.csv")) == 100


def test_every_column_has_a_meaning_and_no_table_another_column(folder):
    for name, columns in RESULT_COLUMNS.items():
        with (folder / name).open(encoding="utf-8", newline="") as lines:
            assert next(csv.reader(lines)) == list(columns)
        assert all(columns.values())


@pytest.mark.parametrize("name", ["table5", "pairs", "by_reader", "estimands", "gee"])
def test_every_column_of_what_is_always_computed_has_a_value_somewhere(name, folder):
    found, columns = table(folder / f"{name}.csv"), RESULT_COLUMNS[f"{name}.csv"]
    empty = {column for column in columns if not any(row[column] for row in found)}
    # No number is absent here, and the vector has neither times nor a margin.
    assert empty <= {
        "median_seconds",
        "margin",
        "non_inferior",
        "superior",
        *(column for column in columns if column.endswith("message")),
    }


def test_every_number_of_the_results_stands_in_a_table(folder):
    """What a block of results.json holds is in some CSV, whatever blocks there are."""
    results = json.loads((folder / "results.json").read_text())
    told = {
        cell
        for name in RESULT_COLUMNS
        for row in table(folder / name)
        for cell in row.values()
    }
    for block in set(results) - {"schema", "plan", "versions", "seed", "by_stratum"}:
        numbers = [each for each in leaves(results[block]) if isinstance(each, float)]
        missing = [each for each in numbers if str(each) not in told]
        # Shares of Table 5 are printed as percent, the rest by reader.
        assert block == "grades" or missing == [], block


@pytest.fixture(scope="module")
def rich():
    """Reads with every column that some block is made of, some of them excluded."""
    chance = random.Random(7)
    reads = []
    for reader in ("R1", "R2", "R3"):
        places = chance.sample(range(1, 37), 36)
        for case in range(12):
            preference = chance.choice(("model", "reference", "equal"))
            for arm in ("model", "reference", "third"):
                place = places.pop()
                cells = {
                    "guess_source": chance.choice(("person", "model", "unknown")),
                    "preference": "" if arm == "third" else preference,
                    "errors_omission": str(chance.randrange(3)),
                    "errors_omission_significant": str(chance.randrange(2)),
                    "clarity": chance.choice("1234"),
                }
                reads.append(
                    Read(
                        reader,
                        f"C{case}",
                        arm,
                        chance.choice("AABBCD"),
                        stratum=("normal", "abnormal")[case % 2],
                        included=case < 11,
                        seconds=chance.uniform(9, 90),
                        position=place,
                        period=1 + place // 19,
                        extra=cells,
                    )
                )
        reads += [
            Read(reader, f"C{case}", "model", chance.choice("ABCD"), repeat=True)
            for case in range(6)
        ]
    return result_set(
        reads,
        arms=["model", "reference", "third"],
        reference="reference",
        margin=0.1,
    )


def test_so_does_every_number_of_the_further_blocks(rich, tmp_path):
    write_result_set(rich, tmp_path)
    told = {
        name: {cell for row in table(tmp_path / name) for cell in row.values()}
        for name in RESULT_COLUMNS
    }
    everything = set().union(*told.values())
    results = json.loads((tmp_path / "results.json").read_text())
    for block in set(results) - {"schema", "plan", "versions", "seed", "grades"}:
        numbers = [each for each in leaves(results[block]) if isinstance(each, float)]
        assert [each for each in numbers if str(each) not in everything] == [], block
    for name in ("order", "trend", "blinding", "without_exclusions", "bradley_terry"):
        assert len(told[f"{name}.csv"]) > 6, name


def test_a_model_without_terms_says_why_in_its_row(tmp_path):
    write_result_set(result_set(rows("R1 C1 AB", "R2 C1 AC")), tmp_path)
    success, seconds = table(tmp_path / "trend.csv")
    assert (success["outcome"], seconds["outcome"]) == ("success", "log_seconds")
    assert success["status"] == "no_ratings"
    assert success["message"] == "No trend: no read has a position."


def leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def test_a_table_without_grades_still_gives_every_file(tmp_path):
    names = write_result_set(result_set([]), tmp_path)
    assert set(RESULT_COLUMNS) < set(names)
    assert table(tmp_path / "pairs.csv") == []
    assert table(tmp_path / "table5.csv")[0]["status"] == "no_ratings"


def test_one_case_is_counted_and_nothing_is_concluded(tmp_path):
    result = result_set(rows("R1 C1 AD", "R2 C1 BC", "R3 C1 AC"))
    write_result_set(result, tmp_path)
    (pair,) = table(tmp_path / "pairs.csv")
    assert (pair["n"], pair["only_first"]) == ("3", "3")
    cochran = table(tmp_path / "table5.csv")[-1]
    for row in (pair, cochran):
        assert (row["status"], row["message"]) == ("one_case", "1 case: no inference.")
    inferred = [name for name in pair if name.endswith(("_p", "_p_value", "_low"))]
    assert len(inferred) > 8
    assert not any(pair[name] for name in inferred)
    assert not any(cochran[name] for name in ("statistic", "p_value"))
    # The figures that are defined by formulas stay in the JSON.
    assert result.as_json()["cochran_q"]["statistic"] == 3


def test_two_readers_without_a_kappa_have_a_row_that_says_why(tmp_path):
    reads = rows("R1 C1 AA", "R2 C1 AA", "R3 C2 AD", "R1 C2 DA")
    write_result_set(result_set(reads), tmp_path)
    reasons = {
        row["readers"]: row["message"]
        for row in table(tmp_path / "agreement.csv")
        if row["scope"] == "all" and row["readers"] != "all" and row["status"] != "ok"
    }
    assert "one category" in reasons["R1|R2"]
    assert "no report in common" in reasons["R2|R3"]


def test_a_name_that_looks_like_a_formula_is_harmless_in_a_spreadsheet(tmp_path):
    reads = [Read("R1", "=1+1", arm, "A") for arm in ("model", "@arm")]
    write_result_set(result_set(reads), tmp_path)
    found = table(tmp_path / "by_case.csv")
    assert {row["case"] for row in found} == {"'=1+1"}
    assert {row["arm"] for row in found} == {"model", "'@arm"}


def test_reading_time_stands_in_the_table_of_readers(tmp_path):
    reads = [Read("R1", f"C{n}", "model", "A", seconds=n) for n in (1.0, 2.0, 9.0)]
    write_result_set(result_set(reads + rows("R2 C1 B")), tmp_path)
    first, second = table(tmp_path / "by_reader.csv")
    assert (first["median_seconds"], second["median_seconds"]) == ("2.0", "")


def tables_of(values: dict[str, Any]) -> dict[str, tuple[dict[str, Any], ...]]:
    """The rows of every table of a stored result set."""
    return {each.name: each.rows for each in result_tables(ResultSet(values, ()))}


def test_a_result_set_of_before_has_tables_without_what_it_did_not_hold():
    values = result_set(rows("R1 C1 DA", "R1 C2 AA"), reference="reference").as_json()
    older = {
        name: block
        for name, block in values.items()
        if name not in {"preference", "blinding", "repeats", "stringent"}
    }
    found, now = tables_of(older), tables_of(values)
    assert found["bradley_terry"] == found["blinding"] == found["repeats"] == ()
    assert found["pairs"] == now["pairs"]
    assert found["pairs_stringent"] == ()
    for name in ("omnibus", "estimands"):
        outcomes = [row["outcome"] for row in now[name]]
        assert set(outcomes) == {"success", "stringent"}, name
        kept = tuple(row for row in now[name] if row["outcome"] == "success")
        assert found[name] == kept, name


def test_the_estimands_of_a_stringent_plan_stand_there_once():
    """They are those of the primary outcome, and no second one stands beside them."""
    values = result_set(
        rows("R1 C1 DA", "R1 C2 AA"), reference="reference", outcome="stringent"
    ).as_json()
    (row,) = tables_of(values)["estimands"]
    assert (row["outcome"], row["arm"]) == ("stringent", "model")
    assert row["difference"] == values["stringent"]["estimands"][0]["difference"]


def test_a_pair_without_lines_has_a_row_that_says_why():
    values = result_set(rows("R1 C1 DA", "R1 C2 AA"), reference="reference").as_json()
    (pair,) = values["strata"]
    pair |= {"strata": [], "status": "no_ratings", "message": "Nothing to compare."}
    (row,) = tables_of(values)["strata"]
    assert (row["first"], row["message"]) == ("model", "Nothing to compare.")
    assert row["stratum"] is None


def test_what_nobody_could_assess_stands_among_the_missing():
    why = {"cannot_assess_reason": "image quality"}
    reads = [*rows("R1 C1 DA"), Read("R1", "C2", "model", None, extra=why)]
    found = tables_of(result_set(reads).as_json())["missing"]
    (row,) = [row for row in found if row["scope"] == "cannot_assess"]
    assert (row["name"], row["reason"], row["reads"]) == ("model", "image quality", 1)


def test_what_json_can_not_hold_is_null():
    """The last guard of a result set, should a number ever run away."""
    odd = {"a": [float("nan"), 1.5], "b": {"c": float("inf")}}
    assert _plain(odd) == {"a": [None, 1.5], "b": {"c": None}}
