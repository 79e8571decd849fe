"""Strangers' requests to every operation of the API: answered as its document says.

schemathesis makes the requests from the document, valid ones and broken ones, and sends
them to the real application. They are the same every time; `make fuzz` asks for more of
them (FUZZ_EXAMPLES) and for other ones (FUZZ_SEED).
"""

import os

import hypothesis
import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.openapi.world import World

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SCHEMA = schemathesis.openapi.from_path(
    "docs/reference/openapi.yaml", config=SchemathesisConfig.discover()
)
OPERATIONS = [each.ok() for each in SCHEMA.get_all_operations()]

asked = hypothesis.settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate],
)


@pytest.fixture
def application():
    """The application as a server has it; the test's transaction stays open."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield get_wsgi_application()
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.mark.slow(seconds=40)
@pytest.mark.django_db
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_every_operation_answers_as_documented(
    operation, application, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    world = World.made()

    @hypothesis.seed(SEED)
    @asked
    @given(data=st.data())
    def ask(data):
        mode = data.draw(st.sampled_from(list(schemathesis.GenerationMode)))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        caller = data.draw(st.sampled_from(world.callers), label="caller")
        for name in case.path_parameters or {}:
            # Mostly what is there; else whatever schemathesis thinks of.
            if data.draw(st.integers(0, 4)):
                known = st.sampled_from(world.known[name])
                case.path_parameters[name] = data.draw(known, label=name)
        response = case.call(app=application, headers=caller.headers)
        case.validate_response(response, checks=CHECKS)

    ask()


def _turn(operation):
    """A page is opened, drafted, graded and taken back in this order."""
    names = ("open", "draft", "grade", "undo")
    last = operation.label.strip("/").rpartition("/")[2]
    return names.index(last) if last in names else len(names)


@pytest.mark.django_db
def test_every_operation_is_reached_by_somebody(application, settings, tmp_path):
    """What the requests above can reach: without this they might all be refused."""
    settings.MEDIA_ROOT = tmp_path
    world, reached = World.made(), {}
    callers = [each for each in world.callers if each.name.startswith(("Rosa", "Anya"))]
    for operation in sorted(OPERATIONS, key=_turn):
        for caller in callers:
            for names in world.places(operation):
                case = operation.Case(
                    path_parameters=names,
                    body=world.body_of(operation),
                    media_type="application/json",
                )
                response = case.call(app=application, headers=caller.headers)
                case.validate_response(response, checks=CHECKS)
                reached.setdefault(operation.label, set()).add(response.status_code)
    assert {
        label: min(statuses) // 100 for label, statuses in reached.items()
    } == dict.fromkeys(reached, 2)
    assert len(reached) == len(OPERATIONS)


def test_the_document_names_every_address_of_the_api():
    from readerstudy.api_urls import urlpatterns

    with open("docs/reference/openapi.yaml") as file:
        paths = yaml.safe_load(file)["paths"]
    assert len(paths) == len(urlpatterns)
