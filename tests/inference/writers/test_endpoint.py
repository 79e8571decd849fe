"""An endpoint writes reports, refuses, is busy, breaks down and answers slowly."""

import base64
import io
import re
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from PIL import Image, PngImagePlugin

from inference.endpoint import Endpoint, seconds_to_wait
from inference.selftest import phantom_images, run_self_test
from inference.writers.endpoint import EndpointMaking, EndpointWriter
from inference.writers.writing import (
    Asked,
    Failed,
    ForGood,
    Picture,
    Refused,
    Written,
)
from tests.inference.chat_server import ChatServer, says

KEY = "sk-kept-to-itself"
LONG = "x" * 1000
DEEP = "[" * 100_000
REPORT = "The heart is enlarged. The lungs are clear."
NO = "I'm sorry, I can't assist with that."


def image(grey=90, size=(40, 30)):
    made = Image.new("L", size, grey)
    made.filename = "Doe^Jane.dcm"
    made.info["PatientName"] = "Doe^Jane"
    return made


def writer(server, *, tries=4, timeout=20.0, deadline=20.0, patience=5.0, **making):
    endpoint = Endpoint(
        base_url=server.url,
        model="gpt-scripted",
        key=KEY,
        timeout=timeout,
        deadline=deadline,
        patience=patience,
        tries=tries,
        wait=0.01,
    )
    made = EndpointMaking(address=server.url, model="gpt-scripted", **making)
    return EndpointWriter(made, endpoint)


def written(server, count=1, **options):
    """What came of so many radiographs, by their keys."""
    pictures = [
        Picture(number, lambda number=number: image(number)) for number in range(count)
    ]
    return {each.key: each for each in writer(server, **options).write(pictures)}


def answers(*several):
    """A script that gives these one after the other, the last one for ever."""
    return lambda body, number: dict(several[min(number, len(several)) - 1])


def test_each_radiograph_is_asked_about_as_the_protocol_has_it():
    with ChatServer(answers(says(REPORT))) as server:
        found = written(server, 5)
    assert {each.text for each in found.values()} == {REPORT}
    assert len(server.requests) == 5
    body = server.requests[0]
    assert (body["temperature"], body["seed"], body["max_tokens"]) == (0.0, 0, 512)
    assert body["model"] == "gpt-scripted"
    (message,) = body["messages"]
    words, shown = message["content"]
    assert words["text"].startswith("Write a radiologic report")
    assert shown["image_url"]["detail"] == "high"
    assert server.paths[0] == "/v1/chat/completions"
    making = found[0].making
    assert making["answered_by"] == "gpt-scripted-2026"
    assert (making["prompt_tokens"], making["new_tokens"]) == (200, 60)
    assert (making["finish"], making["asked_with"]) == ("stop", "first")


def test_nothing_but_pixels_leaves():
    large = image(size=(300, 200))
    with ChatServer(answers(says(REPORT))) as server:
        asked = writer(server, largest_side=150)
        list(asked.write([Picture("secret-code", lambda: large)]))
    sent = str(server.requests)
    assert "Doe" not in sent and "secret-code" not in sent
    url = server.requests[0]["messages"][0]["content"][1]["image_url"]["url"]
    content = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    png = Image.open(io.BytesIO(content))
    assert isinstance(png, PngImagePlugin.PngImageFile)
    assert (png.size, png.mode, png.info) == ((150, 100), "L", {})
    assert set(png.tobytes()) == {90}


def test_a_refusal_is_counted_and_asked_again_with_the_alternative_prompt():
    with ChatServer(answers(says(NO), says(REPORT))) as server:
        (found,) = written(server, alternative="Describe it.").values()
    assert isinstance(found, Written)
    assert found.text == REPORT
    assert (found.making["asked_with"], found.making["refusals"]) == ("alternative", 1)
    assert [(each.is_refusal, each.tokens_in) for each in found.answers] == [
        (True, 200),
        (False, 200),
    ]
    asked = [body["messages"][0]["content"][0]["text"] for body in server.requests]
    assert asked[1] == "Describe it."


@pytest.mark.parametrize(
    "refusal",
    [
        says(NO),
        says("", finish="content_filter"),
        says("The heart is", finish="content_filter"),
        says("") | {"choices": [{"message": {"content": None, "refusal": NO}}]},
        {"status": 400, "body": '{"error": {"code": "content_policy_violation"}}'},
    ],
)
def test_who_refuses_twice_has_refused(refusal):
    with ChatServer(answers(refusal)) as server:
        (found,) = written(server).values()
    assert isinstance(found, Refused)
    assert len(found.answers) == len(server.requests) == 2
    assert all(each.is_refusal for each in found.answers)


