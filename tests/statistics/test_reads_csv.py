"""A table of reads is taken as people save it, or refused with its place."""

import pytest

from readerstudy.analysis.statistics.reads_csv import BadTable, read_csv
from tests.statistics.tables import Read, rows_of

HEADER = "reader,case,arm,grade\n"


def rows_of_csv(content: str | bytes) -> list[Read]:
    return rows_of(read_csv(content))


def refusal(content: str | bytes) -> str:
    with pytest.raises(BadTable) as problem:
        read_csv(content, name="grades.csv")
    message = str(problem.value)
    assert message.startswith("grades.csv")
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_grades_are_trimmed_in_either_case_and_may_be_empty():
    reads = rows_of_csv(HEADER + "R1,C1,model, b \nR1,C2,model,\n")
    assert [read.grade for read in reads] == ["B", None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_usual_way_to_save_a_csv_is_read(delimiter, newline, mark):
    lines = ["reader,case,arm,grade", 'R1,"C1",modèle,A', "", "R1,C2,modèle,D"]
    text = mark + newline.join(lines).replace(",", delimiter) + newline
    for content in (text, text.encode()):
        reads = rows_of_csv(content)
        assert [(read.case, read.grade) for read in reads] == [("C1", "A"), ("C2", "D")]
        assert {read.arm for read in reads} == {"modèle"}


def test_known_columns_are_parsed_and_others_kept():
    (read,) = rows_of_csv(
        "Reader,case,ARM,grade,stratum,repeat,included,seconds,position,period,note\n"
        'R1,C1,model,A,normal,1,0,12.5,3,2,"one, two"\n'
    )
    assert (read.reader, read.arm, read.stratum) == ("R1", "model", "normal")
    assert (read.repeat, read.included) == (True, False)
    assert (read.seconds, read.position, read.period) == (12.5, 3, 2)
    assert read.extra == {"note": "one, two"}


def test_a_header_without_rows_holds_no_reads():
    assert len(read_csv(HEADER)) == 0


@pytest.mark.parametrize("content", ["", "\n\n", b"\r\n", "\ufeff", " \n"])
def test_an_empty_file_is_refused(content):
    assert refusal(content) == "grades.csv is empty."


@pytest.mark.parametrize("column", ["reader", "case", "arm", "grade"])
def test_a_missing_column_is_named(column):
    header = ",".join({"reader", "case", "arm", "grade"} - {column})
    assert f"row 1: there is no column {column}" in refusal(header + "\n")


@pytest.mark.parametrize("grade", ["E", "1", "AB", "NA", "nan"])
def test_a_grade_outside_the_scale_is_refused_with_its_place(grade):
    message = refusal(HEADER + f"R1,C1,model,A\nR1,C2,model,{grade}\n")
    assert f"row 3, column grade: '{grade}' is not A, B, C, D or empty" in message


def test_a_second_grade_of_one_report_is_refused_unless_marked_as_a_repeat():
    twice = "R1,C1,model,A,{}\n\nR1,C1,model,B,{}\n"
    header = "reader,case,arm,grade,repeat\n"
    message = refusal(header + twice.format(0, 0))
    assert "row 4" in message
    assert "'R1', 'C1', 'model' stands in row 2 already" in message
    assert len(read_csv(header + twice.format(0, 1))) == 2


@pytest.mark.parametrize("row", [",C1,model,A", "R1, ,model,A", "R1,C1,,A"])
def test_a_row_without_reader_case_or_arm_is_refused(row):
    assert "it is empty" in refusal(f"{HEADER}{row}\n")


def test_empty_cells_beyond_the_header_are_no_cells():
    reads = rows_of_csv("reader,case,arm,grade,,\nR1,C1,model,A,,\nR1,C2,model,B,,\n")
    assert [read.grade for read in reads] == ["A", "B"]
    assert rows_of_csv(HEADER + "R1,C1,model,A,,,\n")[0].grade == "A"


def test_the_row_numbers_of_pandas_are_one_more_column():
    (read,) = rows_of_csv(",reader,case,arm,grade\n0,R1,C1,model,A\n")
    assert (read.reader, read.extra) == ("R1", {"column 1": "0"})


def test_the_delimiter_is_the_one_that_finds_the_columns():
    text = 'reader;case;arm;grade;"sure, or not, or what"\nR1;C1;model;A;x\n'
    (read,) = rows_of_csv(text)
    assert read.extra == {"sure, or not, or what": "x"}


@pytest.mark.parametrize("yes", ["1", "1.0", "TRUE", "True", "t", "yes", "Y", " 1 "])
@pytest.mark.parametrize("no", ["0", "0.0", "FALSE", "f", "No", "n", ""])
def test_yes_and_no_are_known_as_programs_and_people_write_them(yes, no):
    header = "reader,case,arm,grade,repeat\n"
    reads = rows_of_csv(f"{header}R1,C1,model,A,{no}\nR1,C1,model,B,{yes}\n")
    assert [read.repeat for read in reads] == [False, True]


def test_rows_that_do_not_fit_the_header_are_refused():
    assert "row 2 has 3 columns; the header has 4" in refusal(HEADER + "R1,C1,A\n")
    assert "row 2 has 5 columns" in refusal(HEADER + "R1,C1,model,A,B\n")


def test_a_column_that_is_there_twice_is_refused():
    assert "column grade is there twice" in refusal("reader,case,arm,grade,Grade\n")


def test_an_open_quote_is_refused_and_does_not_swallow_the_rest():
    assert "is not CSV" in refusal(HEADER + 'R1,C1,"model,A\nR1,C2,model,A\n')


def test_text_that_is_not_utf8_is_refused_with_its_place():
    content = HEADER.encode() + "R1,C1,model,A\nR1,C2,modèle,A\n".encode("latin-1")
    assert "row 3, column 3: the file is not UTF-8 text" in refusal(content)
    assert "row 3, column 3:" in refusal(content.replace(b",", b"\t"))
    assert "row 2, column 1:" in refusal(HEADER.encode() + b"\xe9,C1,model,A\n")
    assert "save it as CSV UTF-8" in refusal(HEADER.encode("utf-16"))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("repeat", "maybe"),
        ("included", "2"),
        ("seconds", "-1"),
        ("seconds", "inf"),
        ("seconds", "fast"),
        ("seconds", "1_0"),
        ("seconds", "1,5"),
        ("position", "0"),
        ("period", "1.5"),
    ],
)
def test_other_columns_are_checked_too(column, value):
    content = f'reader,case,arm,grade,{column}\nR1,C1,model,A,"{value}"\n'
    assert f"row 2, column {column}: '{value}' is not" in refusal(content)


def test_a_long_value_is_cut_in_the_message():
    assert len(refusal(HEADER + f"R1,C1,model,{'x' * 5000}\n")) < 150


def test_of_two_bad_cells_the_one_that_stands_first_in_the_file_is_named():
    """Whatever the order in which columns are looked at."""
    header = "reader,case,arm,grade,seconds\n"
    late, early = "R1,C1,model,{},{}\n", "R1,C2,model,{},{}\n"
    told = refusal(header + late.format("E", 9) + early.format("A", "soon"))
    assert "row 2, column grade" in told
    told = refusal(header + late.format("A", "soon") + early.format("E", 9))
    assert "row 2, column seconds" in told
