"""Posts notices to the addresses of recipients."""

import hashlib
import http.client
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from lacuna.errors import DependencyUnreachable

_SECONDS: Final = 30
_MOST_BYTES: Final = 65_536


class HttpWebhooks:
    """One POST each, over TLS but for this machine; redirections are not followed."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> str:
        """Post a body; return the receipt: the status, and the digest of the response.

        Raises:
            DependencyUnreachable: nobody answered, or not with a status of success.
        """
        parts = urlsplit(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                parts.hostname or "",
                parts.port,
                timeout=_SECONDS,
                context=ssl.create_default_context(),
            )
        else:
            connection = http.client.HTTPConnection(
                parts.hostname or "", parts.port, timeout=_SECONDS
            )
        try:
            connection.request("POST", target, body, dict(headers))
            response = connection.getresponse()
            said = response.read(_MOST_BYTES)
        except (http.client.HTTPException, OSError) as error:
            raise DependencyUnreachable(
                f"webhook: the recipient does not answer ({type(error).__name__})"
            ) from None
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            raise DependencyUnreachable(f"webhook: the recipient answered {response.status}")
        return f"http {response.status} {hashlib.sha256(said).hexdigest()}"
