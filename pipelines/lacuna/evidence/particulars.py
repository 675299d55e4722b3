"""What a certificate says of a request that no ledger entry holds: its parties, its number, its rights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self

from lacuna.errors import EvidenceBroken
from lacuna.evidence.canonical_json import Json


@dataclass(frozen=True)
class Particulars:
    """What the queue, the data map and the tenants say of a request when the ledger is sealed.

    Nothing here is about the person who made it.

    Attributes:
        number: short name of the request, such as FJ-0142.
        received_on: the day on which it reached the controller, ISO 8601; the deadline counts from it.
        rights: those that it exercises.
        identity: what the requester's identity rests on (`IdentityBasis`); empty: it was not verified.
        controller: name and address (Art. 4(7)).
        data_protection_officer: contact of the controller's; empty for none.
        representative: of the controller in the Union (Art. 27); empty for none.
        joint_controllers: name and address of each (Art. 26).
        processor: name and address (Art. 4(8)); empty: the data map names none.
        supervisory_authority: where the person can complain (Art. 77).
        recordings: places, as the ledger writes them, of the files that are recordings of what was spoken.
    """

    number: str
    received_on: str
    rights: tuple[str, ...]
    controller: str
    supervisory_authority: str
    identity: str = ""
    data_protection_officer: str = ""
    representative: str = ""
    joint_controllers: tuple[str, ...] = ()
    processor: str = ""
    recordings: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Mapping[str, Json]) -> Self:
        """Return the particulars that a certificate holds.

        Raises:
            EvidenceBroken: a member is missing, too many, or of another type.
        """
        names = {each.name for each in fields(cls)}
        if set(found) != names:
            raise EvidenceBroken(f"the particulars must be {', '.join(sorted(names))}")
        texts = {name: value for name, value in found.items() if isinstance(value, str)}
        lists = {
            name: tuple(each for each in value if isinstance(each, str))
            for name, value in found.items()
            if isinstance(value, list)
        }
        try:
            made = cls(
                number=texts["number"],
                received_on=texts["received_on"],
                rights=lists["rights"],
                controller=texts["controller"],
                supervisory_authority=texts["supervisory_authority"],
                identity=texts["identity"],
                data_protection_officer=texts["data_protection_officer"],
                representative=texts["representative"],
                joint_controllers=lists["joint_controllers"],
                processor=texts["processor"],
                recordings=lists["recordings"],
            )
        except KeyError:
            made = None
        if made is None or made.document() != found:
            raise EvidenceBroken("a member of the particulars has another type")
        return made

    def document(self) -> dict[str, Json]:
        """Return it as the certificate holds it."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }
