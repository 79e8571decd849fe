"""Folders of the server: below the roots, and nowhere else."""

import os

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from readerstudy.audit.models import Event
from readerstudy.cases.intake import folders, services
from readerstudy.cases.intake.services import Announced
from readerstudy.cases.models import Case
from readerstudy.cases.radiograph import Refused
from tests.cases.intake.deliveries import fates, film, reasons, taken_in, zipped
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path, settings):
    """A root with a ward in it, and a secret beside the root."""
    root = tmp_path / "root"
    (root / "ward 7" / "deep").mkdir(parents=True)
    (root / "ward 7" / "CXR1.dcm").write_bytes(film(1))
    (root / "ward 7" / "deep" / "CXR2.dcm").write_bytes(film(2))
    (root / "ward 7" / "deep" / "more.zip").write_bytes(zipped({"CXR3.dcm": film(3)}))
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "CXR9.dcm").write_bytes(film(9))
    settings.IMPORT_ROOTS = [str(root)]
    return root


def begun():
    return services.open_delivery(
        collection="ward",
        origin="folder",
        layout="radiographs",
        options={},
        actor=cora().user,
    )


def test_a_folder_comes_in_with_all_below_it_and_stays_as_it_is(root) -> None:
    delivery = begun()
    before = sorted(root.rglob("*"))
    services.bring_folder(
        delivery=delivery, path=str(root / "ward 7"), actor=cora().user
    )
    assert fates(taken_in(delivery)) == {
        "ward 7/CXR1.dcm": "imported",
        "ward 7/deep/CXR2.dcm": "imported",
        "ward 7/deep/more.zip": "unpacked",
        "ward 7/deep/more.zip/CXR3.dcm": "imported",
    }
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("path", ["..", "../secret", "ward 7/../../secret", "no\0t"])
def test_a_path_that_leads_out_is_refused(root, path) -> None:
    with pytest.raises(ValidationError):
        services.bring_folder(
            delivery=begun(), path=f"{root}/{path}", actor=cora().user
        )


def test_the_folder_that_was_chosen_is_recorded(root) -> None:
    place = str(root / "ward 7")
    services.bring_folder(delivery=begun(), path=place, actor=cora().user)
    event = Event.objects.get(verb="delivery.folder_chosen")
    assert event.actor == cora().user
    told = {key: event.detail[key] for key in ("path", "files", "left_out")}
    assert told == {"path": place, "files": 3, "left_out": 0}


def test_a_folder_is_walked_before_anything_is_locked(root, monkeypatch) -> None:
    walked, outside = [], len(connection.savepoint_ids)
    walk = folders.files_below

    def watched(path):
        walked.append(len(connection.savepoint_ids))
        return walk(path)

    monkeypatch.setattr(folders, "files_below", watched)
    services.bring_folder(delivery=begun(), path=str(root), actor=cora().user)
    assert walked == [outside]


def test_a_folder_that_was_half_announced_can_be_chosen_again(root) -> None:
    delivery, place = begun(), str(root / "ward 7")
    first = folders.files_below(place).files[0]
    row = Announced(first.name, first.size, first.address)
    services.announce(delivery=delivery, files=[row])
    services.bring_folder(delivery=delivery, path=place, actor=cora().user)
    assert list(fates(taken_in(delivery)).values()).count("imported") == 3


def test_links_that_lead_out_are_left_out_and_told(root) -> None:
    os.symlink(root.parent / "secret", root / "ward 7" / "away")
    os.symlink(root.parent / "secret" / "CXR9.dcm", root / "ward 7" / "CXR9.dcm")
    os.symlink(root / "ward 7", root / "ward 7" / "deep" / "loop")
    delivery = begun()
    services.bring_folder(
        delivery=delivery, path=str(root / "ward 7"), actor=cora().user
    )
    taken_in(delivery)
    assert Case.objects.count() == 3
    assert delivery.note.startswith("2 entries were left out")


def test_a_file_exchanged_for_a_link_after_the_choice_is_refused(root) -> None:
    delivery = begun()
    services.bring_folder(
        delivery=delivery, path=str(root / "ward 7"), actor=cora().user
    )
    (root / "ward 7" / "CXR1.dcm").unlink()
    os.symlink(root.parent / "secret" / "CXR9.dcm", root / "ward 7" / "CXR1.dcm")
    assert "outside the folders" in reasons(taken_in(delivery))["ward 7/CXR1.dcm"]


def test_what_was_refused_is_read_anew_from_the_folder(root) -> None:
    (root / "ward 7" / "CXR1.dcm").write_bytes(b"cut short")
    delivery = begun()
    services.bring_folder(
        delivery=delivery, path=str(root / "ward 7"), actor=cora().user
    )
    assert list(reasons(taken_in(delivery))) == ["ward 7/CXR1.dcm"]
    (root / "ward 7" / "CXR1.dcm").write_bytes(film(1))
    services.retry(delivery=delivery, actor=cora().user)
    assert not reasons(taken_in(delivery))


def test_without_roots_nothing_can_be_chosen(root, settings) -> None:
    settings.IMPORT_ROOTS = []
    assert folders.root_folders() == []
    with pytest.raises(Refused, match="outside"):
        folders.folder_at(str(root))


def test_a_folder_is_shown_with_what_lies_in_it(root) -> None:
    shown = folders.folder_at(str(root))
    assert (shown.files, shown.above) == (0, "")
    (ward,) = shown.subfolders
    assert (ward.name, ward.files, ward.folders) == ("ward 7", 1, 1)
    assert folders.folder_at(ward.path).above == str(root)
