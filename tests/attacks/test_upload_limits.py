"""Bodies longer than a view takes: refused before anything of them is read or kept."""

import io

import pytest
from django.conf import settings as site
from django.test import Client
from django.urls import reverse

from tests import worlds
from tests.people import cora, rosa
from tests.test_permissions import BODIES

pytestmark = pytest.mark.django_db


class NeverRead(io.RawIOBase):
    """A body that fails whoever reads it."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")

    def readable(self) -> bool:
        return True


def sent(client: Client, path: str, length: int, kind: str, method: str = "POST"):
    """The answer to a request that says how long it is, and is never read."""
    return client.generic(
        method,
        path,
        b"",
        content_type=kind,
        CONTENT_LENGTH=str(length),
        **{"wsgi.input": NeverRead()},
    )


FORM = "multipart/form-data; boundary=x"


def test_nobody_fills_the_disk_without_having_signed_in():
    for url in ("sign_in", "reports:tables:tables", "export:unpack", "home"):
        answer = sent(Client(), reverse(url), 10 * 1024**2, FORM)
        assert answer.status_code == 413
        assert b"too much at once" in answer.content


def test_a_reader_sends_no_more_than_a_page_of_grades():
    study = worlds.open_study()
    slot = worlds.next_slot(study.membership_set.readers().get())
    too_much = site.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    for name, method in (("draft", "PUT"), ("grade", "POST")):
        path = reverse(f"api:{name}", args=[slot.public_id])
        answer = sent(rosa().client, path, too_much, "application/json", method)
        assert answer.status_code == 413
        assert answer.json() == {"detail": "That is too much at once."}
    answer = rosa().client.put(
        reverse("api:draft", args=[slot.public_id]),
        BODIES["api:draft"],
        content_type="application/json",
    )
    assert answer.status_code == 200


def test_a_form_that_takes_a_file_takes_one_as_large_as_the_site_allows():
    too_much = site.INTAKE_LARGEST_FILE_BYTES + site.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    path = reverse("reports:tables:tables")
    assert sent(cora().client, path, too_much, FORM).status_code == 413
    file = io.BytesIO(b"case,report\n")
    assert cora().client.post(path, {"file": file}).status_code == 200


def test_what_would_fill_the_disk_is_refused_before_it_is_read(settings):
    """Django would write it to the disk before any view sees it."""
    settings.INTAKE_KEPT_FREE_BYTES = 2**62
    path = reverse("export:unpack")
    answer = sent(cora().client, path, 10 * 1024**2, FORM)
    assert answer.status_code == 507
    assert b"no room for it" in answer.content


@pytest.mark.parametrize("length", ["-5", "x", "", "1e9"])
def test_a_length_that_is_none_is_no_way_around(length):
    answer = sent(rosa().client, reverse("accounts:tokens"), 0, FORM)
    assert answer.status_code < 500
    answer = rosa().client.generic(
        "POST",
        reverse("accounts:tokens"),
        b"",
        content_type="application/x-www-form-urlencoded",
        CONTENT_LENGTH=length,
    )
    assert answer.status_code < 500


def test_a_form_of_countless_fields_or_files_is_refused():
    many = {f"field{number}": "x" for number in range(1500)}
    assert rosa().client.post(reverse("accounts:tokens"), many).status_code == 400
    files = {f"file{number}": io.BytesIO(b"x") for number in range(3)}
    path = reverse("reports:tables:tables")
    assert cora().client.post(path, files).status_code == 400


def test_json_that_is_nested_without_end_is_a_mistake_of_the_sender():
    study = worlds.open_study()
    slot = worlds.next_slot(study.membership_set.readers().get())
    deep = "[" * 200_000
    answer = rosa().client.put(
        reverse("api:draft", args=[slot.public_id]),
        deep,
        content_type="application/json",
    )
    assert answer.status_code == 400
