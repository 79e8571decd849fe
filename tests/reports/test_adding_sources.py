"""Cora adds sources of every kind, and sets a price right."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.cases.models import Case, Collection
from readerstudy.reports import services, tasks
from readerstudy.reports.models import (
    EndpointAnswer,
    Job,
    Source,
)
from readerstudy.reports.sources import sending
from readerstudy.reports.sources.allowed import AllowedEndpoint
from readerstudy.reports.sources.services import add_command, add_endpoint
from tests import worlds
from tests.people import cora
from tests.reports.conftest import KEY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


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


def test_cora_adds_an_endpoint_on_its_page(server):
    url = reverse("reports:sources:add", args=["endpoint"])
    text = page("reports:sources:add", "endpoint")
    assert server.url in text and KEY not in text
    form = {
        **{"name": "gpt", "endpoint": "scripted", "model": "gpt-scripted"},
        **{"prompt": "Report.", "alternative": "", "detail": "high", "seed": "7"},
        **{"temperature": "0", "max_tokens": "300", "limit": "max_tokens"},
        **{"largest_side": "1024", "price_in": "1", "price_out": "", "currency": ""},
    }
    refused = cora().client.post(url, form).content.decode()
    assert "both prices and their currency, or none" in refused
    cora().client.post(url, form | {"price_in": ""})
    source = Source.objects.get(name="gpt")
    assert (source.kind, source.address) == ("endpoint", server.url)
    assert source.making["seed"] == 7
    event = Event.objects.get(verb="reports.source_added")
    assert event.detail["address"] == server.url
    text = page("reports:sources:source", "gpt")
    # It may have been asked, and have refused the key: nothing tells here.
    assert "Report." in text and "No answer has come back so far." in text


def test_a_mistyped_price_is_set_right_for_answers_to_come(source, collection, server):
    confirm(source, collection)
    queue(source)
    first, *others = Job.objects.order_by("id")
    Job.objects.filter(pk__in=[each.pk for each in others]).update(status="held")
    tasks.write_reports(first.pk)
    url = reverse("reports:sources:source", args=["gpt"])
    form = {"price_in": "1", "price_out": "", "currency": "usd"}
    refused = cora().client.post(url, form).content.decode()
    assert "both prices and their currency, or none" in refused
    assert 'value="1"' in refused and Source.objects.get(name="gpt").price_in < 1
    cora().client.post(url, form | {"price_out": "3"})
    assert "1 in, 3 out, USD" in page("reports:sources:source", "gpt")
    event = Event.objects.get(verb="reports.prices_set")
    assert (event.actor, event.subject) == (cora().user, "gpt")
    assert event.detail == {
        "before": {"in": "0.01", "out": "0.03", "currency": "USD"},
        "after": {"in": "1", "out": "3", "currency": "USD"},
    }
    Job.objects.filter(status="held").update(status="queued")
    write_all()
    costs = EndpointAnswer.objects.order_by("id").values_list("cost", flat=True)
    assert list(costs) == [Decimal(each) for each in ("0.0038", "0.38", "0.38")]
    again = cora().client.post(url, form | {"price_out": "3"}).content.decode()
    assert "These are its prices already" in again
    assert Event.objects.filter(verb="reports.prices_set").count() == 1


def test_a_source_that_nobody_charges_for_has_no_price(collection):
    services.source_named("cxr_llava")
    url = reverse("reports:sources:source", args=["cxr_llava"])
    assert "Change the prices" not in page("reports:sources:source", "cxr_llava")
    form = {"price_in": "1", "price_out": "1", "currency": "usd"}
    told = cora().client.post(url, form).content.decode()
    assert "Nobody charges for what cxr_llava writes" in told
    assert not Source.objects.exclude(price_in=None).exists()


@pytest.mark.parametrize("kind", ["endpoint", "transformers", "command"])
def test_without_anything_to_choose_from_the_page_says_what_to_do(kind):
    text = page("reports:sources:add", kind)
    assert "Nothing to choose from yet" in text and "<form" not in text.split("main")[1]


def test_nobody_chooses_what_the_settings_do_not_name(server):
    choices = {"name": "x", "model": "m", "actor": None}
    with pytest.raises(ValidationError, match="name no endpoint elsewhere"):
        add_endpoint(endpoint="elsewhere", **choices)
    url = reverse("reports:sources:add", args=["command"])
    cora().client.post(url, {"name": "x", "command": "/bin/sh", "version": "1"})
    assert not Source.objects.exists()
    with pytest.raises(ValidationError, match="name no command /bin/sh"):
        add_command(name="x", command="/bin/sh", version="1", actor=None)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "endpoint", "checkpoint": "m"},
        {"kind": "endpoint", "address": "http://127.0.0.1/v1"},
        {"kind": "command"},
        {"kind": "uploaded", "address": "http://127.0.0.1/v1"},
        {"kind": "cxr_llava", "making": {"prompt": "x"}},
        {"kind": "command", "checkpoint": "m", "price_in": 1, "price_out": 1}
        | {"currency": "EUR"},
    ],
)
def test_the_database_refuses_what_is_no_source(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Source.objects.create(name="x", **fields)


def test_a_table_is_not_uploaded_under_the_name_of_what_is_written_here(source):
    assert services.kind_of("gpt").is_written
    collection = Collection.objects.get(name="phantoms")
    table = worlds.tables.upload(
        collection=collection,
        name="reports.csv",
        chunks=[b"case,report\nCXR1,Clear lungs.\n"],
        actor=cora().user,
    )
    with pytest.raises(ValidationError, match="written by the model on this site"):
        worlds.tables.set_mapping(
            table=table,
            mapping=worlds.ColumnMapping(0, report=1),
            source="gpt",
            making={},
        )


def test_the_key_may_lie_in_a_file(tmp_path):
    secret = tmp_path / "key"
    secret.write_text(f"{KEY}\n")
    assert AllowedEndpoint("x", "http://h/v1", "NONE", str(secret)).key() == KEY
    gone = AllowedEndpoint("x", "http://h/v1", "NONE", str(Path(tmp_path, "gone")))
    with pytest.raises(ValueError, match="cannot be read from"):
        gone.key()
