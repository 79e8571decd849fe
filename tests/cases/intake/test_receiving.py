"""Chunks come in any order, twice, or with a hole: a file is exact, or is told where to
go on."""

import io
import resource
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from readerstudy.cases.intake import services, staging
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.services import Announced, WrongOffset
from tests.cases.intake.deliveries import film, opened, upload
from tests.people import cora

pytestmark = pytest.mark.django_db
CONTENT = bytes(range(40)) * 3


def announced(content: bytes = CONTENT, name: str = "CXR1.dcm") -> DeliveredFile:
    delivery = opened()
    files = [Announced(name, len(content))]
    return services.announce(delivery=delivery, files=files)[0]


def staged(file: DeliveredFile) -> bytes:
    return staging.path_of(file).read_bytes()


@given(
    sent=st.lists(
        st.tuples(st.integers(0, len(CONTENT)), st.integers(0, 60), st.booleans()),
        max_size=12,
    )
)
@settings(deadline=None, max_examples=40)
def test_whatever_comes_in_whatever_order_a_file_is_exact(sent) -> None:
    file = announced()
    there = 0
    for offset, length, is_stream in sent:
        chunk = CONTENT[offset : offset + length]
        content = io.BytesIO(chunk) if is_stream else chunk
        try:
            now = services.receive(file=file, offset=offset, content=content)
        except WrongOffset as refusal:
            assert refusal.offset == there
            assert offset != there or there == len(CONTENT)
        else:
            assert now == max(there, offset + len(chunk))
            there = now
        file.refresh_from_db()
        assert file.received == there
    services.receive(file=file, offset=there, content=CONTENT[there:])
    assert staged(file) == CONTENT
    file.refresh_from_db()
    assert file.state == DeliveredFile.State.RECEIVED


def test_a_repeated_chunk_with_other_bytes_is_refused_and_changes_nothing() -> None:
    file = announced()
    services.receive(file=file, offset=0, content=CONTENT[:50])
    with pytest.raises(WrongOffset) as refusal:
        services.receive(file=file, offset=10, content=b"x" * 10)
    assert refusal.value.offset == 50
    assert staged(file) == CONTENT[:50]


def test_what_a_killed_process_wrote_beyond_its_row_is_written_anew() -> None:
    file = announced()
    services.receive(file=file, offset=0, content=CONTENT[:50])
    with staging.path_of(file).open("ab") as stream:
        stream.write(b"half a chunk")
    services.receive(file=file, offset=50, content=CONTENT[50:])
    assert staged(file) == CONTENT


def test_staging_that_was_lost_is_asked_for_again() -> None:
    file = announced()
    services.receive(file=file, offset=0, content=CONTENT[:50])
    staging.path_of(file).unlink()
    with pytest.raises(WrongOffset) as refusal:
        services.receive(file=file, offset=50, content=CONTENT[50:])
    assert refusal.value.offset == 0
    services.receive(file=file, offset=0, content=CONTENT)
    assert staged(file) == CONTENT


def test_a_file_longer_than_announced_is_refused_and_can_still_come_right() -> None:
    file = announced()
    with pytest.raises(ValidationError, match="longer than it was announced"):
        services.receive(file=file, offset=0, content=CONTENT + b"more")
    services.receive(file=file, offset=0, content=CONTENT)
    assert staged(file) == CONTENT


def test_a_disk_that_fills_up_meanwhile_is_told_and_the_file_goes_on_later() -> None:
    file = announced()
    services.receive(file=file, offset=0, content=CONTENT[:50])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (80, limits[1]))
    try:
        with pytest.raises(staging.DiskFull, match="disk is nearly full"):
            services.receive(file=file, offset=50, content=CONTENT[50:])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    file.refresh_from_db()
    assert file.received == 50
    services.receive(file=file, offset=50, content=CONTENT[50:])
    assert staged(file) == CONTENT


