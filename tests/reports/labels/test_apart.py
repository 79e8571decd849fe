"""A file of labels is checked by a child: the same comes back, or a sentence."""

import json

import pytest

from readerstudy.cases.radiograph import Refused
from readerstudy.reports.labels import apart
from readerstudy.reports.labels.checking import (
    check_answers,
    check_labels,
    check_metrics,
)

KNOWN = {"CXR1": 11, "CXR2": 12, "CXR3": 13}
LABELS = b"study_id,Edema,Fracture,note\nCXR1,1,-1,x\nCXR2,,0,\nCXR9,1,1,\nCXR2,0,0,\n"
METRICS = b"case,BLEU,note\nCXR1,0.5,x\nCXR2,much,\n"
ANSWERS = "\n".join(
    json.dumps({"image": case, "text": text, "fingerprint": "ab"})
    for case, text in (("CXR1", '{"Edema": 1}'), ("CXR2", "[" * 5000))
).encode()


@pytest.mark.parametrize(
    ("kind", "check", "content"),
    [
        ("labels", check_labels, LABELS),
        ("metrics", check_metrics, METRICS),
        ("answers", check_answers, ANSWERS),
    ],
)
def test_what_comes_back_is_what_was_found(kind, check, content):
    there = check(content, "a.csv", KNOWN)
    assert apart.checked_apart(kind, content, "a.csv", KNOWN) == there


def test_a_file_of_nothing_but_problems_is_refused_with_the_first(monkeypatch):
    monkeypatch.setattr(apart, "MOST_PROBLEMS", 2)
    rows = b"".join(b"CXR%d,1\n" % number for number in range(7, 11))
    asked = {"kind": "labels", "name": "a.csv", "known": KNOWN}
    with pytest.raises(Refused, match=r"4 lines cannot be taken.*line 2.*CXR7"):
        apart.checked(bytearray(b"study_id,Edema\n" + rows), asked)


@pytest.mark.parametrize(
    "lie",
    [
        {"lines": [{"line": 1, "case": 99, "values": {}}]},
        {"lines": [{"line": 1, "case": 11, "values": {"Nothing": 1}}]},
        {"lines": [{"line": 1, "case": 11, "values": {"Edema": "1"}}]},
        {"lines": [{"case": 11}]},
        {"columns": "Edema"},
        {"problems": [{}]},
    ],
    ids=repr,
)
def test_what_makes_no_sense_is_refused(lie, monkeypatch):
    found, _ = apart.checked(
        bytearray(b"study_id,Edema\nCXR1,1\n"),
        {"kind": "labels", "name": "a.csv", "known": KNOWN},
    )

    class Told:
        words = found | lie

    monkeypatch.setattr(apart, "ask", lambda *asked: Told)
    with pytest.raises(Refused, match="its reader broke on it"):
        apart.checked_apart("labels", b"x", "a.csv", KNOWN)
