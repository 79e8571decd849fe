"""Blinding as non-interference: exchange what is behind every text, and no byte that a
reader can fetch may change, at no address of the site. Then look for the names
themselves."""

import re

import pytest
from django.urls import reverse

from readerstudy.grading import views as grading
from readerstudy.grading.after.guessing import (
    Guess,
    open_sheet,
    sampled_slots,
    store_guesses,
)
from readerstudy.grading.before.consent import agree, consent_version
from readerstudy.grading.before.display import store_check
from readerstudy.grading.before.practice import practise
from readerstudy.grading.models import Grade
from readerstudy.grading.path import next_slot
from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.reports.console.models import Turn
from readerstudy.studies.models import Study
from readerstudy.work import leases
from tests import worlds
from tests.blinding.alike import assert_alike
from tests.blinding.exchange import (
    PATTERN,
    assert_blind,
    comparable,
    exchange_readings,
    exchange_what_is_practised,
    fetched,
    find_out,
    open_to_readers,
    paths_of,
    told,
)
from tests.lifted import lifted
from tests.people import cora, person, rosa
from tests.test_permissions import BODIES, address, every_url

pytestmark = pytest.mark.slow(seconds=80)


@pytest.mark.django_db
def test_no_byte_changes_when_arms_and_reports_are_exchanged(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, undo_seconds=600)
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


@pytest.mark.django_db
def test_no_byte_tells_a_report_that_comes_again_from_a_first_reading(
    settings, tmp_path
):
    """At the beginning, in the middle of the list, and on the sheet of guesses."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(
        cases=2, distance=1, hidden_repeats=1, undo_seconds=600, guess_sample=3
    )
    reader, membership = rosa(), study.membership_set.readers().get()
    urls = {url for url in open_to_readers() if url.startswith(("grading:", "api:"))}

    def look() -> None:
        reader.client.get(reverse("grading:next", args=[study.code]), follow=True)
        seen, paths = [], paths_of(study, urls)
        for _ in range(2):
            shown = fetched(reader.client, paths)
            seen.append((shown, told(reader.client, study)))
            exchange_readings(study)
        assert_alike(*seen)

    look()
    for _ in range(3):
        worlds.grade_next(membership, "B")
    look()
    for _ in range(2):
        worlds.grade_next(membership, "C")
    assert not worlds.grade_next(membership, "D")
    open_sheet(reader=membership, session=1)
    look()


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
        undo_seconds=600,
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
        paths = paths_of(study, urls)
        shown = fetched(reader.client, paths)
        exchange_what_is_practised(study, "cxr_llava")
        assert_alike(fetched(reader.client, paths), shown)
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
    study = worlds.open_study(cases=2, distance=1, undo_seconds=600)
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
        shown = fetched(reader.client, paths_of(study, urls))
        return shown, told(reader.client, study), asked

    before = seen()
    use_the_console(study)
    assert_alike(seen(), before)
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
    study = worlds.open_study(cases=2, distance=1, undo_seconds=600)
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
