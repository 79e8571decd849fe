"""Cora lets an endpoint and a command write; nothing leaves before she has said so."""

import sys
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.reports import selftests, services, tasks
from readerstudy.reports.models import (
    EndpointAnswer,
    Job,
    Report,
    SelfTest,
    SelfTestResult,
    SendingConsent,
)
from readerstudy.reports.progress import NOT_CONFIRMED, REFUSED
from readerstudy.reports.sources import sending
from readerstudy.reports.sources.allowed import AllowedEndpoint
from readerstudy.reports.sources.services import add_command
from readerstudy.reports.sources.spending import spent_on
from readerstudy.studies.services import add_arm
from tests import worlds
from tests.export.whole import bundle_files
from tests.inference.chat_server import says
from tests.people import cora, rosa
from tests.reports.conftest import KEY, REPORT

pytestmark = pytest.mark.django_db
NO = "I'm sorry, I can't assist with that."
ADAPTER = (
    "import json, sys\n"
    "from PIL import Image\n"
    "for line in sys.stdin:\n"
    "    each = json.loads(line)\n"
    "    tiles = Image.open(each['image']).resize((4, 4)).tobytes()\n"
    "    words = ' '.join(f'{n}-{tile // 16}' for n, tile in enumerate(tiles))\n"
    "    print(json.dumps({'id': each['id'], 'report': words}))\n"
)


