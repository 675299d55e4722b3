"""How one value changes: pure rules about values, without a database."""

from lacuna.treatment.cells import filled, texts_in
from lacuna.treatment.email_addresses import compared, poses_as_ascii
from lacuna.treatment.json_paths import KeptKeys, kept_keys
from lacuna.treatment.surrogates import SURROGATE_WRITTEN, SurrogateForm, surrogate_form

__all__ = [
    "SURROGATE_WRITTEN",
    "KeptKeys",
    "SurrogateForm",
    "compared",
    "filled",
    "kept_keys",
    "poses_as_ascii",
    "surrogate_form",
    "texts_in",
]
