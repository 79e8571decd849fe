"""Before closing nobody sees a grade by arm: not those who coordinate, not those who
analyse, at no address. What they see is the same whatever was graded in which arm."""

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.grading.models import Grade
from readerstudy.presentation.models import Slot
from readerstudy.studies.lifecycle.unblinding import unblind
from readerstudy.studies.models import Study
from tests import worlds
from tests.blinding.alike import assert_alike
from tests.blinding.exchange import OF_A_SLOT, comparable, fetched, paths_of, undone
from tests.lifted import lifted
from tests.people import anya, cora
from tests.test_permissions import address, ask, every_url, lines

OF_RESULTS = ("analysis:", "export:", "api:results", "api:table")
# Of collections and their labels; they hold no read of any study.
OF_COLLECTIONS = ("analysis:findings:", "export:unpack")


@pytest.fixture
def study(settings, tmp_path) -> Study:
    """One arm got A and marks, the other D; five reports of eight are graded."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=4, distance=1)
    first = study.arm_set.order_by("position").first()
    for slot in Slot.objects.of_study(study).order_by("position")[:5]:
        is_first = slot.presented.arm_id == first.pk
        worlds.grade(
            slot, "A" if is_first else "D", comment="Good." if is_first else ""
        )
    arms = Grade.objects.of_study(study).values_list("slot__presented__arm")
    assert len(set(arms)) == 2
    return study


def exchange_what_was_graded(study: Study) -> None:
    """Whatever was read, marked and timed of one arm's report was of the other's."""
    slots = Slot.objects.of_study(study).select_related("presented")
    found = {(s.reader_id, s.presented.case_id, s.presented.arm_id): s for s in slots}
    first, second = study.arm_set.order_by("position")
    for (reader, case, arm), slot in found.items():
        if arm != first.pk:
            continue
        other = found[reader, case, second.pk]
        with lifted("presentation_slot"):
            # A report has one place in a list: the other waits as a second reading.
            Slot.objects.filter(pk=other.pk).update(repeat=1)
            Slot.objects.filter(pk=slot.pk).update(presented=other.presented)
            held = {"presented": slot.presented, "repeat": 0}
            Slot.objects.filter(pk=other.pk).update(**held)


def exchange_letters(study: Study) -> None:
    """Every A becomes a D, and every D an A."""
    grades = Grade.objects.of_study(study)
    with lifted("grading_grade"):
        for old, new in (("A", "B"), ("D", "A"), ("B", "D")):
            grades.filter(letter=old).update(letter=new)


@pytest.mark.django_db
@pytest.mark.parametrize("someone", [cora, anya], ids=["coordinator", "analyst"])
def test_no_byte_changes_when_the_grades_are_exchanged_between_the_arms(study, someone):
    client = someone().client
    urls = every_url() - OF_A_SLOT - {"schema"}
    for url in urls:
        address(url, study)  # what an address makes on first use is made

    before = fetched(client, paths_of(study, urls))
    for exchange in (exchange_what_was_graded, exchange_letters):
        exchange(study)
        after = fetched(client, paths_of(study, urls))
        assert_alike(before, after)


def results_urls() -> list[str]:
    return sorted(
        url
        for url in every_url()
        if url.startswith(OF_RESULTS) and not url.startswith(OF_COLLECTIONS)
    )


def asked_for_results(client: Client, study: Study) -> dict[str, object]:
    """What the addresses of results answer, by whatever method they are asked."""
    found: dict[str, object] = {}
    for url in results_urls():
        path = address(url, study)
        for method in ("get", "post"):
            with undone():
                found[f"{method} {path}"] = comparable(getattr(client, method)(path))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("someone", [cora, anya], ids=["coordinator", "analyst"])
def test_addresses_of_results_say_the_same_whatever_was_graded(
    someone, settings, tmp_path
):
    """No count, no other sentence, no other size: none graded, one, all."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1)
    reader = study.membership_set.readers().get()
    client = someone().client
    nothing = asked_for_results(client, study)
    worlds.grade_next(reader, "A")
    assert asked_for_results(client, study) == nothing
    for letter in "DCB":
        worlds.grade_next(reader, letter)
    assert asked_for_results(client, study) == nothing


def are_open(client: Client, study: Study) -> bool:
    answer = client.get(reverse("api:results", args=[study.code]))
    assert answer.status_code in {200, 202, 403}
    return answer.status_code != 403


@pytest.mark.django_db
def test_nothing_but_closing_and_early_unblinding_opens_the_results(study):
    """Everything that a coordinator may send, one by one."""
    opening = set()
    allowed = {"200", "201", "302"}
    for line in lines():
        is_sent = line["method"] != "GET" and line["state"] == "open"
        if is_sent and line["coordinator"] in allowed:
            with undone():
                ask(cora().client, line, address(line["url"], study))
                # Signed in anew: to sign out is one of the things that she may send.
                if are_open(cora().client, study):
                    opening.add(line["url"])
    assert opening == {"grading:close"}
    assert not are_open(anya().client, study)
    unblind(study=study, actor=cora().user, reason="Harm.", typed_code=study.code)
    assert are_open(anya().client, study)
    event = Event.objects.of_stream(study.code).get(verb="study.unblinded_early")
    assert event.actor == cora().user
