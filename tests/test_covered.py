"""`make coverage` names what is below its limit, and the lines that are missed."""

import json

from tests import covered


def file(*, there: int, missed: list[int], branches: list[list[int]]) -> dict:
    summary = {
        "num_statements": there,
        "covered_lines": there - len(missed),
        "num_branches": 4,
        "covered_branches": 4 - len(branches),
    }
    return {
        "summary": summary,
        "missing_lines": missed,
        "missing_branches": branches,
    }


def said_of(files, tmp_path, capsys):
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps({"files": files}))
    return covered.main(report), capsys.readouterr().out


def test_one_branch_is_too_much_where_all_are_wanted(tmp_path, capsys):
    files = {
        "readerstudy/access.py": file(there=500, missed=[], branches=[[7, -1]]),
        "readerstudy/cases/desk/views.py": file(there=96, missed=[3], branches=[]),
        "readerstudy/cases/models.py": file(there=96, missed=[1, 2], branches=[]),
    }
    code, said = said_of(files, tmp_path, capsys)
    assert code == 1
    assert "99.8 % of 100 wanted  readerstudy/access.py  below its limit" in said
    assert "readerstudy/access.py:7 never to the end" in said
    assert "98.5 % of  90 wanted  readerstudy/cases\n" in said


def test_nothing_is_said_of_what_meets_its_limit(tmp_path, capsys):
    files = {
        "readerstudy/grading/views.py": file(there=9, missed=[], branches=[]),
        "inference/engine.py": file(there=100, missed=[5, 6, 7], branches=[]),
    }
    code, said = said_of(files, tmp_path, capsys)
    assert code == 0
    assert "Missed" not in said and "below" not in said
