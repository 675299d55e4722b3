"""Who was erased is kept encrypted, whole or not at all, and destroyed for good."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.model.hold import ItemHold
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.reappearance import ErasedPerson
from lacuna.stores.erased_people import FileErased
from lacuna.stores.keys import FileKeys

REQUEST = "0b5c4b5e-3f0a-4d1c-9a55-111111111111"
OTHER = "0b5c4b5e-3f0a-4d1c-9a55-222222222222"


def person(request_id: str = REQUEST, value: str = "CUSTOMER-0001") -> ErasedPerson:
    return ErasedPerson(
        request_id,
        "fjordlys",
        (Identifier(IdentifierKind.EXTERNAL_ID, value),),
        datetime(2026, 6, 1, tzinfo=UTC),
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys" / "erased"


def test_what_was_kept_is_read_again_in_order(folder):
    for one in (person(OTHER), person()):
        FileErased(folder).keep(one)
    erased = FileErased(folder)
    assert list(erased.people()) == [person(), person(OTHER)]
    assert erased.request_ids() == {REQUEST, OTHER}


def test_the_kind_of_a_person_is_kept_and_was_a_contact_before_there_were_others(folder):
    agent = replace(person(OTHER), person_kind="agent")
    FileErased(folder).keep(agent)
    older = {"org_id": "fjordlys", "vendor_ids": [["external_id", "CUSTOMER-0001"]]}
    older["until"] = person().until.isoformat()
    sealed = FileKeys(folder).encrypt(REQUEST, json.dumps(older).encode())
    (folder / f"{REQUEST}.sealed").write_bytes(sealed)
    assert list(FileErased(folder).people()) == [person(), agent]


def test_holds_are_kept_and_were_none_before_they_were_kept(folder):
    until = datetime(2026, 9, 1, tzinfo=UTC)
    hold = ItemHold(TableName("post", "letters"), "17(3)(e)", until)
    held = replace(person(OTHER), holds=(hold,))
    FileErased(folder).keep(held)
    older = {"org_id": "fjordlys", "vendor_ids": [["external_id", "CUSTOMER-0001"]]}
    older["until"] = person().until.isoformat()
    sealed = FileKeys(folder).encrypt(REQUEST, json.dumps(older).encode())
    (folder / f"{REQUEST}.sealed").write_bytes(sealed)
    assert list(FileErased(folder).people()) == [person(), held]
    for broken in ([["post.letters", "17(3)(e)"]], [["letters", "17(3)(e)", until.isoformat()]], 7):
        sealed = FileKeys(folder).encrypt(REQUEST, json.dumps(older | {"holds": broken}).encode())
        (folder / f"{REQUEST}.sealed").write_bytes(sealed)
        with pytest.raises(EvidenceBroken, match="does not have the form"):
            list(FileErased(folder).people())


def test_a_record_stays_as_it_was_first_kept(folder):
    erased = FileErased(folder)
    erased.keep(person())
    erased.keep(person(value="CUSTOMER-0002"))
    assert list(erased.people()) == [person()]


def test_nothing_is_in_clear_and_nobody_else_may_look(folder):
    FileErased(folder).keep(person())
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        assert b"CUSTOMER" not in path.read_bytes()
        assert "CUSTOMER" not in path.name
        assert path.stat().st_mode & 0o077 == 0


def test_a_destroyed_record_leaves_no_file(folder):
    erased = FileErased(folder)
    erased.keep(person())
    erased.keep(person(OTHER))
    assert erased.destroy(REQUEST)
    assert not erased.destroy(REQUEST)
    assert list(erased.people()) == [person(OTHER)]
    assert sorted(path.name for path in folder.iterdir()) == [f"{OTHER}.key", f"{OTHER}.sealed"]


def test_an_altered_record_and_a_lost_key_are_told(folder):
    erased = FileErased(folder)
    erased.keep(person())
    sealed = folder / f"{REQUEST}.sealed"
    content = sealed.read_bytes()
    sealed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(EvidenceBroken):
        list(erased.people())
    sealed.write_bytes(content)
    (folder / f"{REQUEST}.key").unlink()
    with pytest.raises(UnknownRequest):
        list(erased.people())


def test_how_far_files_were_searched_is_kept_and_no_record_of_a_person(tmp_path):
    erased = FileErased(tmp_path / "erased")
    assert erased.searched() == {}
    newest = {"media": datetime(2026, 11, 28, 21, 5, 7, 123456, tzinfo=UTC)}
    erased.note_searched(newest)
    assert FileErased(tmp_path / "erased").searched() == newest
    assert erased.request_ids() == frozenset()
    (tmp_path / "searched.json").write_text("[1]", "utf-8")
    with pytest.raises(EvidenceBroken, match="delete it, then the next sweep searches every file"):
        erased.searched()
