"""Reads the particulars of a closed request: what its certificate says and no ledger entry holds."""

from datetime import UTC

from lacuna.datamap import load, load_tenants
from lacuna.evidence import Particulars
from lacuna.model.datamap import DataMap
from lacuna.model.letter import LetterSender
from lacuna.model.location import pattern_location
from lacuna.model.person_kinds import known_kinds, of_kind
from lacuna.model.request import Request
from lacuna.ports import Stores


def particulars_of(request: Request, stores: Stores) -> Particulars:
    """Return the particulars of a request, by the data map and the tenants in use.

    Raises:
        ConfigurationError: the data map or the file of the tenants cannot be read.
    """
    whole = load(stores.datamap_path)
    # A map that was changed since may know the kind no longer; its controller is the tenant's then.
    is_known = request.person_kind in known_kinds(whole)
    view = of_kind(whole, request.person_kind) if is_known else whole
    contacts = view.tenant(request.org_id)
    tenant = load_tenants(stores.tenants_path).by_org.get(request.org_id)
    authority = contacts.authority
    if tenant is not None and not view.is_own_controller:
        authority = LetterSender.of(tenant, contacts).authority
    return Particulars(
        number=request.number,
        received_on=request.received_at.astimezone(UTC).date().isoformat(),
        rights=tuple(request.kinds),
        identity="" if request.identity_basis is None else request.identity_basis,
        controller=contacts.controller,
        data_protection_officer=contacts.dpo,
        representative=contacts.representative,
        joint_controllers=contacts.joint_controllers,
        processor="" if whole.processor is None else whole.processor.name,
        supervisory_authority=authority,
        recordings=_recordings(whole),
    )


def _recordings(datamap: DataMap) -> tuple[str, ...]:
    """Return the places of files that tables of recordings name."""
    if datamap.consent is None:
        return ()
    tables = {one.table for one in datamap.consent.recordings}
    return tuple(
        pattern_location(store.name, each.pattern)
        for store in datamap.stores.values()
        for each in store.files
        if each.table in tables
    )
