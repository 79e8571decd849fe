"""A real object store that speaks S3, for the length of a test: SeaweedFS.

Like the servers of servers.py it can be killed and started again on the same data.
"""

import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.servers import Server, free_port

KEY, SECRET, BUCKET = "site", "only-for-this-test", "radiographs"
# With the same secret; it may look at everything and change nothing.
READING_KEY = "reads"
_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port.grpc",
)


class ObjectStore(Server):
    """One machine of SeaweedFS with one bucket, on 127.0.0.1."""

    # It takes ten seconds to say good-bye, and all that it keeps goes with it.
    polite_signal = signal.SIGKILL

    def __str__(self) -> str:
        return "SeaweedFS"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a site that keeps its media here."""
        return {
            "MEDIA_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": self.url,
            "S3_ACCESS_KEY": KEY,
            "S3_SECRET_KEY": SECRET,
        }

    def client(self):
        """A client of its own, which is no part of the site."""
        quickly = Config(connect_timeout=2, read_timeout=5)
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=quickly,
        )

    def names(self) -> set[str]:
        """Everything in the bucket."""
        pages = self.client().get_paginator("list_objects_v2")
        return {
            found["Key"]
            for page in pages.paginate(Bucket=BUCKET)
            for found in page.get("Contents", ())
        }

    def _prepare(self) -> None:
        (self.folder / "data").mkdir()
        allowed = {
            "name": KEY,
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        reading = {
            "name": READING_KEY,
            "credentials": [{"accessKey": READING_KEY, "secretKey": SECRET}],
            "actions": ["Read", "List"],
        }
        identities = {"identities": [allowed, reading]}
        (self.folder / "s3.json").write_text(json.dumps(identities))
        self._ports = {name: free_port() for name in _PORTS}

    def _command(self) -> Sequence[str]:
        options = {
            "dir": str(self.folder / "data"),
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "volume.max": "20",
            "master.volumeSizeLimitMB": "64",
            # After a kill it would wait for machines that there are none of.
            "master.electionTimeout": "1s",
            "filer.localSocket": str(self.folder / "filer.sock"),
            "s3.config": str(self.folder / "s3.json"),
            "s3.port": str(self.port),
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            **{name: str(port) for name, port in self._ports.items()},
        }
        weed = Path(sys.executable).with_name("weed")
        return [str(weed), "server", "-s3", *(f"-{n}={v}" for n, v in options.items())]

    def _answers(self) -> bool:
        """Whether it takes an object and gives it back."""
        client = self.client()
        try:
            there = {each["Name"] for each in client.list_buckets()["Buckets"]}
            if BUCKET not in there:
                client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="probe", Body=b"1")
            client.delete_object(Bucket=BUCKET, Key="probe")
        except (BotoCoreError, ClientError):
            return False
        return True
