"""Dialogues from a chat endpoint: asked once, strictly read, resumed, never leaking."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inference.__main__ import main
from inference.train.asking import messages_for, parse_pairs
from inference.train.manifest import Facts, read_manifest
from tests.inference.chat_server import ChatServer, pairs, says

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-very-secret-0123"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def source(tmp_path) -> Path:
    """Six images of five studies: two share a report, one has none."""
    path = tmp_path / "in" / "studies.jsonl"
    path.parent.mkdir()
    reports = ["Small effusion.", "Small effusion.", "Clear.", "", "Edema.", "Nodule."]
    lines = [
        {"image": f"{number}.png", "labels": {"Edema": number == 4}, "report": report}
        for number, report in enumerate(reports)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def ask(source: Path, url: str, *words: str) -> int:
    return main(
        [
            *("dialogues", "--manifest", str(source), "--base-url", url),
            *("--out", str(out_of(source)), "--model", "gpt-4", "--wait", "0.01"),
            *words,
        ]
    )


def out_of(source: Path) -> Path:
    return source.parent.parent / "out.jsonl"


def is_about(body: dict[str, object], report: str) -> bool:
    """Whether a request is about a study with this report."""
    return body["messages"][1]["content"].startswith(f"Report:\n{report}")  # type: ignore[index]


def lines_of(path: Path) -> dict[str, dict[str, object]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    found = {Path(line["image"]).name: line for line in lines}
    assert len(found) == len(lines)
    return found


def test_every_report_is_asked_once_and_the_manifest_can_be_trained_on(source):
    with ChatServer(lambda body, number: says(pairs(3))) as server:
        assert ask(source, server.url) == 0
    assert len(server.requests) == 4
    assert set(server.paths) == {"/v1/chat/completions"}
    body = next(one for one in server.requests if is_about(one, "Edema."))
    assert (body["model"], body["temperature"], body["seed"]) == ("gpt-4", 0.7, 0)
    system, user = body["messages"]
    assert "3 pairs" in system["content"] and '{"pairs": [' in system["content"]
    assert user["content"] == "Report:\nEdema.\n\nFindings present: Edema."
    lines = lines_of(out_of(source))
    assert len(lines) == 6
    assert lines["0.png"]["questions"] == lines["1.png"]["questions"]
    assert "questions" not in lines["3.png"]
    made = lines["4.png"]["dialogue"]
    assert made["answered_by"] == "gpt-scripted-2026"
    assert made["usage"]["completion_tokens"] == 60
    assert (made["temperature"], made["seed"], made["pairs"]) == (0.7, 0, 3)
    studies = dict(read_manifest(out_of(source)))
    facts = studies[source.parent / "4.png"]
    assert facts.questions[0] == ("Question 0 on the lungs?", "Answer 0.")
    assert facts.report == "Edema." and facts.labels == {"Edema": True}


def test_what_is_there_is_not_asked_again(source):
    with ChatServer(lambda body, number: says(pairs(3))) as server:
        assert ask(source, server.url) == 0
        before = out_of(source).read_bytes()
        assert ask(source, server.url) == 0
        assert len(server.requests) == 4
        assert out_of(source).read_bytes() == before
        with source.open("a") as stream:
            stream.write('{"image": "9.png", "report": "Clear."}\n')
            stream.write('{"image": "8.png", "report": "Fracture."}\n')
        assert ask(source, server.url) == 0
        # Another image with the same report and labels known is not asked for.
        assert len(server.requests) == 6
        assert set(lines_of(out_of(source))) >= {"8.png", "9.png"}
        assert ask(source, server.url) == 0
        assert len(server.requests) == 6


def test_a_half_line_of_a_killed_run_is_dropped(source):
    with ChatServer(lambda body, number: says(pairs(3))) as server:
        assert ask(source, server.url) == 0
        whole = out_of(source).read_text().splitlines(keepends=True)
        out_of(source).write_text("".join(whole[:3]) + whole[3][:40])
        asked = len(server.requests)
        assert ask(source, server.url) == 0
    assert len(lines_of(out_of(source))) == 6
    assert asked < len(server.requests) < 8


def test_answers_that_are_none_are_kept_beside_and_asked_for_again(source, capsys):
    def script(body, number):
        return says("Sure! Here they are." if is_about(body, "Edema.") else pairs(3))

    with ChatServer(script) as server:
        assert ask(source, server.url) == 1
    assert "1 of 4 answers are not the dialogues" in capsys.readouterr().err
    line = lines_of(out_of(source))["4.png"]
    assert "questions" not in line and "no JSON" in line["dialogue"]["problem"]
    side = out_of(source).with_name("out.unread.jsonl")
    raw = json.loads(side.read_text())
    assert raw["text"] == "Sure! Here they are." and raw["image"].endswith("4.png")
    with ChatServer(lambda body, number: says(pairs(3))) as server:
        assert ask(source, server.url) == 0
    assert len(server.requests) == 1
    assert "questions" in lines_of(out_of(source))["4.png"]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500},
        {"status": 503, "body": "<html>busy</html>"},
        {**says(pairs(3)), "cut": True},
        {"body": "no JSON"},
        {"body": '{"choices": []}'},
        {**says(pairs(3)), "delay": 1.5},
    ],
    ids=["429", "500", "503", "cut", "html", "empty", "slow"],
)
def test_what_may_pass_is_tried_again(source, fault):
    def script(body, number):
        return dict(fault) if number == 1 else says(pairs(3))

    with ChatServer(script) as server:
        assert ask(source, server.url, "--timeout", "0.8") == 0
    assert len(server.requests) == 5


def test_an_endpoint_that_stays_away_stops_the_run_and_loses_nothing(source, capsys):
    def script(body, number):
        return {"status": 502} if number > 2 else says(pairs(3))

    with ChatServer(script) as server:
        words = ("--concurrency", "1", "--tries", "2")
        assert ask(source, server.url, *words) == 1
    said = capsys.readouterr().err
    assert "gives no answer after 2 tries (502" in said
    assert "The same command goes on from here." in said
    assert len(lines_of(out_of(source))) == 4
    nowhere = "http://127.0.0.1:9/v1"
    assert ask(source, nowhere, "--tries", "1") == 1
    assert "refused" in capsys.readouterr().err
    with ChatServer(lambda body, number: says(pairs(3))) as server:
        assert ask(source, server.url) == 0
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_to_talk_at_all_is_not_repeated(source, capsys, status):
    with ChatServer(
        lambda body, number: {"status": status, "body": "no such model"}
    ) as server:
        assert ask(source, server.url, "--concurrency", "1") == 1
    assert len(server.requests) == 1
    assert f"refuses to answer ({status}" in capsys.readouterr().err


def test_one_report_that_is_refused_leaves_the_others(source):
    def script(body, number):
        if is_about(body, "Nodule."):
            return {"status": 400, "body": '{"error": "content_filter"}'}
        if is_about(body, "Clear."):
            return {"body": json.dumps(says("half a pair: \ud83d"))}
        return says("" if is_about(body, "Edema.") else pairs(3))

    with ChatServer(script) as server:
        assert ask(source, server.url) == 1
    lines = lines_of(out_of(source))
    assert "content_filter" in lines["5.png"]["dialogue"]["problem"]
    assert "The answer is empty" in lines["4.png"]["dialogue"]["problem"]
    assert "no JSON" in lines["2.png"]["dialogue"]["problem"]
    assert sum("questions" in line for line in lines.values()) == 2


def test_the_key_goes_to_the_endpoint_and_nowhere_else(
    source, monkeypatch, capsys, tmp_path
):
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")

    def script(body, number):
        if number == 1:
            return {"status": 400, "body": f"Incorrect API key provided: {KEY}"}
        return says(pairs(3))

    with ChatServer(script) as server:
        assert ask(source, server.url, "--concurrency", "1") == 1
    sent = [headers["Authorization"] for headers in server.headers]
    assert sent == [f"Bearer {KEY}"] * 4
    said = capsys.readouterr()
    files = [path.read_text() for path in tmp_path.rglob("*.jsonl")]
    assert KEY not in "".join([said.out, said.err, *files])
    assert "***" in "".join(files)
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n{KEY}")
    assert ask(source, "http://127.0.0.1:9/v1") == 2
    assert KEY not in capsys.readouterr().err


def test_a_redirect_is_not_followed(source, monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ChatServer(lambda body, number: says(pairs(3))) as other:
        leads_away = {"status": 302, "headers": {"Location": f"{other.url}/x"}}
        with ChatServer(lambda body, number: dict(leads_away)) as server:
            assert ask(source, server.url) == 1
    assert not other.headers
    assert "refuses to answer (302" in capsys.readouterr().err


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_are_under_way_than_asked_for(source, concurrency):
    def script(body, number):
        return {**says(pairs(3)), "delay": 0.2}

    with ChatServer(script) as server:
        assert ask(source, server.url, "--concurrency", str(concurrency)) == 0
    assert server.most_at_once == concurrency


def test_dialogues_of_another_model_are_not_mixed_in(source, capsys):
    with ChatServer(lambda body, number: says(pairs(3))) as server:
        assert ask(source, server.url) == 0
        before = out_of(source).read_bytes()
        assert ask(source, server.url, "--seed", "1") == 2
        assert "another model, prompt or setting" in capsys.readouterr().err
        assert ask(source, server.url, "--per-study", "2") == 2
    assert out_of(source).read_bytes() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--base-url", "ftp://x/v1"], "is no address such as"),
        (["--base-url", "https://me:secret@x/v1"], "must hold no password"),
        (["--temperature", "3"], "The temperature must be from 0 to 2."),
        (["--timeout", "0"], "The timeout must be above 0"),
        (["--manifest", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
    ],
)
def test_what_cannot_work_is_told(source, capsys, words, sentence):
    assert ask(source, "http://127.0.0.1:9/v1", *words) == 2
    said = capsys.readouterr().err
    assert sentence in said and "secret" not in said
    assert not out_of(source).exists()


def test_a_file_of_another_kind_is_left_alone(source, capsys):
    out_of(source).write_text("my notes\n")
    assert ask(source, "http://127.0.0.1:9/v1") == 2
    assert "Line 1 of" in capsys.readouterr().err
    assert out_of(source).read_text() == "my notes\n"


def test_a_killed_run_goes_on_and_asks_for_the_rest_alone(source):
    def script(body, number):
        return {**says(pairs(3)), "delay": 0.3}

    with ChatServer(script) as server:
        with subprocess.Popen(
            [
                *(sys.executable, "-m", "inference", "dialogues"),
                *("--manifest", str(source), "--out", str(out_of(source))),
                *("--base-url", server.url, "--model", "gpt-4", "--concurrency", "1"),
            ],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "no_proxy": "127.0.0.1"},
        ) as process:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and len(server.requests) < 3:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        assert "dialogue" in out_of(source).read_text()
        assert ask(source, server.url) == 0
    assert len(server.requests) <= 5
    assert len(lines_of(out_of(source))) == 6


GOOD = [{"question": "Where?", "answer": "Left."}, {"question": "What?", "answer": "A"}]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (json.dumps({"pairs": GOOD}), ""),
        (f"```json\n{json.dumps({'pairs': GOOD})}\n```", ""),
        ("", "no JSON"),
        (f"Here: {json.dumps({'pairs': GOOD})}", "no JSON"),
        (json.dumps(GOOD), "no object with pairs"),
        (json.dumps({"pairs": GOOD, "note": 1}), "no object with pairs"),
        (json.dumps({"pairs": GOOD[:1]}), "has not the 2 pairs"),
        (json.dumps({"pairs": {}}), "has not the 2 pairs"),
        (json.dumps({"pairs": [GOOD[0], ["a", "b"]]}), "Pair 2 is not"),
        (json.dumps({"pairs": [GOOD[0], {"question": "x"}]}), "Pair 2 is not"),
        (
            json.dumps({"pairs": [GOOD[0], {"question": "x", "answer": " "}]}),
            "A text of pair 2 is empty",
        ),
        (
            json.dumps({"pairs": [GOOD[0], {"question": "x", "answer": 4}]}),
            "A text of pair 2 is empty",
        ),
        (
            json.dumps({"pairs": [GOOD[0], {"question": "x", "answer": "y" * 1001}]}),
            "more than 1000",
        ),
        (
            json.dumps({"pairs": [GOOD[0], {"question": "<IMAGE> x", "answer": "y"}]}),
            "holds <image>",
        ),
        (
            json.dumps({"pairs": [GOOD[0], {"question": "where?", "answer": "y"}]}),
            "same question twice",
        ),
    ],
)
def test_an_answer_is_exactly_what_was_asked_for_or_none(answer, problem):
    found = parse_pairs(answer, 2)
    assert problem in found.problem
    assert (found.values is None) == bool(problem)
    if found.values:
        assert found.values == [("Where?", "Left."), ("What?", "A")]


def test_the_prompt_tells_what_is_known_and_no_more():
    facts = Facts({"Edema": True, "Fracture": False}, report="Edema.")
    _, user = messages_for(facts, 2)
    assert "Findings present: Edema." in user["content"]
    assert "Findings absent: Fracture." in user["content"]
    assert "Pneumonia" not in user["content"]
