"""Cora brings labels in from a file: she looks first; all of it comes in, or none."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inference.chexpert import FINDINGS
from readerstudy.audit.models import Event
from readerstudy.cases.radiograph import Refused
from readerstudy.reports.labels.checking import (
    check_answers,
    check_labels,
    check_metrics,
)
from readerstudy.reports.labels.models import (
    CaseLabels,
    LabelSet,
    LabelUpload,
    MetricTable,
)
from tests import label_worlds, worlds
from tests.people import cora, person

pytestmark = pytest.mark.django_db
GOOD = b"study_id,Lung Opacity,Edema\nCXR1,1,0\nCXR2,-1,\n"
KNOWN = {"CXR1": 1, "CXR2": 2, "CXR3": 3}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def collection():
    return worlds.collection(cases=3)


def upload(collection, content, **asked):
    given = {"kind": "labels", "subject": "images", "labeler": "CheXbert"} | asked
    given["file"] = SimpleUploadedFile("labels.csv", content)
    path = reverse("reports:labels:bring_in", args=[collection.name])
    return cora().client.post(path, given, follow=True)


def confirm(**asked):
    token = LabelUpload.objects.get().token
    path = reverse("reports:labels:check", args=[token])
    return cora().client.post(path, asked, follow=True)


def test_nothing_is_stored_before_it_was_looked_at(collection):
    page = upload(collection, GOOD).content.decode()
    assert "Nothing is stored yet" in page
    assert "CXR3" in page  # the case without a line
    assert not LabelSet.objects.exists()

    confirm()
    made = LabelSet.objects.get()
    assert (made.origin, made.subject, made.labelled) == ("imported", "images", 2)
    values = {row.case.code: row.values for row in made.cases.all()}
    assert values == {
        "CXR1": {"Lung Opacity": 1, "Edema": 0},
        "CXR2": {"Lung Opacity": -1},
    }
    assert not LabelUpload.objects.exists()
    assert Event.objects.filter(verb="labels.imported").count() == 1


def test_columns_are_joined_by_their_names_whatever_their_order():
    swapped = b"Edema,study_id,Airspace Opacity,Reports\n0,CXR1,1,Text\n"
    checked = check_labels(swapped, "labels.csv", KNOWN)
    assert checked.lines[0].values == {"Edema": 0, "Lung Opacity": 1}
    assert checked.ignored == ["reports"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig"])
def test_a_file_as_a_spreadsheet_saves_unicode_is_read(codec):
    content = "study_id\tEdema\tGREEN\nCXR1\t1\t0.5\n".encode(codec)
    assert check_labels(content, "labels.csv", KNOWN).lines[0].values == {"Edema": 1}
    (line,) = check_metrics(content, "metrics.csv", KNOWN).lines
    assert line.values == {"Edema": 1.0, "GREEN": 0.5}


def test_cora_is_not_told_to_choose_an_encoding_where_nothing_is_to_choose():
    content = "study_id,Edema,Anmerkung\nCXR1,1,Erg\u00fcsse\n".encode("cp1252")
    with pytest.raises(Refused) as refusal:
        check_labels(content, "labels.csv", KNOWN)
    assert refusal.value.reason == (
        'labels.csv, row 2: it is not UTF-8 text. Save the table as "CSV UTF-8" and '
        "import it again."
    )


def test_a_file_without_a_header_is_refused_with_a_sentence(collection):
    page = upload(collection, b"CXR1,1,0\nCXR2,0,1\n").content.decode()
    assert "has no column of a finding. Its first row must name the columns" in page
    values = "row 1 holds values where the names of the columns have to be. The first"
    for content in (b"CXR1,1,1\nCXR2,0,1\n", b"CXR1,1,,\nCXR2,0,1,\n"):
        assert values in upload(collection, content).content.decode()
    page = upload(collection, b"study_id,Edema,,\nCXR1,1,,\n").content.decode()
    assert "row 1: 2 columns have no name. The first row has to name the" in page
    assert not LabelUpload.objects.exists()


@pytest.mark.parametrize("kind", ["labels", "answers", "metrics"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "It is empty."), (b"PK\x03\x04", "It is a spreadsheet or an archive")],
)
def test_a_file_that_is_no_table_is_named_beside_its_field(
    collection, kind, content, sentence
):
    """Cora sent the wrong one of several files; she reads which."""
    worlds.add_reports(collection, "cxr_llava")
    page = upload(collection, content, kind=kind, source="cxr_llava")
    assert f"labels.csv: {sentence}" in page.context["form"].errors["file"][0]
    assert f"labels.csv: {sentence}" in page.content.decode()
    assert not LabelUpload.objects.exists()


def test_unknown_doubled_and_unreadable_lines_are_named_by_their_numbers(collection):
    content = b"study_id,Edema\nCXR1,1\nCXR9,0\nCXR1,0\nCXR2,yes\n,1\n"
    page = upload(collection, content).content.decode()
    for sentence in (
        "Line 3: The collection has no case CXR9.",
        "Line 4: CXR1 stands in line 2 already.",
        "Line 5: Edema is &#x27;yes&#x27;; only 1, 0, -1 and an empty cell are labels.",
        "Line 6: No case is named.",
    ):
        assert sentence in page
    # The line of CXR2 has to be mended, which is not the same as being without one.
    assert check_labels(content, "labels.csv", KNOWN).missing == ["CXR3"]
    assert "3 lines cannot be taken" in confirm(leave_out="on").content.decode()
    assert not LabelSet.objects.exists()


def test_rows_of_several_readers_are_to_come_in_one_file_per_reader(collection):
    rows = b"CXR1,Rosa,1\nCXR1,Ruth,0\n"
    page = upload(collection, b"study_id,Radiologist,Edema\n" + rows).content.decode()
    assert "Store one file per reader and bring each in" in page
    assert "Line 3: CXR1 stands in line 2 already." in page
    page = upload(collection, b"study_id,remark,Edema\n" + rows).content.decode()
    assert "one file per reader" not in page


def test_cora_sees_how_many_values_each_metric_has(collection):
    content = b"case,GREEN,BERT\nCXR1,0.5,nan\nCXR2,,NA\nCXR3,0.25,0.5\n"
    worlds.add_reports(collection, "cxr_llava")
    asked = {"kind": "metrics", "subject": "reports", "source": "cxr_llava"}
    page = upload(collection, content, **asked).content.decode()
    assert "<dt>GREEN</dt><dd>2 values, 1 empty cell</dd>" in page
    assert "<dt>BERT</dt><dd>1 value, 2 empty cells</dd>" in page


def test_lines_about_other_cases_are_left_out_only_if_cora_says_so(collection):
    upload(collection, b"study_id,Edema\nCXR1,1\nCXR9,0\n")
    assert "Say that they are left out" in confirm().content.decode()
    assert not LabelSet.objects.exists()
    confirm(leave_out="on")
    assert CaseLabels.objects.count() == 1


def test_a_file_without_a_single_negative_is_doubted(collection):
    page = upload(collection, b"study_id,Edema\nCXR1,1\nCXR2,1\n").content.decode()
    assert "has not a single negative" in page
    assert "has not a single negative" not in upload(collection, GOOD).content.decode()


def test_labels_of_reports_need_a_source_and_remember_the_reports(collection):
    page = upload(collection, GOOD, subject="reports").content.decode()
    assert "Choose whose reports these are of." in page
    upload(collection, GOOD, subject="reports", source="cxr_llava")
    confirm()
    rows = CaseLabels.objects.select_related("report__source")
    assert {row.report.source.name for row in rows} == {"cxr_llava"}


def answers(*texts):
    lines = [
        {"image": f"images/CXR{number}.png", "fingerprint": "f", "text": text}
        for number, text in enumerate(texts, 1)
    ]
    return "\n".join(map(json.dumps, lines)).encode()


def test_answers_that_are_no_labels_are_kept_and_counted(collection):
    labels = json.dumps(dict.fromkeys(FINDINGS, 0) | {"Edema": 1})
    content = answers(labels, "I cannot tell.")
    upload(collection, content, kind="answers", labeler="")
    assert "1 of 2 answers are no set of labels" in confirm_page()
    confirm()
    made = LabelSet.objects.get()
    assert (made.origin, made.labelled, made.unread) == ("answers", 2, 1)
    read, unread = made.cases.order_by("case__code")
    assert read.values["Edema"] == 1 and read.answer == labels
    assert (unread.values, unread.answer) == ({}, "I cannot tell.")
    assert unread.problem.startswith("It is no JSON")
    page = cora().client.get(reverse("reports:labels:label_set", args=[made.pk]))
    assert "I cannot tell." in page.content.decode()


def test_errors_and_answers_that_no_database_keeps_are_marked(collection):
    lines = [
        {"image": "CXR1.dcm", "fingerprint": "f" * 64, "text": "\ud800 \0"},
        {"image": "CXR2.dcm", "error": "\0 \ud800"},
    ]
    content = "\n".join(map(json.dumps, lines)).encode()
    upload(collection, content, kind="answers")
    confirm()
    kept = CaseLabels.objects.order_by("case__code")
    assert [each.answer for each in kept] == ["? \ufffd", ""]
    assert kept[1].problem == "Not answered: \ufffd ?"


def confirm_page():
    token = LabelUpload.objects.get().token
    page = cora().client.get(reverse("reports:labels:check", args=[token]))
    return page.content.decode()


def test_answers_of_two_makings_are_refused(collection):
    lines = answers("{}").decode().replace('"f"', '"g"')
    content = answers("{}", "{}") + b"\n" + lines.replace("CXR1", "CXR3").encode()
    page = upload(collection, content, kind="answers").content.decode()
    assert "holds answers of 2 makings" in page


def test_metrics_keep_their_names_and_several_come_at_once(collection):
    content = b"case,RadGraph-F1,GREEN,remark\nCXR1,0.5,0.25,good\nCXR2,,1,\n"
    page = upload(collection, content, kind="metrics", source="cxr_llava")
    assert "<dt>Metrics of</dt>" in page.content.decode()
    confirm()
    table = MetricTable.objects.get()
    assert table.columns == ["RadGraph-F1", "GREEN"]
    values = {row.case.code: row.values for row in table.measured.all()}
    assert values == {"CXR1": {"RadGraph-F1": 0.5, "GREEN": 0.25}, "CXR2": {"GREEN": 1}}


def test_a_blank_in_a_metric_is_as_good_as_an_empty_cell():
    content = (
        b"case,GREEN,RaTE,remark\nCXR1,0.5,nan,good\nCXR2,NA,0.25,\nCXR3,None,1,\n"
    )
    checked = check_metrics(content, "metrics.csv", KNOWN)
    assert (checked.columns, checked.ignored) == (["GREEN", "RaTE"], ["remark"])
    assert [line.values for line in checked.lines] == [
        {"GREEN": 0.5},
        {"RaTE": 0.25},
        {"RaTE": 1},
    ]


def test_a_word_among_numbers_is_named_with_its_line():
    content = b"case,GREEN,BLEU\nCXR1,0.5,1\nCXR2,failed,2\nCXR3,inf,3\n"
    checked = check_metrics(content, "metrics.csv", KNOWN)
    assert checked.columns == ["GREEN", "BLEU"]
    assert [(each.line, each.sentence) for each in checked.blocking] == [
        (
            line,
            f"GREEN is {word!r}, which is no number. Empty the cell, or take the "
            "column out if it is no metric.",
        )
        for line, word in ((3, "failed"), (4, "inf"))
    ]


def test_another_name_of_a_case_is_no_metric():
    content = b"case,Dicom ID,BLEU\nCXR1,4e12,1\nCXR2,a3f,2\n"
    checked = check_metrics(content, "metrics.csv", KNOWN)
    assert (checked.columns, checked.ignored) == (["BLEU"], ["dicom id"])
    assert checked.problems == []


def test_titles_stay_as_they_were_written_whatever_parts_the_cells():
    for part in b",", b";", b"\t":
        content = part.join((b'"Case"', b'"RadGraph-F1"')) + b"\n"
        content += part.join((b'"CXR1"', b'"0.5"')) + b"\n"
        checked = check_metrics(content, "metrics.csv", KNOWN)
        assert checked.columns == ["RadGraph-F1"]
        assert checked.lines[0].values == {"RadGraph-F1": 0.5}


@pytest.mark.parametrize("title", ["source", "Source"])
def test_a_metric_that_is_called_as_a_column_of_ours_is_refused(title):
    content = f"study_id,{title},GREEN\nCXR1,1,1\n"
    with pytest.raises(Refused, match=f"column {title}: .* Give it another name"):
        check_metrics(content.encode(), "metrics.csv", KNOWN)


def test_the_page_takes_what_the_command_takes():
    content = (
        "study_id,Effusion,enlarged_cardiom.,Edema,Fracture\n"
        "CXR1,1.,-0.0,nan,\u22121\nCXR2,NaN,0.,-1.,\n"
    )
    checked = check_labels(content.encode(), "labels.csv", KNOWN)
    assert checked.problems == [] and checked.ignored == []
    assert [line.values for line in checked.lines] == [
        {"Pleural Effusion": 1, "Enlarged Cardiomediastinum": 0, "Fracture": -1},
        {"Enlarged Cardiomediastinum": 0, "Edema": -1},
    ]


@pytest.mark.parametrize("written", ["NA", "na", "NaN", "nan", "NAN"])
def test_what_r_writes_where_a_label_is_missing_is_blank_on_the_page(
    collection, written
):
    """Cora's labels went through R once, which leaves no cell empty."""
    content = f'"study_id","Edema","Fracture"\n"CXR1",1,{written}\n"CXR2",0,-1\n'
    upload(collection, content.encode())
    confirm()
    values = {row.case.code: row.values for row in LabelSet.objects.get().cases.all()}
    assert values == {"CXR1": {"Edema": 1}, "CXR2": {"Edema": 0, "Fracture": -1}}


