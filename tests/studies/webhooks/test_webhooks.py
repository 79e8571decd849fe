"""Cora has another system told what happens to a study: to a real receiver, signed,
tried again, given up, and never a word about who read what."""

import dataclasses
import re

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.urls import reverse
from standardwebhooks.webhooks import WebhookVerificationError

from readerstudy import measures
from readerstudy.accounts.sealed import opened
from readerstudy.audit.models import Event
from readerstudy.studies.account.sealing import reseal
from readerstudy.studies.lifecycle import services as lifecycle
from readerstudy.studies.models import Study
from readerstudy.studies.webhooks import delivering
from readerstudy.studies.webhooks.kinds import KINDS
from readerstudy.studies.webhooks.models import Webhook, WebhookDelivery
from readerstudy.studies.webhooks.receivers import configured, receivers_in
from readerstudy.studies.webhooks.tasks import deliver
from tests import worlds
from tests.blinding.names import NAMES
from tests.people import cora, rosa
from tests.studies.webhooks.receivers import inbox, verified

pytestmark = pytest.mark.django_db
PATHS = ("/told", "/500", "/302", "/410", "/flaky/2")


@pytest.fixture(scope="module")
def received(tmp_path_factory):
    with inbox(tmp_path_factory.mktemp("receiver")).listening() as listening:
        yield listening


@pytest.fixture
def study(settings, tmp_path, received) -> Study:
    settings.MEDIA_ROOT = tmp_path
    received.file.unlink(missing_ok=True)
    named = " ".join(
        f"{path.strip('/').replace('/', '-')}={received.address(path)}"
        for path in PATHS
    )
    settings.WEBHOOKS = configured(receivers=named, tries=3, wait=60, failures=2)
    return worlds.frozen_study(cases=2)


def page(study: Study) -> str:
    return reverse("webhooks:webhooks", args=[study.code])


def made(study: Study, receiver: str = "told", kinds: list[str] | None = None) -> str:
    """Cora makes a webhook on the page; the secret that its answer shows."""
    chosen = {"receiver": receiver, "kinds": kinds or list(KINDS)}
    answer = cora().client.post(page(study), chosen)
    (secret,) = re.findall(r'value="(whsec_[^"]+)"', answer.content.decode())
    return str(secret)


def work() -> None:
    """What a worker does within a few seconds, without its pauses."""
    delivering.tell()
    delivering.release()
    for row in WebhookDelivery.objects.waiting().order_by("id"):
        deliver(row.pk)


def wait_is_over() -> None:
    WebhookDelivery.objects.held().update(due_at=Now())


def log(study: Study) -> str:
    webhook = Webhook.objects.listed_for(study).get()
    answer = cora().client.get(reverse("webhooks:log", args=[study.code, webhook.pk]))
    return " ".join(answer.content.decode().split())


def test_what_happens_is_told_signed_and_once(study, received):
    secret = made(study)
    study = lifecycle.open_for_reading(study=study, actor=cora().user)
    worlds.grade_next(study.membership_set.readers().get(), "D")
    lifecycle.pause(study=study, actor=cora().user, reason="Rosa is ill.")
    work()
    work()
    first, second = received.requests()
    told = [verified(secret, each) for each in (first, second)]
    assert [each["kind"] for each in told] == ["study.opened", "study.paused"]
    assert set(told[0]) == {"schema", "id", "kind", "study", "at"}
    assert told[0]["study"] == study.code
    event = Event.objects.of_stream(study.code).get(verb="study.opened")
    assert told[0]["at"] == f"{event.at.replace(microsecond=0, tzinfo=None)}Z".replace(
        " ", "T"
    )
    # Another secret, another body or another time is not believed.
    second["body"] = second["body"].replace("paused", "closed")
    for wrong, request in ((secret, second), ("whsec_" + "A" * 44, first)):
        with pytest.raises(WebhookVerificationError):
            verified(wrong, request)
    # Names and signatures are random letters, and some day spell R1.
    said = f"{received.requests()}".encode()
    said = re.sub(rb"msg_[\w-]+|v1,[\w+/=]+", b"", said)
    assert not NAMES.search(said)
    assert all(word not in said for word in (b"Rosa", b"R1", b"ill", b"Cora"))


