"""An embedded site makes its own signing key once and keeps it to itself."""

import stat
import threading

from readerstudy.kept_key import kept_key


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    folder = tmp_path / "data"
    first = kept_key(folder)
    assert len(first) >= 50
    assert kept_key(folder) == first
    kept = folder / "secret-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(folder.iterdir()) == [kept]


def test_two_sites_have_two_keys(tmp_path):
    assert kept_key(tmp_path / "one") != kept_key(tmp_path / "two")


def test_a_key_that_is_there_is_never_replaced(tmp_path):
    (tmp_path / "secret-key").write_text("kept\n")
    assert kept_key(tmp_path) == "kept"


def test_threads_that_start_together_agree(tmp_path):
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.append(kept_key(tmp_path)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 1
