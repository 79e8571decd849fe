"""Cora brings reports in from a table, step by step; nothing is stored before she says
so, and then all of it or nothing."""

import csv
import io
import re

import pytest
from django.utils import timezone

from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.presentation.services import freeze
from readerstudy.reports.models import Report, Source
from readerstudy.reports.tables import services, staging, tasks
from readerstudy.reports.tables.models import TableImport
from tests import worlds
from tests.lifted import lifted
from tests.people import cora
from tests.reports.tables.wizard import (
    at,
    get,
    mapped,
    post,
    reports,
    text_of,
    upload,
    uploaded,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def collection():
    return worlds.collection(cases=4)


def test_a_table_comes_in_by_four_pages(collection):
    answer = upload("study,generated\nCXR1,Clear lungs.\nCXR2,Effusion.\n")
    table = TableImport.objects.get()
    assert answer["Location"] == at(table, "file")
    assert "Clear lungs." in text_of(get(table, "file"))
    assert "UTF-8" in text_of(get(table, "file"))
    page = text_of(get(table, "columns"))
    assert "Of 2 rows" in page
    assert not reports().exists()
    check = mapped(table, model="Other model", version="3", made_on="2026-01-02")
    assert "Store 2 reports" in text_of(check)
    assert not reports().exists()
    assert not Source.objects.filter(name="elsewhere").exists()
    done = post(table, "check")
    assert "New reports</dt><dd>2" in text_of(done)
    assert [(each.case.code, each.text) for each in reports()] == [
        ("CXR1", "Clear lungs."),
        ("CXR2", "Effusion."),
    ]
    kept = reports()[0].provenance
    assert kept["made"] == {
        "model": "Other model",
        "version": "3",
        "made_on": "2026-01-02",
    }
    assert (kept["origin"], kept["row"]) == ("reports.csv", 2)
    assert kept["file_sha256"] == table.sha256
    assert kept["columns"] == {"case": "study", "report": "generated"}
    event = Event.objects.get(verb="reports.imported", detail__import=table.pk)
    assert event.actor == cora().user
    assert event.detail["counts"]["new"] == 2


def test_a_table_without_a_header_has_numbered_columns(collection):
    table = uploaded("CXR1;Clear lungs.\r\nCXR2;Effusion, left.\r\n")
    assert (table.has_header, table.delimiter) == (False, ";")
    assert "Column 2" in text_of(get(table, "file"))
    mapped(table)
    post(table, "check")
    assert [each.text for each in reports()] == ["Clear lungs.", "Effusion, left."]
    assert [each.provenance["row"] for each in reports()] == [1, 2]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
def test_umlauts_and_line_breaks_come_through(collection, codec):
    text = 'Größe normal,\r\nkein "Erguß".'
    quoted = text.replace('"', '""')
    table = uploaded(f'case;report\r\nCXR1;"{quoted}"\r\n'.encode(codec))
    mapped(table)
    post(table, "check")
    assert reports().get().text == text


def test_a_wrong_guess_can_be_set_right(collection):
    table = uploaded("case;report\nCXR1;Größe, normal\n".encode("cp1252"))
    wrong = {"encoding": "utf-8", "delimiter": str(ord(",")), "has_header": "on"}
    assert "Line 2 is not UTF-8" in text_of(post(table, "file", **wrong))
    right = {"encoding": "mac-roman", "delimiter": str(ord(";")), "look": "1"}
    post(table, "file", **right)
    table.refresh_from_db()
    assert (table.encoding, table.has_header) == ("mac-roman", False)


def test_counts_of_matches_follow_the_choice(collection):
    table = uploaded("case,report\nstudy-CXR1-x,Clear.\nstudy-CXR2-x,Clear.\n")
    none = text_of(get(table, "matched", case="0", rule="exact"))
    assert none.count('<td class="number">0</td>') == 4
    all_ = get(table, "matched", case="0", rule="exact", before="study-", after="-x")
    assert '<td class="number">2</td>' in text_of(all_)


def test_counts_of_matches_without_a_choice_are_no_error(collection):
    table = uploaded("case,report\nCXR1,Clear.\n")
    for case in ("", "none", "99", "-1"):
        assert get(table, "matched", case=case).status_code == 200
    assert get(table, "matched").status_code == 200


BAD = (
    "case,report\n"
    "CXR1,Clear lungs.\n"
    "CXR9,Nobody's.\n"
    ",No case.\n"
    "CXR2,\n"
    "CXR3,One text.\n"
    "CXR3,Another text.\n"
    "CXR4,a,b\n"
    "CXR4,nul\0\n"
)


def test_bad_rows_are_listed_by_the_rows_of_a_spreadsheet(collection):
    table = uploaded(BAD)
    page = text_of(mapped(table))
    rows = re.findall(
        r'<th scope="row" class="number">(\d+)</th><td class="code">(.*?)</td>'
        r"<td>(.*?)</td>",
        page,
    )
    assert [(int(row), case) for row, case, _ in rows] == [
        (3, "CXR9"),
        (4, ""),
        (5, "CXR2"),
        (6, "CXR3"),
        (7, "CXR3"),
        (8, "CXR4"),
        (9, "CXR4"),
    ]
    reasons = [reason for _, _, reason in rows]
    assert reasons[0] == "The collection has no case CXR9."
    assert reasons[3] == "CXR3 has another text in row 7."
    assert reasons[5] == "3 cells instead of 2."
    assert "NUL" in reasons[6]


def test_a_table_with_bad_rows_comes_in_without_them_only_on_request(collection):
    table = uploaded(BAD)
    mapped(table)
    refused = post(table, "check", bad_rows="refuse")
    assert "7 rows cannot be taken" in text_of(refused)
    assert not reports().exists()
    done = post(table, "check", bad_rows="leave_out")
    assert "7 left out, as was chosen" in text_of(done)
    assert [each.text for each in reports()] == ["Clear lungs."]
    detail = Event.objects.get(verb="reports.imported", detail__import=table.pk).detail
    assert detail["leave_out"] is True
    assert detail["counts"]["kinds"]["twice"] == 2


def test_bad_rows_can_be_downloaded_and_run_in_no_spreadsheet(collection):
    table = uploaded('case,report\nCXR9,"=HYPERLINK(""http://x"",""y"")"\n@x,b\n')
    mapped(table)
    answer = get(table, "bad_rows")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content))) == [
        ["row", "reason", "case", "report"],
        [
            "2",
            "The collection has no case CXR9.",
            "CXR9",
            '\'=HYPERLINK("http://x","y")',
        ],
        ["3", "The collection has no case @x.", "'@x", "b"],
    ]


