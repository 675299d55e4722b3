"""Rights of people who stay are kept encrypted, put together by request, and destroyed for good."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.model.consent import ConsentEntry, ConsentMethod, ConsentPurpose, ConsentStatus
from lacuna.model.hold import ItemHold
from lacuna.model.identity import Identifier, IdentifierKind, IdentityBasis
from lacuna.model.kept_right import KeptRight
from lacuna.model.location import TableName
from lacuna.model.request import RequestKind
from lacuna.stores.kept_rights import FileKeptRights

REQUEST = "0b5c4b5e-3f0a-4d1c-9a55-111111111111"
OTHER = "0b5c4b5e-3f0a-4d1c-9a55-222222222222"
DAY = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 7, 1, tzinfo=UTC)
HOLD = ItemHold(TableName("post", "letters"), "17(3)(e)", DAY)
ENTRY = ConsentEntry(
    "fjordlys",
    "call-1",
    ConsentStatus.WITHDRAWN,
    ConsentMethod.LETTER,
    DAY,
    purpose=ConsentPurpose.FEEDBACK,
)
RIGHT = KeptRight(
    REQUEST,
    "fjordlys",
    DAY,
    (RequestKind.RESTRICTION,),
    (Identifier(IdentifierKind.EXTERNAL_ID, "CUSTOMER-0001"),),
    (("city", "Odense"),),
    IdentityBasis.STATED,
    ENTRY,
    ("17(3)(b)", DAY),
    (HOLD,),
    person_kind="agent",
    decided=DAY,
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys" / "rights"


def test_what_was_kept_is_read_again_in_order(folder):
    plain = KeptRight(OTHER, "fjordlys", LATER)
    for one in (plain, RIGHT):
        FileKeptRights(folder).keep(one)
    assert list(FileKeptRights(folder).rights()) == [RIGHT, plain]


def test_of_one_request_what_is_later_stands_and_the_rest_stays(folder):
    kept = FileKeptRights(folder)
    kept.keep(RIGHT)
    table = ItemHold(TableName("post", "parcels"), "17(3)(b)", DAY)
    longer = replace(HOLD, until=LATER)
    corrected = (("city", "Aarhus"), ("phone", "1"))
    kinds = (RequestKind.RECTIFICATION,)
    kept.keep(
        KeptRight(REQUEST, "fjordlys", LATER, kinds, corrected=corrected, holds=(longer, table))
    )
    (now,) = kept.rights()
    assert now.kinds == (RequestKind.RESTRICTION, RequestKind.RECTIFICATION)
    assert dict(now.corrected) == {"city": "Aarhus", "phone": "1"}
    assert set(now.holds) == {longer, table}
    assert (now.at, now.vendor_ids, now.held) == (LATER, RIGHT.vendor_ids, RIGHT.held)
    # Of what is refused nothing takes effect.
    kept.keep(KeptRight(REQUEST, "fjordlys", LATER, refused="12(5)"))
    (refused,) = kept.rights()
    assert (refused.kinds, refused.refused) == ((), "12(5)")


def test_nothing_is_in_clear_and_nobody_else_may_look(folder):
    FileKeptRights(folder).keep(RIGHT)
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not any(one in content for one in (b"CUSTOMER", b"Odense", b"call-1", b"post"))
        assert path.stat().st_mode & 0o077 == 0
    for value in ("CUSTOMER", "Odense", "call-1"):
        assert value not in repr(RIGHT)


def test_a_destroyed_record_leaves_no_file(folder):
    kept = FileKeptRights(folder)
    kept.keep(RIGHT)
    assert kept.destroy(REQUEST)
    assert not kept.destroy(REQUEST)
    assert list(folder.iterdir()) == []


def test_an_altered_record_and_a_lost_key_are_told(folder):
    kept = FileKeptRights(folder)
    kept.keep(RIGHT)
    sealed = folder / f"{REQUEST}.sealed"
    content = sealed.read_bytes()
    sealed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(EvidenceBroken):
        list(kept.rights())
    with pytest.raises(EvidenceBroken):
        kept.keep(RIGHT)
    sealed.write_bytes(content)
    (folder / f"{REQUEST}.key").unlink()
    with pytest.raises(UnknownRequest):
        list(kept.rights())