def test_a_word_that_may_be_a_negative_is_not_taken_for_a_blank(collection):
    """Of a finding, none may well mean that there is none."""
    page = upload(collection, b"study_id,Edema\nCXR1,1\nCXR2,none\n").content.decode()
    assert "Edema is &#x27;none&#x27;; only 1, 0, -1 and an empty cell" in page


def test_an_answer_on_a_second_try_is_taken():
    text = json.dumps(dict.fromkeys(FINDINGS, 0))
    failed = {"image": "CXR1", "error": "broken"}
    given = {"image": "CXR1", "text": text}
    for lines, problem in (
        ([failed, given], ""),
        ([given, failed], ""),
        ([failed, failed | {"error": "still broken"}], "Not answered: still broken"),
    ):
        content = "\n".join(map(json.dumps, lines)).encode()
        checked = check_answers(content, "answers.jsonl", KNOWN)
        assert checked.problems == []
        assert [line.problem for line in checked.lines] == [problem]
    twice = "\n".join(map(json.dumps, [given, failed, given])).encode()
    (problem,) = check_answers(twice, "answers.jsonl", KNOWN).problems
    assert (problem.line, problem.kind) == (3, "twice")


def test_answers_with_odd_signs_are_read_or_refused_but_never_break(collection):
    deep = b'{"image": "CXR1", "text": ' + b"[" * 100_000 + b"\n"
    page = upload(collection, deep, kind="answers").content.decode()
    assert "line 1: it is no answer of" in page
    # A line separator inside of a text ends no line of the file.
    parted = json.dumps({"image": "CXR1", "text": "a\u2028b"}, ensure_ascii=False)
    odd = json.dumps(
        {
            "image": "CXR2",
            "text": "\ud800",
            "provenance": {"checkpoint": "c" * 200, "revision": "\udfff\0"},
        }
    )
    nested = json.dumps({"image": "CXR3", "text": "[" * 100_000})
    content = "\r\n".join([parted, odd, nested]).encode()
    upload(collection, content, kind="answers", labeler="")
    confirm()
    made = LabelSet.objects.get()
    assert (made.labeler, made.version) == ("c" * 120, "?\ufffd")
    answers = {row.case.code: row.answer for row in made.cases.all()}
    assert (answers["CXR1"], answers["CXR2"]) == ("a\u2028b", "?")
    assert made.unread == 3