def test_the_secret_is_shown_once_and_stored_under_a_lock(study):
    secret = made(study)
    assert secret not in cora().client.get(page(study)).content.decode()
    assert secret not in log(study)
    assert secret not in Webhook.objects.get().secret_sealed
    assert secret not in str(list(Event.objects.values_list("detail")))
    again = cora().client.post(page(study), {"receiver": "told", "kinds": list(KINDS)})
    assert "has a webhook of this study already" in again.content.decode()


def test_what_does_not_arrive_is_tried_again_with_growing_waits(study, received):
    secret = made(study, "flaky-2", ["study.opened"])
    lifecycle.open_for_reading(study=study, actor=cora().user)
    waits = []
    for _ in range(2):
        work()
        row = WebhookDelivery.objects.get()
        assert (row.status, row.answered) == ("held", 503)
        waits.append((row.due_at - row.started_at).total_seconds())
        work()
        assert len(received.requests()) == row.attempts, "it waits"
        assert "tried again at" in log(study)
        wait_is_over()
    work()
    assert waits == [pytest.approx(60, abs=5), pytest.approx(240, abs=5)]
    assert WebhookDelivery.objects.get().status == "done"
    assert len({verified(secret, each)["id"] for each in received.requests()}) == 1
    assert "HTTP 204" in log(study)


def test_a_receiver_that_fails_again_and_again_is_switched_off_with_a_message(study):
    made(study, "500")
    lifecycle.open_for_reading(study=study, actor=cora().user)
    lifecycle.pause(study=study, actor=cora().user, reason="A server moves.")
    for _ in range(3):
        work()
        wait_is_over()
    webhook = Webhook.objects.get()
    assert webhook.off_because == (
        "2 deliveries in a row did not arrive, the last because: The receiver answers "
        "with HTTP 500."
    )
    assert webhook.off_because in log(study)
    event = Event.objects.of_stream(study.code).last()
    assert (event.verb, event.actor) == ("webhook.switched_off", None)
    lifecycle.resume(study=study, actor=cora().user)
    work()
    assert WebhookDelivery.objects.count() == 2, "nothing is told meanwhile"
    cora().client.post(reverse("webhooks:switch_on", args=[study.code, webhook.pk]))
    work()
    assert WebhookDelivery.objects.count() == 2, "nor later"
    lifecycle.pause(study=study, actor=cora().user, reason="Again.")
    work()
    assert WebhookDelivery.objects.count() == 3


def test_what_is_tried_again_and_given_up_is_counted_for_those_who_run_the_site(study):
    def ended(outcome):
        labels = {"kind": "studies.webhookdelivery", "outcome": outcome}
        return measures.WORKER.get_sample_value("readerstudy_work_ended_total", labels)

    made(study, "500")
    lifecycle.open_for_reading(study=study, actor=cora().user)
    before = [ended(outcome) or 0 for outcome in ("tried_again", "failed")]
    for _ in range(3):
        work()
        wait_is_over()
    after = [ended(outcome) or 0 for outcome in ("tried_again", "failed")]
    tries = WebhookDelivery.objects.get().attempts
    assert WebhookDelivery.objects.get().status == "failed"
    assert [new - old for new, old in zip(after, before, strict=True)] == [tries - 1, 1]


def test_a_receiver_that_is_gone_is_believed_at_once(study):
    made(study, "410")
    lifecycle.open_for_reading(study=study, actor=cora().user)
    work()
    assert "HTTP 410" in Webhook.objects.get().off_because


