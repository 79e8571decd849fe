"""The life of a delivery: opened, sealed, cancelled, tried again."""

import pytest
from django.core.exceptions import ValidationError

from readerstudy.audit.models import Event
from readerstudy.cases.intake import services, staging
from readerstudy.cases.intake.models import Delivery
from readerstudy.cases.intake.services import Announced
from readerstudy.cases.intake.tasks import take_in
from readerstudy.cases.models import Case, Collection, TextScan
from tests.cases.intake.deliveries import (
    brought,
    fates,
    film,
    opened,
    reasons,
    taken_in,
    upload,
    zipped,
)
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"collection": "a\nb"}, "one line"),
        ({"collection": ""}, "blank"),
        ({"origin": "post"}, "not a valid choice"),
        ({"layout": "heap"}, "not a valid choice"),
        ({"options": {"code_from": "name"}}, "Case codes come from"),
        ({"options": {"take_burned_in": "yes"}}, "true or false"),
    ],
)
def test_a_delivery_is_not_opened_with(wrong: dict, sentence: str) -> None:
    right = {
        "collection": "clinic",
        "origin": "upload",
        "layout": "radiographs",
        "options": {},
    }
    with pytest.raises(ValidationError, match=sentence):
        services.open_delivery(actor=cora().user, **(right | wrong))
    assert not Delivery.objects.exists() and not Collection.objects.exists()


def test_an_empty_delivery_is_not_sealed_and_a_lacking_one_only_knowingly(
    django_capture_on_commit_callbacks,
) -> None:
    delivery = opened()
    with pytest.raises(ValidationError, match="choose files first"):
        services.seal(delivery=delivery, actor=cora().user)
    upload(delivery, {"CXR1.dcm": film(1)})
    (half,) = services.announce(delivery=delivery, files=[Announced("CXR2.dcm", 99)])
    services.receive(file=half, offset=0, content=b"half")
    with pytest.raises(ValidationError, match="1 of the files have not come"):
        services.seal(delivery=delivery, actor=cora().user)
    with django_capture_on_commit_callbacks(execute=True):
        services.seal(delivery=delivery, actor=cora().user, without_missing=True)
    assert not staging.path_of(half).exists()
    assert fates(taken_in(delivery)) == {"CXR1.dcm": "imported"}
    sealed = Event.objects.get(verb="delivery.sealed")
    assert (sealed.detail["files"], sealed.detail["left_out"]) == (1, 1)


def test_a_refused_seal_loses_no_bytes() -> None:
    delivery = opened()
    (half,) = services.announce(delivery=delivery, files=[Announced("CXR2.dcm", 99)])
    services.receive(file=half, offset=0, content=b"half")
    with pytest.raises(ValidationError, match="choose files first"):
        services.seal(delivery=delivery, actor=cora().user, without_missing=True)
    assert staging.path_of(half).read_bytes() == b"half"
    services.receive(file=half, offset=4, content=b"x" * 95)


def test_a_worker_hands_a_long_delivery_back_and_goes_on_later(settings) -> None:
    settings.INTAKE_SLICE_SECONDS = 0
    delivery = opened()
    upload(delivery, {f"CXR{number}.dcm": film(number) for number in range(3)})
    services.seal(delivery=delivery, actor=cora().user)
    for done in (1, 2):
        take_in(delivery.pk)
        delivery.refresh_from_db()
        assert (delivery.status, delivery.attempts) == (Delivery.Status.QUEUED, 0)
        assert list(fates(delivery).values()).count("imported") == done
    assert taken_in(delivery).status == Delivery.Status.DONE
    assert Case.objects.count() == 3


def test_a_cancelled_delivery_keeps_what_came_in_and_leaves_out_the_rest(
    settings,
) -> None:
    settings.INTAKE_SLICE_SECONDS = 0
    delivery = opened()
    upload(delivery, {"CXR1.dcm": film(1), "CXR2.dcm": film(2)})
    services.seal(delivery=delivery, actor=cora().user)
    take_in(delivery.pk)
    services.cancel(delivery=delivery, actor=cora().user)
    take_in(delivery.pk)
    assert fates(delivery) == {"CXR1.dcm": "imported", "CXR2.dcm": "refused"}
    assert reasons(delivery)["CXR2.dcm"] == "The delivery was cancelled."
    delivery.refresh_from_db()
    assert delivery.note == services.CANCELLED
    with pytest.raises(ValidationError, match="nothing to cancel"):
        services.cancel(delivery=delivery, actor=cora().user)