def says_in(content):
    """A whole answer whose content has another form than a text."""
    return says("") | {"choices": [{"message": {"content": content}}]}


def test_an_answer_in_parts_is_read_as_one_text():
    parts = [{"type": "text", "text": part} for part in ("FINDINGS: ", "Clear lungs.")]
    with ChatServer(answers(says_in(parts))) as server:
        (found,) = written(server).values()
    assert isinstance(found, Written)
    assert (found.text, len(server.requests)) == ("FINDINGS: Clear lungs.", 1)


def test_a_refusal_in_parts_is_a_refusal():
    with ChatServer(answers(says_in([{"type": "text", "text": NO}]))) as server:
        (found,) = written(server).values()
    assert isinstance(found, Refused) and found.said == NO


@pytest.mark.parametrize(
    "content",
    [
        {"text": REPORT},
        7,
        [REPORT],
        [{"type": "text", "text": REPORT}, {"type": "image_url"}],
        [{"type": "text"}],
    ],
)
def test_an_answer_in_another_form_is_said_to_be_one_and_no_refusal(content):
    with ChatServer(answers(says_in(content))) as server:
        (found,) = written(server).values()
    assert isinstance(found, Failed)
    assert found.problem.startswith("The answer has another form")
    # It was charged for.
    assert [(each.is_refusal, each.tokens_in) for each in found.answers] == [
        (False, 200)
    ]


def test_without_an_alternative_the_first_refusal_is_final():
    with ChatServer(answers(says(NO))) as server:
        (found,) = written(server, alternative="").values()
    assert isinstance(found, Refused)
    assert (found.said, len(server.requests)) == (NO, 1)


def test_a_report_that_was_cut_off_says_so():
    with ChatServer(answers(says("The heart is", finish="length"))) as server:
        (found,) = written(server).values()
    assert found.making["finish"] == "length"


def test_tokens_used_up_before_the_first_word_are_no_refusal():
    with ChatServer(answers(says("", finish="length"))) as server:
        (found,) = written(server).values()
    assert isinstance(found, Failed)
    assert "used up its tokens" in found.problem
    # They were charged for.
    (answer,) = found.answers
    assert (answer.is_refusal, answer.tokens_in, answer.tokens_out) == (False, 200, 60)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429},
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 429, "headers": {"Retry-After": "soon"}},
        {"status": 500, "body": "oops"},
        {"status": 503},
        says(REPORT) | {"cut": True},
        says(REPORT) | {"cut": True, "chunked": True},
        says(REPORT) | {"delay": 3},
        says(REPORT) | {"trickle": 0.02},
        {"body": "<html>a proxy has something to say</html>"},
        {"status": 503, "body": LONG, "cut": True, "chunked": True},
        {"status": 503, "body": LONG, "reset": True},
        {"status": 429, "headers": {"Retry-After": "\u00b2"}},
        {"body": DEEP},
        {"body": f'{{"choices": [{{"message": {{"content": {DEEP}'},
    ],
)
def test_what_passes_is_survived(fault):
    with ChatServer(answers(fault, fault, says(REPORT))) as server:
        (found,) = written(server, timeout=1.0, deadline=1.0).values()
    assert isinstance(found, Written)
    assert (found.text, len(server.requests)) == (REPORT, 3)


def test_pieces_of_no_announced_length_are_put_together():
    with ChatServer(answers(says(REPORT) | {"chunked": True})) as server:
        assert written(server)[0].text == REPORT


@pytest.mark.parametrize("as_date", [False, True])
def test_a_busy_endpoint_is_left_alone_for_as_long_as_it_asks(as_date):
    began = []

    def script(body, number):
        began.append(datetime.now(UTC))
        until = datetime.now(UTC) + timedelta(seconds=2)
        asked = format_datetime(until, usegmt=True) if as_date else "1"
        busy = {"status": 429, "headers": {"Retry-After": asked}}
        return busy if number == 1 else says(REPORT)

    with ChatServer(script) as server:
        assert isinstance(written(server)[0], Written)
    # A date has whole seconds: of two, one at the least is left.
    assert (began[1] - began[0]).total_seconds() >= 0.95


def test_who_asks_for_an_hour_is_not_asked_again():
    busy = {"status": 429, "headers": {"Retry-After": "3600"}}
    began = datetime.now(UTC)
    with ChatServer(answers(busy)) as server:
        found = written(server, 6)
    assert all(each.for_good for each in found.values())
    assert len(server.requests) <= 4  # those that were under way at once
    (said,) = {each.problem for each in found.values()}
    told = re.search("left alone until (.*) UTC .*; try again after that", said)
    until = datetime.fromisoformat(f"{told[1]}+00:00")
    assert 3600 <= (until - began).total_seconds() < 3720


