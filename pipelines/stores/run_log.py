"""The step lines of a run: one JSON line a step, kept as evidence beside the ledger."""

import json
import os
import re
from pathlib import Path
from typing import Final

from pipelines.errors import ConfigurationError
from pipelines.model.run import StepLine

_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,199}")


class RunLog:
    """Step lines in `folder/<run_id>.jsonl`, appended and flushed to the disk one by one."""

    def __init__(self, folder: Path) -> None:
        """Make nothing yet; the folder appears with the first line."""
        self._folder = folder

    def path(self, run_id: str) -> Path:
        """Return the file of a run.

        Raises:
            ConfigurationError: the run id could leave the folder.
        """
        if not _RUN_ID.fullmatch(run_id):
            raise ConfigurationError("a run id has letters, digits and . _ : + - only")
        return self._folder / f"{run_id}.jsonl"

    def add(self, run_id: str, line: StepLine) -> None:
        """Append a line durably."""
        path = self.path(run_id)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        document = {
            "step": line.step,
            "outcome": line.outcome,
            "request_id": line.request_id,
            "counts": dict(line.counts),
            "digest": line.digest,
            "seconds": round(line.seconds, 3),
            "is_failure": line.is_failure,
        }
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(document, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def lines_of(self, run_id: str) -> bytes:
        """Return what the file of a run holds now; nothing where there is none."""
        path = self.path(run_id)
        return path.read_bytes() if path.exists() else b""
