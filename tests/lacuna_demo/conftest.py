"""One platform for all tests that only read it."""

from pathlib import Path

import pytest

from lacuna_demo.sample import SampleOptions, SamplePlatform, generate

DIALOGUES = Path(__file__).with_name("dialogues_small.jsonl")


@pytest.fixture(scope="package")
def platform() -> SamplePlatform:
    """The platform as `lacuna sample load` makes it without options."""
    return generate(SampleOptions())


@pytest.fixture(scope="package")
def small() -> SamplePlatform:
    """A platform small enough to search every row for everybody."""
    return generate(SampleOptions(contacts=150, conversations=700, seed=11))


@pytest.fixture(scope="package")
def spoken() -> SamplePlatform:
    """A platform whose chats, mails and calls are dialogues that people wrote."""
    return generate(SampleOptions(contacts=100, conversations=500, seed=3, dialogues=DIALOGUES))
