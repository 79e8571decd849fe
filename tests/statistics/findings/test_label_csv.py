"""Label CSVs as people have them, and what is refused with which sentence."""

import numpy as np
import pytest

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings import (
    BadLabels,
    check_id_column,
    read_label_table,
    score,
)

FIVE = "Atelectasis,Cardiomegaly,Consolidation,Edema,Pleural Effusion"


def refused(text, **how):
    with pytest.raises(BadLabels) as refusal:
        read_label_table(text, name="labels.csv", **how)
    return str(refusal.value)


def column(found, finding):
    values = found.values[:, FINDINGS.index(finding)]
    return [None if np.isnan(value) else value for value in values]


def test_labels_are_known_by_the_names_of_their_columns():
    found = read_label_table(
        "\ufeffLung Lesion,study_id,Lung Opacity,No Finding\n1.0, a ,0,\n,b,-1.0,1\n"
    )
    assert found.ids == ("a", "b")
    assert column(found, "Lung Lesion") == [1, None]
    assert column(found, "Lung Opacity") == [0, -1]
    assert found.present == ("No Finding", "Lung Lesion", "Lung Opacity")
    assert found.notes == (
        "the label table has no column for Enlarged Cardiomediastinum, Cardiomegaly, "
        "Edema, Consolidation, Pneumonia, Atelectasis, Pneumothorax, Pleural Effusion, "
        "Pleural Other, Fracture, Support Devices; these are not scored.",
    )


@pytest.mark.parametrize(
    ("title", "finding"),
    [
        ("Airspace Opacity", "Lung Opacity"),
        ("lung_opacity", "Lung Opacity"),
        ("Enlarged Cardiom.", "Enlarged Cardiomediastinum"),
        (" pleural  EFFUSION ", "Pleural Effusion"),
        ("Effusion", "Pleural Effusion"),
    ],
)
def test_other_spellings_of_a_finding(title, finding):
    found = read_label_table(f"id,{title}\n1,1\n2,0\n")
    assert found.present == (finding,)


@pytest.mark.parametrize(
    "title", ["Study", "study_id", "id", "image", "Path", "uid", "CASE", "Image Path"]
)
def test_the_usual_columns_of_ids_need_no_name(title):
    found = read_label_table(f"Edema;{title}\n1;x\n0;y\n")
    assert found.ids == ("x", "y") and found.id_column == title


def test_a_named_column_of_ids_comes_first():
    text = "study_id,accession,Edema\n1,A1,1\n1,A2,0\n"
    assert read_label_table(text, id_column="Accession").ids == ("A1", "A2")
    lacking = read_label_table("id,Edema\nA1,1\nA2,0\n", id_column="accession")
    assert lacking.id_column == "id"
    named = read_label_table(text, id_column="accession")
    check_id_column("accession", [lacking, named])
    with pytest.raises(BadLabels, match="There is no column acession in"):
        check_id_column("acession", [lacking, named])


def test_ids_are_text_without_spaces_in_one_form():
    found = read_label_table("id,Edema\n 007 ,1\ncafe\u0301,0\n")
    assert found.ids == ("007", "caf\u00e9")


def test_without_ids_the_column_has_to_be_named():
    with pytest.raises(BadLabels) as refusal:
        read_label_table("Reports,Edema\nClear.,0\n", name="labels.csv")
    assert str(refusal.value) == (
        "labels.csv has no column of study ids; it has Reports; name the column of "
        "ids, or join row by row."
    )
    assert refusal.value.hint == "The options are --id-column NAME and --by-row."


def test_rows_stand_for_studies_where_asked():
    found = read_label_table(
        'Reports,Edema\n"Two\nlines, one report.",0\nx,\n', by_row=True
    )
    assert found.ids == ("1", "2") and found.by_row
    # The last study has neither a text nor a label, and is a study all the same.
    assert len(read_label_table("Edema,Fracture\n1,0\n,\n", by_row=True).ids) == 2


