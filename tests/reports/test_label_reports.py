"""Anya labels a table of reports, and joins what comes out with what she has."""

import csv
import io
import os

import pytest
from django.core.management import CommandError, call_command

from inference import labeler
from inference.chexpert import FINDINGS


@pytest.fixture
def label(tmp_path):
    """Label a table; gives the rows that come out, by column."""

    def labelled(content, **options):
        source, out = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("label_reports", str(source), str(out), **options)
        with out.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))

    return labelled


def refusal(label, content, **options):
    with pytest.raises(CommandError) as refused:
        label(content, **options)
    return str(refused.value)


def test_the_columns_are_those_of_the_chexpert_labeler(label):
    (row,) = label("report\nNo effusion. Possible edema. Cardiomegaly.\n")
    assert list(row) == ["Reports", *FINDINGS]
    assert row["Reports"] == "No effusion. Possible edema. Cardiomegaly."
    assert (row["Pleural Effusion"], row["Edema"]) == ("0.0", "-1.0")
    assert (row["Cardiomegaly"], row["Fracture"]) == ("1.0", "")
    assert row["No Finding"] == ""


def test_every_other_column_is_carried_through_as_it_was(label):
    content = 'study_id,report,note\n 007 ,Edema.,=1+1\n"a,b","No edema,\nclear.",\'x\n'
    first, second = label(content)
    assert list(first)[:3] == ["study_id", "note", "Reports"]
    assert (first["study_id"], first["note"]) == (" 007 ", "=1+1")
    assert (second["study_id"], second["note"]) == ("a,b", "'x")
    assert second["Reports"] == "No edema,\nclear."


def test_findings_and_impression_are_joined_by_one_space(label):
    (row,) = label("findings,study_id,impression\nNo edema.,1,Effusion.\n")
    assert list(row)[:2] == ["study_id", "Reports"]
    assert row["Reports"] == "No edema. Effusion."
    assert (row["Edema"], row["Pleural Effusion"]) == ("0.0", "1.0")


@pytest.mark.parametrize("header", ["Reports", "report", "REPORT", "\ufeffreport "])
def test_the_header_is_known_in_either_case(label, header):
    (row,) = label(f"{header}\nEdema.\n")
    assert row["Edema"] == "1.0"


def test_one_column_without_a_header_loses_no_report(label):
    rows = label('Edema.\n"No edema, no effusion."\n""\n')
    assert [row["Reports"] for row in rows] == ["Edema.", "No edema, no effusion.", ""]
    assert [row["Edema"] for row in rows] == ["1.0", "0.0", ""]
    assert rows[2]["No Finding"] == "1.0"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_other_ways_of_writing_a_table_are_known(label, encoding, delimiter):
    content = f"study_id{delimiter}report\n\u00e41{delimiter}No edema\n"
    (row,) = label(content.encode(encoding))
    assert (row["study_id"], row["Edema"]) == ("\u00e41", "0.0")


def test_quotation_marks_beside_another_delimiter_are_no_fault(label):
    (row,) = label('"study_id"\t"report"\n"1, 2"\t"No edema; clear."\n')
    assert (row["study_id"], row["Reports"]) == ("1, 2", "No edema; clear.")


def test_a_lone_carriage_return_ends_no_row(label):
    (row,) = label('study_id,report\n1,"No edema.\rEffusion."\n')
    assert row["Reports"] == "No edema.\rEffusion."


@pytest.mark.parametrize("header", ["", "report\n"])
def test_a_blank_line_of_one_column_is_an_empty_report(label, header):
    rows = label(f"{header}Edema.\n\nEffusion.\n\n\n")
    assert [row["Reports"] for row in rows] == ["Edema.", "", "Effusion."]


def test_a_blank_line_of_several_columns_is_no_row(label):
    rows = label("study_id,report\n1,Edema.\n\n2,Effusion.\n")
    assert [row["study_id"] for row in rows] == ["1", "2"]


def test_the_original_can_be_followed_into_other_words(label):
    content = "report\nPlate-like atelectasis.\n"
    assert label(content)[0]["Support Devices"] == ""
    assert label(content, strict_chexpert=True)[0]["Support Devices"] == "1.0"