@pytest.fixture(autouse=True)
def _site(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    settings.REPORT_ENDPOINT_WAIT = 0.01
    monkeypatch.setenv("SCRIPTED_API_KEY", KEY)


def confirm(source, collection):
    return sending.confirm(
        collection=collection, source=source, statement="Vote 12/26.", actor=cora().user
    )


def queue(source):
    return services.precompute(source=source, cases=Case.objects.all(), actor=None)


def write_all(attempts=1):
    for _ in range(attempts):
        for job in Job.objects.all():
            tasks.write_reports(job.pk)


def page(url, *arguments, who=None):
    answer = (who or cora()).client.get(reverse(url, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


# --- Sending away ---


def test_nothing_is_queued_before_somebody_lets_the_radiographs_go(
    source, collection, server
):
    with pytest.raises(ValidationError, match="nobody has confirmed that they may"):
        queue(source)
    with pytest.raises(CommandError, match="nobody has confirmed"):
        call_command("precompute", "--source", "gpt", "--collection", "phantoms")
    with pytest.raises(ValidationError, match="nobody has confirmed"):
        selftests.ask(source=source, actor=None, cases=list(Case.objects.all()))
    assert not Job.objects.exists() and not server.requests
    confirm(source, collection)
    assert queue(source) == 3


def test_the_confirmation_of_one_collection_is_none_of_another(source, collection):
    worlds.phantoms("others", cases=1)
    confirm(source, collection)
    with pytest.raises(ValidationError, match="radiographs of others to http"):
        queue(source)


def test_who_confirmed_it_when_and_why_stays(source, collection):
    said = confirm(source, collection)
    event = Event.objects.get(verb="reports.sending_allowed")
    assert (event.actor, event.subject) == (cora().user, "phantoms")
    assert event.detail == {
        "source": "gpt",
        "address": source.address,
        "statement": "Vote 12/26.",
    }
    for change in (
        lambda: SendingConsent.objects.update(statement="Another."),
        lambda: SendingConsent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert SendingConsent.objects.get() == said


def test_what_is_taken_back_is_not_sent_any_more(source, collection, server):
    confirm(source, collection)
    queue(source)
    sending.take_back(
        collection=collection, source=source, statement="Ended.", actor=cora().user
    )
    write_all()
    assert not server.requests
    assert set(Job.objects.values_list("status", "failure")) == {
        ("failed", NOT_CONFIRMED)
    }
    with pytest.raises(ValidationError, match="nobody has confirmed"):
        queue(source)


def test_a_confirmation_is_of_one_address(source, collection, settings, server):
    confirm(source, collection)
    settings.REPORT_ENDPOINTS = {
        "scripted": AllowedEndpoint("scripted", "http://127.0.0.1:9/v1", "KEY")
    }
    with pytest.raises(ValidationError, match="name no endpoint scripted at"):
        queue(source)


def test_cora_confirms_and_takes_back_on_the_collections_page(source, collection):
    url = reverse("reports:sources:sending", args=["phantoms"])
    assert "Nobody has confirmed it" in page("reports:sources:sending", "phantoms")
    assert "Sending away" in page("cases:collection", "phantoms")
    form = {"source": "gpt", "statement": "Vote 12/26."}
    refused = cora().client.post(url, form).content.decode()
    assert "Vote 12/26." in refused and not SendingConsent.objects.exists()
    cora().client.post(url, form | {"is_sure": "on"})
    assert "Cora confirmed on" in page("reports:sources:sending", "phantoms")
    cora().client.post(url, form | {"is_sure": "on", "take_back": "on"})
    assert sending.open_to(source) == set()
    assert "Cora took it back" in page("reports:sources:sending", "phantoms")


def test_what_is_taken_back_holds_for_what_a_worker_has_in_hand(source, server):
    many = worlds.phantoms("many", cases=30)
    confirm(source, many)
    services.precompute(
        source=source, cases=Case.objects.filter(collection=many), actor=None
    )
    server.given[:] = [says(REPORT), *({**says(REPORT), "delay": 0.1},) * 40]
    in_hand = Job.objects.select_related("case__image__case", "source").in_bulk()
    said = tasks.outcomes(in_hand)
    first = next(said)
    sending.take_back(
        collection=many, source=source, statement="Ended.", actor=cora().user
    )
    rest = list(said)
    assert first.text == REPORT and len(rest) == 29
    held_back = [each for each in rest if each.problem == NOT_CONFIRMED]
    assert held_back and all(each.for_good for each in held_back)
    assert len(server.requests) == 30 - len(held_back)


def test_what_is_taken_back_is_not_sent_again_by_a_try_that_got_no_answer(
    source, server, settings
):
    settings.REPORT_ENDPOINT_SECONDS = 1.0
    many = worlds.phantoms("many", cases=8)
    confirm(source, many)
    services.precompute(
        source=source, cases=Case.objects.filter(collection=many), actor=None
    )
    server.given[:] = [says(REPORT), {**says(REPORT), "delay": 3}]
    said = tasks.outcomes(
        Job.objects.select_related("case__image__case", "source").in_bulk()
    )
    next(said)
    sending.take_back(
        collection=many, source=source, statement="Ended.", actor=cora().user
    )
    rest = list(said)
    assert {(each.problem, each.for_good) for each in rest} == {(NOT_CONFIRMED, True)}
    assert len(server.requests) <= 4  # those that were under way at once


def test_the_pages_of_sources_are_for_coordinators_of_the_site(source):
    url = reverse("reports:sources:sending", args=["phantoms"])
    form = {"source": "gpt", "statement": "Mine.", "is_sure": "on"}
    assert rosa().client.post(url, form).status_code == 403
    assert not SendingConsent.objects.exists()


def test_a_source_that_writes_here_sends_nothing_away(collection):
    with pytest.raises(ValidationError, match="nothing is sent away"):
        confirm(services.source_named("cxr_llava"), collection)


# --- Writing, refusing, paying ---


def test_an_endpoint_writes_reports_with_their_making_and_cost(
    source, collection, server
):
    confirm(source, collection)
    queue(source)
    write_all()
    assert set(Job.objects.values_list("status", flat=True)) == {"done"}
    report = Report.objects.filter(source=source).first()
    assert report.text == REPORT
    kept = report.provenance
    assert (kept["model"], kept["address"]) == ("gpt-scripted", source.address)
    assert (kept["answered_by"], kept["finish"]) == ("gpt-scripted-2026", "stop")
    assert kept["charged"] == {
        "tokens_in": 200,
        "tokens_out": 60,
        "cost": "0.0038",
        "currency": "USD",
    }
    assert kept["rendering"]["frame_sha256"]
    (row,) = spent_on(source)
    assert (row.answers, row.refusals, row.cost) == (3, 0, Decimal("0.0114"))
    shown = page("reports:sources:source", "gpt")
    assert "0.0114 USD" in shown and "SCRIPTED_API_KEY" in shown
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert queue(source) == 0


def test_refusals_are_counted_paid_for_and_never_a_report(source, collection, server):
    confirm(source, collection)
    queue(source)
    server.given[:] = [says(NO)]
    write_all()
    assert set(Job.objects.values_list("status", "failure", "attempts")) == {
        ("failed", REFUSED, 1)
    }
    assert not Report.objects.filter(source=source).exists()
    assert len(server.requests) == 6
    (row,) = spent_on(source)
    assert (row.answers, row.refusals, row.cost) == (6, 6, Decimal("0.0228"))
    text = page("reports:sources:source", "gpt")
    assert "How it refused" in text and "assist with that" in text


def test_a_study_shows_refusals_and_cost_and_lets_them_be_tried_again(
    source, collection, server
):
    worlds.add_reports(collection, "ground_truth")
    study = worlds.draft_study()
    add_arm(study=study, actor=cora().user, label="A general model", source="gpt")
    study.arm_set.filter(source="cxr_llava").delete()
    text = page("reports:of_study", study.code)
    assert "Nobody has confirmed yet that they may leave" in text
    write = reverse("reports:write", args=[study.code])
    told = cora().client.post(write, follow=True).content.decode()
    assert "nobody has confirmed that they may leave" in told
    confirm(source, collection)
    assert "Nobody has confirmed yet" not in page("reports:of_study", study.code)
    cora().client.post(write)
    server.given[:] = [says(NO)] * 100
    write_all()
    text = page("reports:of_study", study.code)
    assert f"3 &times; {REFUSED}" in text
    assert "0.0228 USD" in text
    server.given[:] = [says(NO)] * 6 + [says(REPORT, finish="length")]
    cora().client.post(reverse("reports:retry", args=[study.code]))
    write_all()
    assert Report.objects.filter(source=source).count() == 3
    text = page("reports:of_study", study.code)
    assert "3 reports were cut off at the most tokens" in text


def test_what_may_pass_is_tried_again_by_the_job(source, collection, server, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 2
    confirm(source, collection)
    queue(source)
    Job.objects.exclude(pk=Job.objects.first().pk).delete()
    server.given[:] = [{"status": 503}] * 6 + [says(REPORT)]
    write_all()
    job = Job.objects.get()
    assert (job.status, job.attempts) == ("queued", 1)
    assert "gives no answer after 6 tries (503" in job.failure
    write_all()
    assert Job.objects.get().status == "done"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"status": 429, "headers": {"Retry-After": "3600"}}, "left alone until"),
        ({"status": 401}, "refuses to answer (401"),
        ({"status": 404}, "refuses to answer (404"),
        ({"status": 307, "headers": {"Location": "/v2"}}, "refuses to answer (307"),
    ],
)
def test_what_does_not_pass_soon_is_not_tried_again_by_the_job(
    source, collection, server, answer, sentence
):
    confirm(source, collection)
    queue(source)
    server.given[:] = [answer]
    write_all(attempts=2)
    assert set(Job.objects.values_list("status", "attempts")) == {("failed", 1)}
    assert all(
        sentence in failure for failure in Job.objects.values_list("failure", flat=True)
    )
    assert len(server.requests) <= 3  # each radiograph once at the most


def refuse_answers_of_thirteen_tokens():
    """The database takes one kind of answer no longer; for this test alone."""
    table = "reports_endpointanswer"
    head = f"CREATE TRIGGER thirteen BEFORE INSERT ON {table}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION thirteen() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'thirteen'; END $$"
            )
            cursor.execute(
                f"{head} FOR EACH ROW WHEN (NEW.tokens_in = 13) "
                "EXECUTE FUNCTION thirteen()"
            )
        else:
            cursor.execute(
                f"{head} WHEN NEW.tokens_in = 13 "
                "BEGIN SELECT RAISE(ABORT, 'thirteen'); END"
            )


