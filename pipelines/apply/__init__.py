"""Stage 4, do: texts prepared, rows changed in one transaction, objects after them."""

from pipelines.apply.objects import ObjectWorkshop
from pipelines.apply.rows import apply_rows, intend_rows
from pipelines.apply.texts import PreparedTexts, prepare_texts
from pipelines.apply.work import Work

__all__ = [
    "ObjectWorkshop",
    "PreparedTexts",
    "Work",
    "apply_rows",
    "intend_rows",
    "prepare_texts",
]
