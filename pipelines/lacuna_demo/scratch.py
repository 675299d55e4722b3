"""Loads the sample platform: where it is to stay, and for an attack where nothing of it lasts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lacuna.errors import StatementRefused
from lacuna.flows.run.opening import read_datamap
from lacuna.model.approval_rules import BY_SETTING
from lacuna.model.attack import Attack, AttackOutcome
from lacuna.model.location import TableName
from lacuna.model.proof import Proof
from lacuna.model.request import CONTACT
from lacuna.model.run import Role
from lacuna.stores.clock import SystemClock
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.objects.store_marks import mark_stores
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform, migrate
from lacuna.stores.postgres.standing_rules import decide_standing
from lacuna.stores.run_log import FileRunLog
from lacuna_demo.bulk import create_platform, load_rows, write_agreements, write_files
from lacuna_demo.everything import everything
from lacuna_demo.residue_attack import AREA, ATTEMPT, attack_residue, targets_of
from lacuna_demo.sample import SampleOptions, SamplePlatform, agreements_of, generate
from lacuna_demo.scratch_database import scratch_database

SAMPLE_SCHEMA: Final = "contact_center"
_SMALL: Final = SampleOptions(contacts=60, conversations=240)


def attack_scratch_sample(stores: OpenedStores) -> Attack:
    """Erase people of a scratch sample by this installation's data map, and look for them."""
    if read_datamap(stores).schemas != (SAMPLE_SCHEMA,):
        return _not_tried("the data map is for another platform than the sample")
    platform = generate(_SMALL)
    try:
        with _scratch(stores, platform) as (copy, database):
            return attack_residue(
                copy, targets_of(platform), lambda: everything(database, copy.home)
            )
    except StatementRefused:
        return _not_tried("the login may not create a scratch database")


def load_platform(database: Database, platform: SamplePlatform) -> int:
    """Create the sample's schema and load its rows; return how many.

    Raises:
        ConfigurationError: the schema is there already.
    """
    create_platform(database, SAMPLE_SCHEMA)
    return load_rows(
        database,
        (
            (TableName.parse(name), table.columns, table.rows)
            for name, table in platform.tables.items()
        ),
    )


def write_all_files(stores: OpenedStores, platform: SamplePlatform) -> int:
    """Write the sample's files into their stores; return how many."""
    return sum(
        write_files(stores.folder_of(one.store), [(one.path, one.content)])
        for one in platform.files
    )


@contextmanager
def _scratch(
    stores: OpenedStores, platform: SamplePlatform
) -> Iterator[tuple[OpenedStores, Database]]:
    with (
        scratch_database(stores.database) as database,
        tempfile.TemporaryDirectory(prefix="lacuna-attack-") as folder,
    ):
        home = Path(folder)
        migrate(database)
        load_platform(database, platform)
        grant_platform(database, (SAMPLE_SCHEMA,))
        write_agreements(database, agreements_of(platform), stores.clock.now())
        decide_standing(database, BY_SETTING, "*", stores.clock.now())
        opened = OpenedStores(
            database=database,
            keys=FileKeys(home / "keys" / "requests"),
            clock=SystemClock(),
            objects=FolderStores(home, {}),
            home=home,
            datamap_path=stores.datamap_path,
            run_log=FileRunLog(home / "evidence" / "runs"),
            approvers=home / "keys" / "approvers",
        )
        write_all_files(opened, platform)
        mark_stores(opened, database, read_datamap(opened))
        _let_pass(opened)
        yield opened, database


def _let_pass(stores: OpenedStores) -> None:
    """Have erasures go on by a data map that nobody proved: what such a map leaves is attacked."""
    proof = Proof(read_datamap(stores).digest, {CONTACT: 1}, 0, 0, ())
    with stores.transaction(Role.VERIFIER) as transaction:
        transaction.queue.plans.put_proof(proof, stores.clock.now())


def _not_tried(why: str) -> Attack:
    return Attack(AREA, ATTEMPT, AttackOutcome.NOT_TRIED, why)