def test_cancelling_in_the_middle_of_a_file_stores_nothing_of_it(monkeypatch) -> None:
    """The worker finds its claim gone when it is about to write."""
    from readerstudy.cases.intake import radiographs

    delivery = opened()
    upload(delivery, {"CXR1.dcm": film(1)})
    services.seal(delivery=delivery, actor=cora().user)
    settle = radiographs.settle

    def cancelled_before(claim, files, store) -> None:
        services.cancel(delivery=delivery, actor=cora().user)
        settle(claim, files, store)

    monkeypatch.setattr(radiographs, "settle", cancelled_before)
    take_in(delivery.pk)
    assert not Case.objects.exists()
    assert fates(delivery) == {"CXR1.dcm": "refused"}


def test_refused_uploads_wait_to_be_chosen_again() -> None:
    delivery = brought({"CXR1.dcm": film(1), "CXR2.dcm": b"cut short"})
    services.retry(delivery=delivery, actor=cora().user)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.HELD
    assert fates(delivery) == {"CXR1.dcm": "imported", "CXR2.dcm": "expected"}
    (whole,) = services.announce(
        delivery=delivery, files=[Announced("CXR2.dcm", len(film(2)))]
    )
    services.receive(file=whole, offset=0, content=film(2))
    services.seal(delivery=delivery, actor=cora().user, without_missing=True)
    assert set(fates(taken_in(delivery)).values()) == {"imported"}
    assert Case.objects.count() == 2


def test_an_archive_that_does_not_come_again_keeps_the_record_of_its_members() -> None:
    content = {"CXR1.dcm": film(1), "CXR2.dcm": b"broken"}
    delivery = brought({"a.zip": zipped(content)})
    services.retry(delivery=delivery, actor=cora().user)
    services.seal(delivery=delivery, actor=cora().user, without_missing=True)
    assert fates(taken_in(delivery)) == {
        "a.zip": "refused",
        "a.zip/CXR1.dcm": "imported",
    }
    assert reasons(delivery)["a.zip"] == services.LEFT_OUT


def test_of_an_archive_the_refused_members_come_again_with_all_of_it() -> None:
    content = {"CXR1.dcm": film(1), "CXR2.dcm": b"broken"}
    delivery = brought({"a.zip": zipped(content)})
    services.retry(delivery=delivery, actor=cora().user)
    assert fates(delivery) == {"a.zip": "expected", "a.zip/CXR1.dcm": "imported"}
    upload(delivery, {"a.zip": zipped(content)})
    services.seal(delivery=delivery, actor=cora().user)
    assert fates(taken_in(delivery)) == {
        "a.zip": "unpacked",
        "a.zip/CXR1.dcm": "imported",
        "a.zip/CXR2.dcm": "refused",
    }
    assert Case.objects.count() == 1


def test_nothing_refused_nothing_to_try_again() -> None:
    delivery = brought({"CXR1.dcm": film(1)})
    with pytest.raises(ValidationError, match="Nothing of this delivery"):
        services.retry(delivery=delivery, actor=cora().user)
    with pytest.raises(ValidationError, match="not over yet"):
        services.retry(delivery=opened(), actor=cora().user)


def test_a_full_disk_stops_the_delivery_and_not_its_files(settings) -> None:
    delivery = opened()
    upload(delivery, {"CXR1.dcm": film(1)})
    services.seal(delivery=delivery, actor=cora().user)
    settings.INTAKE_KEPT_FREE_BYTES = 10**18
    taken_in(delivery)
    assert delivery.status == Delivery.Status.FAILED
    assert delivery.failure.startswith("The server's disk is nearly full")
    assert fates(delivery) == {"CXR1.dcm": "received"}
    settings.INTAKE_KEPT_FREE_BYTES = 0
    services.retry(delivery=delivery, actor=cora().user)
    assert fates(taken_in(delivery)) == {"CXR1.dcm": "imported"}


