"""A sealed bundle whose file is another's, or gone, when it is to be handed over."""

from __future__ import annotations

import pytest

from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestKind
from tests.flows.observation import execute, quiet_people

RELEASED = "select count(*) from lacuna_evidence.entry where action = 'release_bundle'"


@pytest.fixture
def bundles(installation):
    """Two people's bundles, by the ids of their requests."""
    ids = [
        installation.submit(
            (IdentifierKind.CONTACT_ID, one),
            org_id=installation.platform.people[one].org_id,
            kinds=(RequestKind.ACCESS,),
        )
        for one in quiet_people(installation.platform)[:2]
    ]
    assert installation.run() is None
    return {one: installation.stores.home / "bundles" / f"{one}.zip.age" for one in ids}


def test_no_bundle_is_released_whose_file_is_anothers_or_gone(installation, lacuna, bundles):
    (request_id, file), (_, other) = bundles.items()
    sealed = file.read_bytes()
    file.write_bytes(other.read_bytes())
    for _ in ("exchanged", "gone"):
        said = lacuna("bundle", "release", request_id, "--as", "dana")
        assert said.code == 1
        assert "is missing or was replaced" in said.err
        assert "Passphrase" not in said.out
        file.unlink(missing_ok=True)
    assert execute(installation.url, RELEASED) == [(0,)]
    # The passphrase is there still.
    file.write_bytes(sealed)
    assert "Passphrase" in lacuna("bundle", "release", request_id, "--as", "dana").out
