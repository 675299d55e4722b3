"""Speaks with an S3 bucket: where it is, its copies, and errors without a name in them.

Where the service answers and with which rights is the AWS libraries' business: their variables,
profiles and roles (`AWS_ENDPOINT_URL_S3`, `AWS_PROFILE` …) count, and none of them is read here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lacuna.errors import DependencyUnreachable, PipelineError

_SCHEME: Final = "s3://"
_TRIES: Final = 4  # of each call; the library waits longer before each
_SECONDS: Final = 60


@dataclass(frozen=True)
class BucketAddress:
    """A bucket and what the keys of the store in it begin with.

    Attributes:
        prefix: empty, or ends with a slash.
    """

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, address: str) -> Self:
        """Return the address of `s3://bucket/prefix`; the data map's loader has checked it.

        >>> BucketAddress.parse("s3://recordings/eu/calls")
        BucketAddress(bucket='recordings', prefix='eu/calls/')
        """
        bucket, _, prefix = address.removeprefix(_SCHEME).strip("/").partition("/")
        return cls(bucket, f"{prefix}/" if prefix else "")

    def client(self) -> BaseClient:
        """Open a client; nothing is asked of the service yet.

        Raises:
            DependencyUnreachable: the library's own settings do not fit.
        """
        retries = {"mode": "standard", "max_attempts": _TRIES}
        try:
            return boto3.session.Session().client(
                "s3",
                config=Config(retries=retries, connect_timeout=10, read_timeout=_SECONDS),
            )
        except (BotoCoreError, ValueError) as error:
            raise DependencyUnreachable(
                f"the client for buckets cannot be set up ({type(error).__name__}); check the AWS "
                "settings of this machine"
            ) from None


@dataclass(frozen=True)
class Copy:
    """One version of an object, or a delete marker.

    Attributes:
        byte_count: 0 for a delete marker.
        etag: changes with the content.
        arrived_at: when the bucket took it in.
    """

    key: str = field(repr=False)
    version_id: str
    byte_count: int
    etag: str
    is_marker: bool
    is_newest: bool
    arrived_at: datetime


def copies(client: BaseClient, address: BucketAddress, key: str) -> Iterator[list[Copy]]:
    """Yield every version and delete marker of the keys that begin with `key`, page by page.

    The keys of a page do not come before those of the page before.
    """
    pages = client.get_paginator("list_object_versions").paginate(Bucket=address.bucket, Prefix=key)
    for page in pages:
        yield [
            Copy(
                key=one["Key"],
                version_id=one["VersionId"],
                byte_count=one.get("Size", 0),
                etag=one.get("ETag", ""),
                is_marker=is_marker,
                is_newest=bool(one.get("IsLatest")),
                arrived_at=one["LastModified"],
            )
            for kind, is_marker in (("Versions", False), ("DeleteMarkers", True))
            for one in page.get(kind, ())
        ]


@contextmanager
def answering(store: str, failure: type[PipelineError] = DependencyUnreachable) -> Iterator[None]:
    """Turn what the service or the way to it says into `failure`, without a key or an address."""
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        what = "refuses access" if code in _DENIED else "answers with an error"
        raise failure(
            f"{store}: the bucket {what} ({code}); the step is not done. Check the bucket and its "
            "permissions, then run again"
        ) from None
    except BotoCoreError as error:
        raise failure(
            f"{store}: the bucket does not answer ({type(error).__name__}); the step is not done. "
            "Check the network and the AWS settings, then run again"
        ) from None


_DENIED: Final = frozenset({"AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch"})


def code_of(error: ClientError) -> str:
    """Return the short code of an error, e.g. `AccessDenied`; its text may hold a key."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))
