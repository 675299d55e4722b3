"""A real S3 service on this machine, and buckets in it."""

import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

_NUMBERS = itertools.count()
SECRETS = {"aws_access_key_id": "tester", "aws_secret_access_key": "tester"}


@dataclass(frozen=True)
class Service:
    """Where the service answers."""

    url: str

    def client(self, **secrets: str):
        return boto3.client(
            "s3", endpoint_url=self.url, region_name="us-east-1", **(secrets or SECRETS)
        )

    def make(self, *, versions: bool = True, lock: bool = False) -> str:
        """Make a bucket and return its name."""
        name = f"bucket-{next(_NUMBERS)}"
        client = self.client()
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        if versions:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name


def put_many(bucket: str, key: str, count: int) -> None:
    """Write an object many times: inside the service, for one call each takes seconds."""
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for number in range(count):
        backend.put_object(bucket, key, bytes([number % 251]))


@pytest.fixture(scope="session")
def s3() -> Iterator[Service]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    # It logs every key.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server.start()
    host, port = server.get_host_and_port()
    yield Service(f"http://{host}:{port}")
    server.stop()


def left_in(service: Service, bucket: str, prefix: str = "") -> list[tuple[str, bool]]:
    """Return key and whether it is a delete marker, for everything that a bucket holds."""
    found = []
    pages = service.client().get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=bucket, Prefix=prefix):
        found += [(one["Key"], False) for one in page.get("Versions", ())]
        found += [(one["Key"], True) for one in page.get("DeleteMarkers", ())]
    return sorted(found)
