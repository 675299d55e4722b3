"""The one-time link to a bundle: what is kept of it, and on what terms it is made."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True)
class DeliveryTerms:
    """On what terms an installation delivers bundles.

    Attributes:
        url: address of the delivery, without a slash at its end.
        days: for which a link is valid.
        key: 32 bytes; hashes of tokens, codes and clients are made with it.
    """

    url: str
    days: int
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class DeliveryLink:
    """A link to a bundle, as it is kept; its token is not.

    Attributes:
        token_hash: keyed hash of the token.
        digest: SHA-256 of the sealed file, hex.
        is_for_key: whether the bundle is for a key of the recipient.
        content: encrypted with a key that only the link contains.
        code_hash: keyed hash of the code that is valid until `code_until`; None for none.
        mailed_codes: how many codes were mailed.
        wrong_codes: how many wrong ones were entered.
        pass_hash: keyed hash of what downloads until `pass_until`; None before the right code.
        downloads: how many began.
        download_id: of the newest one.
        downloaded_at: when the bundle was sent completely.
        expiry_seen_at: when the link was opened after it had expired.
    """

    request_id: str
    org_id: str
    token_hash: str = field(repr=False)
    digest: str
    byte_count: int
    is_for_key: bool
    content: bytes = field(repr=False)
    made_at: datetime
    expires_at: datetime
    code_hash: str | None = field(repr=False, default=None)
    code_until: datetime | None = None
    mailed_codes: int = 0
    wrong_codes: int = 0
    locked_at: datetime | None = None
    pass_hash: str | None = field(repr=False, default=None)
    pass_until: datetime | None = None
    downloads: int = 0
    download_id: str | None = None
    downloaded_at: datetime | None = None
    expiry_seen_at: datetime | None = None

    @property
    def last_day(self) -> date:
        """The last day, in UTC, on which the link is valid to its end, or till the bundle expires."""
        return (self.expires_at.astimezone(UTC) - timedelta(microseconds=1)).date()
