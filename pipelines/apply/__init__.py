"""Stage 4, do: texts prepared, rows changed in one transaction or in portions, objects after."""

from pipelines.apply.approval import require_approved, require_rule_approved
from pipelines.apply.corrections import correct_file, correct_rows, put_file_effects
from pipelines.apply.objects import ObjectWorkshop
from pipelines.apply.parts import parts_of
from pipelines.apply.portions import (
    PortionWorkshop,
    begin_portions,
    divide,
    is_large,
    of_portion,
)
from pipelines.apply.rows import apply_rows, change_rows, intend_rows
from pipelines.apply.texts import PreparedTexts, prepare_texts
from pipelines.apply.work import Work, lacks_profile

__all__ = [
    "ObjectWorkshop",
    "PortionWorkshop",
    "PreparedTexts",
    "Work",
    "apply_rows",
    "begin_portions",
    "change_rows",
    "correct_file",
    "correct_rows",
    "divide",
    "intend_rows",
    "is_large",
    "lacks_profile",
    "of_portion",
    "parts_of",
    "prepare_texts",
    "put_file_effects",
    "require_approved",
    "require_rule_approved",
]
