"""Too many wrong passwords: no more tries for a while, from there, for that name."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory
from django.urls import reverse

from readerstudy.accounts.addresses import UNKNOWN, address_of
from readerstudy.audit.models import Event
from tests.people import cora, rosa
from tests.studies.account.people import (
    PASSWORD,
    is_in,
    stale,
    typed,
    verbs,
    with_password,
    without_tokens,
)

pytestmark = pytest.mark.django_db


def guess(times: int, username: str = "rosa", **where):
    client = Client(**where)
    answers = [typed(username, "a guess", client)[1] for _ in range(times)]
    return answers[-1]


def test_after_five_guesses_not_even_the_right_password_is_taken():
    with_password(rosa())
    assert guess(4).status_code == 200
    last = guess(1)
    assert (last.status_code, b"for 15 minutes" in last.content) == (429, True)
    client, answer = typed("rosa")
    assert answer.status_code == 429
    assert not is_in(client)


def test_a_name_that_nobody_has_is_answered_alike():
    with_password(rosa())
    known, unknown = guess(5), guess(5, "nobody-of-that-name")
    assert known.status_code == unknown.status_code == 429
    assert without_tokens(known) == without_tokens(unknown)


def test_the_person_comes_in_from_elsewhere_meanwhile():
    with_password(rosa())
    guess(5, REMOTE_ADDR="192.0.2.66")
    _, answer = typed("rosa", client=Client(REMOTE_ADDR="192.0.2.1"))
    assert answer.status_code == 302


def test_a_colleague_at_the_same_address_comes_in():
    with_password(rosa())
    with_password(cora())
    guess(5, "rosa")
    assert typed("cora")[1].status_code == 302


def test_it_is_over_after_a_quarter_of_an_hour_even_if_the_guessing_goes_on():
    with_password(rosa())
    guess(5)
    guess(3)
    row = AccessAttempt.objects.get()
    row.attempt_time -= timedelta(minutes=16)
    AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=row.attempt_time)
    assert typed("rosa")[1].status_code == 302


def test_slips_before_a_right_password_are_forgotten():
    with_password(rosa())
    for _ in range(3):
        guess(3)
        assert typed("rosa")[1].status_code == 302


def test_the_record_has_each_guess_once_and_the_lock_out_once():
    with_password(rosa())
    guess(7)
    assert verbs() == ["account.sign_in_failed"] * 5 + ["account.locked_out"]
    assert set(Event.objects.values_list("subject", flat=True)) == {rosa().user.number}


def test_a_screen_that_was_left_is_no_way_to_guess():
    client = stale(with_password(cora()).client)
    for _ in range(5):
        answer = client.post(reverse("account_reauthenticate"), {"password": "guess"})
    assert answer.status_code == 429
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 429


def test_nothing_that_was_typed_is_kept_with_the_count():
    guess(1, "rosa")
    row = AccessAttempt.objects.get()
    kept = row.post_data + row.get_data + row.username + row.path_info
    assert "guess" not in kept and "rosa" not in kept


@pytest.mark.parametrize(
    ("behind", "headers", "found"),
    [
        (False, {}, "192.0.2.1"),
        (False, {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}, "192.0.2.1"),
        (True, {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}, "198.51.100.7"),
        # What the person has sent stands before what the proxy adds.
        (True, {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 198.51.100.7"}, "198.51.100.7"),
        (True, {"HTTP_X_FORWARDED_FOR": "2001:db8::1"}, "2001:db8::1"),
        (True, {}, "192.0.2.1"),
        (True, {"HTTP_X_FORWARDED_FOR": "<script>"}, UNKNOWN),
    ],
)
def test_an_address_is_believed_only_from_the_proxy(settings, behind, headers, found):
    settings.BEHIND_TLS_PROXY = behind
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", **headers)
    assert address_of(request) == found
