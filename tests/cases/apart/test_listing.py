"""The list of an archive can be a bomb: it goes off in a child."""

import io
import tarfile
import zipfile

import pytest

from readerstudy.cases import archives
from readerstudy.cases.apart import listing
from readerstudy.cases.radiograph import Refused

GIANT = 3 * 1024**3


@pytest.fixture
def path(tmp_path):
    return tmp_path / "archive"


def test_a_zip_whose_list_fills_the_memory_is_refused(path, settings):
    settings.PARSER_MEMORY_MB = 1024
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        # Nothing but zeros is on the disk: the file has a hole of 3 GB.
        file.seek(GIANT)
        size = GIANT.to_bytes(4, "little")
        file.write(b"PK\x05\x06" + bytes(4) + b"\1\0\1\0" + size + bytes(4) + b"\0\0")
    with pytest.raises(Refused, match="more memory than the 1024 MB"):
        archives.members_of(path, "ZIP")


def test_a_tar_with_a_head_that_fills_the_memory_is_refused(path, settings):
    settings.PARSER_MEMORY_MB = 1024
    head = tarfile.TarInfo("pax")
    head.type, head.size = tarfile.XHDTYPE, GIANT
    with path.open("wb") as file:
        file.write(head.tobuf())
        file.truncate(GIANT + 10_000)
    with pytest.raises(Refused, match="more memory than the 1024 MB"):
        archives.members_of(path, "tar")


def test_more_members_or_names_than_any_archive_needs_are_refused(path, monkeypatch):
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(6):
            packed.writestr(f"{number}.dcm", b"a")
    asked = {"path": str(path)}
    assert listing.zip_list(bytearray(), asked) == (6, [])
    monkeypatch.setattr(listing, "MOST_NAMES", 20)
    with pytest.raises(Refused, match="longer than any archive needs"):
        listing.zip_list(bytearray(), asked)
    monkeypatch.setattr(listing, "MAXIMUM_MEMBERS", 5)
    with pytest.raises(Refused, match="more than 5 members"):
        listing.zip_list(bytearray(), asked)


def test_a_tar_that_inflates_without_end_is_not_inflated(path, monkeypatch):
    monkeypatch.setattr(archives, "_ANY_INFLATED_BYTES", 2**20)
    stream = io.BytesIO(bytes(2**24))
    with tarfile.open(path, "w:gz") as packed:
        member = tarfile.TarInfo("a.dcm")
        member.size = 2**24
        packed.addfile(member, stream)
    with pytest.raises(Refused, match="inflates to more than 50 times its size"):
        archives.members_of(path, "tar")
