"""What recognizes the erased is taken away, so that whoever comes back is nobody."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.flows import sweep
from tests.flows.observation import quiet_people
from tests.media_stores import empty


class Later:
    """A clock that is some days ahead."""

    def __init__(self, days: int) -> None:
        self.days = days

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.days)


@pytest.fixture(scope="module")
def erased_once(reaching):
    def reach(attacked):
        empty(attacked.stores.home / "mail")
        ids = attacked.erase(*quiet_people(attacked.platform)[:2])
        assert attacked.run(sweep) is None
        return sorted(ids)

    return reaching("erased", reach)


@pytest.fixture
def erased(erased_once):
    return erased_once.said


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("gone", "count"), [("all", 2), ("one", 1), ("its folder empty", 2)], ids=str
)
def test_a_sweep_is_red_while_somebody_erased_would_not_be_recognized(
    attacked, erased, gone, count
):
    folder = attacked.stores.home / "keys" / "erased"
    away = folder.with_name("away")
    shutil.copytree(folder, away)
    if gone == "one":
        for path in folder.glob(f"{erased[0]}.*"):
            path.unlink()
    else:
        shutil.rmtree(folder)
    if gone == "its folder empty":
        folder.mkdir(mode=0o700)
    assert f"{count} of 2 records that recognize erased people are gone" in str(attacked.run(sweep))
    shutil.copytree(away, folder, dirs_exist_ok=True)
    assert attacked.run(sweep) is None


@pytest.mark.thorough
def test_what_went_with_the_oldest_backup_is_not_missed(attacked, erased):
    attacked.stores = replace(attacked.stores, clock=Later(36))
    assert attacked.run(sweep) is None
    assert not list((attacked.stores.home / "keys" / "erased").iterdir())
    assert attacked.run(sweep) is None
