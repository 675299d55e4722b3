"""A call centre with a store of recordings, in a folder or in a bucket, and its quarantine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from lacuna.model.location import Quarantined
from tests.brought import Brought
from tests.bucket import SECRETS, s3
from tests.post import open_post

__all__ = ["s3"]


def away(path: str) -> str:
    return Quarantined(date(2027, 1, 2), "ab" * 32, path).where


@dataclass
class World:
    """The call centre and its store, whichever it is."""

    post: Brought
    put: Callable[[str, bytes], None]

    @property
    def objects(self):
        return self.post.stores.objects_of(self.post.datamap)["media"]

    def paths(self) -> set[str]:
        return set(self.objects.paths())

    def quarantine(self, path: str, content: bytes) -> None:
        self.put(path, content)
        assert self.objects.move(path, away(path)) is True


@pytest.fixture(params=["folder", "bucket"])
def world(request, template_database, tmp_path: Path) -> Iterator[World]:
    with template_database.clones() as fresh, pytest.MonkeyPatch.context() as patch:
        if request.param == "folder":
            post = open_post(fresh("lacuna"), tmp_path)

            def put(path: str, content: bytes) -> None:
                file = tmp_path / "media" / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        else:
            service = request.getfixturevalue("s3")
            patch.setenv("AWS_ENDPOINT_URL_S3", service.url)
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            for name, value in SECRETS.items():
                patch.setenv(name.upper(), value)
            bucket = service.make()
            post = open_post(fresh("lacuna"), tmp_path, f"s3://{bucket}/media")

            def put(path: str, content: bytes) -> None:
                service.client().put_object(Bucket=bucket, Key=f"media/{path}", Body=content)

        put("voice/10.wav", b"RIFF her voice")
        put("voice/20.wav", b"RIFF his voice")
        yield World(post, put)
