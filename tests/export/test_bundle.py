"""Anya exports a closed study: whole, explained, and enough to recompute all of it."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from readerstudy.analysis.reads import csv_text
from readerstudy.analysis.services import run_of
from readerstudy.audit.models import Event
from readerstudy.export.models import ExportBundle
from readerstudy.export.services import bundle_files
from readerstudy.grading import services as grading
from readerstudy.studies.services import close
from tests import worlds
from tests.people import anya, cora, person, rosa

pytestmark = pytest.mark.django_db


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
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
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
        "events.csv",
        "deviations.csv",
        "codebook.csv",
        "results.json",
        "table5.csv",
        "pairs.csv",
        "agreement.csv",
    } <= set(files)


def test_that_a_bundle_was_handed_out_is_recorded(study):
    anya().client.post(reverse("export:bundle", args=[study.code]))
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


def test_the_command_writes_the_same_files_as_the_page(study, tmp_path):
    call_command("export_study", study.code, "--out", str(tmp_path / "out"))
    files = bundle_files(study)
    # The record of events has grown by the export itself.
    for name in set(files) - {"events.csv", "manifest.json"}:
        assert (tmp_path / "out" / name).read_bytes() == files[name]


def test_the_bundles_reads_give_the_bundles_own_numbers(study, tmp_path):
    call_command("export_study", study.code, "--out", str(tmp_path / "bundle"))
    call_command(
        "analyse_reads",
        str(tmp_path / "bundle" / "reads.csv"),
        "--out",
        str(tmp_path / "again"),
    )
    for name in ("results.json", "table5.csv", "pairs.csv", "agreement.csv"):
        first = (tmp_path / "bundle" / name).read_bytes()
        assert (tmp_path / "again" / name).read_bytes() == first
    on_the_page = run_of(study).results
    assert json.loads((tmp_path / "again" / "results.json").read_text()) == on_the_page


def test_a_study_that_is_not_closed_is_not_exported(tmp_path):
    worlds.open_study()
    with pytest.raises(CommandError, match="closed"):
        call_command("export_study", "acceptability", "--out", str(tmp_path / "out"))
    with pytest.raises(CommandError, match="no study"):
        call_command("export_study", "nowhere", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_reads_without_a_grade_are_kept_as_missing():
    study = worlds.open_study()
    worlds.grade_next(study.membership_set.readers().get(), "A")
    close(study=study, actor=cora().user)
    rows = rows_of(bundle_files(study)["reads.csv"])
    assert len(rows) == 12
    assert sum(row["grade"] == "" for row in rows) == 11


def test_a_comment_that_looks_like_a_formula_is_only_text():
    study = worlds.open_study()
    reader = study.membership_set.readers().get()
    slot = grading.next_slot(reader)
    grading.submit(
        slot=slot,
        actor=reader.user,
        idempotency_key="key-of-a-formula",
        letter="A",
        comment='=HYPERLINK("http://example.org")',
        active_ms=1,
        wall_ms=1,
    )
    close(study=study, actor=cora().user)
    text = bundle_files(study)["reads.csv"].decode()
    assert not any(
        cell.startswith(("=", "+", "@"))
        for row in csv.reader(io.StringIO(text))
        for cell in row
    )


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    cells=st.lists(
        st.text(
            st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r")
        ).filter(lambda text: text[:1] not in "=+-@\t'"),
        min_size=1,
        max_size=5,
    )
)
def test_any_text_survives_the_trip_through_a_table(cells):
    text = csv_text(["cell"], iter([{"cell": cell} for cell in cells]))
    assert [row["cell"] for row in csv.DictReader(io.StringIO(text))] == cells
