"""Anya's notebook reads a table from the running site, with pandas and a token."""

import io
import urllib.error
import urllib.request

import pandas
import pytest
from django.urls import reverse

from readerstudy.studies.lifecycle.services import close
from readerstudy.studies.tokens.services import create
from tests import worlds
from tests.export.whole import bundle_files
from tests.people import anya, cora, nils, person, rosa

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def header_of(someone) -> dict[str, str]:
    token = create(user=someone.user, actor=someone.user, scope="all", name="notebook")
    return {"Authorization": f"Token {token.key}"}


def read_study():
    study = worlds.open_study(readers=[rosa(), person("Ravi")])
    for number, reader in enumerate(study.membership_set.readers()):
        while worlds.grade_next(reader, "ABCD"[number]):
            number = (number + 1) % 4
    return study


def refusal(url: str, header: dict[str, str]) -> tuple[int, bytes]:
    """The status and the words with which pandas is refused."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        pandas.read_csv(url, storage_options=header)
    with refused.value as answer:
        return answer.code, answer.read()


def test_pandas_reads_the_pairs_of_a_closed_study_and_of_no_open_one(live_server):
    study, header = read_study(), header_of(anya())
    path = reverse("api:table", args=[study.code, "pairs.csv"])
    url = live_server.url + path
    code, words = refusal(url, header)
    assert (code, b"sealed" in words) == (403, True)
    close(study=study, actor=cora().user)
    study.refresh_from_db()
    found = pandas.read_csv(url, storage_options=header)
    in_bundle = bundle_files(study)["pairs.csv"]
    pandas.testing.assert_frame_equal(found, pandas.read_csv(io.BytesIO(in_bundle)))
    assert len(found) > 0
    asked = urllib.request.Request(url, headers=header)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.read() == in_bundle


@pytest.mark.parametrize(("someone", "code"), [(rosa, 403), (nils, 404)])
def test_the_token_of_somebody_else_opens_no_table(live_server, someone, code):
    study = worlds.closed_study()
    url = live_server.url + reverse("api:table", args=[study.code, "pairs.csv"])
    assert refusal(url, header_of(someone()))[0] == code


def test_the_list_promises_no_kind_of_a_table_that_is_not_there(client):
    study, header = worlds.closed_study(), header_of(anya())
    listed = client.get(reverse("api:tables", args=[study.code]), headers=header).json()
    kinds = {line["name"]: line["kinds"] for line in listed}
    assert kinds["marks"] == ["csv", "json"]
    assert kinds["reads"] == kinds["pairs"] == ["csv", "json", "parquet"]
    for name, kind in (("marks", "parquet"), ("reads", "parquet"), ("marks", "json")):
        url = reverse("api:table", args=[study.code, f"{name}.{kind}"])
        there = client.get(url, headers=header).status_code == 200
        assert there == (kind in kinds[name]), (name, kind)
