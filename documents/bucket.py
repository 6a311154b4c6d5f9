"""Sealed objects in a bucket of an S3-compatible service, under the same names as on disk."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.translation import gettext as _

from accounts import api as accounts
from documents.errors import FilesUnavailable

HEAD = 16
"""Bytes that name the key under which an object was sealed."""
MISSING = {"NoSuchKey", "404"}
TAKEN = {"PreconditionFailed", "412"}
OPTIONS = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 3},
    s3={"addressing_style": "path"},
    # Not every S3-compatible service knows the newer checksums; the seal shows any change when it is opened.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


@dataclass(frozen=True)
class Bucket:
    """A place (see storage.Place) in the bucket `name`. Every call may raise FilesUnavailable."""

    client: Any
    name: str

    def put(self, key: str, sealed: bytes) -> None:
        """Store the object where none is. Our own earlier try, whose answer was lost, counts as success."""
        try:
            with _answering():
                self.client.put_object(Bucket=self.name, Key=_path(key), Body=sealed, IfNoneMatch="*")
        except ClientError as error:
            if _code(error) not in TAKEN or self.get(key) != sealed:
                raise _unavailable() from error

    def get(self, key: str) -> bytes:
        """The object; LookupError when there is none."""
        return self._read(key)

    def remove(self, key: str) -> None:
        """Delete the object."""
        self._do(lambda: self.client.delete_object(Bucket=self.name, Key=_path(key)))

    def written_before(self, moment: datetime) -> Iterator[str]:
        """Keys of older objects."""
        return (_key(found["Key"]) for found in self._objects() if found["LastModified"] < moment)

    def sealed(self) -> Iterator[accounts.SealedFile]:
        """Every object."""
        return (_SealedObject(self, _key(found["Key"])) for found in self._objects())

    def replace(self, key: str, sealed: bytes) -> None:
        """The same contents under another envelope: only for the rotation of keys."""
        self._do(lambda: self.client.put_object(Bucket=self.name, Key=_path(key), Body=sealed))

    def head(self, key: str) -> bytes:
        """The first bytes of the object."""
        return self._read(key, Range=f"bytes=0-{HEAD - 1}")

    def _read(self, key: str, **options: str) -> bytes:
        try:
            with _answering():
                found = self.client.get_object(Bucket=self.name, Key=_path(key), **options)
                content: bytes = found["Body"].read()
                return content
        except ClientError as error:
            if _code(error) in MISSING:
                raise LookupError(key) from error
            raise _unavailable() from error

    def _objects(self) -> Iterator[dict[str, Any]]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return (found for page in self._do(lambda: list(pages)) for found in page.get("Contents", ()))

    def _do(self, call: Callable[[], Any]) -> Any:
        try:
            with _answering():
                return call()
        except ClientError as error:
            raise _unavailable() from error


@dataclass(frozen=True)
class _SealedObject:
    """An object for the rotation of keys."""

    bucket: Bucket
    key: str

    def head(self) -> bytes:
        return self.bucket.head(self.key)

    def rewrap(self, change: Callable[[bytes], bytes]) -> None:
        self.bucket.replace(self.key, change(self.bucket.get(self.key)))


def bucket() -> Bucket:
    """The bucket of the settings."""
    place = (settings.S3_ENDPOINT, settings.S3_REGION, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY)
    return Bucket(_client(*place, process=os.getpid()), settings.S3_BUCKET)


@lru_cache(maxsize=4)
def _client(endpoint: str, region: str, access_key: str, secret_key: str, *, process: int) -> Any:
    """One client for each process: its connections must not pass to a child. Threads share it."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=access_key or None,
        aws_secret_access_key=secret_key or None,
        config=OPTIONS,
    )


def _path(key: str) -> str:
    return f"{key[:2]}/{key[2:]}"


def _key(path: str) -> str:
    return path.replace("/", "")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _answering() -> Iterator[None]:
    """No answer, or a connection cut halfway, is FilesUnavailable."""
    try:
        yield
    except (BotoCoreError, OSError) as error:
        raise _unavailable() from error


def _unavailable() -> FilesUnavailable:
    return FilesUnavailable(
        _("El almacén de archivos no responde. Lo que estaba guardado sigue ahí: intenta de nuevo en unos minutos.")
    )
