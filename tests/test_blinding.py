"""Blinding as non-interference: exchange what is behind every text, and no byte that a
reader can fetch may change, at no address of the site. Then look for the names
themselves."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.db import transaction
from django.test import Client
from django.urls import reverse

from readerstudy.grading import views as grading
from readerstudy.grading.after.guessing import (
    Guess,
    open_sheet,
    sampled_slots,
    store_guesses,
)
from readerstudy.grading.before import views as before
from readerstudy.grading.before.consent import agree, consent_version
from readerstudy.grading.before.display import store_check
from readerstudy.grading.before.pattern import Pattern
from readerstudy.grading.before.practice import practise
from readerstudy.grading.models import Grade
from readerstudy.grading.path import next_slot
from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.reports.console.models import Turn
from readerstudy.reports.models import Report, SelfTestResult
from readerstudy.reports.services import source_named
from readerstudy.studies.models import Arm, Study
from readerstudy.work import leases
from tests import worlds
from tests.lifted import lifted
from tests.people import cora, person, rosa
from tests.test_permissions import BODIES, OF_AN_IMAGE, address, every_url, lines

OF_A_SLOT = {
    *(f"grading:{name}" for name in ("read", "following", "amend")),
    "presentation:window",
    *(f"api:{name}" for name in ("image", "preview", "frame", "draft", "grade")),
    *(f"api:{name}" for name in ("open", "undo")),
}
CLOCKS = {"set-cookie", "date", "expires"}
# Tokens and times of day differ from answer to answer.
FLEETING = re.compile(
    rb'(?<=name="csrfmiddlewaretoken" value=")[^"]*|(?<=csrf-token" content=")[^"]*'
    rb'|(?<="X-CSRFToken": ")[^"]*|(?<=name="pattern" value=")[^"]*'
    rb'|(?<=ed_at":")[^"]*|(?<=undo_until":")[^"]*'
    # What a passkey is to sign.
    rb'|(?<="challenge": ")[^"]*'
)

PATTERN = Pattern("top_left", "bottom_right", 10, "level")


@pytest.fixture(autouse=True)
def _one_pattern(monkeypatch):
    """The display check shows another pattern each time; here it is always one.

    So it is with the key that a new authenticator app would get.
    """
    monkeypatch.setattr(before, "new_pattern", lambda: PATTERN)
    monkeypatch.setattr(totp, "generate_totp_secret", lambda: "A" * 32)


Answer = tuple[int, list[tuple[str, str]], list[str], bytes]


def comparable(answer) -> Answer:
    """An answer without what differs at every visit: status, headers, cookies, body."""
    headers = [pair for pair in answer.items() if pair[0].lower() not in CLOCKS]
    body = FLEETING.sub(b"", answer.content)
    return answer.status_code, sorted(headers), sorted(answer.cookies), body


def open_to_readers() -> set[str]:
    """The addresses that answer a reader of the study with more than a refusal."""
    return {
        line["url"]
        for line in lines()
        if line["method"] == "GET" and line["reader"] in {"200", "204", "302"}
    }


def fetched(client: Client, study: Study, urls: set[str]) -> dict[str, Answer]:
    """What a reader gets at these addresses, those of a slot for each slot."""
    slots = Slot.objects.of_study(study).order_by("position")
    ids = list(slots.values_list("public_id", flat=True))
    paths = [address(url, study) for url in sorted(urls - OF_A_SLOT)]
    paths += [
        reverse(url, args=[id_, 0] if url in OF_AN_IMAGE else [id_])
        for url in sorted(urls & OF_A_SLOT)
        for id_ in ids
    ]
    return {path: comparable(client.get(path)) for path in paths}


def told(client: Client, study: Study) -> list[Answer]:
    """The answers to drafts and grades, good and bad ones; nothing of it is kept."""
    slot = Slot.objects.of_study(study).filter(grade=None).order_by("position").first()
    if slot is None:
        return []
    bodies = [BODIES["api:draft"], BODIES["api:grade"]]
    urls = [reverse(name, args=[slot.public_id]) for name in ("api:draft", "api:grade")]
    other = BODIES["api:grade"] | {"letter": "D"}
    asked = [
        (client.put, urls[0], bodies[0]),
        (client.put, urls[0], {}),
        (client.post, urls[1], {"letter": "E"}),
        (client.post, urls[1], bodies[1]),
        (client.post, urls[1], bodies[1]),
        (client.post, urls[1], other),
        (client.options, urls[1], {}),
        (client.post, reverse("api:open", args=[slot.public_id]), {}),
        (client.post, reverse("api:undo", args=[slot.public_id]), {}),
    ]
    form = reverse("grading:read", args=[slot.public_id])
    with undone():
        answers = [client.post(form, {"letter": "A", "idempotency_key": "a-form-key"})]
    last = Slot.objects.of_study(study).exclude(grade=None).order_by("position").last()
    if last:
        again = [
            reverse(url, args=[last.public_id]) for url in ("api:undo", "api:open")
        ]
        asked += [(client.post, url, {}) for url in again]
        asked.append((client.post, reverse("api:grade", args=[last.public_id]), other))
    with undone():
        for ask, url, body in asked:
            answers.append(ask(url, json.dumps(body), content_type="application/json"))
    # What was refused is said on the next page: on this one, not on one compared.
    client.get(reverse("home"))
    return [comparable(answer) for answer in answers]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside was never written."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def exchange_what_is_behind(study: Study) -> None:
    """Put the other arm and the other report behind every text.

    Slots, ids and texts stay; arm, source and everything that is known of the report's
    making change places.
    """
    first, second = study.arm_set.order_by("position")
    presented = PresentedReport.objects.filter(study=study)
    behind = dict(presented.values_list("id", "arm"))
    of_case = {(row.case_id, row.arm_id): row.report_id for row in presented}
    with lifted("studies_arm", "presentation_presentedreport"):
        between = Arm.objects.create(
            study=study, position=9, name="between", source="none"
        )
        presented.filter(arm=first).update(arm=between)
        presented.filter(arm=second).update(arm=first)
        presented.filter(arm=between).update(arm=second)
        between.delete()
        for row in presented.all():
            assert row.arm_id != behind[row.pk]
            presented.filter(pk=row.pk).update(report=of_case[row.case_id, row.arm_id])


def find_out(source: str) -> None:
    """Let a self-test have found out that the source of one arm ignores the pixels."""
    SelfTestResult.objects.create(
        source=source_named(source),
        fingerprint="f" * 64,
        verdict="ignores",
        sentence="100% of the reports stay word for word the same.",
        outcome={},
    )


def assert_blind(client: Client, study: Study, urls: set[str]) -> None:
    """Exchange what is behind the texts, and back: a reader sees no difference."""
    seen = []
    for _ in range(2):
        seen.append((fetched(client, study, urls), told(client, study)))
        exchange_what_is_behind(study)
    assert seen[0] == seen[1]


@pytest.mark.django_db
def test_no_byte_changes_when_arms_and_reports_are_exchanged(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, undo_seconds=120)
    find_out("cxr_llava")
    reader = rosa()
    membership = study.membership_set.readers().get()
    reads = 0
    while True:
        # The first visit leaves its mark: the slot is opened.
        reader.client.get(reverse("grading:next", args=[study.code]), follow=True)
        # Refusals and errors are looked at once, at the beginning and in the end.
        urls = open_to_readers() - {"schema"} if reads else every_url()
        assert_blind(reader.client, study, urls)
        if not worlds.grade_next(membership, "ABCD"[reads % 4]):
            break
        reads += 1
    assert reads == 4
    worlds.close(study)
    study.refresh_from_db()
    assert_blind(reader.client, study, every_url())


def exchange_readings(study: Study) -> None:
    """Let the first reading of each report that comes again be its second, and back."""
    spare = PresentedReport.objects.filter(study=study).exclude(
        slot__in=Slot.objects.of_study(study).filter(repeat=1)
    )[0]
    for again in Slot.objects.of_study(study).filter(repeat=1):
        first = Slot.objects.filter(reader=again.reader, presented=again.presented)
        # A report has one second reading at a time: it waits with another report.
        with lifted("presentation_slot"):
            Slot.objects.filter(pk=again.pk).update(presented=spare)
            first.update(repeat=1)
            held = {"presented": again.presented_id, "repeat": 0}
            Slot.objects.filter(pk=again.pk).update(**held)


@pytest.mark.django_db
def test_no_byte_tells_a_report_that_comes_again_from_a_first_reading(
    settings, tmp_path
):
    """At the beginning, in the middle of the list, and on the sheet of guesses."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(
        cases=2, distance=1, hidden_repeats=1, undo_seconds=120, guess_sample=3
    )
    reader, membership = rosa(), study.membership_set.readers().get()
    urls = {url for url in open_to_readers() if url.startswith(("grading:", "api:"))}

    def look() -> None:
        reader.client.get(reverse("grading:next", args=[study.code]), follow=True)
        seen = []
        for _ in range(2):
            shown = fetched(reader.client, study, urls)
            seen.append((shown, told(reader.client, study)))
            exchange_readings(study)
        assert seen[0] == seen[1]

    look()
    for _ in range(3):
        worlds.grade_next(membership, "B")
    look()
    for _ in range(2):
        worlds.grade_next(membership, "C")
    assert not worlds.grade_next(membership, "D")
    open_sheet(reader=membership, session=1)
    look()


