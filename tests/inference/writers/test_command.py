"""A command writes reports: well, badly, twice, too late, and unasked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from inference.writers.command import CommandMaking, CommandWriter
from inference.writers.writing import Failed, Picture, Written

ROOT = Path(__file__).resolve().parents[3]
READ = "import json, os, sys, time\nasked = [json.loads(line) for line in sys.stdin]\n"
SAY = "def say(**words):\n    print(json.dumps(words), flush=True)\n"
ALL = "for each in asked: say(id=each['id'], report='Clear lungs.')\n"


def written(tmp_path, code, *, count=3, seconds=20.0, **making):
    """What came of radiographs of rising brightness, by their numbers."""
    script = tmp_path / "adapter.py"
    script.write_text(READ + SAY + code)
    made = CommandMaking(
        "adapter", (sys.executable, str(script)), seconds=seconds, **making
    )
    pictures = [
        Picture(number, lambda number=number: Image.new("L", (30, 20), 50 * number))
        for number in range(1, count + 1)
    ]
    return {each.key: each for each in CommandWriter(made).write(pictures)}


def problems(found):
    return {key: each.problem for key, each in found.items() if not_written(each)}


def not_written(outcome):
    return isinstance(outcome, Failed)


def test_a_command_gets_paths_and_gives_reports(tmp_path):
    code = (
        "from PIL import Image\n"
        "for each in reversed(asked):\n"
        "    image = Image.open(each['image'])\n"
        "    words = f'{image.mode} {image.size} {image.getpixel((0, 0))}'\n"
        "    say(id=each['id'], report=words, finish='length')\n"
    )
    found = written(tmp_path, code)
    assert {key: each.text for key, each in found.items()} == {
        1: "L (30, 20) 50",
        2: "L (30, 20) 100",
        3: "L (30, 20) 150",
    }
    assert found[1].making["finish"] == "length"
    assert found[1].making["batch"] == 3


def test_what_it_says_of_one_radiograph_concerns_that_one(tmp_path):
    code = "say(id='0001', error='No lungs in sight.')\nsay(id='0002', report=' ')\n"
    found = written(tmp_path, code + "say(id='0003', report='Clear lungs.')")
    assert problems(found) == {
        1: "The command says: No lungs in sight.",
        2: "Line 2 of the command's output holds no text under report.",
    }
    assert found[3].text == "Clear lungs."


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('print(\'{"id": "0001", "rep\')', "Line 1 of its output is damaged"),
        ("print('Loading the model ...')", "Line 1 of its output is damaged"),
        ("print('[]')", "Line 1 of its output is damaged"),
        ("say(report='Whose?')", "Line 1 of its output is damaged"),
        (
            'sys.stdout.buffer.write(b\'{"id": "0001", "report": "Na\\xefve."}\')\n'
            "print(flush=True)",
            "Line 1 of its output is damaged: it is not UTF-8.",
        ),
    ],
)
def test_a_damaged_line_leaves_whole_ones_and_is_told(tmp_path, line, told):
    code = f"{line}\nsay(id='0002', report='Clear.')\nsay(id='0003', report='Clear.')"
    found = written(tmp_path, code)
    assert set(problems(found)) == {1}
    assert "wrote no report of this radiograph" in found[1].problem
    assert told in found[1].problem


def test_what_no_database_keeps_is_marked(tmp_path):
    code = (
        "say(id='0001', error='No \\0 lungs \\ud800.')\n"
        "say(id='0002', report='Clear \\0 lungs \\ud800.')\n"
        "print('[' * 100_000)\n"
        "sys.stderr.write('Out of \\0 memory')\nsys.exit(3)"
    )
    found = written(tmp_path, code)
    assert found[1].problem == "The command says: No \ufffd lungs ?."
    assert found[2].text == "Clear \ufffd lungs ?."
    assert "It said last: Out of \ufffd memory" in found[3].problem
    assert "Line 3 of its output is damaged" in found[3].problem


def test_a_line_of_progress_does_no_harm_where_nothing_is_missing(tmp_path):
    assert problems(written(tmp_path, "print('Loading ...')\n" + ALL)) == {}


def test_a_missing_line_is_told(tmp_path):
    found = written(tmp_path, "say(id='0002', report='Clear.')")
    assert set(problems(found).values()) == {
        "The command wrote no report of this radiograph."
    }
    assert isinstance(found[2], Written)


def test_two_answers_about_one_radiograph_are_none(tmp_path):
    code = ALL + "say(id='0002', report='On second thoughts.')"
    found = written(tmp_path, code)
    assert problems(found) == {
        2: "The command answered twice about this radiograph, the second time in line "
        "4 of its output: neither is kept."
    }


def test_an_answer_that_nobody_asked_for_spoils_the_run(tmp_path):
    found = written(tmp_path, ALL + "say(id='0099', report='Clear.')")
    assert len(problems(found)) == 3
    assert "is about '0099', which it was not asked about" in found[1].problem


def test_a_command_that_breaks_down_leaves_what_it_had_written(tmp_path):
    code = (
        "say(id='0001', report='Clear lungs.')\n"
        "sys.stderr.write('CUDA out of memory\\n\\n')\nsys.exit(3)"
    )
    found = written(tmp_path, code)
    assert found[1].text == "Clear lungs."
    assert found[2].problem == (
        "The command ended with status 3. It said last: CUDA out of memory The command "
        "wrote no report of this radiograph."
    )


def test_a_command_that_is_not_there_is_told(tmp_path):
    made = CommandMaking("gone", ("/nowhere/at/all",))
    picture = Picture(1, lambda: Image.new("L", (8, 8)))
    (found,) = CommandWriter(made).write([picture])
    assert "cannot be started: No such file or directory" in found.problem


def wait_until(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid):
    """Whether a process runs; what is dead and not yet buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("ending", ["time.sleep(600)", ALL + "sys.exit(0)"])