def test_a_blank_line_of_one_column_is_a_study_of_which_nothing_was_said():
    one = read_label_table("Edema\n1\n\n0\n1\n0\n1\n0\n", by_row=True)
    other = read_label_table("Edema\n1\n0\n1\n\n0\n1\n0\n", by_row=True)
    assert column(one, "Edema") == [1, None, 0, 1, 0, 1, 0]
    scores = score(one, {"m": other})["scores"]
    (edema,) = [row for row in scores if row["label"] == "Edema"]
    assert (edema["tp"], edema["fp"], edema["fn"], edema["tn"]) == (2, 1, 0, 2)
    # In a table of several columns it holds too few cells to be one.
    two = read_label_table("Edema,Fracture\n1,0\n\n0,1\n", by_row=True)
    assert column(two, "Edema") == [1, 0]


def test_what_spreadsheets_leave_behind_is_no_study():
    found = read_label_table("id,Edema,,\na,1,,\nb,0\n,,,\n\n")
    assert found.ids == ("a", "b")


def test_a_spreadsheets_unicode_text_is_read():
    found = read_label_table("study_id\tEdema\n\u00e41\t1\n".encode("utf-16"))
    assert (found.ids, column(found, "Edema")) == (("\u00e41",), [1])


def test_a_typographic_minus_is_a_minus():
    assert column(read_label_table("id,Edema\na,\u22121\nb,nan\n"), "Edema") == [
        -1,
        None,
    ]


@pytest.mark.parametrize("written", ["NA", "na", "NaN", "nan", "NAN"])
def test_what_r_writes_where_a_label_is_missing_is_blank(written):
    """Anya's labels went through R once; her study stays in, and says nothing."""
    table = read_label_table(f'"id","Edema"\n"a",1\n"b",{written}\n"c",0\n')
    assert table.ids == ("a", "b", "c")
    assert column(table, "Edema") == [1, None, 0]
    # An empty column of R's is a column all the same.
    silent = read_label_table(f"Edema\n{written}\n{written}\n", by_row=True)
    assert column(silent, "Edema") == [None, None]


def test_a_label_may_be_written_with_decimals_of_nothing():
    table = read_label_table("id,Edema\na,1.00\nb,-0.0000\nc,-1.0\nd,0.\n")
    assert column(table, "Edema") == [1, 0, -1, 0]
    with pytest.raises(BadLabels, match=r"1\.01 is no label"):
        read_label_table("id,Edema\na,1.01\n")


def test_a_word_that_may_be_a_negative_is_no_blank():
    with pytest.raises(BadLabels, match="none is no label"):
        read_label_table("id,Edema\na,1\nb,none\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "labels.csv is empty; it has to hold a header and rows of labels."),
        ("id,Edema\n", "labels.csv has a header but no row of labels below it."),
        (
            "a,1,0,\nb,0,1,-1\n",
            "labels.csv, row 1 holds labels where the header has to be; put the names "
            "of the columns in the first row.",
        ),
        (
            "Heart size normal.\nLungs clear.\n",
            "labels.csv, row 1: no column is named after a finding; the header has to "
            "hold names such as Cardiomegaly or Pleural Effusion.",
        ),
        (
            "id,Edema\na,1\nb,2\n",
            "labels.csv, row 3, column Edema: 2 is no label; it has to be 1, 0, -1 or "
            "empty.",
        ),
        (
            "id,Edema\na,yes\n",
            "labels.csv, row 2, column Edema: yes is no label; it has to be 1, 0, -1 "
            "or empty.",
        ),
        (
            "id,Edema\na,0.5\n",
            "labels.csv, row 2, column Edema: 0.5 is no label; it has to be 1, 0, -1 "
            "or empty.",
        ),
        (
            "id,Edema\na,1\nb,0\na,1\nb,0\n",
            "labels.csv, row 4, column id: a stands in row 2 already, and a study may "
            "have one row only. More than once (2): a, b.",
        ),
        ("id,Edema\na,1\n,0\n", "labels.csv, row 3, column id is empty."),
        ("id,Edema\na,1,0\n", "labels.csv, row 2 has 3 cells; the header 2."),
        (
            "id,Lung Opacity,Airspace Opacity\na,1,1\n",
            "labels.csv, row 1: columns Lung Opacity and Airspace Opacity are both "
            "Lung Opacity; keep one of them.",
        ),
        (
            b"id,Edema\na,1\n\xff,0\n",
            "labels.csv, row 3: the file is not UTF-8 text; save it as CSV UTF-8.",
        ),
        (
            "id,Edema\na,1\nb\0,0\n",
            "labels.csv, row 3 holds a character that is no text (NUL); save the file "
            "as CSV UTF-8.",
        ),
        (
            'id,Edema\n"a,1\n',
            "labels.csv, row 2 is not CSV: unexpected end of data.",
        ),
    ],
)
def test_what_is_refused(text, sentence):
    assert refused(text) == sentence


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadLabels, match="No such file"):
        read_label_table(tmp_path / "none.csv")


