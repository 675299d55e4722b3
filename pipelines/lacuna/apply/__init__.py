"""Stage 4, do: texts prepared, rows changed in one transaction or in portions, objects after."""

from lacuna.apply.approval import require_approved, require_rule_approved
from lacuna.apply.corrections import correct_file
from lacuna.apply.emptied_files import with_emptied_files
from lacuna.apply.night_parts import parts_of
from lacuna.apply.objects import ObjectWorkshop
from lacuna.apply.portions import (
    PortionWorkshop,
    begin_portions,
    divide,
    is_large,
    of_portion,
)
from lacuna.apply.rectification import corrector_of, rectify
from lacuna.apply.restriction import kept_right, restrict
from lacuna.apply.rows import apply_rows, change_rows, intend_rows
from lacuna.apply.step_modules import require_modules
from lacuna.apply.texts import PreparedTexts, UnchangedTexts, prepare_texts
from lacuna.apply.work import Work

__all__ = [
    "ObjectWorkshop",
    "PortionWorkshop",
    "PreparedTexts",
    "UnchangedTexts",
    "Work",
    "apply_rows",
    "begin_portions",
    "change_rows",
    "correct_file",
    "corrector_of",
    "divide",
    "intend_rows",
    "is_large",
    "kept_right",
    "of_portion",
    "parts_of",
    "prepare_texts",
    "rectify",
    "require_approved",
    "require_modules",
    "require_rule_approved",
    "restrict",
    "with_emptied_files",
]
