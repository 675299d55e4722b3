"""The data processing agreements of the sample's tenants, with standing instructions for every right."""

import hashlib
import uuid

from lacuna.model.agreement import Agreement, AgreementKind
from lacuna.model.request import RequestKind
from lacuna_demo.sample.company import FOUNDED
from lacuna_demo.sample.platform import SamplePlatform
from lacuna_demo.sample.profiles import DPA

_IDS = uuid.UUID("8f6b0f6e-6f1c-4c0a-9a3c-0b7e5a2d4c11")


def agreements_of(platform: SamplePlatform) -> tuple[Agreement, ...]:
    """Return the agreement of each tenant: the one that its platform says was signed."""
    tenants = platform.tables["contact_center.organizations"]
    column = tenants.columns.index("org_id")
    kind, version = DPA
    return tuple(
        Agreement(
            agreement_id=str(uuid.uuid5(_IDS, f"{row[column]} {kind} {version}")),
            org_id=str(row[column]),
            kind=AgreementKind(kind),
            version=version,
            text_digest=hashlib.sha256(f"{row[column]} {kind} {version}".encode()).hexdigest(),
            valid_from=FOUNDED,
            standing=tuple(RequestKind),
        )
        for row in tenants.rows
    )
