"""The language of a page is the reader's and the browser's: arms have no part in it."""

import pytest
from django.urls import reverse

from tests import worlds
from tests.blinding.exchange import assert_blind, open_to_readers
from tests.people import rosa


@pytest.mark.django_db
def test_no_byte_in_korean_tells_the_arms_apart(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1)
    client = rosa().client
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ko"
    page = client.get(reverse("grading:next", args=[study.code]), follow=True)
    assert page["Content-Language"] == "ko"
    assert_blind(client, study, open_to_readers() - {"schema"})
