"""Every row says in words which it is: in messages, in logs and in a shell."""

from typing import Any

import pytest
from django.apps import apps
from django.db.models import ForeignKey, Model

from readerstudy.accounts.models import User
from readerstudy.cases.models import Case, Collection
from readerstudy.presentation.models import Slot
from readerstudy.reports.models import Source
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.webhooks.models import Webhook
from tests import label_worlds, webhook_worlds, worlds
from tests.audit.everything import a_study_with_everything
from tests.people import rosa

pytestmark = pytest.mark.django_db
# Where a row has one of these, it is what people call it.
OWN_NAMES = ("name", "label", "worker", "number", "public_id")
# What no log and no message is to hold.
KEPT_BACK = (
    *("password", "key_sha256", "lease_token", "secret", "idempotency_key"),
    *("text", "body", "email", "comment", "explanation", "frame_sha256"),
)


def ours() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("readerstudy.")
    ]


def example(model: type[Model]) -> Model:
    """A row of the world, or one that was never stored."""
    row: Model | None = model._default_manager.first()
    return row or made_up(model)


def made_up(model: type[Model]) -> Model:
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey):
            if field.remote_field.model is not model:
                values[field.name] = example(field.remote_field.model)
        elif field.choices:
            values[field.name] = next(iter(dict(field.flatchoices)))
        elif not field.has_default() and field.get_internal_type() == "CharField":
            values[field.name] = f"the {field.name}"
        elif not field.has_default() and field.get_internal_type() == "JSONField":
            values[field.name] = ["first"]
    return model(**values)


def names() -> set[str]:
    """What studies, people, cases, sources and pages are called."""
    found: set[str] = {str(person) for person in User.objects.all()}
    for model, field in (
        (Study, "code"),
        (Collection, "name"),
        (Case, "code"),
        (Source, "name"),
        (Slot, "public_id"),
        (Webhook, "receiver"),
    ):
        found |= set(model._default_manager.values_list(field, flat=True))
    codes = Membership.objects.readers().values_list("reader_code", flat=True)
    return found | set(codes)


@pytest.fixture
def known(settings, tmp_path) -> set[str]:
    """A world that holds a row of most models, and what is called how in it."""
    settings.MEDIA_ROOT = tmp_path
    study = a_study_with_everything()
    collection = study.caseset.collection
    label_worlds.labels(collection)
    worlds.token(rosa())
    draft = worlds.draft_study("another")
    worlds.invitation(draft)
    webhook_worlds.undelivered(draft)
    worlds.conversation(study)
    worlds.delivery()
    return names()


def test_every_row_names_what_it_is_and_keeps_back_what_it_must(known):
    nameless, telling = [], []
    for model in ours():
        row = example(model)
        words = str(row)
        own = {str(getattr(row, name)) for name in OWN_NAMES if hasattr(row, name)}
        if not any(name in words for name in known | own - {"", "None"}):
            nameless.append(f"{model._meta.label}: {words}")
        for name in KEPT_BACK:
            value = str(getattr(row, name, "") or "")
            if len(value) > 7 and value in words:
                telling.append(f"{model._meta.label}: {name}")
    assert len(ours()) > 60
    assert "\n".join(nameless) == ""
    assert telling == []
