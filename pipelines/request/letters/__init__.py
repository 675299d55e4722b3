"""Letters to requesters, one module a language."""

from pipelines.request.letters.writing import LETTERHEADS, write_letter

__all__ = ["LETTERHEADS", "write_letter"]
