"""What the settings and the database's facts make of a run: above all, whether it may change things."""

import os
import resource
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from lacuna import wiring
from lacuna.datamap import load
from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna.flows.fulfilment.verification import places
from lacuna.model.approval_rules import BY_SETTING
from lacuna.model.location import REPORTS
from lacuna.model.run import ApprovalMode, Mode, RunScope
from lacuna.model.scrub import ALWAYS, NEVER, ScrubWindow
from lacuna.stores.objects.store_marks import mark_stores
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.database_facts import write_fact
from lacuna.stores.postgres.migrations import migrate
from lacuna.stores.postgres.standing_rules import decide_standing
from lacuna.wiring import (
    CANARY_FACT,
    SAMPLE_FACT,
    open_database,
    open_stores,
    read_settings,
    run_options,
)
from lacuna_demo.sample import REFERENCE_DATE
from tests.helpdesk import EXAMPLE


def build(url: str) -> None:
    migrate(Database(url))


@pytest.fixture
def url(template_database, database, tmp_path, monkeypatch) -> str:
    """A database of Lacuna's own that the environment names, and a home that is not there yet."""
    template_database.register("of_lacuna_alone", build)
    url = database(template="of_lacuna_alone")
    monkeypatch.setenv("LACUNA_DATABASE_URL", url)
    monkeypatch.setenv("LACUNA_HOME", str(tmp_path / "far" / "home"))
    return url


def test_a_platform_of_somebody_is_observed_by_default(url):
    options = run_options("r1")
    assert (options.run_id, options.mode, options.as_of) == ("r1", Mode.OBSERVE, None)
    assert options.approval is ApprovalMode.MANUAL


def test_a_sample_is_acted_on_as_of_its_own_time(url):
    write_fact(Database(url), SAMPLE_FACT, REFERENCE_DATE.isoformat())
    options = run_options("r1")
    assert (options.mode, options.as_of) == (Mode.ACT, REFERENCE_DATE)


@pytest.mark.parametrize(("mode", "is_sample"), [("act", False), ("observe", True)])
def test_a_mode_that_is_set_always_wins(url, monkeypatch, mode, is_sample):
    if is_sample:
        write_fact(Database(url), SAMPLE_FACT, REFERENCE_DATE.isoformat())
    monkeypatch.setenv("LACUNA_MODE", mode)
    assert run_options("r1").mode == mode


def test_a_dry_run_observes_whatever_the_installation_does(url, monkeypatch):
    monkeypatch.setenv("LACUNA_MODE", "act")
    assert run_options("r1", scope=RunScope(is_dry=True)).mode is Mode.OBSERVE
    monkeypatch.setenv("LACUNA_MODE", "observe")
    assert run_options("r1", scope=RunScope()).mode is Mode.OBSERVE


def test_every_setting_of_a_run_reaches_it(url, monkeypatch):
    given = {"BATCH_LIMIT": 7, "MAX_ROWS": 8, "FORGET_AFTER_DAYS": 9, "BUNDLE_DAYS": 10}
    for name, value in given.items():
        monkeypatch.setenv(f"LACUNA_{name}", str(value))
    monkeypatch.setenv("LACUNA_APPROVAL", "auto")
    monkeypatch.setenv("LACUNA_SCRUB_WINDOW", "23:30-04:00")
    decide_standing(Database(url), BY_SETTING, "*", REFERENCE_DATE)
    options = run_options("r1")
    assert options.scrub_window == ScrubWindow.parse("23:30-04:00")
    assert (options.limit, options.max_rows) == (7, 8)
    assert (options.forget_after_days, options.bundle_days) == (9, 10)
    assert options.approval is ApprovalMode.AUTO


def test_plans_that_need_nobody_are_the_owners_decision_and_not_a_workers(url, monkeypatch):
    monkeypatch.setenv("LACUNA_APPROVAL", "auto")
    with pytest.raises(ConfigurationError, match="run lacuna up with the owner's login"):
        run_options("r1")
    decide_standing(Database(url), BY_SETTING, "*", REFERENCE_DATE)
    assert run_options("r1").approval is ApprovalMode.AUTO
    decide_standing(Database(url), BY_SETTING, None, REFERENCE_DATE)
    with pytest.raises(ConfigurationError):
        run_options("r1")


@pytest.mark.parametrize("is_embedded", [True, False])
def test_tables_are_locked_by_default_on_the_embedded_server_alone(
    tmp_path, monkeypatch, is_embedded
):
    monkeypatch.setenv("LACUNA_HOME", str(tmp_path))
    if not is_embedded:
        monkeypatch.setenv("LACUNA_DATABASE_URL", "postgresql+psycopg://db.invalid/platform")
    assert wiring._scrub_window(read_settings()) == (ALWAYS if is_embedded else NEVER)
    monkeypatch.setenv("LACUNA_SCRUB_WINDOW", "23:30-04:00")
    assert wiring._scrub_window(read_settings()) == ScrubWindow.parse("23:30-04:00")


def test_the_canarys_organization_is_that_of_the_setting_or_of_the_database(url, monkeypatch):
    assert run_options("r1").canary_org is None
    write_fact(Database(url), CANARY_FACT, "kanarie")
    assert run_options("r1").canary_org == "kanarie"
    monkeypatch.setenv("LACUNA_CANARY_ORG", "aside")
    assert run_options("r1").canary_org == "aside"


