"""What lies behind a path: every file once, whatever the folder is like."""

import contextlib
import io
import os
import tarfile
import tracemalloc
import zipfile

import pytest

from readerstudy.cases import archives
from readerstudy.cases.found import files_of
from readerstudy.cases.radiograph import Refused


@pytest.fixture(autouse=True)
def _inflated_here(settings, tmp_path_factory):
    settings.DATA_DIR = tmp_path_factory.mktemp("data")


def read(path):
    """Content or reason by name below the path."""
    found = {}
    for file in files_of(path):
        name = file.name.removeprefix(f"{path}/")
        try:
            found[name] = file.read()
        except Refused as refusal:
            found[name] = refusal.reason
    return found


def zipped(members, compression=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(path, members, mode):
    with tarfile.open(path, mode) as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_one_damaged_archive_costs_nothing_but_itself(tmp_path):
    good = zipped([("b.dcm", b"b"), ("../../c.dcm", b"c"), ("d\\e.dcm", b"e")])
    place = good.rfind(b"PK\x01\x02")
    (tmp_path / "bad.zip").write_bytes(good[:place] + b"PK\x09\x09" + good[place + 4 :])
    (tmp_path / "cut.tgz").write_bytes(b"\x1f\x8b\x08cut")
    (tmp_path / "good.zip").write_bytes(good)
    (tmp_path / "a.dcm").write_bytes(b"a")
    found = read(tmp_path)
    assert "damaged ZIP archive" in found.pop("bad.zip")
    assert "damaged tar archive" in found.pop("cut.tgz")
    assert found == {
        "a.dcm": b"a",
        "good.zip/../../c.dcm": b"c",
        "good.zip/b.dcm": b"b",
        "good.zip/d/e.dcm": b"e",
    }


def test_a_damaged_or_encrypted_member_costs_nothing_but_itself(tmp_path):
    content = bytearray(zipped([("a.dcm", b"first"), ("b.dcm", b"other")]))
    content[content.find(b"first")] ^= 1
    (tmp_path / "x.zip").write_bytes(content)
    locked = bytearray(zipped([("c.dcm", b"locked")]))
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "y.zip").write_bytes(locked)
    found = read(tmp_path)
    assert "damaged inside its ZIP" in found["x.zip/a.dcm"]
    assert found["x.zip/b.dcm"] == b"other"
    assert found["y.zip/c.dcm"] == "It is encrypted."


def test_an_archive_in_an_archive_is_told_apart(tmp_path):
    inner = zipped([("a.dcm", b"a")])
    (tmp_path / "outer.zip").write_bytes(zipped([("inner.zip", inner)]))
    assert "Unpack" in read(tmp_path)["outer.zip/inner.zip"]


def test_two_members_of_one_name_are_two_files(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        content = zipped([("a.dcm", b"1"), ("a.dcm", b"2")])
    (tmp_path / "x.zip").write_bytes(content)
    assert [file.read() for file in files_of(tmp_path)] == [b"1", b"2"]


def test_what_would_fill_the_memory_is_not_inflated(tmp_path, monkeypatch):
    monkeypatch.setattr("readerstudy.cases.radiograph.MAXIMUM_FILE_BYTES", 10**6)
    bomb = zipped([("bomb.dcm", bytes(64 * 10**6))], zipfile.ZIP_DEFLATED)
    (tmp_path / "x.zip").write_bytes(bomb)
    tarred(tmp_path / "y.tar", [("long.dcm", bytes(2 * 10**6))], "w")
    tracemalloc.start()
    found = read(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert all("too large" in reason for reason in found.values())
    assert len(found) == 2
    assert peak < 5 * 10**6


@pytest.mark.parametrize(("suffix", "mode"), [(".tgz", "w:gz"), (".tar", "w")])
def test_a_tar_is_read_in_any_order_a_member_at_a_time(tmp_path, suffix, mode):
    members = [(f"{number}.dcm", bytes([number]) * 4 * 10**6) for number in range(20)]
    path = tarred(tmp_path / f"x{suffix}", members, mode)
    tracemalloc.start()
    found = list(files_of(path))
    contents = {file.path.name: file.read()[:1] for file in reversed(found)}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert contents == {name: content[:1] for name, content in members}
    assert peak < 20 * 10**6


def test_an_archive_that_changed_is_read_anew(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(zipped([("a.dcm", b"before")]))
    assert read(path) == {"a.dcm": b"before"}
    path.write_bytes(zipped([("a.dcm", b"afterwards")]))
    assert read(path) == {"a.dcm": b"afterwards"}


def test_links_are_followed_and_circles_are_not(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.dcm").write_bytes(b"a")
    place = tmp_path / "place"
    place.mkdir()
    (place / "circle").symlink_to(place)
    (place / "linked").symlink_to(elsewhere)
    (place / "self.dcm").symlink_to("self.dcm")
    (place / "nowhere.dcm").symlink_to("/nowhere")
    os.mkfifo(place / "pipe.dcm")
    found = read(place)
    assert found.pop("linked/a.dcm") == b"a"
    assert "Too many levels" in found.pop("self.dcm")
    assert "no such file" in found.pop("nowhere.dcm")
    assert "neither a file nor a folder" in found.pop("pipe.dcm")
    assert not found


def test_a_folder_that_is_closed_to_us_is_told(tmp_path):
    (tmp_path / "open.dcm").write_bytes(b"a")
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "hidden.dcm").write_bytes(b"b")
    with as_nobody(closed):
        assert "Permission denied" in read(closed)[str(closed)]
        assert (
            "Permission denied" in read(closed / "hidden.dcm")[f"{closed}/hidden.dcm"]
        )


@contextlib.contextmanager
def as_nobody(closed):
    """Root may read everything, so it must be somebody else for a moment."""
    me = os.geteuid()
    closed.chmod(0)
    try:
        if me == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(me)
        closed.chmod(0o700)


def test_lists_and_notes_are_companions_even_where_they_are_archives(tmp_path):
    (tmp_path / "reports.xlsx").write_bytes(zipped([("xl/a.bin", b"a")]))
    (tmp_path / "DICOMDIR").write_bytes(b"x")
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "film.dcm").write_bytes(b"x")
    taken = [file.path.name for file in files_of(tmp_path) if not file.is_companion]
    assert taken == ["film.dcm"]


def test_a_picture_that_ends_like_an_archive_is_none(tmp_path):
    content = b"\x89PNG" + zipped([("a.dcm", b"a")])
    (tmp_path / "film.png").write_bytes(content)
    assert read(tmp_path) == {"film.png": content}


def test_a_member_that_holds_more_than_it_says_is_not_inflated(tmp_path):
    content = bytearray(zipped([("a.dcm", bytes(64 * 10**6))], zipfile.ZIP_DEFLATED))
    size_said = content.rindex(b"PK\x01\x02") + 24
    content[size_said : size_said + 4] = (1000).to_bytes(4, "little")
    (tmp_path / "x.zip").write_bytes(content)
    [(_, read)] = archives.members_of(tmp_path / "x.zip", "ZIP")
    tracemalloc.start()
    with pytest.raises(Refused, match="damaged inside its ZIP"):
        read()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 10**6


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused_member_by_member(tmp_path, method):
    (tmp_path / "x.zip").write_bytes(zipped([("a.dcm", b"a" * 900)], method))
    [(_, read)] = archives.members_of(tmp_path / "x.zip", "ZIP")
    with pytest.raises(Refused, match="other than stored and deflate"):
        read()