def test_a_receiver_leads_nobody_elsewhere(study, received):
    made(study, "302")
    lifecycle.open_for_reading(study=study, actor=cora().user)
    work()
    assert [each["path"] for each in received.requests()] == ["/302"]
    assert "which is not followed" in log(study)


def test_cora_sends_a_test_and_sends_again(study, received):
    secret = made(study)
    webhook = Webhook.objects.get()
    cora().client.post(reverse("webhooks:test", args=[study.code, webhook.pk]))
    work()
    test = WebhookDelivery.objects.get()
    again = reverse("webhooks:redeliver", args=[study.code, test.pk])
    cora().client.post(again)
    refused = cora().client.post(again, follow=True)
    assert "on its way already" in refused.content.decode()
    work()
    told = [verified(secret, each) for each in received.requests()]
    assert [each["kind"] for each in told] == ["webhook.test"] * 2
    assert told[0] == told[1]
    cora().client.post(reverse("webhooks:remove", args=[study.code, webhook.pk]))
    assert rosa().client.get(page(study)).status_code == 403
    verbs = Event.objects.of_stream(study.code).filter(verb__startswith="webhook.")
    assert list(verbs.values_list("verb", flat=True)) == [
        f"webhook.{verb}" for verb in ("made", "tested", "redelivered", "removed")
    ]


def test_what_cannot_be_sent_says_why(study, settings, caplog):
    """A webhook that is removed, a receiver that is no more, another SECRET_KEY."""
    made(study)
    lifecycle.open_for_reading(study=study, actor=cora().user)
    delivering.tell()
    known = settings.WEBHOOKS
    settings.WEBHOOKS = dataclasses.replace(known, receivers={})
    work()
    assert "name no receiver told" in log(study)
    settings.WEBHOOKS = known
    settings.SECRET_KEY = "another"
    wait_is_over()
    work()
    assert "another SECRET_KEY" in WebhookDelivery.objects.get().failure
    assert re.search(r"The secret of webhook \d+ to told cannot be read", caplog.text)
    assert "second factor" not in caplog.text
    settings.SECRET_KEY = "only-for-tests"
    lifecycle.pause(study=study, actor=cora().user, reason="A server moves.")
    delivering.tell()
    webhook = Webhook.objects.get()
    cora().client.post(reverse("webhooks:remove", args=[study.code, webhook.pk]))
    work()
    last = WebhookDelivery.objects.last()
    assert (last.status, last.failure) == (
        "failed",
        "The webhook is switched off or removed; it was not sent.",
    )


@pytest.mark.parametrize(
    "chosen",
    [
        {"receiver": "http://169.254.169.254/", "kinds": ["study.closed"]},
        {"receiver": "told", "kinds": ["grade.submitted"]},
        {"receiver": "told", "kinds": []},
    ],
)
def test_nothing_else_can_be_chosen(study, chosen):
    answer = cora().client.post(page(study), chosen)
    assert "Nothing was stored" in answer.content.decode()
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "nobody",
        "a=ftp://host/",
        "a=https://user:secret@host/",
        "a=https://host/#part",
        "a=https://[::1]/",
        "a=http://host:99999/",
        "a=http://host/ a=http://host/",
    ],
)
def test_settings_that_make_no_sense_stop_the_start_in_a_sentence(text):
    with pytest.raises(ValueError, match=r"\.$") as refusal:
        receivers_in(text)
    assert "secret" not in str(refusal.value)
    with pytest.raises(ValueError, match="WEBHOOK_TRIES"):
        configured(receivers="", tries=10, wait=1, failures=1)


def test_the_secret_goes_on_under_another_key_of_the_site(study, settings):
    secret, first = made(study), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "k" * 50, [first]
    assert reseal(actor=None).done == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert opened(Webhook.objects.get().secret_sealed) == secret
    settings.SECRET_KEY = "another" * 8
    assert reseal(actor=None).webhooks == ["told"]
    with pytest.raises(CommandError, match="the webhooks to told"):
        call_command("reseal")
