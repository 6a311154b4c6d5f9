"""A private server of the S3 protocol (moto's), in a process of its own."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3

from tests.services import processes

BUCKET = "expedientes"
SECRET = "clave-de-prueba"


@dataclass(frozen=True)
class S3:
    """Where the server listens, and how a process of ours finds it."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """Variables for a process of the product."""
        keys = {"S3_ACCESS_KEY": "prueba", "S3_SECRET_KEY": SECRET}
        return {"S3_BUCKET": BUCKET, "S3_ENDPOINT": self.endpoint, **keys}

    def contents(self) -> dict[str, bytes]:
        """Every object of the bucket, by its name."""
        return {
            found["Key"]: self._client().get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read()
            for found in self._client().list_objects_v2(Bucket=BUCKET).get("Contents", ())
        }

    def damage(self, name: str, content: bytes) -> None:
        """Put something else in an object's place, as only the owner of the service can."""
        self._client().put_object(Bucket=BUCKET, Key=name, Body=content)

    def empty(self) -> None:
        """A bucket without objects, made when there is none."""
        self._client().create_bucket(Bucket=BUCKET)
        for name in self.contents():
            self._client().delete_object(Bucket=BUCKET, Key=name)

    def _client(self) -> "boto3.client":
        keys = {"aws_access_key_id": "prueba", "aws_secret_access_key": SECRET}
        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", **keys)


@contextlib.contextmanager
def server() -> Iterator[S3]:
    """A server on a free loopback port, with an empty bucket; it ends with the block."""
    port = processes.free_port()
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-s3-") as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        process = processes.start(command, log)
        try:
            processes.wait_until(lambda: processes.listens(port), process, log)
            found = S3(f"http://127.0.0.1:{port}")
            found.empty()
            yield found
        finally:
            processes.stop(process)
