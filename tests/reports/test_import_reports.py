"""Cora imports a CSV of reports: all of it or none, and told where it is wrong."""

import pytest
from django.core.management import CommandError, call_command

from readerstudy.cases.models import Case
from readerstudy.reports.models import Report, Source
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def collection():
    return worlds.collection(cases=3)


def imported(tmp_path, content, *, source="other", capsys=None):
    path = tmp_path / "reports.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    call_command("import_reports", str(path), "--source", source)
    return Report.objects.filter(source__name=source)


def test_case_and_report_columns_are_enough(collection, tmp_path, capsys):
    reports = imported(tmp_path, "case,report\nCXR1,Clear lungs.\nCXR2,Effusion.\n")
    assert {(r.case.code, r.text) for r in reports} == {
        ("CXR1", "Clear lungs."),
        ("CXR2", "Effusion."),
    }
    assert "2 reports imported" in capsys.readouterr().out


def test_findings_and_impression_are_kept_apart(collection, tmp_path):
    content = 'case,findings,impression\nCXR1,"Clear,\nno effusion.",Normal.\n'
    (report,) = imported(tmp_path, content)
    assert (report.findings, report.impression) == ("Clear,\nno effusion.", "Normal.")


def test_the_whole_text_wins_over_the_sections_that_are_parts_of_it(
    collection, tmp_path
):
    content = (
        "case,report,findings,impression\n"
        "CXR1,Clear. Normal.,Clear.,Normal.\n"
        "CXR2,,Effusion.,Abnormal.\n"
    )
    whole, sections = imported(tmp_path, content).order_by("case__code")
    assert (whole.text, whole.findings) == ("Clear. Normal.", "")
    assert (sections.text, sections.findings) == ("", "Effusion.")


def test_importing_again_changes_nothing(collection, tmp_path, capsys):
    content = "case,report\nCXR1,Clear lungs.\n"
    imported(tmp_path, content)
    assert imported(tmp_path, content).count() == 1
    assert "0 reports imported, 1 already there" in capsys.readouterr().out


def test_an_empty_report_is_a_report_and_is_counted(collection, tmp_path, capsys):
    (report,) = imported(tmp_path, "case,report\nCXR1,\n")
    assert report.text == ""
    assert "1 empty" in capsys.readouterr().out


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_as_spreadsheets_save_them_are_read(
    collection, tmp_path, delimiter, encoding, end
):
    rows = [
        "Case{0} Report ",
        'CXR1{0}"Gr\u00f6\u00dfe, ""normal"";\tclear{1}{1}."',
        "",
        "",
    ]
    content = end.join(rows).format(delimiter, end).encode(encoding)
    (report,) = imported(tmp_path, content)
    assert report.text == f'Gr\u00f6\u00dfe, "normal";\tclear{end}{end}.'


def test_a_case_is_found_in_either_spelling_of_an_umlaut(collection, tmp_path):
    Case.objects.create(collection=collection, code="M\u00fcller")
    (report,) = imported(tmp_path, "case,report\nMu\u0308ller,Clear.\n")
    assert report.case.code == "M\u00fcller"


def test_the_whole_text_is_taken_where_its_sections_stand_beside_it(
    collection, tmp_path
):
    content = "case,findings,impression,report,more\nCXR1,Clear.,Normal.,All.,x\n"
    (report,) = imported(tmp_path, content)
    assert (report.text, report.findings, report.impression) == ("All.", "", "")


def test_one_section_is_enough(collection, tmp_path):
    (report,) = imported(tmp_path, "case,impression\nCXR1,Normal.\n")
    assert (report.findings, report.impression) == ("", "Normal.")


def test_many_reports_take_few_queries(
    collection, tmp_path, django_assert_max_num_queries
):
    Case.objects.bulk_create(
        Case(collection=collection, code=f"N{number}") for number in range(3000)
    )
    rows = [f"N{number},Text {number}." for number in range(3000)]
    with django_assert_max_num_queries(60):
        reports = imported(tmp_path, "\n".join(["case,report", *rows]))
    assert reports.count() == 3000


def test_the_same_row_twice_is_one_report(collection, tmp_path):
    assert imported(tmp_path, "case,report\nCXR1,Clear.\nCXR1,Clear.\n").count() == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "reports.csv: It is empty"),
        ("case,report\n", "has a header and no rows"),
        ("CXR1,Clear lungs.\n", "row 1: the columns must be case and report"),
        ("case,text\nCXR1,Clear\n", "row 1: the columns must be"),
        ("case,case,report\nCXR1,CXR1,a\n", "named twice"),
        ("case,report\nCXR9,Clear\n", "row 2, column case: .* no case CXR9"),
        ("case,report\n,Clear\n", "row 2, column case: empty"),
        ("case,report\nCXR1,a,b\n", "row 2: 3 cells instead of 2"),
        (
            "case,report\nCXR1,Clear.\nCXR2,a\nCXR1,Effusion.\n",
            "row 4, column case: CXR1 came before with another text",
        ),
        (b"case,report\nCXR1,a\nCXR2,\xff\xfe\n", "row 3: it is not UTF-8"),
        ("case,report\nCXR1,a\n".encode("utf-16"), "row 1: it is not UTF-8"),
        ('case,report\nCXR1,a\nCXR2,"never closed\n', "row 3: .* not a readable CSV"),
        ("case,report\nCXR1,a\0b\n", "row 2, column report: .*NUL"),
        (
            f"case,report\nCXR1,{'long ' * 30_000}\n",
            "row 2, column report: 149999 characters",
        ),
        ('case,report\nCXR1,"a\n\nb"\n\nCXR9,c\n', "row 4, column case: .* CXR9"),
        ("report\nClear.\n", "row 1: the columns must be"),
        ("case\nCXR1\n", "row 1: the columns must be"),
        ("\n \n", "is empty"),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_nothing_is_stored(
    collection, tmp_path, content, sentence
):
    with pytest.raises(CommandError, match=sentence):
        imported(tmp_path, content)
    assert not Report.objects.filter(source__name="other").exists()


def test_a_missing_file_is_a_sentence(collection, tmp_path):
    with pytest.raises(CommandError, match="It cannot be read: No such file"):
        call_command("import_reports", str(tmp_path / "none.csv"), "--source", "other")


def test_a_source_name_must_be_a_name(collection, tmp_path):
    with pytest.raises(CommandError, match="--source"):
        imported(tmp_path, "case,report\nCXR1,Clear.\n", source="a b")
    assert not Source.objects.filter(name="a b").exists()


@pytest.mark.parametrize("name", ["Ground_Truth", "ground-truth", "CXR_LLaVA"])
def test_no_other_spelling_of_a_reserved_name_is_taken(collection, tmp_path, name):
    with pytest.raises(CommandError, match=r"Write (ground_truth|cxr_llava)"):
        imported(tmp_path, "case,report\nCXR1,Clear.\n", source=name)


def test_without_any_collection_the_command_says_what_to_do(tmp_path):
    with pytest.raises(CommandError, match="Import a collection first"):
        imported(tmp_path, "case,report\nCXR1,Clear.\n")
