"""What the settings of the store mean, and that nonsense is refused in a sentence."""

import pytest

from readerstudy.media_settings import storages_in

NOTHING = {"bucket": "", "endpoint": "", "region": "us-east-1", "key": "", "secret": ""}


def test_without_a_bucket_it_is_the_disk() -> None:
    found = storages_in(**NOTHING)["default"]
    assert found == {"BACKEND": "readerstudy.media_store.Disk"}


def test_a_bucket_is_reached_with_its_keys_or_with_the_machines_role() -> None:
    named = NOTHING | {"bucket": "radiographs"}
    with_role = storages_in(**named)["default"]["OPTIONS"]
    assert (with_role["access_key"], with_role["endpoint_url"]) == (None, None)
    keys = {"endpoint": "http://object-store:8333", "key": "k", "secret": "s"}
    found = storages_in(**named | keys)["default"]
    assert found["BACKEND"] == "readerstudy.media_bucket.Bucket"
    assert found["OPTIONS"]["endpoint_url"] == "http://object-store:8333"
    assert found["OPTIONS"]["bucket_name"] == "radiographs"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"endpoint": "https://s3.example.org"}, "mean nothing without MEDIA_BUCKET"),
        ({"bucket": "My Bucket"}, "MEDIA_BUCKET is 'My Bucket'"),
        ({"bucket": "media", "endpoint": "s3.example.org"}, "begins with https://"),
        ({"bucket": "media", "key": "k"}, "belong together"),
    ],
)
def test_nonsense_is_refused(words: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        storages_in(**NOTHING | words)
