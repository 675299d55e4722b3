"""Same seed, same bytes; another seed, another platform."""

import hashlib
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from lacuna.errors import ConfigurationError
from lacuna_demo.sample import SampleOptions, SamplePerson, SamplePlatform, generate

SIZES = {"contacts": 80, "conversations": 300}


def digest(platform: SamplePlatform) -> str:
    """Return one digest of all rows, files and ground truth."""
    total = hashlib.sha256()
    for table, rows in (*platform.tables.items(), ("late", platform.late_export)):
        total.update(repr((table, rows.columns)).encode())
        for row in rows.rows:
            total.update(repr(row).encode())
    for file in platform.files:
        total.update(repr((file.store, file.path)).encode() + file.content)
    for person in platform.people.values():
        values = [getattr(person, field.name) for field in fields(SamplePerson)]
        ordered = [sorted(one) if isinstance(one, frozenset) else one for one in values]
        total.update(repr(ordered).encode())
    rest = (platform.mentions, platform.shared, platform.demo, dict(platform.traps), platform.woven)
    total.update(repr(rest).encode())
    return total.hexdigest()


@pytest.mark.thorough
def test_the_same_seed_gives_the_same_bytes_twice_in_one_process() -> None:
    options = SampleOptions(**SIZES)
    assert digest(generate(options)) == digest(generate(options))


@pytest.mark.thorough
@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_same_seed_gives_the_same_bytes_in_another_process(hash_seed: str) -> None:
    here = Path(__file__).parent
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_determinism as t;"
        "sys.stdout.write(t.digest(t.generate(t.SampleOptions(**t.SIZES))))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(here)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        cwd=here.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == digest(generate(SampleOptions(**SIZES)))


@pytest.mark.thorough
def test_files_are_made_anew_with_the_same_bytes(small: SamplePlatform) -> None:
    assert [file.content for file in small.files] == [file.content for file in small.files]


def test_another_seed_gives_other_people() -> None:
    one, other = (generate(SampleOptions(**SIZES, seed=seed)) for seed in (1, 2))
    assert not set(one.people) & set(other.people)


@pytest.mark.parametrize(
    "seed",
    [20, 21, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(22, 32))],
)
def test_every_seed_plants_every_trap_even_in_the_smallest_platform(seed: int) -> None:
    platform = generate(SampleOptions(contacts=60, conversations=240, seed=seed))
    assert {number for number, count in platform.traps.items() if count < 1} == set()


@pytest.mark.parametrize(("contacts", "conversations"), [(59, 240), (60, 239), (0, 0)])
def test_a_platform_too_small_for_the_traps_is_refused(contacts: int, conversations: int) -> None:
    with pytest.raises(ConfigurationError, match="every trap needs at least"):
        SampleOptions(contacts=contacts, conversations=conversations)


def test_sizes_are_those_asked_for(platform: SamplePlatform) -> None:
    assert len(platform.tables["contact_center.contacts"].rows) == 1_000
    assert len(platform.tables["contact_center.conversations"].rows) == 6_000