def test_a_wait_beyond_all_measure_is_told_too():
    busy = {"status": 429, "headers": {"Retry-After": "9" * 400}}
    with ChatServer(answers(busy)) as server:
        (found,) = written(server).values()
    assert "asks to be left alone until 20" in found.problem


@pytest.mark.parametrize("status", [307, 401, 404])
def test_what_only_people_can_mend_stays_for_good(status):
    with ChatServer(
        answers({"status": status, "headers": {"Location": "/"}})
    ) as server:
        (found,) = written(server).values()
    assert (found.for_good, len(server.requests)) == (True, 1)
    assert f"refuses to answer ({status}" in found.problem


def test_retry_after_is_read_in_both_forms():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < seconds_to_wait(later) <= 90
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert seconds_to_wait(" 7 ") == 7
    assert seconds_to_wait("whenever") is None and seconds_to_wait("") is None
    assert seconds_to_wait("\u00b2") is None
    assert seconds_to_wait("Mon, 01 Jan 0001 00:00:00 +2359") in (None, 0)


def test_a_dead_endpoint_is_given_up_for_the_whole_batch():
    with ChatServer(answers({"status": 502, "body": f"bad gateway, {KEY}"})) as server:
        found = written(server, 6, tries=2)
    assert all(isinstance(each, Failed) for each in found.values())
    said = str(found)
    assert "gives no answer after 2 tries" in said and KEY not in said
    assert len(server.requests) <= 8


def test_a_wrong_key_is_told_at_once_and_without_the_key():
    wrong = {"status": 401, "body": f"Incorrect API key provided: {KEY}"}
    with ChatServer(answers(wrong)) as server:
        (found,) = written(server).values()
    assert "401" in found.problem and KEY not in found.problem
    assert (len(server.requests), server.headers[0]["Authorization"]) == (
        1,
        f"Bearer {KEY}",
    )


@pytest.mark.parametrize("before", range(240, 300, 10))
def test_no_half_of_a_key_is_told_where_words_are_cut(before):
    wrong = {"status": 401, "body": "x" * before + KEY + "y" * 300}
    with ChatServer(answers(wrong)) as server:
        (found,) = written(server).values()
    assert "401" in found.problem and KEY[:4] not in found.problem


def test_no_half_of_a_key_is_told_where_reading_ends():
    for before in range(1980, 2020, 5):
        wrong = {"status": 401, "body": " " * before + KEY + " " * 300}
        with ChatServer(answers(wrong)) as server:
            (found,) = written(server).values()
        assert "401" in found.problem and KEY[:4] not in found.problem


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 401, "reason": f"Not for {KEY}"},
        {"status": 400, "reason": f"Not for {KEY}"},
        {"status": 503, "reason": f"Not for {KEY}"},
        {"status": 429, "reason": f"Not for {KEY}", "headers": {"Retry-After": "3600"}},
        {"status": 400, "body": f"content_filter: {KEY}"},
        says("", finish=f"content_filter of {KEY}"),
        says(f"{NO} Your key is {KEY}."),
        says(f"{REPORT} Your key is {KEY}."),
        says(REPORT) | {"model": KEY, "system_fingerprint": KEY},
        says(REPORT, finish=KEY),
    ],
)
def test_an_endpoint_that_repeats_the_key_is_not_quoted(fault):
    with ChatServer(answers(fault)) as server:
        (found,) = written(server, tries=2).values()
    assert KEY not in str(found) and "***" in str(found)


def test_a_key_that_is_an_ordinary_word_takes_it_from_no_report():
    with ChatServer(answers(says("Effusion: none."))) as server:
        endpoint = Endpoint(base_url=server.url, model="gpt-scripted", key="none")
        made = EndpointMaking(address=server.url, model="gpt-scripted")
        (found,) = EndpointWriter(made, endpoint).write([Picture(1, image)])
    assert found.text == "Effusion: none."


def test_what_holds_no_key_is_named():
    with pytest.raises(ValueError, match=r"^What /run/secrets/gpt holds is no key\.$"):
        Endpoint(
            base_url="http://127.0.0.1:9/v1",
            model="gpt",
            key="two\nlines",
            key_place="/run/secrets/gpt",
        )


def test_no_key_stands_in_the_making():
    with ChatServer(answers(says(REPORT))) as server:
        made = writer(server)
        assert KEY not in f"{made.provenance()}{made.making}{made.endpoint}"