def test_a_case_whose_name_is_no_text_is_shown_as_well_as_can_be(collection):
    content = json.dumps({"image": "\ud800", "text": "x"}).encode()
    page = upload(collection, content, kind="answers").content.decode()
    assert "The collection has no case ?." in page


def test_names_that_differ_after_their_120th_sign_are_both_kept(collection):
    for end in "ab":
        made = label_worlds.uploaded(collection, GOOD)
        LabelUpload.objects.filter(pk=made.pk).update(name=f"{'n' * 130}{end}.csv")
        confirm()
    first, second = LabelSet.objects.order_by("pk")
    assert first.name == "n" * 120
    assert second.name.startswith("n" * 90 + ", ")


def test_a_table_without_numbers_holds_no_metric():
    with pytest.raises(Refused, match="no column of numbers"):
        check_metrics(b"case,remark\nCXR1,good\n", "metrics.csv", KNOWN)


def test_a_metric_that_was_guarded_in_a_file_of_ours_has_its_own_name():
    content = b"study_id,'=HYPERLINK(1)\nCXR1,0.5\n"
    assert check_metrics(content, "metrics.csv", KNOWN).columns == ["=HYPERLINK(1)"]


def test_a_file_of_another_person_does_not_exist(collection):
    made = label_worlds.uploaded(collection, GOOD)
    other = person("Otto", may_create_studies=True)
    path = reverse("reports:labels:check", args=[made.token])
    assert other.client.get(path).status_code == 404


def test_cora_drops_a_file_and_nothing_is_left_of_it(collection):
    made = label_worlds.uploaded(collection, GOOD)
    cora().client.post(reverse("reports:labels:drop", args=[made.token]))
    assert not LabelUpload.objects.exists()
    assert not LabelSet.objects.exists()