def test_everything_lies_under_a_private_home(url, tmp_path):
    before = os.umask(0o022)
    try:
        stores = open_stores()
        stores.keys.encrypt("0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10", b"x")
        stores.objects["media"]
    finally:
        os.umask(before)
    home = tmp_path / "far" / "home"
    assert stores.home == home
    folders = [home.parent, home, *(path for path in home.rglob("*") if path.is_dir())]
    assert {path.name for path in folders} >= {"far", "home", "keys", "requests", "media"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_certificates_are_kept_for_five_years_unless_a_setting_says_otherwise(url, monkeypatch):
    assert open_stores().certificate_days == 1826
    monkeypatch.setenv("LACUNA_CERTIFICATE_DAYS", "3652")
    assert open_stores().certificate_days == 3652


def test_a_mailbox_in_a_folder_is_the_mail_store_and_a_server_is_not(url, monkeypatch, tmp_path):
    assert open_stores().folder_of("mail") == tmp_path / "far" / "home" / "mail"
    monkeypatch.setenv("LACUNA_MAILBOX", str(tmp_path / "letters"))
    assert open_stores().folder_of("mail") == tmp_path / "letters"
    monkeypatch.setenv("LACUNA_MAILBOX", "imaps://mail.example.org/INBOX")
    assert open_stores().folder_of("mail") == tmp_path / "far" / "home" / "mail"


def test_without_a_url_one_package_has_to_bring_a_server(tmp_path, monkeypatch):
    monkeypatch.delenv("LACUNA_DATABASE_URL", raising=False)
    monkeypatch.setenv("LACUNA_HOME", str(tmp_path))
    monkeypatch.setattr(wiring, "entry_points", lambda group: ())
    with pytest.raises(ConfigurationError, match="0 installed packages provide a PostgreSQL"):
        open_database(read_settings())


def test_without_a_url_the_embedded_server_has_to_run(tmp_path, monkeypatch):
    monkeypatch.setenv("LACUNA_HOME", str(tmp_path))
    monkeypatch.delenv("LACUNA_DATABASE_URL", raising=False)
    with pytest.raises(DependencyUnreachable, match="not running; run lacuna up"):
        open_database(read_settings())
    assert list(Path(tmp_path).iterdir()) == []


def test_run_control_28_no_process_leaves_a_core_dump(url):
    open_stores()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def test_a_map_of_ones_own_needs_tenants_of_ones_own(url, monkeypatch):
    monkeypatch.setenv("LACUNA_DATAMAP", str(EXAMPLE / "datamap.yaml"))
    with pytest.raises(ConfigurationError, match="LACUNA_TENANTS is not set"):
        open_stores()
    monkeypatch.setenv("LACUNA_TENANTS", str(EXAMPLE / "tenants.yaml"))
    assert open_stores().tenants_path == EXAMPLE / "tenants.yaml"


def test_reports_lie_where_the_setting_says(url, tmp_path, monkeypatch):
    (tmp_path / "reports").mkdir()
    monkeypatch.setenv("LACUNA_REPORTING_URL", str(tmp_path / "reports"))
    assert open_stores().folder_of(REPORTS) == tmp_path / "reports"
    monkeypatch.setenv("LACUNA_REPORTING_URL", "s3://figures/lacuna")
    assert open_stores().objects.bucket_address(REPORTS) == "s3://figures/lacuna"
    assert open_stores().objects.bucket_address("media") == ""


def test_an_empty_mount_point_is_not_taken_for_the_reports(url, tmp_path, monkeypatch):
    """Neither by what publishes into it nor by what searches it."""
    monkeypatch.setenv("LACUNA_REPORTING_URL", str(tmp_path / "reports"))
    (tmp_path / "reports").mkdir()
    stores, nothing = open_stores(), replace(load(open_stores().datamap_path), stores={})
    with pytest.raises(DependencyUnreachable, match="lacuna up"):
        stores.objects[REPORTS]
    place = stores.objects.shared_folder(REPORTS)
    assert mark_stores(stores, stores.database, nothing, place) == {REPORTS: "marked"}
    stores.objects[REPORTS].replace("dictionary.md", b"")
    assert list(stores.objects[REPORTS].paths()) == ["dictionary.md"]
    assert reports_of(stores, nothing).is_there

    (tmp_path / "reports").rename(tmp_path / "unmounted")
    (tmp_path / "reports").mkdir()
    stores = open_stores()
    with pytest.raises(DependencyUnreachable, match=r"its file \.lacuna-store"):
        list(stores.objects[REPORTS].paths())
    assert not reports_of(stores, nothing).is_there
    assert mark_stores(stores, stores.database, nothing, place)[REPORTS].startswith("missing")
    assert list((tmp_path / "reports").iterdir()) == []


def test_reports_in_the_home_need_no_mark(url):
    stores = open_stores()
    assert stores.objects.shared_folder(REPORTS) is None
    assert list(stores.objects[REPORTS].paths()) == []
    assert reports_of(stores, replace(load(stores.datamap_path), stores={})).mark is None


def reports_of(stores, datamap):
    """Return the reports as a place that the verifier searches."""
    (found,) = [one for one in places(stores, datamap) if one.name == REPORTS]
    return found


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("far/home/reporting", "in LACUNA_HOME"),
        ("far/home", "in LACUNA_HOME"),
        ("link/keys", "in LACUNA_HOME"),
        ("far", "LACUNA_HOME, where the keys are, is in the folder"),
        ("nowhere", "names no folder"),
    ],
)
def test_reports_lie_neither_beside_the_keys_nor_nowhere(url, tmp_path, monkeypatch, place, said):
    open_stores()
    (tmp_path / "link").symlink_to(tmp_path / "far" / "home")
    monkeypatch.setenv("LACUNA_REPORTING_URL", str(tmp_path / place))
    with pytest.raises(ConfigurationError, match=said):
        open_stores()