def test_it_ends_with_all_that_it_has_started(tmp_path, ending):
    note = tmp_path / "pid"
    code = (
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"with open({str(note)!r}, 'w') as note:\n"
        f"    note.write(f'{{os.getpid()}} {{child.pid}}')\n{ending}\n"
    )
    found = written(tmp_path, code, seconds=3.0)
    if "600" in ending:
        assert "was ended after 3 seconds" in found[1].problem
    else:
        assert problems(found) == {}
    deadline = time.monotonic() + 20
    pids = [int(pid) for pid in note.read_text().split()]
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, pids))


def test_it_ends_with_the_worker_that_was_killed(tmp_path):
    note = tmp_path / "pid"
    script = tmp_path / "adapter.py"
    script.write_text(
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"with open({str(note)!r}, 'w') as note:\n"
        "    note.write(f'{os.getpid()} {child.pid}.')\n"
        "time.sleep(600)\n"
    )
    worker = (
        "import sys\n"
        "from PIL import Image\n"
        "from inference.writers.command import CommandMaking, CommandWriter\n"
        "from inference.writers.writing import Picture\n"
        f"made = CommandMaking('adapter', (sys.executable, {str(script)!r}))\n"
        "picture = Picture(1, lambda: Image.new('L', (30, 20)))\n"
        "list(CommandWriter(made).write([picture]))\n"
    )
    with subprocess.Popen([sys.executable, "-c", worker], cwd=ROOT) as process:
        wait_until(lambda: note.exists() and note.read_text().endswith("."))
        pids = [int(pid) for pid in note.read_text().strip(".").split()]
        assert all(map(is_running, pids))
        process.kill()
    try:
        wait_until(lambda: not any(map(is_running, pids)))
    finally:
        for pid in filter(is_running, pids):
            os.kill(pid, signal.SIGKILL)


def test_it_sees_no_key_of_the_site(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "of-the-site")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://user:password@host/name")
    code = "for each in asked: say(id=each['id'], report=' '.join(sorted(os.environ)))"
    seen = written(tmp_path, code, count=1)[1].text.split()
    assert "PATH" in seen
    assert not {"SECRET_KEY", "OPENAI_API_KEY", "DATABASE_URL"} & set(seen)


def test_its_images_are_gone_when_it_has_ended(tmp_path):
    code = "for each in asked: say(id=each['id'], report=each['image'])"
    path = written(tmp_path, code, count=1)[1].text
    assert path.endswith("/0001.png") and not os.path.exists(path)


def test_words_of_a_command_line_are_never_seen_by_a_shell(tmp_path):
    code = "for each in asked: say(id=each['id'], report=json.dumps(sys.argv[1:]))"
    script = tmp_path / "adapter.py"
    script.write_text(READ + SAY + code)
    words = (sys.executable, str(script), "$HOME; touch x", "`id`")
    picture = Picture(1, lambda: Image.new("L", (8, 8)))
    (found,) = CommandWriter(CommandMaking("adapter", words)).write([picture])
    assert found.text == '["$HOME; touch x", "`id`"]'


def test_the_making_names_the_adapter_by_its_content(tmp_path):
    script = tmp_path / "adapter.py"
    script.write_text("pass")
    made = CommandWriter(CommandMaking("one", (sys.executable, str(script)), "v1"))
    assert list(made.provenance()["files_sha256"]) == [str(script)]
    plain = made.making
    assert CommandMaking("one", plain.words, "v2").fingerprint != plain.fingerprint
    slower = CommandMaking("one", plain.words, "v1", seconds=9.0)
    assert slower.fingerprint == plain.fingerprint