def exchange_what_is_practised(study: Study, source: str) -> None:
    """Let another source have written the reports to practise on."""
    Report.objects.filter(practicecase__study=study).update(source=source_named(source))


@pytest.mark.django_db
def test_the_pages_around_the_reports_say_nothing_of_what_is_behind(settings, tmp_path):
    """Practice, the display check, session ends, the sheet of guesses: not a byte."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(
        cases=2,
        distance=1,
        guess_sample=2,
        session_reads=2,
        display_check=True,
        consent="I agree.",
        undo_seconds=120,
    )
    worlds.practice_case(study)
    reader = rosa()
    membership = study.membership_set.readers().get()
    seen = []

    urls = open_to_readers() - {"schema"}

    def look() -> None:
        assert_blind(reader.client, study, urls)
        page = reader.client.get(
            reverse("grading:next", args=[study.code]), follow=True
        )
        seen.append(page.redirect_chain[-1][0] if page.redirect_chain else "here")
        shown = fetched(reader.client, study, urls)
        exchange_what_is_practised(study, "cxr_llava")
        assert fetched(reader.client, study, urls) == shown
        exchange_what_is_practised(study, "ground_truth")

    look()
    version = consent_version(study)
    agree(reader=membership, version=version)
    look()
    answers = PATTERN.as_json() | {"room": True}
    checked = {"reader": membership, "pattern": PATTERN, "device": {}}
    store_check(session=1, answers=answers, **checked)
    look()
    practise(reader=membership, practice=study.practicecase_set.get(), letter="A")
    worlds.read_session(membership)
    look()
    open_sheet(reader=membership, session=1)
    look()
    count = len(sampled_slots(membership, 1))
    guesses = [Guess("model", 3)] * count
    store_guesses(reader=membership, session=1, guesses=guesses)
    look()
    assert [path.rsplit("/read/acceptability/")[-1] for path in seen] == [
        "consent/",
        "display/",
        "practice/",
        "guess/1/",
        "guess/1/",
        "here",
    ]


def use_the_console(study: Study) -> None:
    """Cora asks, gets an answer and none, looks at all of it and exports it."""
    asked = Turn.objects.filter(conversation__study=study)
    before = asked.count()
    worlds.conversation(study)
    client = cora().client
    for url in sorted(url for url in every_url() if is_of_the_console(url)):
        path = address(url, study)
        assert client.get(path).status_code in {200, 405}
        client.post(path, {"kind": "labels", "question": ""})
    for turn in asked.waiting()[:1]:
        claimed = leases.claim(Turn, id=turn.pk, worker="a worker")
        leases.fail(claimed, reason="No memory left")
    assert asked.count() >= before + 2
    kinds = {"kind": "svg", "with_truth": "on"}
    answer = client.post(address("reports:console:export", study), kinds)
    assert answer.content.startswith(b"<?xml")


def is_of_the_console(url: str) -> bool:
    return url.startswith("reports:console:")


@pytest.mark.django_db
def test_nothing_of_the_console_reaches_a_reader(settings, tmp_path):
    """Before, between and after: no byte of any answer tells that it was used."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, undo_seconds=120)
    reader = rosa()
    membership = study.membership_set.readers().get()
    reader.client.get(reverse("grading:next", args=[study.code]), follow=True)
    urls = {url for url in every_url() if not is_of_the_console(url)}
    # Whether a conversation is there or not: the refusal is the same.
    numbers = range(1, 4)
    paths = [reverse("reports:console:cases", args=[study.code])]
    for name in ("case", "image", "conversation", "export", "turn", "retry"):
        paths += [
            reverse(f"reports:console:{name}", args=[study.code, number])
            for number in numbers
        ]

    def seen():
        asked = {path: comparable(reader.client.get(path)) for path in paths}
        assert {answer[0] for answer in asked.values()} <= {403, 405}
        return fetched(reader.client, study, urls), told(reader.client, study), asked

    before = seen()
    use_the_console(study)
    assert seen() == before
    worlds.grade_next(membership, "B")
    # The visit leaves its mark: the next report is opened.
    reader.client.get(reverse("grading:next", args=[study.code]), follow=True)
    between = seen()
    use_the_console(study)
    assert seen() == between


