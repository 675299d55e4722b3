"""The verifier's reading of a bucket: by calls of its own, apart from what deletes."""

from collections.abc import Iterator

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from lacuna.ports import StoredVersion
from lacuna.stores.objects.bucket_client import BucketAddress, answering, code_of

_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


class BucketSearch:
    """Whatever lies in a bucket below a prefix, as `ports.SearchedBucket`.

    Args:
        name: the store's name in the data map.
    """

    def __init__(self, name: str, address: BucketAddress, client: BaseClient) -> None:
        self._name = name
        self._address = address
        self._client = client

    def versions(self) -> Iterator[StoredVersion]:
        """Yield versions, delete markers and unfinished uploads, each with its path.

        Raises:
            DependencyUnreachable: the bucket does not answer, or refuses to.
        """
        where = {"Bucket": self._address.bucket, "Prefix": self._address.prefix}
        more: dict[str, str] = {}
        with answering(self._name):
            while True:
                page = self._client.list_object_versions(**where, **more)
                for one in page.get("Versions", ()):
                    yield StoredVersion(self._path(one["Key"]), one["VersionId"], one["Size"])
                for one in page.get("DeleteMarkers", ()):
                    yield StoredVersion(self._path(one["Key"]), None, 0)
                if not page["IsTruncated"]:
                    break
                more = {"KeyMarker": page["NextKeyMarker"]}
                if page.get("NextVersionIdMarker"):
                    more["VersionIdMarker"] = page["NextVersionIdMarker"]
            uploads = self._client.get_paginator("list_multipart_uploads")
            for page in uploads.paginate(**where):
                for one in page.get("Uploads", ()):
                    yield StoredVersion(self._path(one["Key"]), None, 0, is_unfinished=True)

    def content(self, found: StoredVersion) -> tuple[bytes, str]:
        """What was noted are its headers and tags."""
        which = {
            "Bucket": self._address.bucket,
            "Key": self._address.prefix + found.path,
            "VersionId": found.version,
        }
        with answering(self._name):
            try:
                response = self._client.get_object(**which)
                content: bytes = response["Body"].read()
                tags = self._tags(which) if response.get("TagCount") else []
            except ClientError as error:
                if code_of(error) in _GONE:
                    raise FileNotFoundError from None
                raise
        headers = (response.get(name) for name in ("ContentDisposition", "WebsiteRedirectLocation"))
        noted = [*response.get("Metadata", {}).items(), *tags]
        said = [text for pair in noted for text in pair]
        return content, "\n".join([*(one for one in headers if one), *said])

    def _tags(self, which: dict[str, str | None]) -> list[tuple[str, str]]:
        response = self._client.get_object_tagging(**which)
        return [(tag["Key"], tag["Value"]) for tag in response.get("TagSet", ())]

    def _path(self, key: str) -> str:
        return key.removeprefix(self._address.prefix)
