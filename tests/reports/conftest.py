"""An endpoint that answers by a script, and a source that writes there."""

from decimal import Decimal

import pytest

from tests.inference.chat_server import ChatServer, says

KEY = "sk-0123456789-secret"
REPORT = "The heart is enlarged. The lungs are clear."


@pytest.fixture
def server(settings, monkeypatch):
    """An endpoint that writes what `answers` holds, the last for ever."""
    # Models are not to be imported before Django is set up.
    from readerstudy.reports.sources.allowed import AllowedEndpoint

    settings.REPORT_ENDPOINT_WAIT = 0.01
    monkeypatch.setenv("SCRIPTED_API_KEY", KEY)
    given = [says(REPORT)]

    def script(body, number):
        return dict(given[min(number, len(given)) - 1])

    with ChatServer(script) as running:
        running.given = given
        settings.REPORT_ENDPOINTS = {
            "scripted": AllowedEndpoint("scripted", running.url, "SCRIPTED_API_KEY")
        }
        yield running


@pytest.fixture
def collection():
    from tests import worlds

    return worlds.phantoms("phantoms", cases=3)


@pytest.fixture
def source(server, collection):
    from readerstudy.reports.sources.services import add_endpoint
    from tests.people import cora

    return add_endpoint(
        name="gpt",
        endpoint="scripted",
        model="gpt-scripted",
        price_in=Decimal("0.01"),
        price_out=Decimal("0.03"),
        currency="usd",
        actor=cora().user,
    )
