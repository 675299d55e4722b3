"""A database of another version: every flow and command refuses it before a row is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lacuna.errors import ConfigurationError
from lacuna.flows import deadlines, fulfilment, intake, reporting, seal, sweep
from lacuna.stores.postgres.database import Database
from tests.flows.observation import execute


@pytest.mark.parametrize("flow", [deadlines, fulfilment, intake, reporting, seal, sweep])
def test_a_flow_refuses_a_database_of_another_version(little, flow):
    execute(little.url, "update lacuna.migration set digest = repeat('0', 64)")
    stores = replace(little.stores, database=Database(little.url))
    with pytest.raises(ConfigurationError, match="another version of the schema"):
        flow.run(stores, little.options(), "00000000-0000-0000-0000-000000000000")
