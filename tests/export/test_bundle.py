"""Anya exports a closed study: whole, explained, and enough to recompute all of it."""

import csv
import hashlib
import io
import json
import re
import zipfile
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from readerstudy.analysis.services import run_of
from readerstudy.audit.models import Event
from readerstudy.csv_text import unguarded
from readerstudy.export.bundle import inside
from readerstudy.export.contents import readme, sentence_of
from readerstudy.export.models import ExportBundle
from readerstudy.export.services import described_files
from readerstudy.export.tables import table_lines
from readerstudy.grading.path import next_slot
from readerstudy.studies.lifecycle.services import close
from readerstudy.studies.models import Study
from readerstudy.studies.services import amend
from tests import worlds
from tests.export.whole import bundle_files
from tests.people import anya, cora, person, rosa

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=60)]
# A name of a file as README.txt and the checklists write it, folders left aside.
NAMED = re.compile(r"(?<![\w./-])[a-z0-9_]+\.(?:csv|json|md|html|tex|docx|xlsx|py|R)\b")


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def study():
    return worlds.closed_study(readers=[rosa(), person("Ravi")])


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_zip_holds_every_file_with_its_hash(study):
    answer = anya().client.post(reverse("export:bundle", args=[study.code]))
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    files = {
        name.removeprefix(f"{study.code}/"): archive.read(name)
        for name in archive.namelist()
    }
    manifest = json.loads(files["manifest.json"])
    assert set(manifest["files"]) == set(files) - {"manifest.json"}
    for name, sha256 in manifest["files"].items():
        assert hashlib.sha256(files[name]).hexdigest() == sha256
    assert {
        "protocol.json",
        "reads.csv",
        "reports.csv",
        "cases.csv",
        "allocation.csv",
        "versions.csv",
        "marks.csv",
        "visits.csv",
        "sessions.csv",
        "events.csv",
        "deviations.csv",
        "codebook.csv",
        "results.json",
        "table5.csv",
        "pairs.csv",
        "agreement.csv",
        "report.html",
        "methods.md",
        "table5.tex",
        "table5.docx",
        "figures/grades.svg",
        "parquet/reads.parquet",
        "checklists/claim.md",
        "interchange/keys.csv",
    } <= set(files)
    described = [line.split("  ")[0] for line in readme_lines(files)]
    assert sorted(described) == sorted(files)
    undescribed = [
        name for name in files if sentence_of(name) == "Part of the result set"
    ]
    assert undescribed == []
    every = files["README.txt"].decode() + "".join(
        content.decode() for name, content in files.items() if "checklists/" in name
    )
    assert set(NAMED.findall(every)) - {"manage.py"} <= set(files)


def readme_lines(files) -> list[str]:
    """The lines of README.txt that say what a file is."""
    text = files["README.txt"].decode()
    return [line for line in text.split("\n\n")[-1].splitlines() if line]


def test_the_same_study_gives_the_same_bytes_twice(study, drawn_anew):
    assert bundle_files(study) == bundle_files(Study.objects.get(pk=study.pk))


def test_that_a_bundle_was_handed_out_is_recorded(study):
    anya().client.post(reverse("export:bundle", args=[study.code])).getvalue()
    bundle = ExportBundle.objects.get()
    event = Event.objects.of_stream(study.code).last()
    assert (event.verb, event.actor) == ("study.exported", anya().user)
    assert event.detail["manifest_sha256"] == bundle.manifest_sha256


def test_reads_hold_one_row_per_read_and_no_name(study):
    rows = rows_of(bundle_files(study)["reads.csv"])
    assert len(rows) == 24
    assert {row["reader"] for row in rows} == {"R1", "R2"}
    assert {row["grade"] for row in rows} == set("ABCD")
    assert {row["arm"] for row in rows} == {"cxr_llava", "ground_truth"}
    assert "rosa" not in json.dumps(rows).lower()
    assert [int(row["position"]) for row in rows if row["reader"] == "R1"] == list(
        range(1, 13)
    )


def test_the_codebook_explains_every_column_of_every_table(study):
    files = bundle_files(study)
    explained = {(row["file"], row["column"]) for row in rows_of(files["codebook.csv"])}
    for name, content in files.items():
        if name.endswith(".csv") and name != "codebook.csv":
            header = next(csv.reader(io.StringIO(content.decode())))
            assert {(name, column) for column in header} <= explained
    assert all(row["meaning"] for row in rows_of(files["codebook.csv"]))


def test_every_file_offered_alone_is_in_the_bundle_and_downloads(study):
    files = bundle_files(study)
    for name, sentence in described_files():
        assert sentence
        url = reverse("export:file", args=[study.code, name])
        assert anya().client.get(url).content == files[name], name


def test_the_allocation_says_session_and_side():
    study = worlds.open_study(presentation="pair", session_reads=6)
    rows = rows_of(
        bundle_files(close(study=study, actor=cora().user))["allocation.csv"]
    )
    assert [row["side"] for row in rows] == ["1", "2"] * 6
    assert [row["session"] for row in rows] == ["1"] * 6 + ["2"] * 6
    assert all(row["opened_at"] == "" for row in rows)


def test_the_command_writes_the_same_files_as_the_page(study, tmp_path):
    call_command("export_study", study.code, "--out", str(tmp_path / "out"))
    files = bundle_files(study)
    # The record of events has grown by the export itself.
    for name in set(files) - {"events.csv", "manifest.json"}:
        assert (tmp_path / "out" / name).read_bytes() == files[name]