def test_nothing_is_taken_while_the_disk_is_full(settings) -> None:
    file = announced()
    settings.INTAKE_KEPT_FREE_BYTES = 10**18
    with pytest.raises(staging.DiskFull, match="disk is nearly full"):
        services.receive(file=file, offset=0, content=CONTENT)
    with pytest.raises(staging.DiskFull):
        announced(name="CXR2.dcm")


def test_staged_bytes_lie_under_numbers_alone(settings) -> None:
    file = announced(name="../../etc/passwd")
    services.receive(file=file, offset=0, content=CONTENT)
    inside = staging.path_of(file).relative_to(Path(settings.MEDIA_ROOT))
    assert inside == Path("intake") / str(file.delivery_id) / str(file.pk)


def test_announced_again_a_file_goes_on_and_another_size_is_another_file() -> None:
    file = announced()
    services.receive(file=file, offset=0, content=CONTENT[:50])
    again, other = services.announce(
        delivery=file.delivery,
        files=[Announced("CXR1.dcm", len(CONTENT)), Announced("CXR1.dcm", 7)],
    )
    assert (again.pk, again.received) == (file.pk, 50)
    assert other.name == "CXR1 (2).dcm"
    found = services.announce(delivery=file.delivery, files=[Announced("CXR1.dcm", 7)])
    assert found[0].pk == other.pk


def test_two_patients_files_of_one_name_and_size_are_not_spliced() -> None:
    delivery = opened()
    size = len(CONTENT)
    first = Announced("IM000001", size, mark="1-aa")
    second = Announced("IM000001", size, mark="1-bb")
    [one] = services.announce(delivery=delivery, files=[first])
    services.receive(file=one, offset=0, content=CONTENT[:50])
    [other] = services.announce(delivery=delivery, files=[second])
    assert (other.name, other.received) == ("IM000001 (2)", 0)
    services.receive(file=other, offset=0, content=CONTENT[::-1])
    services.receive(file=one, offset=50, content=CONTENT[50:])
    assert (staged(one), staged(other)) == (CONTENT, CONTENT[::-1])
    found = services.announce(delivery=delivery, files=[second, first])
    assert [row.pk for row in found] == [other.pk, one.pk]


def test_two_entries_of_one_call_are_two_files() -> None:
    delivery, twins = opened(), [Announced("CXR1.dcm", 7), Announced("CXR1.dcm", 7)]
    one, other = services.announce(delivery=delivery, files=twins)
    assert (one.name, other.name) == ("CXR1.dcm", "CXR1 (2).dcm")
    found = services.announce(delivery=delivery, files=twins)
    assert [row.pk for row in found] == [one.pk, other.pk]


def test_a_file_of_no_bytes_is_there_at_once_and_a_negative_one_never() -> None:
    assert announced(b"").state == DeliveredFile.State.RECEIVED
    with pytest.raises(ValidationError, match="no size"):
        services.announce(delivery=opened(), files=[Announced("a", -1)])


def test_a_file_that_is_too_large_is_refused_with_its_size(settings) -> None:
    settings.INTAKE_LARGEST_FILE_BYTES = 2 * 1024**3
    with pytest.raises(ValidationError, match=r"huge.zip has 3.0 GB; at most 2 GB"):
        services.announce(delivery=opened(), files=[Announced("huge.zip", 3 * 1024**3)])


def test_once_sealed_a_delivery_takes_nothing_more() -> None:
    delivery = opened()
    (file,) = upload(delivery, {"CXR1.dcm": film(1)})
    services.seal(delivery=delivery, actor=cora().user)
    with pytest.raises(ValidationError, match="takes no more bytes"):
        services.receive(file=file, offset=0, content=b"x")
    with pytest.raises(ValidationError, match="begin another one"):
        services.announce(delivery=delivery, files=[Announced("b", 1)])
    assert Delivery.objects.get().status == Delivery.Status.QUEUED
