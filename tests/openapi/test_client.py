"""The client of docs/examples against a live site: Rosa grades by it, Anya analyses."""

import importlib.util
import inspect
import json
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from readerstudy.grading.models import Grade
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.people import anya, rosa

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.yaml"


def _loaded():
    path = EXAMPLES / "readerstudy_client.py"
    spec = importlib.util.spec_from_file_location("readerstudy_client", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


client = _loaded()


def operations() -> dict[str, dict]:
    paths = yaml.safe_load(DOCUMENT.read_text())["paths"]
    return {
        each["operationId"]: each for path in paths.values() for each in path.values()
    }


def test_the_client_has_a_method_for_each_operation():
    methods = {
        name
        for name, _ in inspect.getmembers(client.Client, inspect.isfunction)
        if not name.startswith("_")
    }
    assert methods - {"table_rows"} == operations().keys()


def test_every_body_and_answer_of_the_document_has_an_example_that_fits():
    document = yaml.safe_load(DOCUMENT.read_text())
    text = json.dumps(document).replace("#/components/schemas/", "#/$defs/")
    named = json.loads(text)
    for name, operation in operations().items():
        shown = [operation.get("requestBody", {}).get("content", {})]
        shown += [
            answer.get("content", {})
            for status, answer in operation["responses"].items()
            if status in {"200", "201"}
        ]
        for content in shown:
            if "application/json" not in content:
                continue
            held = content["application/json"]
            assert "example" in held, name
            schema = json.loads(
                json.dumps(held["schema"]).replace("#/components/schemas/", "#/$defs/")
            )
            schema["$defs"] = named["components"]["schemas"]
            jsonschema.validate(held["example"], schema)


@pytest.mark.django_db(transaction=True)
def test_rosa_grades_and_anya_analyses_by_the_client(live_server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=1, distance=1, undo_seconds=60)
    worlds.practice_case(study)
    reader = study.membership_set.readers().get()
    worlds.prepare(reader)
    site = client.Client(live_server.url, worlds.token(rosa()).key)
    assert [each["role"] for each in site.studies()] == ["reader"]
    assert len(site.practice_frame(study.code, 1)) == 2 * 48 * 48
    assert site.practice_image(study.code, 1)["rows"] == 48
    assert site.practice_preview(study.code, 1)
    first, second = Slot.objects.of_reader(reader)
    rosa().client.get(f"/read/report/{first.public_id}/")
    assert site.slot_image(first.public_id)["columns"] == 48
    assert len(site.slot_frame(first.public_id)) == 2 * 48 * 48
    assert site.slot_preview(first.public_id)
    assert site.slot_draft(first.public_id, {"letter": "C"})["saved_at"]
    stored = [
        site.slot_grade(first.public_id, {"letter": "B"}, key="a-key-of-mine")
        for _ in range(2)
    ]
    assert stored[0] == stored[1] and Grade.objects.count() == 1
    with pytest.raises(client.Refused, match="409"):
        site.slot_grade(first.public_id, {"letter": "D"}, key="a-key-of-mine")
    assert site.slot_undo(first.public_id)["version"] == 2
    assert site.slot_grade(first.public_id, {"letter": "A"})["version"] == 2
    assert site.slot_open(second.public_id)["opened_at"]
    site.slot_grade(second.public_id, {"letter": "D"})
    with pytest.raises(client.Refused, match="readers of a study"):
        site.study_tables(study.code)

    worlds.close(study)
    desk = client.Client(live_server.url, worlds.token(anya()).key)
    assert [each["state"] for each in desk.studies()] == ["closed"]
    assert desk.study_results(study.code)["schema"] == "readerstudy.results/1"
    names = {each["name"] for each in desk.study_tables(study.code)}
    assert {"reads", "pairs"} <= names
    grades = [row["grade"] for row in desk.table_rows(study.code, "reads")]
    assert grades == ["A", "D"]
    assert desk.study_table(study.code, "reads.parquet")[:4] == b"PAR1"
    with pytest.raises(client.Refused) as refusal:
        client.Client(live_server.url, "rs_unknown").studies()
    assert refusal.value.status == 401 and refusal.value.sentence.endswith(".")


@pytest.mark.django_db
def test_the_page_of_the_api_shows_every_operation_and_asks_nobody_else():
    page = rosa().client.get("/api/docs/").content.decode()
    for name, operation in operations().items():
        assert f'id="{name}"' in page
        for status in operation["responses"]:
            assert f"<dt>{status}</dt>" in page or f"It answers {status}" in page
    assert "a-key-made-by-the-client" in page
    assert 'src="http' not in page and 'href="http' not in page