def test_what_cannot_be_stored_takes_no_other_report_with_it(
    source, collection, server
):
    refuse_answers_of_thirteen_tokens()
    confirm(source, collection)
    queue(source)
    refused = {"usage": {"prompt_tokens": 13, "completion_tokens": 1}}
    server.given[:] = [says(REPORT) | refused, says(REPORT)]
    tasks.write_reports(Job.objects.first().pk)
    assert sorted(Job.objects.values_list("status", flat=True)) == [
        *("done", "done", "queued")
    ]
    assert Job.objects.get(status="queued").failure
    assert EndpointAnswer.objects.count() == 2


def test_strange_characters_and_counts_are_stored_as_far_as_can_be(
    source, collection, server
):
    confirm(source, collection)
    queue(source)
    strange = says(f"{REPORT}\ud800\0") | {
        "model": "gpt\ud800\0",
        "system_fingerprint": "\ud800\0",
        "usage": {"prompt_tokens": 10**20, "completion_tokens": 1e20},
    }
    refused = says("") | {"choices": [{"message": {"refusal": "No\ud800\0."}}]}
    server.given[:] = [refused, strange]
    write_all()
    assert set(Job.objects.values_list("status", flat=True)) == {"done"}
    report = Report.objects.filter(source=source).first()
    assert report.text == f"{REPORT}?\ufffd"
    assert report.provenance["answered_by"] == "gpt?\ufffd"
    assert EndpointAnswer.objects.get(is_refusal=True).said == "No?\ufffd."
    assert "No?" in page("reports:sources:source", "gpt")