def recomputed(study, folder) -> None:
    """analyse_reads on the bundle's reads.csv gives the bundle's files and the page."""
    call_command("export_study", study.code, "--out", str(folder / "bundle"))
    call_command(
        "analyse_reads",
        str(folder / "bundle" / "reads.csv"),
        "--out",
        str(folder / "again"),
    )
    again = folder / "again"
    names = sorted(str(p.relative_to(again)) for p in again.rglob("*") if p.is_file())
    assert {"results.json", "table5.csv", "pairs.csv", "agreement.csv"} < set(names)
    for name in names:
        first = (folder / "bundle" / name).read_bytes()
        assert (folder / "again" / name).read_bytes() == first, name
    results = json.loads((again / "results.json").read_text())
    assert results == run_of(study).results


def test_the_bundles_reads_give_the_bundles_own_numbers(study, tmp_path):
    recomputed(study, tmp_path)


def test_and_they_do_so_after_amendments(tmp_path):
    study = worlds.open_study()
    for number in (1, 2):
        amend(
            study=study,
            actor=cora().user,
            field="title",
            value=f"=Title {number}",
            reason="-A reason\rover two lines",
        )
    while worlds.grade_next(study.membership_set.readers().get(), "B"):
        pass
    recomputed(close(study=study, actor=cora().user), tmp_path)


def test_and_with_a_reader_who_never_graded_and_a_case_never_graded(tmp_path):
    study = worlds.open_study(readers=[rosa(), person("Ravi"), person("Ruth")])
    ravi, ruth, _ = study.membership_set.readers().order_by("reader_code")
    for reader, letters in ((ravi, "ABC"), (ruth, "DB")):
        for letter in letters:
            worlds.grade_next(reader, letter)
    study = close(study=study, actor=cora().user)
    recomputed(study, tmp_path)
    results = run_of(study).results
    assert results["design"]["readers"] == 2
    assert results["missing"]["given"] == 5
    assert [row["given"] for row in results["missing"]["by_reader"]] == [3, 2, 0]


def test_and_with_no_grade_at_all(tmp_path):
    study = close(study=worlds.open_study(), actor=cora().user)
    recomputed(study, tmp_path)
    assert run_of(study).results["status"] == "no_ratings"


def test_and_with_a_margin(tmp_path):
    study = worlds.draft_study()
    study.margin_points = Decimal("12.5")
    study.save()
    study = worlds.opened(study)
    number = 0
    while worlds.grade_next(study.membership_set.readers().get(), "AADB"[number % 4]):
        number += 1
    study = close(study=study, actor=cora().user)
    recomputed(study, tmp_path)
    assert run_of(study).results["estimand"]["margin"] == 0.125


def test_a_study_that_is_not_closed_is_not_exported(tmp_path):
    worlds.open_study()
    with pytest.raises(CommandError, match="closed"):
        call_command("export_study", "acceptability", "--out", str(tmp_path / "out"))
    with pytest.raises(CommandError, match="no study"):
        call_command("export_study", "nowhere", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_can_not_be_made_is_refused_and_no_bundle_recorded(
    study, tmp_path
):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CommandError, match="can't be written: File exists; give --out"):
        call_command("export_study", study.code, "--out", str(tmp_path / "out"))
    assert not ExportBundle.objects.exists()


def test_reads_without_a_grade_are_kept_as_missing():
    study = worlds.open_study()
    worlds.grade_next(study.membership_set.readers().get(), "A")
    study = close(study=study, actor=cora().user)
    rows = rows_of(bundle_files(study)["reads.csv"])
    assert len(rows) == 12
    assert sum(row["grade"] == "" for row in rows) == 11


def test_a_comment_runs_in_no_spreadsheet_and_comes_back_whole(tmp_path):
    comments = {'=HYPERLINK("http://a.org")', "-1", "'+1", "@x", "one\rtwo", 'a,"b"\n'}
    study = worlds.open_study()
    reader = study.membership_set.readers().get()
    for comment in sorted(comments):
        worlds.grade(next_slot(reader), "A", comment=comment)
    study = close(study=study, actor=cora().user)
    files = bundle_files(study)
    text = files["reads.csv"].decode()
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    kept = {unguarded(cell) for cell in cells}
    assert comments <= kept
    assert "apostrophe" in json.loads(files["manifest.json"])["csv"]
    recomputed(study, tmp_path)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "", "a\\b.csv"])
def test_no_name_of_a_file_leads_out_of_the_bundle(name):
    with pytest.raises(ValueError, match="is no name of a file in a bundle"):
        inside(name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("results/another.tex", "A table for LaTeX"),
        ("results/another.docx", "A table for a word processor"),
        ("results/another", "Part of the result set"),
    ],
)
def test_a_file_of_a_new_kind_is_named_by_its_ending(name, sentence):
    assert f"{name}  {sentence}" in readme("A study", [name])


def test_the_flow_tells_which_cases_were_left_out_and_why():
    study = worlds.draft_study(cases=6)
    worlds.left_out(study, "CXR2")
    worlds.draw_cases(
        study=study,
        actor=cora().user,
        collection=study.caseset.collection,
        sizes={"normal": None, "abnormal": None, "unknown": None},
        seed=3,
    )
    worlds.accept_blinding(study)
    study = worlds.close(worlds.opened(study))
    rows = rows_of("".join(table_lines(study, "flow.csv")).encode())
    left = [row for row in rows if row["what"].startswith("left out: ")]
    assert [row["count"] for row in left] == ["1"]