def test_leave_is_asked_before_each_sending_by_the_thread_that_takes_the_outcomes():
    asked_in = []

    def before_sending():
        asked_in.append(threading.current_thread())

    with ChatServer(answers({"status": 503}, says(NO), says(REPORT))) as server:
        picture = Picture(1, image, before_sending)
        (found,) = writer(server).write([picture])
    assert found.making["asked_with"] == "alternative"
    # A try that failed, its repetition, and the alternative prompt.
    assert len(server.requests) == 3
    assert asked_in == [threading.current_thread()] * 3


@pytest.mark.parametrize("first", [{"status": 503}, says(NO)])
def test_what_may_no_longer_leave_is_not_sent_again(first):
    leaves = iter([True])

    def before_sending():
        if not next(leaves, False):
            raise ForGood("It may not leave.")

    with ChatServer(answers(first, says(REPORT))) as server:
        (found,) = writer(server).write([Picture(1, image, before_sending)])
    assert (found.problem, found.for_good) == ("It may not leave.", True)
    assert len(server.requests) == 1


def test_who_takes_no_more_outcomes_has_nothing_more_sent():
    with ChatServer(answers(says(REPORT))) as server:
        pictures = [Picture(number, image) for number in range(20)]
        outcomes = writer(server).write(pictures)
        next(outcomes)
        outcomes.close()
    assert len(server.requests) <= 4  # those that were under way at once


def test_a_radiograph_that_cannot_be_opened_fails_alone():
    def gone():
        raise ValueError("The stored radiograph is gone.")

    with ChatServer(answers(says(REPORT))) as server:
        pictures = [Picture("gone", gone), Picture("there", image)]
        found = {each.key: each for each in writer(server).write(pictures)}
    assert found["gone"].problem == "The stored radiograph is gone."
    assert found["there"].text == REPORT


def test_a_radiograph_that_breaks_its_drawing_fails_alone():
    def broken():
        raise ZeroDivisionError("no pixels")

    with ChatServer(answers(says(REPORT))) as server:
        pictures = [Picture("broken", broken), Picture("there", image)]
        found = {each.key: each for each in writer(server).write(pictures)}
    assert found["broken"].problem == "ZeroDivisionError: no pixels"
    assert found["there"].text == REPORT


def test_what_no_database_keeps_is_marked():
    strange = says(f"{REPORT}\ud800\0") | {
        "model": "gpt\ud800",
        "system_fingerprint": {"of": "\0"},
        "usage": {"prompt_tokens": 10**20, "completion_tokens": 1e20},
    }
    refused = says("") | {"choices": [{"message": {"refusal": "No\ud800\0."}}]}
    with ChatServer(answers(refused, strange)) as server:
        (found,) = written(server).values()
    assert found.text == f"{REPORT}?\ufffd"
    assert found.making["answered_by"] == "gpt?"
    assert "\ud800" not in str(found) and "\0" not in str(found)
    kept = [(each.tokens_in, each.tokens_out) for each in found.answers]
    assert kept == [(200, 60), (0, 0)]
    assert found.answers[0].said == "No?\ufffd."


@pytest.mark.parametrize(
    "change",
    [
        *({"prompt": "Look."}, {"seed": 1}, {"detail": "low"}, {"alternative": ""}),
        *({"max_tokens": 9}, {"largest_side": 64}, {"model": "another"}),
    ],
)
def test_whatever_changes_a_report_changes_the_fingerprint(change):
    plain = {"address": "http://127.0.0.1/v1", "model": "one"}
    assert (
        EndpointMaking(**plain).fingerprint
        != EndpointMaking(**plain | change).fingerprint
    )


def bright(body):
    """A report that follows what was sent, refused where there is no contrast."""
    url = body["messages"][0]["content"][1]["image_url"]["url"]
    content = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    tiles = Image.open(io.BytesIO(content)).resize((4, 4)).tobytes()
    if max(tiles) == min(tiles):
        return says("I'm sorry, I can't see a radiograph.")
    return says(" ".join(f"{place}-{tile // 16}" for place, tile in enumerate(tiles)))


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        (lambda body, number: bright(body), "looks"),
        (lambda body, number: says("No acute abnormality."), "ignores"),
    ],
)
def test_a_source_that_does_not_look_is_found_out_behind_an_endpoint(script, verdict):
    images = phantom_images(3)
    with ChatServer(script) as server:
        heard = []
        asked = Asked(writer(server), heard.append)
        outcome = run_self_test(asked, list(images.values()), list(images))
    assert str(outcome.verdict) == verdict
    assert len(heard) == 21


def test_who_refuses_every_radiograph_cannot_be_tested():
    images = phantom_images(2)
    with (
        ChatServer(answers(says(NO))) as server,
        pytest.raises(ValueError, match="ref"),
    ):
        run_self_test(Asked(writer(server)), list(images.values()))
