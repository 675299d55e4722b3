"""Kinds of object stores, by the scheme of the address that a data map gives: `s3`, and those of packages.

A package offers one as an entry point of the group `lacuna.stores`, named as the scheme: an object that
opens such a store, as `StoreKind` describes. It is asked whenever a store with that scheme is opened.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final, Protocol

from lacuna.errors import ConfigurationError
from lacuna.ports import Objects, SearchedBucket

_GROUP: Final = "lacuna.stores"


class StoreKind(Protocol):
    """Opens the stores of one scheme."""

    def objects(self, name: str, address: str) -> Objects:
        """Open a store, to read and to change.

        Args:
            name: the store's name in the data map, for messages.
            address: as the data map has it, with its scheme.
        """
        ...

    def searched(self, name: str, address: str) -> SearchedBucket:
        """Open the verifier's own reading of a store, which shares no code with `objects`."""
        ...


class _Buckets:
    """Buckets of a service that speaks S3."""

    def objects(self, name: str, address: str) -> Objects:
        """Open a store in a bucket.

        Raises:
            ConfigurationError: the extra `s3` is not installed.
        """
        with _extra_s3():
            from lacuna.stores.objects.bucket import BucketObjects
            from lacuna.stores.objects.bucket_client import BucketAddress
        where = BucketAddress.parse(address)
        return BucketObjects(name, where, where.client())

    def searched(self, name: str, address: str) -> SearchedBucket:
        """Open the verifier's own reading of a bucket.

        Raises:
            ConfigurationError: the extra `s3` is not installed.
        """
        with _extra_s3():
            from lacuna.stores.objects.bucket_client import BucketAddress
            from lacuna.stores.objects.bucket_search import BucketSearch
        where = BucketAddress.parse(address)
        return BucketSearch(name, where, where.client())


@contextmanager
def _extra_s3() -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise ConfigurationError(
            "files are in a bucket, but the client for buckets is not installed; install lacuna[s3]"
        ) from None


_OWN: Final[Mapping[str, StoreKind]] = MappingProxyType({"s3": _Buckets()})


def kind_of(name: str, address: str) -> StoreKind:
    """Return the kind of store for the scheme of an address.

    Raises:
        ConfigurationError: nothing does, several packages do, one would replace Lacuna's own, or one
            cannot be loaded.
    """
    scheme = address.partition("://")[0]
    brought = tuple(entry_points(group=_GROUP, name=scheme))
    if scheme in _OWN and not brought:
        return _OWN[scheme]
    packages = ", ".join(sorted(map(_package_of, brought)))
    if scheme in _OWN:
        raise ConfigurationError(
            f"{name}: stores with {scheme}:// are Lacuna's own, and {packages} would replace them "
            f"(entry points {_GROUP}); remove the package, or let it use another scheme"
        )
    if len(brought) != 1:
        raise ConfigurationError(
            f"{name}: the address of this store begins with {scheme}://, and "
            f"{packages or 'no package'} offers such stores (entry points {_GROUP}); install the one "
            "that is meant, or correct the address"
        )
    try:
        kind: StoreKind = brought[0].load()()
    except Exception as error:
        raise ConfigurationError(
            f"{name}: the package {packages} for {scheme}:// cannot be loaded: "
            f"{type(error).__name__} at its entry point; repair it or install another version"
        ) from error
    return kind


def _package_of(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value
