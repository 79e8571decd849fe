"""A bucket of an object store that speaks S3, as the place of radiographs and bundles.

An object is there whole or not at all, and a name is listed once `put` has returned: S3
promises both since 2020. Only the site holds the keys; readers get every byte from the
site itself. An address of the object store would name the pixels, and by that tell a
reader which two reports are of one patient: docs/explanation/storage.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from readerstudy.media_settings import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS
from readerstudy.media_store import StoreAway, Stored

# One name for all: of a process that is killed meanwhile never more than this is left.
_PROBE = ".probe"
_MISSING = {"404", "NoSuchKey", "NotFound"}


@contextmanager
def _asking(name: str) -> Iterator[None]:
    """Turn what the object store says into the words of Store."""
    try:
        yield
    except ClientError as problem:
        code = str(problem.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise FileNotFoundError(f"{name} is not in the bucket") from problem
        raise StoreAway(f"The object store refuses ({code}): {problem}") from problem
    except (BotoCoreError, OSError) as problem:
        raise StoreAway(f"The object store does not answer: {problem}") from problem


class Bucket(S3Storage):
    """One bucket; its credentials are the site's alone."""

    is_shared_by_machines = True

    def get_default_settings(self) -> dict[str, Any]:
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": "path"},
            signature_version="s3v4",
        )
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {"client_config": config}

    @property
    def where(self) -> str:
        return f"the bucket {self.bucket_name}"

    @cached_property
    def _client(self) -> Any:
        """One for all threads, which may share it; a resource they may not."""
        return self.connection.meta.client

    def _on(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": name}

    def url(self, *_: object, **__: object) -> str:
        raise ValueError("No address leads to the store; the site sends its bytes.")

    def put(self, name: str, content: bytes) -> None:
        with _asking(name):
            self._client.put_object(**self._on(name), Body=content)

    def put_file(self, name: str, path: Path) -> None:
        with path.open("rb") as source, _asking(name):
            self._client.put_object(**self._on(name), Body=source)

    def get(self, name: str) -> bytes:
        with _asking(name):
            return cast(bytes, self._client.get_object(**self._on(name))["Body"].read())

    def opened(self, name: str) -> BinaryIO:
        with _asking(name):
            return cast(BinaryIO, self._client.get_object(**self._on(name))["Body"])

    def has(self, name: str) -> bool:
        return self.seconds_of(name) is not None

    def remove(self, name: str) -> None:
        with _asking(name):
            self._client.delete_object(**self._on(name))

    def make_young(self, name: str) -> bool:
        # Objects know only when they were written. To put the same bytes again is safe.
        return False

    def seconds_of(self, name: str) -> float | None:
        try:
            with _asking(name):
                found = self._client.head_object(**self._on(name))
        except FileNotFoundError:
            return None
        return cast(float, found["LastModified"].timestamp())

    def listed(self, folder: str) -> Iterator[Stored]:
        pages = self._client.get_paginator("list_objects_v2")
        with _asking(folder):
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=f"{folder}/"):
                for found in page.get("Contents", ()):
                    yield Stored(found["Key"], found["LastModified"].timestamp())

    @contextmanager
    def alone(self) -> Iterator[None]:
        # Objects appear whole; who removes one is kept apart by the database
        # (frame_store.frames_alone), on however many machines.
        yield

    def answer(self) -> None:
        with _asking(self.bucket_name):
            self._client.head_bucket(Bucket=self.bucket_name)

    def prove(self) -> None:
        try:
            self.answer()
        except FileNotFoundError:
            # A new object store has none yet.
            with _asking(self.bucket_name):
                self._client.create_bucket(Bucket=self.bucket_name)
        # A key may be one that only reads.
        self.put(_PROBE, b"ready")
        self.remove(_PROBE)
