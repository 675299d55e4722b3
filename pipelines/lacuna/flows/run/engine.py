"""The redaction engine as an installation has set it up."""

from lacuna.ports import Stores
from lacuna.redaction import EngineOptions, engine_options


def engine_of(stores: Stores) -> EngineOptions:
    """Return the engine's options, with the recognizers that the installation adds.

    Raises:
        ConfigurationError: one of them is broken; names it.
    """
    return engine_options(stores.recognizers_path)
