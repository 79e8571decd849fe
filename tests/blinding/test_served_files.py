"""What everybody can fetch without a study: styles, scripts, the document of the API.

They are the same for all, so they tell no arm; they must not hold names of sources
either, nor the way back to what they were made from."""

import re

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.test import Client
from django.urls import reverse

from tests import worlds
from tests.blinding.exchange import exchange_what_is_behind
from tests.blinding.names import NAMES
from tests.people import cora, rosa

# Of libraries: pages that this site shows nowhere, and the script of passkeys; nothing
# of a study is in them.
OF_A_LIBRARY = ("rest_framework/", "mfa/")
SOURCES = re.compile(rb"ground.?truth|llava|CXR\d|phantoms", re.IGNORECASE)


def served() -> dict[str, bytes]:
    """Every static file by the name under which it is served."""
    found: dict[str, bytes] = {}
    for finder in get_finders():
        for name, storage in finder.list([]):
            with storage.open(name) as file:
                found.setdefault(name, file.read())
    return found


def test_no_static_file_names_a_source_or_leads_to_a_source_map():
    files = served()
    assert {"readerstudy.css", "grading/reading.js"} <= set(files)
    named = {name: SOURCES.findall(content) for name, content in files.items()}
    assert {name: words for name, words in named.items() if words} == {}
    ours = [name for name in files if not name.startswith(OF_A_LIBRARY)]
    assert not [name for name in ours if name.endswith(".map")]
    assert not [name for name in ours if b"sourceMappingURL" in files[name]]


@pytest.mark.django_db
def test_the_document_of_the_api_is_one_for_all_and_names_nothing(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1)
    clients = [Client(), rosa().client, cora().client]
    shown = [client.get(reverse("schema")).content for client in clients]
    assert shown[0] == shown[1] == shown[2]
    exchange_what_is_behind(study)
    assert rosa().client.get(reverse("schema")).content == shown[0]
    arms = study.arm_set.values_list("name", "source")
    words = [word for arm in arms for word in arm]
    assert not [word for word in words if word.encode() in shown[0]]
    assert NAMES.findall(shown[0]) == []
