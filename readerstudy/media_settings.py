"""Where radiographs and bundles are kept, as the settings say: a folder, or a bucket.

Pure: words come in, Django's STORAGES go out; nonsense raises ValueError with a
sentence.
"""

import re
from typing import Any

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# An object store that does not answer is asked again by whoever waits, not in here.
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 20, 3


def storages_in(
    *, bucket: str, endpoint: str, region: str, key: str, secret: str
) -> dict[str, Any]:
    """Django's STORAGES: the folder MEDIA_ROOT where no bucket is named."""
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    if not bucket:
        if endpoint or key or secret:
            raise ValueError(
                "S3_ENDPOINT_URL, S3_ACCESS_KEY and S3_SECRET_KEY mean nothing without "
                "MEDIA_BUCKET, the bucket to keep radiographs in."
            )
        disk = {"BACKEND": "readerstudy.media_store.Disk"}
        return {"default": disk, "staticfiles": static}
    if not _BUCKET.fullmatch(bucket):
        raise ValueError(
            f"MEDIA_BUCKET is {bucket!r}: the name of a bucket has 3 to 63 small "
            "letters, digits, dots and hyphens."
        )
    if endpoint and not endpoint.startswith(("https://", "http://")):
        raise ValueError(
            f"S3_ENDPOINT_URL is {endpoint!r}: it begins with https:// and the name of "
            "the object store."
        )
    if bool(key) != bool(secret):
        raise ValueError(
            "S3_ACCESS_KEY and S3_SECRET_KEY belong together: set both, or neither "
            "where the machine has a role of its own."
        )
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": region,
        "access_key": key or None,
        "secret_key": secret or None,
    }
    return {
        "default": {"BACKEND": "readerstudy.media_bucket.Bucket", "OPTIONS": options},
        "staticfiles": static,
    }