@pytest.mark.django_db
def test_the_comparison_would_notice_a_leak(settings, tmp_path, monkeypatch):
    """The test above, tested: an answer that depends on the arm in one byte."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, undo_seconds=120)
    reader = rosa()
    reader.client.get(reverse("grading:next", args=[study.code]), follow=True)

    def leaking(slot):
        return plain(slot) | {"reader_code": f"R{slot.presented.arm_id % 2}"}

    plain = grading.reading_context
    monkeypatch.setattr(grading, "reading_context", leaking)
    with pytest.raises(AssertionError):
        assert_blind(reader.client, study, {"grading:read"})


@pytest.mark.django_db
def test_no_answer_to_a_reader_names_a_source_a_case_or_a_file(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    for presented in PresentedReport.objects.filter(study=study):
        presented.body["sections"][0]["sentences"] = ["The heart is normal."]
        with lifted("presentation_presentedreport"):
            presented.save()
    reader = rosa()
    membership = study.membership_set.readers().get()
    leaks = re.compile(
        rb"ground.?truth|llava|CXR\d|phantoms|\.png|arm\b|source", re.IGNORECASE
    )
    pages = 0
    while True:
        next_page = reader.client.get(
            reverse("grading:next", args=[study.code]), follow=True
        )
        slot = next_slot(membership)
        if slot is None:
            break
        assert next_page.status_code == 200
        assert leaks.findall(next_page.content) == []
        image = reader.client.get(reverse("api:image", args=[slot.public_id, 0]))
        assert leaks.findall(image.content) == []
        worlds.grade_next(membership, "B")
        pages += 1
    assert pages == 12


@pytest.mark.django_db
def test_the_same_radiograph_has_another_address_in_every_slot(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    ids = list(Slot.objects.of_study(study).values_list("public_id", flat=True))
    assert len(set(ids)) == 12


@pytest.mark.django_db
def test_a_reader_stores_nothing_in_the_slot_of_another(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    ravi = person("Ravi")
    study = worlds.open_study(readers=[rosa(), ravi])
    hers = Slot.objects.of_study(study).filter(reader__user=rosa().user).first()
    json_body = {"content_type": "application/json"}
    refused = [
        ravi.client.put(
            reverse("api:draft", args=[hers.public_id]),
            BODIES["api:draft"],
            **json_body,
        ),
        ravi.client.post(
            reverse("api:grade", args=[hers.public_id]),
            BODIES["api:grade"],
            **json_body,
        ),
        ravi.client.post(
            reverse("grading:read", args=[hers.public_id]),
            {"letter": "A", "idempotency_key": "a-form-key"},
        ),
    ]
    assert [answer.status_code for answer in refused] == [404] * 3
    assert not Grade.objects.exists()