def test_answers_before_the_first_word_are_paid_for(source, collection, server):
    confirm(source, collection)
    queue(source)
    server.given[:] = [says("", finish="length")]
    tasks.write_reports(Job.objects.first().pk)
    assert not Report.objects.filter(source=source).exists()
    (row,) = spent_on(source)
    assert (row.answers, row.refusals, row.cost) == (3, 0, Decimal("0.0114"))


def test_a_self_test_notes_its_answers_with_the_cases_it_asked_about(source, server):
    # One radiograph was taken in twice.
    twice = worlds.phantoms("twice", cases=3, twins={2: 1, 3: 4})
    confirm(source, twice)
    cases = list(Case.objects.filter(collection=twice))
    test = selftests.ask(source=source, actor=None, cases=cases)
    tasks.self_test(test.pk)
    asked = EndpointAnswer.objects.values_list("case__code", flat=True)
    assert sorted(asked) == ["CXR1"] * 7 + ["CXR3"] * 7


def test_a_source_that_does_not_look_is_found_out_whatever_its_kind(
    source, collection, server
):
    test = selftests.ask(source=source, actor=None, images=2)
    tasks.self_test(test.pk)
    result = SelfTestResult.objects.get()
    assert (result.verdict, result.fingerprint) == ("ignores", test.fingerprint)
    assert EndpointAnswer.objects.filter(is_a_test=True, case=None).count() == 14
    confirm(source, collection)
    on_cases = selftests.ask(source=source, actor=None, cases=list(Case.objects.all()))
    tasks.self_test(on_cases.pk)
    assert SelfTest.objects.get(pk=on_cases.pk).status == "done"
    assert EndpointAnswer.objects.filter(is_a_test=True).count() == 14 + 21
    assert KEY not in str(list(SelfTestResult.objects.values()))


def test_no_export_of_a_study_holds_the_key(source, collection):
    worlds.add_reports(collection, "ground_truth")
    study = worlds.draft_study()
    study.arm_set.filter(source="cxr_llava").delete()
    add_arm(study=study, actor=cora().user, label="A general model", source="gpt")
    confirm(source, collection)
    queue(source)
    write_all()
    worlds.accept_blinding(study)
    files = bundle_files(worlds.close(worlds.opened(study)))
    assert "gpt-scripted" in files["reports.csv"].decode()
    assert [name for name in files if KEY.encode() in files[name]] == []


# --- A command ---


@pytest.fixture
def command(settings, tmp_path):
    script = tmp_path / "adapter.py"
    script.write_text(ADAPTER)
    settings.REPORT_COMMANDS = {"maira2": (sys.executable, str(script))}
    return add_command(
        name="maira", command="maira2", version="2.0", batch=2, actor=cora().user
    )


def test_a_command_writes_in_batches_of_its_own_size(command, collection, tmp_path):
    queue(command)
    write_all()
    reports = Report.objects.filter(source=command)
    assert [each.provenance["batch"] for each in reports.order_by("id")] == [2, 2, 1]
    kept = reports.first().provenance
    assert (kept["command"], kept["version"]) == ("maira2", "2.0")
    assert list(kept["files_sha256"]) == [str(tmp_path / "adapter.py")]
    test = selftests.ask(source=command, actor=None, images=3)
    tasks.self_test(test.pk)
    assert SelfTestResult.objects.get().verdict == "looks"
    assert "adapter.py" in page("reports:sources:source", "maira")


def test_another_command_line_is_another_making(command, collection, settings):
    queue(command)
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    settings.REPORT_COMMANDS = {"maira2": (sys.executable, "-c", "pass")}
    write_all()
    (failure,) = set(Job.objects.values_list("failure", flat=True))
    assert "its command line have changed since" in failure
    settings.REPORT_COMMANDS = {}
    with pytest.raises(ValidationError, match="name no command maira2"):
        queue(command)
