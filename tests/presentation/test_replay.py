"""A protocol alone deals its lists again, row for row, whatever the design."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from readerstudy.export.services import write_bundle
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.people import person, rosa

DESIGNS = {
    "crossed": {},
    "pairs": {"presentation": "pair"},
    "split_plot": {"allocation": "split_plot", "anchor_cases": 2},
    "one_report": {"allocation": "one_report"},
    "williams": {"arm_order": "williams", "washout_days": 3},
    "repeats": {"hidden_repeats": 3, "session_reads": 8},
}
COMPARED = ("reader", "position", "case", "arm", "session", "side", "repeat")


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def replayed(path, *options):
    said = StringIO()
    call_command("replay_protocol", str(path), *options, stdout=said)
    return said.getvalue()


def compared(path):
    with path.open(newline="") as file:
        return [tuple(row[name] for name in COMPARED) for row in csv.DictReader(file)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", DESIGNS)
def test_the_bundles_protocol_deals_its_allocation_again(name, tmp_path):
    readers = [rosa(), person("Ravi"), person("Rita")]
    study = worlds.study_without_grades(readers=readers, **DESIGNS[name])
    bundle, out = tmp_path / "bundle", tmp_path / "out"
    write_bundle(study=study, actor=None, directory=bundle)
    said = replayed(bundle / "protocol.json", "--out", str(out))
    rows = compared(bundle / "allocation.csv")
    assert said == (
        f"Sample: the same 6 cases.\nAllocation: the same rows, {len(rows)} in all.\n"
    )
    assert compared(out / "allocation.csv") == rows
    assert len(rows) == Slot.objects.of_study(study).count()


@pytest.fixture
def protocol(tmp_path, db):
    """A protocol by itself, and what it is read from."""
    path = tmp_path / "protocol.json"
    held = worlds.open_study(hidden_repeats=2).protocol
    path.write_text(json.dumps(held))
    return path


def changed(path, **parts):
    path.write_text(json.dumps(json.loads(path.read_text()) | parts))
    return path


def test_no_database_is_asked(protocol, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert "the same rows" in replayed(protocol)


def test_another_seed_deals_other_rows_and_the_hash_tells(protocol):
    with pytest.raises(CommandError, match="hash in the protocol is that of other"):
        replayed(changed(protocol, seed=json.loads(protocol.read_text())["seed"] + 1))


def test_the_first_differing_row_is_named_where_the_table_lies_beside(protocol):
    replayed(protocol, "--out", str(protocol.parent))
    table = protocol.with_name("allocation.csv")
    lines = table.read_text().splitlines(keepends=True)
    cells = lines[3].split(",")
    cells[3] = "somebody"
    table.write_text("".join([*lines[:3], ",".join(cells), *lines[4:]]))
    with pytest.raises(CommandError, match=r"row 3, arm: somebody in the file"):
        replayed(protocol)
    table.write_text("".join(lines[:-1]))
    with pytest.raises(CommandError, match="13 rows in the file, 14 dealt again"):
        replayed(protocol)


def test_a_sample_that_does_not_come_of_its_seed_is_told(protocol):
    block = json.loads(protocol.read_text())["case_set"]
    block["candidates"]["normal"].append("CXR99")
    with pytest.raises(CommandError, match="CXR99 is drawn again and is no case"):
        replayed(changed(protocol, case_set=block))
    del block["candidates"]
    assert "does not list the candidates" in replayed(changed(protocol, case_set=block))


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"schema": "readerstudy.protocol/3"}, "Only protocols of the form"),
        ({"readers": []}, "There is no reader"),
        ({"design": {"allocation": "latin"}}, "allocation is none of"),
        ({"design": {"colour": "red"}}, "can't be dealt"),
        ({"cases": [1]}, "not as it has to be"),
        ({"reading": {}}, "does not hold presentation"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_a_sentence(protocol, parts, sentence):
    with pytest.raises(CommandError, match=sentence):
        replayed(changed(protocol, **parts))


@pytest.mark.parametrize("text", ["{", "[]"])
def test_what_is_no_protocol_is_refused(tmp_path, text):
    path = tmp_path / "protocol.json"
    path.write_text(text)
    with pytest.raises(CommandError, match=r"is not JSON|is no protocol"):
        replayed(path)
    with pytest.raises(CommandError, match="can't be read"):
        replayed(tmp_path / "nothing.json")


def test_a_case_that_its_seed_does_not_draw_is_named(protocol):
    cases = json.loads(protocol.read_text())["cases"]
    cases[0]["case"] = "CXR98"
    with pytest.raises(CommandError, match="CXR98 is among the cases of the protocol"):
        replayed(changed(protocol, cases=cases))


def test_a_folder_that_can_not_be_written_is_named(protocol):
    with pytest.raises(
        CommandError, match=r"can't be written: .*; give --out a folder"
    ):
        replayed(protocol, "--out", str(protocol))