def test_a_formula_is_stored_as_the_text_that_it_is(collection):
    table = uploaded('case,report\nCXR1,"=HYPERLINK(""http://x"")"\n')
    mapped(table)
    post(table, "check")
    assert reports().get().text == '=HYPERLINK("http://x")'


def test_after_a_second_try_the_last_row_counts_where_cora_says_so(collection):
    content = "case,report\nCXR1,\nCXR1,First try.\nCXR1,Second try.\nCXR2,Clear.\n"
    table = uploaded(content + "CXR2,Clear.\n")
    mapped(table, doubled="last")
    post(table, "check", bad_rows="leave_out")
    assert [each.text for each in reports()] == ["Second try.", "Clear."]
    table.refresh_from_db()
    counted = {key: table.stored[key] for key in ("set_aside", "doubled", "left_out")}
    assert counted == {"set_aside": 1, "doubled": 1, "left_out": 1}


def test_an_empty_report_is_a_report_where_cora_says_so(collection):
    table = uploaded("case,report\nCXR1,\nCXR2,Clear.\n")
    mapped(table, takes_empty="on")
    post(table, "check")
    assert [each.text for each in reports()] == ["", "Clear."]


def test_sections_and_the_whole_text_are_told_apart(collection):
    table = uploaded(
        "case,findings,impression,report\n"
        "CXR1,Clear.,Normal.,Clear. Normal.\nCXR2,Effusion.,Abnormal.,\n"
    )
    mapped(table, findings="1", impression="2", report="3")
    post(table, "check")
    whole, sections = reports()
    assert (whole.text, whole.findings) == ("Clear. Normal.", "")
    assert (sections.findings, sections.impression) == ("Effusion.", "Abnormal.")


def test_what_is_new_changed_and_there_is_told_before(collection):
    first = uploaded("case,report\nCXR1,Clear.\nCXR2,Clear.\n")
    mapped(first)
    post(first, "check")
    table = uploaded("case,report\nCXR1,Clear.\nCXR2,Effusion.\nCXR3,New.\n")
    page = text_of(mapped(table))
    assert "Store 2 reports" in page
    post(table, "check")
    table.refresh_from_db()
    counted = {key: table.stored[key] for key in ("new", "changed", "there")}
    assert counted == {"new": 1, "changed": 1, "there": 1}
    assert (
        Report.objects.current().get(source__name="elsewhere", case__code="CXR2").text
        == "Effusion."
    )
    # The older text does not come back by the back door.
    back = text_of(mapped(uploaded("case,report\nCXR2,Clear.\n")))
    assert "came before and was replaced" in back


def test_nothing_is_stored_twice(collection):
    for _ in range(2):
        table = uploaded("case,report\nCXR1,Clear.\n")
        page = text_of(mapped(table))
        post(table, "check")
    assert "There is nothing to store" in page
    assert reports().count() == 1


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("cxr_llava", "written by the model on this site"),
        ("Ground-Truth", "Write ground_truth"),
        ("two words", "Enter a valid"),
        ("", "Name the source"),
    ],
)
def test_a_name_that_is_not_for_uploads_is_refused(collection, source, sentence):
    table = uploaded("case,report\nCXR1,Clear.\n")
    assert sentence in text_of(mapped(table, source=source))
    assert not Source.objects.filter(name=source).exclude(name="cxr_llava").exists()


