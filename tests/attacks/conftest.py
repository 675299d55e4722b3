"""An installation to attack: by mail, with somebody on file, and by the command of an attacker or auditor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import installation, lacuna, reaching
from tests.flows.conftest import Installation, begin, least_of_a_sample
from tests.flows.correspondence import Post
from tests.flows.observation import quiet_people
from tests.media_stores import empty

__all__ = ["installation", "lacuna", "reaching"]


@pytest.fixture(scope="session")
def install_attacked(template_database, session_folder: Path):
    return least_of_a_sample(template_database, session_folder, "attacked_sample")


@pytest.fixture(scope="session")
def install_for_commands(install_attacked):
    """The same for the command: a name of a template is given once a session."""
    return install_attacked


@pytest.fixture
def attacked(request: pytest.FixtureRequest) -> Installation:
    """An installation with the least of a sample, and an empty mailbox."""
    installation = begin(request, "install_attacked")
    empty(installation.stores.home / "mail")
    return installation


@pytest.fixture
def letters(attacked: Installation) -> Post:
    """What people write to it, and what comes back."""
    return Post(attacked)


@pytest.fixture
def ada(attacked: Installation):
    """Somebody with an address, a telephone and a customer number of their own."""
    return attacked.platform.people[quiet_people(attacked.platform)[0]]
