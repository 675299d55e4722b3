"""The batch at work: what its stages share."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from lacuna.errors import PipelineError, RequestError
from lacuna.flows.run.isolation import EVERYBODYS
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.run.steps import Steps
from lacuna.model.datamap import DataMap
from lacuna.model.person_kinds import of_kind
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Desk, Stores, Transaction
from lacuna.redaction import EngineOptions, engine_options


@dataclass(frozen=True)
class Batch:
    """The requests that one run works on, with everything that working on them takes.

    Attributes:
        id: None outside a run, for a command that looks at requests.
        flow: whose run it is, as the ledger names who acts.
        engine: how texts are redacted, the same from an approval's check to the last text.
        is_dry: nothing that is found out is kept, and nobody is told.
    """

    stores: Stores
    options: RunOptions
    datamap: DataMap
    id: str | None = None
    engine: EngineOptions = field(default_factory=EngineOptions)
    is_dry: bool = False
    flow: str = field(kw_only=True)

    @classmethod
    def open(
        cls, stores: Stores, options: RunOptions, batch_id: str | None = None, *, flow: str
    ) -> Self:
        """Return a batch of a flow, with the data map checked against the live schema.

        Raises:
            ConfigurationError, DataMapDrift: as `open_datamap`, and a recognizer that the
                installation adds is broken, or a model that it names cannot read the language.
        """
        datamap = open_datamap(stores)
        engine = engine_options(
            stores.recognizers_path,
            models=stores.redaction_models,
            encoder=stores.redaction_encoder,
        )
        return cls(stores, options, datamap, batch_id, engine, flow=flow)

    def requests(self) -> list[Request]:
        """Return the requests that were claimed for the batch, as they are now."""
        if self.id is None:
            return []
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.requests.of_batch(self.id)

    def of(self, request: Request) -> Self:
        """Return the same with the data map as it is for the kind of a request's person.

        Raises:
            RequestError: the map has no such kind (any more).
        """
        view = of_kind(self.datamap, request.person_kind)
        return self if view.kind == self.datamap.kind else replace(self, datamap=view)

    def each_kind(
        self, requests: Iterable[Request], steps: Steps
    ) -> Iterator[tuple[Self, list[Request]]]:
        """Yield the requests about one kind of people after another, with their own view of the map.

        Those about a kind that the map has not fail.
        """
        by_kind: dict[str, list[Request]] = defaultdict(list)
        for request in requests:
            by_kind[request.person_kind].append(request)
        for part in by_kind.values():
            try:
                batch = self.of(part[0])
            except RequestError as error:
                for request in part:
                    self.fail(request, Obstacle.INTERNAL_ERROR, error, steps)
                continue
            yield batch, part

    def desk(self, transaction: Transaction) -> Desk:
        """Return the desk of the batch's flow in a transaction."""
        return Desk(
            queue=transaction.queue,
            ledger=transaction.ledger,
            keys=self.stores.keys,
            now=self.stores.clock.now(),
            actor=f"flow:{self.flow}",
            batch_id=self.id,
            kept_rights=self.stores.kept_rights,
        )

    def fail(
        self, request: Request, obstacle: Obstacle, error: PipelineError, steps: Steps
    ) -> None:
        """Record that a request failed, in the queue and in the run's lines.

        Raises:
            DatabaseUnreachable, FlowHeld, LedgerHeld: the error itself, where it is nobody's own.
        """
        if isinstance(error, EVERYBODYS):
            raise error
        with self.stores.transaction(Role.PLANNER) as transaction:
            transaction.queue.requests.obstruct(request, obstacle)
        steps.add(type(error).__name__, request_id=request.request_id, error=error)
