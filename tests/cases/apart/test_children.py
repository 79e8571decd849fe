"""Whatever a file does to its reader: it is refused, and the next one is read."""

import os
import signal
import threading

import pytest

from readerstudy.cases.apart.children import Child, Children, ask
from readerstudy.cases.radiograph import Refused
from tests.cases.apart import hostile


def is_well():
    return ask(hostile.echo, {"word": "ä"}, b"one", b"two").content == b"onetwo"


def reader():
    """Which process reads the next file."""
    return ask(hostile.echo).words["pid"]


@pytest.mark.parametrize("job", [hostile.spin, hostile.sleep], ids=["spins", "sleeps"])
def test_a_reader_that_never_ends_is_ended(settings, job):
    settings.PARSER_SECONDS = 1
    with pytest.raises(Refused, match="could not be read within 1 seconds"):
        ask(job)
    assert is_well()


def test_a_reader_that_eats_memory_is_ended(settings):
    settings.PARSER_MEMORY_MB = 600
    greedy = reader()
    with pytest.raises(Refused, match="more memory than the 600 MB"):
        ask(hostile.eat)
    assert reader() != greedy
    assert is_well()


@pytest.mark.parametrize("job", [hostile.abort, hostile.crash, hostile.leave])
def test_a_reader_that_dies_takes_its_file_with_it_and_nothing_else(job):
    with pytest.raises(Refused, match="its decoder broke on it"):
        ask(job)
    assert is_well()


def test_a_file_does_not_suffer_for_those_before_it(settings):
    settings.PARSER_MEMORY_MB = 800
    most = {"bytes": 450 * 1024**2}
    spoiled = ask(hostile.keep, most).words["pid"]
    assert ask(hostile.need, most).words["pid"] != spoiled
    spoiled = ask(hostile.die_unless_fresh).words["pid"]
    assert ask(hostile.die_unless_fresh).words["pid"] != spoiled


def test_a_file_does_not_suffer_for_a_machine_that_took_its_reader(monkeypatch):
    """The kernel ends the readers first where the machine runs out of memory."""
    first = reader()
    monkeypatch.setattr(Child, "may_go_on", property(lambda child: True))
    os.kill(first, signal.SIGKILL)
    assert reader() != first


def test_a_reader_that_died_while_nobody_asked_is_replaced():
    own = Children()
    with own.one() as child:
        pass
    child._process.terminate()
    child._process.wait()
    with own.one() as another:
        assert another is not child
    own.stop()


def test_a_refusal_and_a_fault_of_the_reader_are_sentences(caplog):
    first = reader()
    with pytest.raises(Refused, match=r"^It is not to our taste\.$"):
        ask(hostile.refuse)
    with pytest.raises(Refused, match="its reader broke on it"):
        ask(hostile.fail, {}, b"Doe^John")
    # The place is told, for whoever mends it; what the file held is not.
    assert "KeyError" in caplog.text and "hostile.py" in caplog.text
    assert "Doe" not in caplog.text
    assert reader() == first


def test_one_reader_reads_file_after_file():
    assert reader() == reader() != os.getpid()


def test_two_at_once_have_a_reader_each():
    own, readers = Children(), []
    both = threading.Barrier(2)

    def read():
        with own.one() as child:
            both.wait()
            answer = child.ask(f"{hostile.__name__}:echo", {}, [])
            readers.append(answer.words["answer"]["pid"])

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    own.stop()
    assert len(set(readers)) == 2


def test_a_forked_process_asks_a_reader_of_its_own():
    first = reader()
    incoming, outgoing = os.pipe()
    if not os.fork():
        os.write(outgoing, f"{reader()}".encode())
        os._exit(0)
    os.close(outgoing)
    with os.fdopen(incoming) as said:
        assert int(said.read()) != first
    os.wait()
    assert reader() == first


def test_a_reader_knows_no_secret_and_writes_no_file(tmp_path):
    found = ask(hostile.surroundings).words
    assert not {"SECRET_KEY", "DATABASE_URL", "BROKER_URL"} & set(found["environment"])
    # 0, 1 and 2 lead nowhere; then its line, and the list of files that was asked for.
    assert len(found["open"]) <= 5
    said = ask(hostile.write, {"path": str(tmp_path / "mine")}).words
    assert said == "File too large"


def test_a_reader_that_does_not_start_is_the_sites_fault_and_no_files(
    settings, monkeypatch
):
    settings.PARSER_MEMORY_MB = 16
    # None of those that were started before.
    monkeypatch.setattr("readerstudy.cases.apart.children.children", Children())
    with pytest.raises(RuntimeError, match="PARSER_MEMORY_MB"):
        ask(hostile.echo)
