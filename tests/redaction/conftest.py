"""The engine of the redaction tests: its model is loaded once per session."""

import pytest

from lacuna.redaction import EngineOptions
from lacuna.redaction.analysis.analyzer import Analyzer, shared_analyzer


@pytest.fixture(scope="session")
def options() -> EngineOptions:
    return EngineOptions()


@pytest.fixture(scope="session")
def analyzer(options: EngineOptions) -> Analyzer:
    return shared_analyzer(options)
