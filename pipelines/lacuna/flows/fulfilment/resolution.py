"""Finds out who requests are about, and keeps what is known of the person while they are open."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Self

from lacuna.errors import EvidenceBroken, PipelineError, RequestError, UnknownRequest
from lacuna.flows.run.isolation import isolated_in_parts
from lacuna.flows.run.steps import Steps
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.identity import (
    Identifier,
    IdentifierKind,
    IdentityBasis,
    Person,
    Resolution,
    SubjectRef,
    Unfound,
)
from lacuna.model.kinds import of_kind
from lacuna.model.queue import Obstacle, Purpose
from lacuna.model.request import Pause, Request, RequestState
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Desk, Stores, Transaction
from lacuna.request import (
    MOST_CANDIDATES,
    identifiers_of,
    keep_candidates,
    pause,
    record_deadline,
)
from lacuna.subject import (
    PeopleAhead,
    carried_over,
    know,
    pack,
    resolve,
    resolve_identifiers,
    unpack,
)

_ACTOR: Final = "flow:fulfilment"


@dataclass(frozen=True)
class Resolver:
    """Finds the people of the requests of one batch, through one data map."""

    stores: Stores
    options: RunOptions
    datamap: DataMap
    batch_id: str | None = None

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
                planner = self.of(part[0])
            except RequestError as error:
                for request in part:
                    self.fail(request, Obstacle.INTERNAL_ERROR, error, steps)
                continue
            yield planner, part

    def desk(self, transaction: Transaction) -> Desk:
        """Return the desk of this flow in a transaction."""
        return Desk(
            queue=transaction.queue,
            ledger=transaction.ledger,
            keys=self.stores.keys,
            now=self.stores.clock.now(),
            actor=_ACTOR,
            batch_id=self.batch_id,
        )

    def resolve_all(self, requests: Sequence[Request], steps: Steps) -> None:
        """Look up who each received request is about; one that cannot be resolved fails alone."""
        received = [one for one in requests if one.state is RequestState.RECEIVED]
        for planner, part in self.each_kind(received, steps):
            planner._resolve_part(part, steps)

    def _resolve_part(self, received: Sequence[Request], steps: Steps) -> None:
        found: dict[str, Resolution] = {}
        if received:
            # What fails for all together is looked up for each alone, where it fails alone.
            with (
                suppress(PipelineError),
                self.stores.transaction(Role.PLANNER, is_read_only=True) as transaction,
            ):
                found = self.look_up_all(received, transaction)

        nobody: list[Request] = []

        def act(part: Sequence[Request]) -> None:
            with self.stores.transaction(Role.PLANNER) as transaction:
                moved = [
                    self._resolve(
                        one,
                        found.get(one.request_id) or self.look_up(one, transaction),
                        transaction,
                    )
                    for one in part
                ]
            with steps.together():
                for one, is_over in moved:
                    if is_over:
                        nobody.append(one)
                    else:
                        steps.add(one.state, request_id=one.request_id)

        for request, error in isolated_in_parts(received, act):
            self.fail(request, Obstacle.INTERNAL_ERROR, error, steps)
        self.end_about_nobody(nobody, steps)

    def _resolve(
        self, request: Request, resolution: Resolution, transaction: Transaction
    ) -> tuple[Request, bool]:
        """Move a request on; return it, and whether it is about nobody, which ends it."""
        desk = self.desk(transaction)
        queue = desk.queue
        if resolution.unfound is Unfound.AMBIGUOUS:
            moved = queue.move(request, RequestState.AMBIGUOUS, at=desk.now)
            queue.obstruct(moved, Obstacle.AMBIGUOUS)
            self._keep_candidates(moved, resolution.candidates, transaction)
            return moved, False
        if resolution.person is not None:
            self.keep_copy(request, resolution.person, desk)
        if request.verified_by is None:
            # The same answer, whether the person exists or not.
            moved = queue.move(request, RequestState.IDENTITY_PENDING, at=desk.now)
            queue.obstruct(moved, Obstacle.IDENTITY)
            # What is overdue by now was nobody's doubt.
            is_in_time = desk.now <= (moved.alarm_at or moved.due_at)
            return (pause(moved, Pause.IDENTITY, desk) if is_in_time else moved), False
        # Of somebody who came back in files alone there is only what recognized them.
        is_found = resolution.person is not None or (
            request.identity_basis is IdentityBasis.ERASED
            and queue.secret(request.request_id, Purpose.PERSON) is not None
        )
        moved = queue.move(request, RequestState.RESOLVED, at=desk.now)
        desk.record(
            Action.RESOLVED,
            self.datamap.subject.table.location,
            request_id=request.request_id,
            counts=(int(is_found), None),
        )
        return moved, not is_found

    def end_about_nobody(self, requests: Sequence[Request], steps: Steps) -> None:
        """End resolved requests whose people are not there, or have nothing; one that is not so fails.

        The certificate is issued, and the rest forgotten, when the batch is closed.
        """

        def act(part: Sequence[Request]) -> None:
            # That nobody is there is what a search saw: the planner's login cannot say it.
            with self.stores.transaction(Role.VERIFIER) as transaction:
                desk = self.desk(transaction)
                self._look_again(part, transaction)
                desk.queue.move_all(part, RequestState.NOTHING_FOUND, at=desk.now)
                with desk.together() as together:
                    for one in part:
                        record_deadline(one, together)
                        together.record(
                            Action.NOTHING_FOUND, "lacuna.request", request_id=one.request_id
                        )
            with steps.together():
                for one in part:
                    steps.add(RequestState.NOTHING_FOUND, request_id=one.request_id)

        for request, error in isolated_in_parts(requests, act):
            self.fail(request, Obstacle.INTERNAL_ERROR, error, steps)

    def _look_again(self, requests: Sequence[Request], transaction: Transaction) -> None:
        """Refuse to end requests whose identifiers somebody has, or which lack some of them.

        Whoever is known by a working copy was surveyed by it: nothing of theirs is there.

        Raises:
            EvidenceBroken: identifiers were taken away since the request was received.
            RequestError: somebody has them by now.
        """
        received = transaction.ledger.first_rows(
            Action.RECEIVED, [request.request_id for request in requests]
        )
        found = self.look_up_all(requests, transaction)
        desk = self.desk(transaction)
        for request in requests:
            given = len(identifiers_of(request, desk))
            copy = transaction.queue.secret(request.request_id, Purpose.PERSON)
            wanted = received.get(request.request_id)
            if wanted not in (None, given) or not (given or copy):
                raise EvidenceBroken(
                    f"{request.request_id}: {given} of the identifiers that it came with are there; it "
                    "is not ended. Restore lacuna.request_secret from a backup, then run again"
                )
            if copy is None and found[request.request_id].unfound is not Unfound.NOTHING_FOUND:
                raise RequestError(
                    f"{request.request_id}: somebody has its identifiers by now; run again"
                )

    def look_up(self, request: Request, transaction: Transaction) -> Resolution:
        """Return the person whom the request's identifiers mean, or why there is none."""
        desk = self.desk(transaction)
        identifiers = identifiers_of(request, desk)
        return resolve(request, identifiers, transaction.reading(self.of(request).datamap))

    def look_up_all(
        self, requests: Sequence[Request], transaction: Transaction
    ) -> dict[str, Resolution]:
        """Return what `look_up` does, by request; those that cannot be read are left out."""
        desk = self.desk(transaction)
        desk.queue.read_ahead([request.request_id for request in requests])
        given: dict[str, dict[str, tuple[Identifier, ...]]] = defaultdict(dict)
        for request in requests:
            with suppress(EvidenceBroken, UnknownRequest):
                given[request.org_id][request.request_id] = identifiers_of(request, desk)
        reading = transaction.reading(self.datamap)
        found: dict[str, Resolution] = {}
        for org_id, by_request in given.items():
            ahead = PeopleAhead(reading, org_id, frozenset().union(*by_request.values()))
            for request_id, identifiers in by_request.items():
                found[request_id] = resolve_identifiers(request_id, org_id, identifiers, ahead)
        return found

    def _keep_candidates(
        self, request: Request, keys: Sequence[str], transaction: Transaction
    ) -> None:
        """Keep what a person needs who says which of several people is meant."""
        reading = transaction.reading(self.datamap)
        people = []
        for key in keys[:MOST_CANDIDATES]:
            merged = sorted(reading.merged_with(request.org_id, [key]))
            person = know(SubjectRef(request.request_id), request.org_id, merged, reading)
            people.append((key, person, pack(person)))
        keep_candidates(request, people, self.desk(transaction))

    def keep_copy(self, request: Request, person: Person, desk: Desk) -> None:
        """Keep what is known of the person, encrypted, until the request is closed."""
        secret = self.stores.keys.encrypt(request.request_id, pack(person))
        desk.queue.put_secret(request.request_id, Purpose.PERSON, secret)

    def person_of(self, request: Request, transaction: Transaction) -> Person:
        """Return the person as the working copy knows them.

        Raises:
            UnknownRequest: there is no working copy (any more).
        """
        secret = transaction.queue.secret(request.request_id, Purpose.PERSON)
        if secret is None:
            raise UnknownRequest(f"{request.request_id}: no person is known for it (any more)")
        clear = self.stores.keys.decrypt(request.request_id, secret)
        return unpack(SubjectRef(request.request_id), clear)

    def people_of(self, request: Request, transaction: Transaction) -> tuple[Person, ...]:
        """Return the person of a request, or nobody where the working copy cannot be read.

        For looking at several requests at once: one that cannot be read fails when its own
        turn comes, and stops none of the others.
        """
        try:
            return (self.person_of(request, transaction),)
        except (EvidenceBroken, UnknownRequest):
            return ()

    def known_now(
        self, request: Request, resolution: Resolution | None, transaction: Transaction
    ) -> Person | None:
        """Return the person anew: aliases may have come since the request was resolved."""
        copy = transaction.queue.secret(request.request_id, Purpose.PERSON)
        resolution = resolution or self.look_up(request, transaction)
        if resolution.person is not None:
            found = resolution.person
            if copy is not None:
                before = self.person_of(request, transaction)
                found = carried_over(found, before)
                if pack(found) == pack(before):
                    return found
            self.keep_copy(request, found, self.desk(transaction))
            return found
        if copy is not None:
            # A human chose between the candidates, or the identifiers were corrected or erased
            # since: the request stays with the person whom it was found to be about.
            return self._refreshed(self.person_of(request, transaction), request, transaction)
        return None

    def _refreshed(self, person: Person, request: Request, transaction: Transaction) -> Person:
        fresh = resolve(
            request,
            [Identifier(IdentifierKind.CONTACT_ID, key) for key in person.keys],
            transaction.reading(self.datamap),
        )
        if fresh.person is None:
            return person
        found = replace(carried_over(fresh.person, person), held=person.held)
        self.keep_copy(request, found, self.desk(transaction))
        return found

    def fail(
        self, request: Request, obstacle: Obstacle, error: PipelineError, steps: Steps
    ) -> None:
        """Record that a request failed, in the queue and in the run's lines."""
        with self.stores.transaction(Role.PLANNER) as transaction:
            transaction.queue.obstruct(request, obstacle)
        steps.add(type(error).__name__, request_id=request.request_id, error=error)
