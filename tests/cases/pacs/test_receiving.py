"""Modalities and PACS send radiographs by C-STORE; what is acknowledged is kept."""

import io
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
import pytest
from django.core.management import CommandError, call_command
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)
from pynetdicom import AE, _config
from pynetdicom.association import Association

from readerstudy.cases.imports import pseudonymiser
from readerstudy.cases.intake import staging
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.models import Case, Image
from readerstudy.cases.pacs.receiver import (
    NO_ROOM,
    STORAGES,
    SYNTAXES,
    VERIFICATION,
    Receiver,
    Reception,
)
from tests.cases.intake.deliveries import fates, reasons, taken_in
from tests.cases.pacs.archives import radiograph
from tests.installation import Site, installation, wait_until
from tests.servers import free_port

threaded = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@contextmanager
def receiving(*allowed: str) -> Iterator[int]:
    """A receiver of this process; yields its port, and seals all in the end."""
    receiver = Receiver(
        Reception(
            host="127.0.0.1",
            port=0,
            ae_title="READERSTUDY",
            allowed=allowed,
            collection="clinic",
            code_from="AccessionNumber",
            take_burned_in=False,
        )
    )
    port = receiver.start()
    try:
        yield port
    finally:
        receiver.stop()


@contextmanager
def association(
    port: int,
    *syntaxes: UID,
    sender: str = "MODALITY",
    called: str = "READERSTUDY",
    storages: tuple[UID, ...] = STORAGES,
) -> Iterator[Association]:
    """A sender's association, accepted or not; released in the end."""
    modality = AE(sender)
    modality.add_requested_context(VERIFICATION)
    for storage in storages:
        for syntax in syntaxes or (ExplicitVRLittleEndian,):
            modality.add_requested_context(storage, syntax)
    line = modality.associate("127.0.0.1", port, ae_title=called)
    try:
        yield line
    finally:
        if line.is_established:
            line.release()
        # One that was rejected has no thread.
        if line.is_alive():
            line.join(10)


def send(line: Association, content: bytes) -> int:
    """Send a file; the status that the receiver gives."""
    dataset = pydicom.dcmread(io.BytesIO(content))
    return int(line.send_c_store(dataset).Status)


@threaded
def test_what_one_association_brings_is_one_delivery() -> None:
    with receiving() as port:
        with association(port) as line:
            assert send(line, radiograph(1, accession="ACC-1")) == 0
            assert send(line, radiograph(2, accession="ACC-2")) == 0
        with association(port) as line:
            assert send(line, radiograph(3, accession="ACC-3")) == 0
    first, second = Delivery.objects.order_by("pk")
    assert [first.status, second.status] == [Delivery.Status.QUEUED] * 2
    assert first.options["sender"] == "MODALITY"
    for delivery in (first, second):
        taken_in(delivery)
        assert set(fates(delivery).values()) == {"imported"}
    codes = {pseudonymiser()(f"ACC-{number}") for number in (1, 2, 3)}
    assert set(Case.objects.values_list("code", flat=True)) == codes


@threaded
def test_a_file_is_on_disk_and_in_its_row_before_it_is_acknowledged() -> None:
    content = radiograph(1)
    with receiving() as port, association(port) as line:
        assert send(line, content) == 0
        row = DeliveredFile.objects.select_related("delivery").get()
        assert row.delivery.status == Delivery.Status.HELD
        assert row.state == DeliveredFile.State.RECEIVED
        kept = staging.path_of(row).read_bytes()
    assert pydicom.dcmread(io.BytesIO(kept)) == pydicom.dcmread(io.BytesIO(content))


@threaded
def test_a_duplicate_is_acknowledged_and_kept_once() -> None:
    with receiving() as port:
        with association(port) as line:
            assert (
                send(line, radiograph(1, instance="1.2", study="1.3", series="1.4"))
                == 0
            )
            again = radiograph(1, instance="1.2", study="1.3", series="1.4")
            assert send(line, again) == 0
        with association(port) as line:
            assert send(line, again) == 0
    first, second = (taken_in(each) for each in Delivery.objects.order_by("pk"))
    assert list(fates(first).values()) == ["imported"]
    assert list(fates(second).values()) == ["there"]
    assert Image.objects.count() == 1


@threaded
@pytest.mark.parametrize("bits", [12, 16])
def test_compressed_radiographs_come_as_they_were_sent(bits: int) -> None:
    syntaxes = (JPEGLSLossless, JPEG2000Lossless, RLELossless)
    with receiving() as port, association(port, *syntaxes) as line:
        for seed, syntax in enumerate(syntaxes, 1):
            assert send(line, radiograph(seed, bits=bits, compress=syntax)) == 0
    delivery = taken_in(Delivery.objects.get())
    assert reasons(delivery) == {}
    kept = Image.objects.values_list("header__TransferSyntaxUID", flat=True)
    assert set(kept) == {str(syntax) for syntax in syntaxes}


@threaded
def test_every_syntax_that_is_read_is_accepted() -> None:
    with receiving() as port:
        for syntax in SYNTAXES:
            with association(port, syntax) as line:
                accepted = {each.abstract_syntax for each in line.accepted_contexts}
                assert accepted == {VERIFICATION, *STORAGES}, syntax.name


@threaded
def test_who_asks_whether_somebody_is_there_is_answered() -> None:
    with receiving() as port, association(port) as line:
        assert line.send_c_echo().Status == 0
    assert not Delivery.objects.exists()