def test_a_file_without_a_negative_is_doubted():
    notes = read_label_table(f"id,{FIVE}\na,1,,1,,\nb,,-1,,,1\n", name="x.csv").notes
    assert notes[-1] == (
        "x.csv holds no negative label at all. A broken install of the CheXpert "
        "labeler (NegBio) leaves every mention positive; check how it was made."
    )
    notes = read_label_table("id,Edema\na,\nb,\n", name="x.csv").notes
    assert notes[-1] == "x.csv holds no label at all: every cell is empty."


def joined(reference, predicted, **how):
    return score(
        read_label_table(reference, name="r.csv"),
        {"m": read_label_table(predicted, name="p.csv")},
        **how,
    )


def test_missing_and_extra_ids_are_refused_with_a_list():
    reference = "id,Edema\n" + "".join(f"s{n},{n % 2}\n" for n in range(13))
    with pytest.raises(BadLabels) as refusal:
        joined(reference, "id,Edema\ns0,1\nx,0\n")
    assert str(refusal.value) == (
        "p.csv lacks 12 of 13 studies of r.csv (s1, s2, s3, s4, s5, s6, s7, s8, s9, "
        "s10 and 2 more), and it has 1 that r.csv lacks (x); mend the tables, or ask "
        "for the studies that all of them have."
    )
    assert refusal.value.hint == "The option is --inner."


def test_the_intersection_is_scored_where_asked_and_told():
    results = joined(
        "id,Edema\na,1\nb,0\nc,1\n", "id,Edema\nc,1\nb,0\nd,0\n", inner=True
    )
    assert results["studies"]["n"] == 2
    assert results["studies"]["only_reference"] == 1
    assert results["studies"]["only_model"] == {"m": 1}
    assert (
        "2 studies are in all tables; left out: 1 of the reference, 1 of m."
        in (results["warnings"])
    )
    with pytest.raises(BadLabels, match="no study in common"):
        joined("id,Edema\na,1\n", "id,Edema\nb,1\n", inner=True)


def test_rows_are_joined_only_with_rows_and_as_many():
    by_row = read_label_table("Edema\n1\n0\n", name="p.csv", by_row=True)
    with pytest.raises(BadLabels, match="read all of them in the same way"):
        score(read_label_table("id,Edema\n1,1\n2,0\n"), {"m": by_row})
    three = read_label_table("Edema\n1\n0\n1\n", name="r.csv", by_row=True)
    with pytest.raises(BadLabels) as refusal:
        score(three, {"m": by_row}, inner=True)
    assert str(refusal.value) == (
        "p.csv has 2 rows and r.csv 3; a join by row needs as many in both."
    )
    twice = {"m": by_row}
    assert score(by_row, twice)["scores"][0]["f1"]["value"] == 1.0


def test_blank_rows_above_the_header_and_cells_behind_a_row_are_nothing():
    found = read_label_table(",,\n,,\nid,Edema\na,1,,\nb,0\n")
    assert found.ids == ("a", "b")
    assert column(found, "Edema") == [1, 0]
