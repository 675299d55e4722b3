"""Step lines: each step of a run says what it did, in counts and digests."""

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from lacuna.errors import DependencyUnreachable, PipelineError, VerificationFailed
from lacuna.flows.run.isolation import EVERYBODYS
from lacuna.flows.run.step_sentences import LoggedStep
from lacuna.model.queue import FAILURES
from lacuna.model.run import RunOptions, StepLine
from lacuna.ports import Stores
from lacuna.redaction import EngineOptions, engine_parts, models_by_language

logger = logging.getLogger(__name__)


@dataclass
class Steps:
    """Collects the lines of one stage, and writes each to the run's evidence and the log."""

    stores: Stores
    options: RunOptions
    step: str
    lines: list[StepLine] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    errors: list[PipelineError] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)
    _waiting: list[StepLine] | None = None

    def add(
        self,
        outcome: str,
        *,
        request_id: str | None = None,
        counts: Mapping[str, int] | None = None,
        digest: str | None = None,
        error: PipelineError | None = None,
    ) -> None:
        """Add a line; its seconds count from the line before.

        Args:
            error: makes the line a failure. Our own messages hold no row's value.
        """
        now = time.monotonic()
        line = StepLine(
            step=self.step,
            outcome=outcome,
            request_id=request_id,
            counts=tuple(sorted((counts or {}).items())),
            digest=digest,
            seconds=now - self._since,
            is_failure=error is not None or outcome in FAILURES,
            at=self.stores.clock.now(),
            task=self.options.task,
            reason="" if error is None else str(error),
        )
        self._since = now
        if error is not None:
            self.messages.append(str(error))
            self.errors.append(error)
        self.lines.append(line)
        if self._waiting is None:
            self.stores.run_log.add(self.options.run_id, line)
        else:
            self._waiting.append(line)
        logged = LoggedStep(line, "" if error is None else error.what_to_do())
        logger.log(logging.WARNING if line.is_failure else logging.INFO, logged)

    def fail(self, error: PipelineError) -> None:
        """Add a line about a part that failed, where others go on.

        Raises:
            DatabaseUnreachable, FlowHeld, LedgerHeld: the error itself, where no part can go on.
        """
        if isinstance(error, EVERYBODYS):
            raise error
        self.add(type(error).__name__, error=error)

    def failed(self, what: str) -> PipelineError:
        """Return the error of a run of which parts failed; an outage where nothing else failed."""
        is_outage = all(isinstance(one, DependencyUnreachable) for one in self.errors)
        kind = DependencyUnreachable if is_outage and self.errors else VerificationFailed
        return kind(f"{self.failures} {what}: {(self.messages or ['see its lines'])[0]}")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write the lines that are added in the block at its end, all at once."""
        self._waiting = []
        try:
            yield
        finally:
            waiting, self._waiting = self._waiting, None
            self.stores.run_log.add(self.options.run_id, *waiting)

    def add_unmodelled(self, texts: Mapping[str, int]) -> None:
        """Add a line about texts in languages whose names no model finds; none if there are none.

        Args:
            texts: how many, by language.
        """
        if texts:
            self.add("read_without_model", counts=texts)

    def add_engine(self, engine: EngineOptions) -> None:
        """Add a line about what reads texts: the model of each language, the digest of all parts.

        Raises:
            ConfigurationError: a model is not installed.
        """
        reading = models_by_language(engine).items()
        models = ",".join(f"{language}:{name}" for language, name in reading if name is not None)
        parts = "\n".join(engine_parts(engine))
        self.add(models, digest=hashlib.sha256(parts.encode()).hexdigest())

    @property
    def failures(self) -> int:
        """How many lines say that something failed."""
        return sum(line.is_failure for line in self.lines)
