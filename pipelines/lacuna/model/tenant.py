"""The tenants: controllers whose contacts' requests are taken in, and who may speak for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Tenant:
    """A controller, as requests of its contacts meet it.

    Attributes:
        name: what letters are signed with.
        country: ISO 3166-1 alpha-2; its public holidays move due dates.
        language: of letters where a mail shows none, ISO 639-1.
        addresses: mailboxes that requests to it arrive at; the first one sends letters.
        domains: its own mail domains: a mail of an authorized person has to come from one.
        authorized: addresses of people whose mail is the controller's instruction.
        complaints: where the supervisory authority takes complaints: its page or address; empty: as
            the data map names it.
        time_zone: IANA name; times are shown in it. Days, such as deadlines, are the same everywhere.
        number_prefix: what the numbers of its requests begin with; None: letters of `org_id`.
    """

    org_id: str
    name: str
    country: str
    language: str
    addresses: tuple[str, ...]
    domains: tuple[str, ...] = ()
    authorized: tuple[str, ...] = field(repr=False, default=())
    number_prefix: str | None = None
    complaints: str = ""
    time_zone: str = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.time_zone)

    def is_list(self, names: tuple[str, ...]) -> bool:
        """Whether a list of these names, or addresses to write to it, is this controller's own."""
        ours = {address.replace("@", ".") for address in self.addresses}
        domains = {*self.domains, *(address.rpartition("@")[2] for address in self.addresses)}
        return any(name in ours or name.rpartition("@")[2] in domains for name in names)


@dataclass(frozen=True)
class Tenants:
    """All tenants, and the mail servers whose word on a sender counts.

    Attributes:
        trusted_servers: authserv-ids (RFC 8601) that our own mail servers write.
    """

    trusted_servers: tuple[str, ...]
    by_org: Mapping[str, Tenant]

    def country_of(self, org_id: str) -> str | None:
        """Return the country whose holidays move a tenant's due dates; None for an unlisted tenant."""
        tenant = self.by_org.get(org_id)
        return None if tenant is None else tenant.country

    def of_addresses(self, addresses: tuple[str, ...]) -> Tenant | None:
        """Return the one tenant that a mail to these addresses was written to, or None."""
        found = {
            tenant.org_id: tenant
            for tenant in self.by_org.values()
            if set(tenant.addresses) & set(addresses)
        }
        return next(iter(found.values())) if len(found) == 1 else None
