"""Keys of mail domains, looked up in the DNS."""

from typing import Final

_SECONDS: Final = 5


class DnsMailKeys:
    """TXT records of the DNS, as `ports.MailKeys`."""

    def text(self, name: bytes) -> bytes | None:
        """Return a TXT record, or None where there is none or nobody answers."""
        # Here, because most of what opens the stores reads no mail.
        from dkim import DnsTimeoutError
        from dkim.dnsplug import get_txt

        try:
            found = get_txt(name, timeout=_SECONDS)
        except (DnsTimeoutError, OSError):
            return None
        return found if isinstance(found, bytes) else None
