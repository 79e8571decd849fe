"""A reader that was taken over says what it likes; only radiographs are believed."""

import copy
import json
import socket
import threading

import numpy as np
import pytest

from readerstudy.cases import reading
from readerstudy.cases.apart import line as lines
from readerstudy.cases.apart import radiographs
from readerstudy.cases.apart.line import Message
from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.radiograph import Refused, sha256
from tests.cases.films import content_of, film, values

POLICY = Policy("a key", "shifted")


def whole():
    stored = values()
    stored[0, :5] = 3
    content = content_of(
        film(
            stored,
            PixelPaddingValue=3,
            WindowCenter=[1000, 800],
            WindowWidth=[400, 300],
            ImagerPixelSpacing=[0.1, 0.2],
            PatientID="7",
            StudyDate="20200102",
            ViewPosition="LL",
        )
    )
    words = {"code_element": "PatientID", "takes_burned_in": False}
    asked = {**words, "pseudonym": {"key": POLICY.key, "dates": POLICY.dates}}
    told, parts = radiographs.dicom(bytearray(content), asked)
    told = json.loads(json.dumps(told))
    return content, words, told, bytearray(b"".join(bytes(part) for part in parts))


def test_what_comes_back_is_what_was_read():
    content, words, *_ = whole()
    there = read_dicom(content, pseudonym=POLICY, **words)
    back = reading.read_apart(content, pseudonym=POLICY, **words)
    assert (back.frame.pixels == there.frame.pixels).all()
    assert (back.frame.padding == there.frame.padding).all()
    assert back.frame.pixels.flags.writeable
    for name in ("windows", "slope", "intercept", "spacing_mm", "spacing_kind"):
        assert getattr(back.frame, name) == getattr(there.frame, name)
    for name in ("header", "view", "view_reason", "body_part", "code", "warnings"):
        assert getattr(back, name) == getattr(there, name)
    assert back.removal == there.removal
    assert back.source_sha256 == sha256(content)


LIES = {
    "rows of a picture that is not there": {"shape": [12_000, 12_000]},
    "rows that are none": {"shape": [True, 8]},
    "no shape": {"shape": []},
    "a window of nothing": {"windows": [{}]},
    "too many windows": {"windows": [None] * 20_000},
    "an endless slope": {"slope": float("inf")},
    "a slope in words": {"slope": "1"},
    "another view": {"view": "<script>"},
    "a book for a code": {"code": "P" * 10_000},
    "a header in a header": {"header": {"Modality": {"a": "b"}}},
    "no header": {"header": None},
    "warnings of a kind": {"warnings": [7]},
    "removed elements without end": {"removal": {"elements": [[1]]}},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_what_makes_no_sense_is_refused(lie):
    content, _, told, pixels = whole()
    radiographs.radiograph_in(Message(told, pixels), sha256(content))
    told = copy.deepcopy(told) | lie
    with pytest.raises(Refused, match=r"reader broke on it|too large|no pixels"):
        radiographs.radiograph_in(Message(told, pixels), sha256(content))


@pytest.mark.parametrize("said", [None, [], 7, "pixels", {}])
def test_no_radiograph_at_all_is_refused(said):
    with pytest.raises(Refused):
        radiographs.radiograph_in(Message(said, bytearray()), "")


def test_pixels_that_lack_or_are_too_many_are_refused():
    _, _, told, pixels = whole()
    for content in (pixels[:-1], pixels + b"\0", pixels[:10], b"\2" * len(pixels)):
        with pytest.raises(Refused):
            radiographs.radiograph_in(Message(told, bytearray(content)), "")


NONSENSE = {
    "too long": np.array([2**60, 0], ">u8").tobytes(),
    "too deep": np.array([2**20, 0], ">u8").tobytes() + b"[" * 2**20,
    "no JSON": np.array([2, 0], ">u8").tobytes() + b"{{",
    "cut off": b"short",
}


@pytest.mark.parametrize("said", NONSENSE.values(), ids=NONSENSE)
def test_a_line_that_talks_nonsense_is_broken(said):
    here, there = socket.socketpair()

    def say():
        with there:
            there.sendall(said)

    talker = threading.Thread(target=say)
    talker.start()
    with here, pytest.raises(lines.Broken):
        lines.receive(here)
    talker.join()
