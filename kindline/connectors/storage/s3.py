"""A store in a bucket of an S3-compatible server (Swift, Ceph, MinIO, Amazon): an object a content, by its hash."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kindline.files.errors import BrokenObjectError, MissingObjectError, StoreError
from kindline.files.stores import BLOCK, Stored

CONNECT_S, READ_S, TRIES = 5, 60, 3
GONE = ("404", "NoSuchKey", "NotFound")


class S3:
    """A bucket that is ours, or a folder of one (`prefix`); the server must be there, the bucket is not made."""

    def __init__(
        self, *, url: str, bucket: str, key: str, secret: str, prefix: str = "", region: str = "us-east-1"
    ) -> None:
        self.bucket, self.prefix = bucket, prefix
        config = Config(
            connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"max_attempts": TRIES, "mode": "standard"},
            s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )  # fmt: skip
        made = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region)
        self._client: Any = made.client("s3", endpoint_url=url or None, config=config)

    def name(self, sha256: str) -> str:
        """The object of a content. Raises: ValueError for what is no hash."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256")
        return f"{self.prefix}{sha256[:2]}/{sha256}"

    def put(self, source: Path) -> Stored:
        """Send a file with the digest by which the server checks what has arrived; its answer means that it is kept."""
        sha256, check, size = _digests(source)
        with _said(), source.open("rb") as file:
            self._client.put_object(
                Bucket=self.bucket, Key=self.name(sha256), Body=file, ContentLength=size, ContentMD5=check
            )
        return Stored(sha256, size)

    def holds(self, sha256: str) -> bool:
        """Whether the object is there."""
        return self._head(sha256) is not None

    def opened(self, sha256: str) -> BinaryIO:
        """The content, brought here whole and found to be what was stored."""
        file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads closes it
        digest = hashlib.sha256()
        try:
            with _said(sha256):
                body = self._client.get_object(Bucket=self.bucket, Key=self.name(sha256))["Body"]
                for block in body.iter_chunks(BLOCK):
                    digest.update(block)
                    file.write(block)
            if digest.hexdigest() != sha256:
                raise BrokenObjectError(sha256)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def remove(self, sha256: str, *, untouched_since: dt.datetime | None = None) -> bool:
        """Delete the object, unless it was put since."""
        if untouched_since is not None:
            found = self._head(sha256)
            if found is not None and found["LastModified"] > untouched_since:
                return False
        with _said():
            self._client.delete_object(Bucket=self.bucket, Key=self.name(sha256))
        return True

    def untouched(self, since: dt.datetime) -> Iterator[str]:
        """Old objects by their names."""
        with _said():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
            for page in pages:
                for one in page.get("Contents", ()):
                    if one["LastModified"] < since:
                        yield one["Key"].rpartition("/")[2]

    def _head(self, sha256: str) -> dict[str, Any] | None:
        try:
            with _said(sha256):
                found: dict[str, Any] = self._client.head_object(Bucket=self.bucket, Key=self.name(sha256))
        except MissingObjectError:
            return None
        return found


@contextmanager
def _said(sha256: str = "") -> Iterator[None]:
    """What the server or the way to it refuses, in the words of the store. Raises: StoreError; MissingObjectError."""
    try:
        yield
    except ClientError as error:
        if sha256 and error.response.get("Error", {}).get("Code") in GONE:
            raise MissingObjectError(sha256) from error
        raise StoreError(str(error)) from error
    except (BotoCoreError, OSError) as error:
        raise StoreError(str(error)) from error


def _digests(source: Path) -> tuple[str, str, int]:
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    try:
        with source.open("rb") as file:
            while block := file.read(BLOCK):
                sha256.update(block)
                md5.update(block)
                size += len(block)
    except OSError as error:
        raise StoreError(str(error)) from error
    return sha256.hexdigest(), base64.b64encode(md5.digest()).decode(), size