def test_reference_reports_come_by_the_same_way(collection):
    with lifted("reports_report"):
        Report.objects.filter(source__name="ground_truth").delete()
    table = uploaded("case,report\nCXR1,Clear.\n")
    mapped(table, source="ground_truth")
    post(table, "check")
    report = Report.objects.get(source__name="ground_truth")
    assert report.source.kind == Source.Kind.GROUND_TRUTH


def test_strata_and_indications_are_set_where_no_study_is_frozen(collection):
    table = uploaded("case,mesh,why\nCXR1,0,Fever.\nCXR2,1,\nCXR3,,\nCXR4,2,\n")
    page = text_of(
        mapped(
            table,
            report="",
            stratum="1",
            indication="2",
            normal="1",
            abnormal="0",
            source="",
        )
    )
    assert "2 stands neither for normal nor for abnormal" in page
    post(table, "check", bad_rows="leave_out")
    one, two, three = Case.objects.exclude(code="CXR4").order_by("code")
    assert (one.stratum, one.indication) == ("abnormal", "Fever.")
    assert (two.stratum, two.indication) == ("normal", "Cough.")
    assert (three.stratum, three.indication) == ("normal", "Cough.")


def test_cases_of_a_frozen_study_keep_their_strata(collection):
    freeze(study=worlds.draft_study(), actor=cora().user)
    table = uploaded("case,stratum\nCXR1,abnormal\n")
    page = text_of(mapped(table, report="", stratum="1", source=""))
    assert "CXR1 belongs to a frozen study" in page
    assert "There is nothing to store" in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "It is empty"),
        (b"PK\x03\x04rest", "a spreadsheet or an archive"),
        (b"%PDF-1.7", "a PDF"),
    ],
)
def test_what_is_no_table_is_refused_at_once(collection, content, sentence):
    assert sentence in text_of(upload(content))
    assert not TableImport.objects.exists()
    assert not list(staging.folder_of("0" * 32).parent.glob("*"))


def test_quotation_marks_that_never_close_are_told_with_the_row(collection):
    table = uploaded('case,report\nCXR1,Clear.\nCXR2,"never closed\n')
    assert "row 3: it is not a readable CSV" in text_of(mapped(table))
    assert not reports().exists()


def test_a_name_of_a_file_is_a_name_and_no_path(collection):
    table = uploaded("case,report\nCXR1,Clear.\n", name="..\\..\\evil\u202e.csv")
    assert table.name == "evil.csv"
    assert staging.path_of(table.token).parent.parent.name == "tables"


def test_a_stored_table_leaves_no_file_behind(
    collection, django_capture_on_commit_callbacks
):
    table = uploaded("case,report\nCXR1,Clear.\n")
    mapped(table)
    with django_capture_on_commit_callbacks(execute=True):
        post(table, "check")
    assert not staging.folder_of(table.token).exists()


def test_a_dropped_table_leaves_nothing_behind(
    collection, django_capture_on_commit_callbacks
):
    table = uploaded("case,report\nCXR1,Clear.\n")
    folder = staging.folder_of(table.token)
    assert folder.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert "Nothing was stored" in text_of(post(table, "drop"))
    assert not folder.exists()
    assert get(table, "file").status_code == 404


def test_what_nobody_came_back_to_goes_after_a_week(
    collection, django_capture_on_commit_callbacks
):
    old = uploaded("case,report\nCXR1,Clear.\n")
    TableImport.objects.update(expires_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        uploaded("case,report\nCXR2,Clear.\n")
    assert not TableImport.objects.filter(pk=old.pk).exists()
    assert not staging.folder_of(old.token).exists()


def test_a_worker_stores_a_long_table_and_all_of_it(collection):
    Case.objects.bulk_create(
        Case(collection=collection, code=f"N{number}") for number in range(6000)
    )
    rows = "\n".join(f"N{number},Text {number}." for number in range(6000))
    table = uploaded(f"case,report\n{rows}\n")
    mapped(table)
    assert "A worker stores it" in text_of(post(table, "check"))
    assert not reports().exists()
    tasks.store_table(table.pk)
    tasks.store_table(table.pk)
    assert reports().count() == 6000
    part = cora().client.get(at(table, "stored"), headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"
    assert "New reports</dt><dd>6000" in text_of(part)


def test_a_table_that_no_longer_fits_fails_in_a_sentence_and_can_be_looked_at_again(
    collection, settings, monkeypatch
):
    monkeypatch.setattr(services, "AT_ONCE", 0)
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    table = uploaded("case,report\nCXR1,Clear.\n")
    mapped(table)
    post(table, "check")
    Case.objects.filter(code="CXR1").update(code="CXR100")
    tasks.store_table(table.pk)
    page = text_of(get(table, "check"))
    assert "have changed since the check" in page
    assert "The collection has no case CXR1" in page
    assert not reports().exists()


def test_too_many_rows_are_refused(collection, monkeypatch):
    monkeypatch.setattr(staging, "MOST_ROWS", 2)
    table = uploaded("case,report\nCXR1,a.\nCXR2,b.\nCXR3,c.\n")
    assert "more than 2 rows" in text_of(mapped(table))