def test_the_evidence_names_the_words_and_the_rule(label, tmp_path):
    evidence = tmp_path / "evidence.csv"
    label("study_id,report\n7,No edema. Scoliosis.\n", evidence=evidence)
    edema, scoliosis = csv.DictReader(io.StringIO(evidence.read_text()))
    assert (edema["row"], edema["study_id"], edema["finding"]) == ("2", "7", "Edema")
    assert (edema["polarity"], edema["quote"]) == ("negative", "edema")
    assert (edema["start"], edema["end"], edema["rule"]) == ("3", "8", "denied")
    assert edema["labeler"] == f"{labeler.NAME} {labeler.VERSION}"
    assert scoliosis["finding"] == "Other abnormality"


def test_a_column_of_the_evidence_is_not_there_twice(label, tmp_path):
    content = "row,report\n1,Edema.\n"
    assert label(content)[0]["row"] == "1"
    refused = refusal(label, content, evidence=tmp_path / "evidence.csv")
    assert "in.csv, row 1, column row: the evidence gets" in refused


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "in.csv: It is empty."),
        ("\n\n", "in.csv is empty."),
        (" \n\t\n", "in.csv is empty."),
        ("study_id,report\n", "in.csv has a header but no report below it."),
        ("\ufeffa".encode("utf-16-le") + b"x", "row 1: it is not UTF-16 text."),
        ("study_id,text\n1,Edema.\n", "in.csv, row 1: no column is called report"),
        ("No effusion, no edema.\n", "every report has to stand in quotation marks"),
        ("Edema.\nNo effusion, no edema.\n", "in.csv, row 2: 2 cells instead of 1"),
        ("study_id,report\n1,No effusion, no edema.\n", "row 2: 3 cells instead of 2"),
        ("report,Edema\nClear.,1\n", "in.csv, row 1, column Edema:"),
        ("report,Reports\na,b\n", "in.csv, row 1: columns report and Reports both"),
        ("id,id,report\n1,2,Clear.\n", "in.csv, row 1: column 'id' is named twice"),
        ('report\n"Clear.\n', "in.csv, row 2: it is not a readable CSV"),
        (b"report\nEdema \xe4.\n", "in.csv, row 2: it is not UTF-8 text"),
        (b"report\nEdema\0.\n", "in.csv, row 2"),
        ("report\n" + "x" * 100_001 + "\n", "in.csv, row 2, column report: 100001"),
    ],
)  # fmt: skip
def test_what_would_lose_a_text_is_refused_with_its_place(
    label, tmp_path, content, sentence
):
    assert sentence in refusal(label, content)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_refused_table_leaves_the_labels_of_before(label, tmp_path):
    label("report\nEdema.\n")
    before = (tmp_path / "out.csv").read_bytes()
    refusal(label, "report\nClear.\na,b\n")
    assert (tmp_path / "out.csv").read_bytes() == before


def test_the_table_is_not_written_over(label, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("report\nEdema.\n")
    with pytest.raises(CommandError, match=r"in\.csv is named twice"):
        call_command("label_reports", str(source), str(source))
    assert source.read_text() == "report\nEdema.\n"


def test_a_place_that_is_not_there_is_named(label, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("report\nEdema.\n")
    with pytest.raises(CommandError, match="can't be written: No such file"):
        call_command("label_reports", str(source), str(tmp_path / "no" / "out.csv"))
    with pytest.raises(CommandError, match=r"away\.csv: It cannot be read"):
        call_command("label_reports", str(tmp_path / "away.csv"), "out.csv")


def test_what_is_no_file_is_left_as_it_is(label, tmp_path):
    os.mkfifo(tmp_path / "out.csv")
    assert refusal(label, "report\nEdema.\n") == (
        f"{tmp_path / 'out.csv'} is no ordinary file; name another."
    )
    assert (tmp_path / "out.csv").is_fifo()


def test_a_link_stays_a_link_and_what_it_names_is_written(label, tmp_path):
    kept = tmp_path / "kept.csv"
    (tmp_path / "out.csv").symlink_to(kept)
    for report in ("Edema.", "Effusion."):
        label(f"report\n{report}\n")
        assert (tmp_path / "out.csv").is_symlink()
        assert report in kept.read_text()


def test_labels_stay_as_they_were_where_the_evidence_has_no_place(label, tmp_path):
    label("report\nEdema.\n")
    before = (tmp_path / "out.csv").read_bytes()
    folder = tmp_path / "evidence"
    folder.mkdir()
    told = refusal(label, "report\nClear.\n", evidence=folder)
    assert told == f"{folder} is no ordinary file; name another."
    away = tmp_path / "no" / "evidence.csv"
    told = refusal(label, "report\nClear.\n", evidence=away)
    assert told == f"{away} can't be written: No such file or directory."
    assert (tmp_path / "out.csv").read_bytes() == before
