"""Anya writes a protocol.json by hand; whatever it says, she gets files or a sentence.

Every part of a locked study's protocol is replaced by everything that JSON knows.
"""

import copy
import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from readerstudy.analysis.documents.docx import docx
from readerstudy.analysis.documents.latex import latex
from readerstudy.analysis.documents.methods import markdown
from readerstudy.analysis.documents.report_html import report_html
from readerstudy.analysis.figures import flow
from readerstudy.analysis.panels.panel import wording_of
from readerstudy.analysis.panels.registry import PANELS
from readerstudy.analysis.services import results_of_csv
from readerstudy.analysis.statistics.design import (
    BadProtocol,
    Design,
    design_of_protocol,
    protocol_beside,
)
from readerstudy.analysis.statistics.planning.inputs import Inputs
from readerstudy.analysis.statistics.planning.plan import plan
from readerstudy.analysis.statistics.table import BadTable
from tests import worlds

NOTHING, LARGE = None, 10**400
VALUES: tuple[Any, ...] = (
    *(NOTHING, True, 0, -1, 5, 1.5, LARGE, float("inf"), float("nan")),
    *("x", "", "\ud800", [], {}, [1], ["x"], [None], {"a": 1}, [{"name": 1}]),
)
_IN_TABLES = ("title", "scale", "arms")


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a protocol; of a list that of its first entry."""
    yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1])
    for key, each in inner:
        # The tables of power are kept for people; no document reads them.
        if key in ("table", "sentences", "versions"):
            continue
        if isinstance(each, dict | list):
            yield from places(each, (*above, key))
        else:
            yield (*above, key)


def replaced(protocol: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    changed = inner = copy.deepcopy(protocol)
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


@pytest.fixture
def protocol(db) -> dict[str, Any]:
    """The protocol of a study, with a plan of its size and every rule of reading."""
    locked = copy.deepcopy(worlds.open_study().locked_protocol)
    locked["analysis"]["sample_size"] = plan(Inputs(readers=2, cases=12))
    locked["margin_points"] = 5.0
    locked["minimum_pair_distance"] = 2
    return json.loads(json.dumps(locked))


def written(results: dict[str, Any], protocol: Any, part: str) -> None:
    """The documents that tell a part; figures but the flow tell labels alone."""
    wording = wording_of(protocol)
    markdown(results, wording).encode()
    flow.description(results, wording)
    if part not in _IN_TABLES:
        return
    panels = {name: build(results, wording) for name, build in PANELS.items()}
    latex([panel for built in panels.values() for panel in built]).encode()
    docx(panels["table5"], title=str(wording.protocol.get("title") or ""))
    report_html(results, wording, panels, {})


def test_every_part_of_a_protocol_is_used_or_refused_in_a_sentence(protocol, tmp_path):
    path = tmp_path / "protocol.json"
    arms = [arm["name"] for arm in protocol["arms"]]
    rows = "reader,case,arm,grade\n" + "".join(
        f"R{reader},C{case},{arm},{'ABCD'[(reader + 2 * case + place) % 4]}\n"
        for reader in (1, 2)
        for case in range(6)
        for place, arm in enumerate(arms)
    )
    path.write_text(json.dumps(protocol))
    assert protocol_beside(tmp_path / "reads.csv") == protocol
    computed: dict[Design, dict[str, Any]] = {}
    used = refused = 0
    for place, value in product(places(protocol), VALUES):
        path.write_text(json.dumps(replaced(protocol, place, value)))
        try:
            found = protocol_beside(tmp_path / "reads.csv")
            design = design_of_protocol(found)
            if design not in computed:
                computed[design] = results_of_csv(rows, design).as_json()
        except (BadProtocol, BadTable) as refusal:
            assert re.fullmatch(r"[^\n]+\.", str(refusal))
            refused += 1
            continue
        try:
            written(computed[design], found, str([*place, ""][0]))
        except Exception as problem:
            raise AssertionError(f"{place} = {value!r}") from problem
        used += 1
    assert min(used, refused) > 200


def test_spaces_around_the_name_of_an_arm_lose_neither_its_label_nor_its_source(
    tmp_path,
):
    reads = tmp_path / "reads.csv"
    reads.write_text("reader,case,arm,grade\nR1,C1,model,A\nR1,C1,truth,B\n")
    arms = [{"name": " model ", "label": "The model", "source": "m1"}, "truth"]
    reads.with_name("protocol.json").write_text(json.dumps({"arms": arms}))
    found = protocol_beside(reads)
    results = results_of_csv(reads.read_bytes(), design_of_protocol(found)).as_json()
    assert "The model (source m1)" in markdown(results, wording_of(found))
