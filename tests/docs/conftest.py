"""Fixtures of the documents' tests."""

import pytest

from tests.architecture import rules


@pytest.fixture(scope="package", autouse=True)
def _forgotten():
    yield
    rules.forget()
