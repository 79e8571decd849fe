"""What goes to iMRMC and RJafroc, held against the layouts that they document."""

import csv
import io
from collections import defaultdict
from pathlib import Path

import openpyxl
import pytest

from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.export.interchange.files import interchange_files
from tests.statistics.tables import Read, result_set, rows, table

VECTORS = Path(__file__).parents[1] / "statistics" / "vectors"
ARMS = ["model", "ground_truth", "model_b"]


def of_vector(name):
    reads = read_csv((VECTORS / f"{name}.csv").read_bytes())
    return reads, interchange_files(reads, ARMS)


def parsed(text: str) -> dict:
    """An .imrmc file under its documented rules; fails where one is broken."""
    lines = [line.strip() for line in text.splitlines()]
    start = lines.index("BEGIN DATA:")
    sizes = {}
    for line in lines[:start]:
        name, _, value = line.partition(":")
        if name in {"N0", "N1", "NR", "NM"}:
            sizes[name] = int(value)
    truth, scores = {}, {}
    for line in lines[start + 1 :]:
        reader, case, modality, score = line.split(",")
        int(case)
        if reader == "truth":
            assert modality == "truth" and case not in truth and score in {"0", "1"}
            truth[case] = int(score)
        else:
            assert (reader, case, modality) not in scores
            scores[reader, case, modality] = float(score)
    assert {case for _, case, _ in scores} == set(truth)
    counts = list(truth.values())
    assert (sizes["N0"], sizes["N1"]) == (counts.count(0), counts.count(1))
    assert sizes["NR"] == len({reader for reader, _, _ in scores})
    assert sizes["NM"] == len({modality for _, _, modality in scores})
    return {"truth": truth, "scores": scores}


def area(diseased: list[float], healthy: list[float]) -> float:
    """The empirical area under the curve: the share of pairs in the right order."""
    pairs = [(x > y) + (x == y) / 2 for x in diseased for y in healthy]
    return sum(pairs) / len(pairs)


@pytest.mark.parametrize("vector", ["v01", "v03", "v06", "v08", "v12_table5_typical"])
@pytest.mark.parametrize("outcome", ["success", "stringent"])
def test_the_area_under_the_curve_is_the_share_of_successes(vector, outcome):
    reads, files = of_vector(vector)
    found = parsed(files[f"interchange/imrmc-{outcome}.imrmc"].decode())
    named = keys(files)["modality"]
    ratings = defaultdict(lambda: ([], []))
    for (_, case, modality), score in found["scores"].items():
        ratings[modality][found["truth"][case]].append(score)
    grades = result_set(reads, arms=[arm for arm in ARMS if arm in named.values()])
    for modality, (healthy, diseased) in ratings.items():
        arm = named[modality.removeprefix("arm")]
        rate = grades.as_json()["grades"][arm][f"{outcome}_rate"]
        assert area(diseased, healthy) == pytest.approx(rate, abs=1e-12)


def keys(files) -> dict[str, dict[str, str]]:
    found = defaultdict(dict)
    text = files["interchange/keys.csv"].decode()
    for row in csv.DictReader(io.StringIO(text)):
        found[row["kind"]][row["number"]] = row["name"]
    return found


def test_the_data_frames_hold_every_grade_once_and_no_made_up_case():
    reads, files = of_vector("v06")
    for name in ("success", "stringent", "scores"):
        text = files[f"interchange/imrmc-{name}.csv"].decode()
        found = list(csv.DictReader(io.StringIO(text)))
        truth = [row for row in found if row["readerID"] == "truth"]
        assert len(found) - len(truth) == int(reads.graded.sum())
        assert {row["score"] for row in truth} == {"1"}
    scores = [row["score"] for row in found if row["readerID"] != "truth"]
    assert sum(map(int, scores)) == int((5 - reads.grade[reads.graded]).sum())


def sheets(content: bytes) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {name: list(book[name].values) for name in book.sheetnames}


def test_the_workbook_passes_the_checks_of_rjafroc():
    """TRUTH, FP and TP as DfReadDataFile takes them apart, of a crossed ROC study."""
    _, files = of_vector("v03")
    book = sheets(files["interchange/rjafroc-success.xlsx"])
    assert sorted(book) == ["FP", "TP", "TRUTH"]
    header, *truth = book["TRUTH"]
    assert header == (
        ("CaseID", "LesionID", "Weight", "ReaderID", "ModalityID", "Paradigm")
    )
    assert [row[5] for row in truth[:3]] == ["ROC", "FCTRL", None]
    assert {(row[3], row[4]) for row in truth} == {("1, 2, 3, 4, 5", "1, 2, 3")}
    healthy = {row[0] for row in truth if row[1] == 0}
    diseased = {row[0] for row in truth if row[1] == 1}
    assert len(truth) == len(healthy) + len(diseased)
    assert (len(healthy), len(diseased)) == (5, 100)
    assert book["FP"][0] == ("ReaderID", "ModalityID", "CaseID", "FP_Rating")
    assert book["TP"][0] == (
        ("ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating")
    )
    cells = {(str(r), str(m)) for r in range(1, 6) for m in range(1, 4)}
    for name, cases in (("FP", healthy), ("TP", diseased)):
        seen = [row[:3] for row in book[name][1:]]
        assert sorted(seen) == sorted((*cell, case) for cell in cells for case in cases)
    assert {row[3] for row in book["TP"][1:]} == {1}
    assert {row[4] for row in book["TP"][1:]} == {0, 1}


def test_a_case_that_somebody_did_not_grade_stays_out_of_the_crossed_workbook():
    lines = ("R1 C1 AB", "R2 C1 AC", "R1 C2 AB", "R2 C2 A.")
    files = interchange_files(table(rows(*lines)), ["model", "reference"])
    truth = sheets(files["interchange/rjafroc-success.xlsx"])["TRUTH"][1:]
    assert [row[0] for row in truth if row[1] == 1] == [1]
    alone = interchange_files(
        table(rows("R1 C1 A.", "R2 C1 .B")), ["model", "reference"]
    )
    assert not any("rjafroc" in name for name in alone)
    assert "interchange/imrmc-success.imrmc" in alone


def test_names_never_reach_the_files_but_for_the_key_which_no_spreadsheet_runs():
    reads = [Read("=R,1", "truth", arm, "A") for arm in ("@model", "BEGIN DATA:")]
    files = interchange_files(table(reads), ["@model", "BEGIN DATA:"])
    found = parsed(files["interchange/imrmc-success.imrmc"].decode())
    assert {reader for reader, _, _ in found["scores"]} == {"reader1"}
    assert keys(files)["reader"] == {"1": "'=R,1"}
    assert keys(files)["modality"] == {"1": "'@model", "2": "BEGIN DATA:"}


def test_a_table_without_grades_gives_files_without_rows():
    files = interchange_files(table([]), [])
    assert files["interchange/imrmc-scores.csv"].decode().count("\n") == 1
    assert not any("rjafroc" in name for name in files)
