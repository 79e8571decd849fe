"""Bodies and addresses that are meant to break something are answered in a sentence."""

import io
import json

import pytest
from rest_framework.exceptions import ParseError

from readerstudy.api_bodies import BoundedJSON, TooLong
from tests import worlds
from tests.people import anya, rosa


def parsed(content):
    return BoundedJSON().parse(io.BytesIO(content))


def test_json_is_read_as_it_is():
    sent = {"comment": "Größe 🫁 폐", "marks": [1, 2.5, None, True]}
    for ascii_only in (False, True):
        assert parsed(json.dumps(sent, ensure_ascii=ascii_only).encode()) == sent
    # Not half of a letter, but the signs that write one.
    assert parsed(rb'"\\ud83e"') == "\\ud83e"


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        rb'{"comment": "\ud83e"}',
        rb'{"\udec1": 1}',
        b'{"comment": "\xff"}',
        b"[NaN]",
        b"[" + b"9" * 5000 + b"]",
        b"",
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_what_is_no_json_that_can_be_stored_is_refused(content):
    with pytest.raises(ParseError):
        parsed(content)


def test_a_body_without_end_is_not_read_to_its_end(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    class Endless(io.RawIOBase):
        given = 0

        def read(self, size=-1):
            assert size >= 0
            self.given += size
            return b"[" * size

    stream = Endless()
    with pytest.raises(TooLong):
        BoundedJSON().parse(stream)
    assert stream.given < 2000


HOSTILE = {
    "a number without end": {"letter": "B", "marks": [{"start": 10**400}]},
    "no time at all": {"visits": [["key-0001", "0001-01-01T00:00:00+14:00", []]]},
    "the end of time": {"visits": [["key-0001", "9999-12-31T23:59:59-14:00", []]]},
    "a null within": {"letter": "B", "comment": "a\0b"},
    "a list for a letter": {"letter": ["B"]},
    "an object for a page": {"reports": {"a": 1}},
    "nothing": None,
    "a word": "grade",
}


def as_sent(body):
    """A page's body around what is hostile in it."""
    if not isinstance(body, dict):
        return body
    names = ("key", "began_at", "events")
    visits = [dict(zip(names, each, strict=True)) for each in body.get("visits", ())]
    own = {"category": "omission", "significant": True}
    marks = [own | each for each in body.get("marks", ())]
    key = {"idempotency_key": "0123456789"}
    return {"letter": "B"} | body | key | {"visits": visits, "marks": marks}


@pytest.mark.django_db
def test_no_body_breaks_the_page(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    reader = worlds.open_study(cases=2).membership_set.readers().get()
    worlds.prepare(reader)
    slot, client = worlds.next_slot(reader), rosa().client
    for name, body in HOSTILE.items():
        for verb, method in (("draft", client.put), ("grade", client.post)):
            address = f"/api/v1/slots/{slot.public_id}/{verb}/"
            sent = json.dumps(as_sent(body))
            answer = method(address, sent, content_type="application/json")
            assert answer.status_code in (200, 201, 400, 409), (name, answer.content)
            assert answer["Content-Type"] == "application/json"


@pytest.mark.django_db
def test_no_address_breaks_the_site():
    client = anya().client
    for address in (
        "studies/?page=%00",
        "slots/%00/draft/",
        "slots/a%00b/images/0/",
        "slots/%ff/images/0/frame/",
        "slots/x/images/99999999999999999999999/",
        f"slots/x/images/{'9' * 5000}/",
        "studies/none/tables/%00.csv",
        "studies/Ã¼/results/",
        "studies/none/practice/99999999999999999999/image/",
        "nowhere",
        "..%2f..%2fhealthz",
    ):
        answer = client.get(f"/api/v1/{address}")
        assert answer.status_code in (404, 405), address
        assert answer["Content-Type"] == "application/json"
        assert set(answer.json()) == {"detail"}