def broken_at(monkeypatch, name: str, times: int) -> None:
    """Let the program break at a file so many times, as a fault of its own would."""
    from readerstudy.cases.intake import radiographs

    read, left = radiographs.sources.read, [times]

    def breaking(file):
        if file.name == name and left[0]:
            left[0] -= 1
            raise KeyError("Doe^Jane")
        return read(file)

    monkeypatch.setattr(radiographs.sources, "read", breaking)


THREE = {"CXR1.dcm": film(1), "CXR2.dcm": film(2), "CXR3.dcm": film(3)}


def test_a_file_at_which_the_program_breaks_is_refused_and_the_others_go_on(
    monkeypatch,
) -> None:
    broken_at(monkeypatch, "CXR2.dcm", times=99)
    delivery = brought(THREE)
    assert delivery.status == Delivery.Status.DONE
    assert fates(delivery) == {
        "CXR1.dcm": "imported",
        "CXR2.dcm": "refused",
        "CXR3.dcm": "imported",
    }
    reason = reasons(delivery)["CXR2.dcm"]
    assert reason.startswith("This program failed at it 3 times (KeyError)")
    assert "Doe" not in reason


def test_a_file_that_breaks_once_is_taken_in_the_end(monkeypatch) -> None:
    broken_at(monkeypatch, "CXR2.dcm", times=2)
    delivery = brought(THREE)
    assert set(fates(delivery).values()) == {"imported"}
    assert delivery.files.get(name="CXR2.dcm").tries == 2


def test_a_disk_that_fails_is_no_fault_of_a_file(monkeypatch) -> None:
    from readerstudy.cases.intake import radiographs

    def failing(file):
        raise PermissionError(13, "Permission denied", "/srv/Doe_Jane")

    delivery = opened()
    upload(delivery, THREE)
    monkeypatch.setattr(radiographs.sources, "read", failing)
    services.seal(delivery=delivery, actor=cora().user)
    taken_in(delivery)
    assert delivery.status == Delivery.Status.FAILED
    assert "Permission denied" in delivery.failure and "Doe" not in delivery.failure
    assert set(fates(delivery).values()) == {"received"}
    failed = Event.objects.get(verb="delivery.failed")
    assert failed.detail == {"delivery": delivery.pk, "reason": delivery.failure}


def told() -> list[dict]:
    events = Event.objects.filter(verb="cases.imported").order_by("sequence")
    return [
        {key: event.detail[key] for key in ("imported", "already there", "refused")}
        for event in events
    ]


def test_what_a_cancelled_delivery_brought_in_is_told_and_searched(settings) -> None:
    settings.INTAKE_SLICE_SECONDS = 0
    delivery = opened()
    upload(delivery, THREE)
    services.seal(delivery=delivery, actor=cora().user)
    take_in(delivery.pk)
    services.cancel(delivery=delivery, actor=cora().user)
    assert told() == [{"imported": 1, "already there": 0, "refused": 2}]
    assert TextScan.objects.count() == 1


def test_what_a_failed_delivery_brought_in_is_told_once(settings, monkeypatch) -> None:
    from readerstudy.cases.intake import radiographs

    settings.JOB_MAXIMUM_ATTEMPTS = 1
    read = radiographs.sources.read

    def failing(file):
        if file.name != "CXR1.dcm":
            raise PermissionError(13, "Permission denied")
        return read(file)

    delivery = opened()
    upload(delivery, THREE)
    services.seal(delivery=delivery, actor=cora().user)
    monkeypatch.setattr(radiographs.sources, "read", failing)
    taken_in(delivery)
    assert told() == [{"imported": 1, "already there": 0, "refused": 0}]
    assert TextScan.objects.count() == 1
    monkeypatch.undo()
    services.retry(delivery=delivery, actor=cora().user)
    taken_in(delivery)
    assert told()[1:] == [{"imported": 2, "already there": 0, "refused": 0}]
    assert TextScan.objects.count() == 3


def test_a_retry_tells_of_what_it_brought_itself() -> None:
    delivery = brought({"CXR1.dcm": film(1), "CXR2.dcm": b"cut short"})
    services.retry(delivery=delivery, actor=cora().user)
    upload(delivery, {"CXR2.dcm": film(2)})
    services.seal(delivery=delivery, actor=cora().user, without_missing=True)
    taken_in(delivery)
    assert told() == [
        {"imported": 1, "already there": 0, "refused": 1},
        {"imported": 1, "already there": 0, "refused": 0},
    ]