@threaded
def test_only_who_is_allowed_may_send() -> None:
    with receiving("MODALITY", "ARCHIVE") as port:
        with association(port, sender="STRANGER") as line:
            assert line.is_rejected
        with association(port, called="SOMEBODY") as line:
            assert line.is_rejected
        with association(port, sender="ARCHIVE") as line:
            assert send(line, radiograph(1)) == 0
    assert Delivery.objects.count() == 1


@threaded
def test_what_is_no_radiograph_is_not_accepted() -> None:
    with receiving() as port, association(port, storages=(CTImageStorage,)) as line:
        assert {each.abstract_syntax for each in line.accepted_contexts} == {
            VERIFICATION
        }


@threaded
def test_a_dataset_that_cannot_be_read_is_told_on_its_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = radiograph(1)
    begin = broken.index(b"\x08\x00\x16\x00")
    path = tmp_path / "broken.dcm"
    path.write_bytes(broken[:begin] + b"\x08\x00\x60\x00CS\xff\xffno dataset at all")
    # So it sends a file's bytes without looking at them.
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)
    with receiving() as port, association(port) as line:
        assert line.send_c_store(path).Status == 0
        assert send(line, radiograph(2)) == 0
    delivery = taken_in(Delivery.objects.get())
    assert sorted(fates(delivery).values()) == ["imported", "refused"]


@threaded
def test_without_room_nothing_is_acknowledged(settings: Any) -> None:
    with receiving() as port, association(port) as line:
        settings.INTAKE_KEPT_FREE_BYTES = 10**18
        assert send(line, radiograph(1)) == NO_ROOM
        assert not Delivery.objects.exists()
        settings.INTAKE_KEPT_FREE_BYTES = 0
        assert send(line, radiograph(1)) == 0
    assert fates(taken_in(Delivery.objects.get())).popitem()[1] == "imported"


@threaded
def test_what_came_before_a_sender_broke_off_is_taken_in() -> None:
    with receiving() as port, association(port) as line:
        assert send(line, radiograph(1)) == 0
        line.abort()
    delivery = Delivery.objects.get()
    assert delivery.status == Delivery.Status.QUEUED
    assert list(fates(taken_in(delivery)).values()) == ["imported"]


@threaded
def test_a_sender_that_announces_gigabytes_is_hung_up_on() -> None:
    with receiving() as port, socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(10)
        line.sendall(struct.pack(">BBL", 0x01, 0, 2**32 - 1) + b"x" * 1000)
        assert line.recv(100) in (b"", b"\x07\x00\x00\x00\x00\x04\x00\x00\x02\x00")
    assert not Delivery.objects.exists()


@pytest.mark.pacs
@threaded
def test_dcmtk_sends_what_it_was_given(tmp_path: Path) -> None:
    for seed in (1, 2, 3):
        (tmp_path / f"{seed}.dcm").write_bytes(radiograph(seed))
    with receiving("MODALITY") as port:
        words = ["-aet", "MODALITY", "-aec", "READERSTUDY", "127.0.0.1", str(port)]
        assert subprocess.run(["echoscu", *words], check=False).returncode == 0
        files = [str(path) for path in sorted(tmp_path.glob("*.dcm"))]
        sent = subprocess.run(["storescu", *words, *files], check=False)
        assert sent.returncode == 0
        words[1] = "STRANGER"
        refused = subprocess.run(["storescu", *words, *files], check=False)
        assert refused.returncode != 0
    assert list(fates(taken_in(Delivery.objects.get())).values()) == ["imported"] * 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"ae_title": "A TITLE OF MORE THAN 16"}, "is no AE title"),
        ({"allow": "GOOD,BA\\D"}, "is no AE title"),
        ({"host": "0.0.0.0"}, "--allow is missing"),
        ({"collection": "two\nlines"}, "--collection: A name is one line"),
        ({"host": "192.0.2.1", "allow": "ARCHIVE"}, "Nothing can be received at"),
    ],
)
def test_what_cannot_be_received_is_told(
    options: dict[str, str], sentence: str
) -> None:
    asked = {"collection": "clinic", "port": free_port()} | options
    with pytest.raises(CommandError, match=sentence):
        call_command("receive_dicom", **asked)


def received(site: Site) -> list[tuple[str, str]]:
    """Status of every delivery with the state of each of its files."""
    return site.rows(
        "SELECT d.status, f.state FROM cases_delivery d "
        "JOIN cases_deliveredfile f ON f.delivery_id = d.id ORDER BY f.id"
    )


@pytest.mark.slow
def test_a_killed_receiver_loses_nothing_and_a_stopped_one_ends_well(
    tmp_path: Path,
) -> None:
    port = free_port()
    command = ["manage", "receive_dicom", "--collection", "clinic"]
    command += ["--port", str(port)]

    def wait_for_receiver(starts: int) -> None:
        said = tmp_path / "manage.log"
        wait_until(
            lambda: said.read_text().count("Receiving as READERSTUDY") == starts,
            "a receiver",
        )

    with installation("embedded", tmp_path) as site:
        with site.started(*command) as receiver:
            wait_for_receiver(1)
            with association(port) as line:
                assert send(line, radiograph(1)) == 0
                receiver.kill()
                receiver.wait()
        assert received(site) == [("held", "received")]
        with site.started(*command) as receiver:
            wait_for_receiver(2)
            assert received(site) == [("queued", "received")]
            with association(port) as line:
                assert send(line, radiograph(2)) == 0
                receiver.send_signal(signal.SIGTERM)
                assert receiver.wait(30) == 0
        assert received(site) == [("queued", "received")] * 2
