"""Says who wrote a mail, and asks the platform whom it names."""

from collections.abc import Collection
from dataclasses import dataclass

from lacuna.intake import Held, Named, addresses_of, email_identifiers, is_vouched, without_label
from lacuna.model.identity import Identifier
from lacuna.model.mail import Mail
from lacuna.model.request import Request
from lacuna.model.sender import Sender, SenderRole
from lacuna.model.tenant import Tenant, Tenants
from lacuna.ports import MailKeys, PlatformReading
from lacuna.subject import resolve_identifiers


@dataclass(frozen=True)
class MailPeople:
    """The people of mails, as one transaction of the platform sees them."""

    reading: PlatformReading
    tenants: Tenants
    keys: MailKeys

    def held(self, mail_id: str, named: Named, tenant: Tenant) -> Held:
        """Ask the platform who holds what a mail names, within the tenant."""
        writer = () if named.writer is None else email_identifiers([named.writer])
        addresses = {each: email_identifiers([each]) for each in named.addresses}
        agents = self.reading.other_addresses(tenant.org_id)
        wanted = (*writer, *(one for each in addresses.values() for one in each), *named.others)
        holders = self.reading.holders(tenant.org_id, wanted)
        resolution = resolve_identifiers(mail_id, tenant.org_id, wanted, self.reading)
        bare = None if named.writer is None else without_label(named.writer)
        return Held(
            holders=holders,
            person=resolution.person,
            is_ambiguous=bool(resolution.candidates),
            strange=sum(
                not any(holders[one] for one in spelled)
                for each, spelled in addresses.items()
                if each not in agents
            ),
            is_labelled=bare is not None
            and any(self.reading.holders(tenant.org_id, email_identifiers([bare])).values()),
        )

    def sender(self, mail: Mail, content: bytes, tenant: Tenant) -> Sender:
        """Say who the sender of a mail is to the tenant, and whether its domain vouches for it.

        It vouches for what was written to this tenant: a mail to somebody else, handed on to us by
        whoever got it, is as genuine, and no request. One that does not say when it was written could be
        sent again for ever.
        """
        address = mail.sender or ""
        vouched = (
            mail.written_at is not None
            and not set(mail.written_to).isdisjoint(tenant.addresses)
            and is_vouched(
                mail, content, trusted_servers=self.tenants.trusted_servers, keys=self.keys
            )
        )
        is_ours = address.rpartition("@")[2] in tenant.domains
        role = SenderRole.PERSON
        if address in tenant.authorized and is_ours and vouched:
            role = SenderRole.CONTROLLER
        elif (
            is_ours
            or address in tenant.authorized
            or address in self.reading.other_addresses(tenant.org_id)
        ):
            role = SenderRole.AGENT
        return Sender(address, role, vouched)

    def is_on_file(self, address: str, request: Request, given: Collection[Identifier]) -> bool:
        """Whether an address is one of the person whom a request means, or nobody is meant.

        Args:
            given: the identifiers of the request.
        """
        resolution = resolve_identifiers(
            request.request_id, request.org_id, tuple(given), self.reading
        )
        if resolution.person is None:
            return not resolution.candidates
        return address in addresses_of(resolution.person)
