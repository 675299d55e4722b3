"""How one value changes: pure rules about values, without a database."""

from lacuna.treatment.cells import filled, texts_in
from lacuna.treatment.email_addresses import compared, poses_as_ascii
from lacuna.treatment.file_kinds import JSON, FileText, format_of, text_file
from lacuna.treatment.json_paths import KeptKeys, kept_keys
from lacuna.treatment.surrogates import SURROGATE_WRITTEN, SurrogateForm, surrogate_form

__all__ = [
    "JSON",
    "SURROGATE_WRITTEN",
    "FileText",
    "KeptKeys",
    "SurrogateForm",
    "compared",
    "filled",
    "format_of",
    "kept_keys",
    "poses_as_ascii",
    "surrogate_form",
    "text_file",
    "texts_in",
]
