"""What verification found."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lacuna.model.finding import Finding, Gate, Verification
from lacuna.model.identity import ValueClass
from lacuna.model.request import Request
from lacuna.model.scrub import ReachedLevel
from lacuna.model.searched_places import OwnRowsSearched, SearchedPlaces, ValuesSought
from lacuna.stores.postgres.queue.queue_part import Connected


class Results(Connected):
    """What verification found."""

    def put_all(self, results: Sequence[tuple[Request, Verification]], at: datetime) -> None:
        if not results:
            return
        self._connection.execute(
            sa.text(
                "insert into lacuna.verification "
                "(request_id, attempt, verified_at, passed, result) values "
                "(:id, :attempt, :at, :passed, cast(:result as jsonb))"
            ),
            [
                {
                    "id": request.request_id,
                    "attempt": request.attempt,
                    "at": at,
                    "passed": result.passed,
                    "result": _document(result),
                }
                for request, result in results
            ],
        )

    def seen(self, request_ids: Collection[str]) -> frozenset[str]:
        return frozenset(
            self._connection.execute(
                sa.text(
                    "select distinct request_id::text from lacuna.verification "
                    "where request_id = any(cast(:ids as uuid[]))"
                ),
                {"ids": list(request_ids)},
            ).scalars()
        )

    def get(self, request_id: str) -> Verification | None:
        return self.get_all([request_id]).get(request_id)

    def get_all(self, request_ids: Collection[str]) -> Mapping[str, Verification]:
        found = self._connection.execute(
            sa.text(
                "select distinct on (request_id) request_id::text, result "
                "from lacuna.verification where request_id = any(cast(:ids as uuid[])) "
                # Not by time alone: a clock may have been put back.
                "order by request_id, attempt desc, verified_at desc"
            ),
            {"ids": list(request_ids)},
        )
        return {request_id: verification_of(request_id, result) for request_id, result in found}


def _document(result: Verification) -> str:
    return json.dumps(
        {
            "gates": [str(gate) for gate in result.gates],
            "findings": [
                {"gate": str(one.gate), "location": one.location, "count": one.count}
                for one in result.findings
            ],
            "opaque": list(result.opaque),
            "unnamed": list(result.unnamed),
            "searched": result.searched,
            "levels": [asdict(level) for level in result.levels],
            "values": [asdict(each) for each in result.values],
            "written": [list(each) for each in result.written],
            "places": None if result.places is None else asdict(result.places),
        },
        sort_keys=True,
    )


def verification_of(request_id: str, document: Mapping[str, Any]) -> Verification:
    """Return the result of the gates about a request, as it was kept."""
    return Verification(
        request_id=request_id,
        gates=tuple(Gate(gate) for gate in document["gates"]),
        findings=tuple(
            Finding(Gate(one["gate"]), one["location"], one["count"])
            for one in document["findings"]
        ),
        opaque=tuple(document["opaque"]),
        searched=document["searched"],
        levels=tuple(ReachedLevel(**one) for one in document.get("levels", ())),
        unnamed=tuple(document.get("unnamed", ())),
        values=tuple(
            ValuesSought(
                ValueClass(each["value_class"]),
                each["everywhere"],
                each["own_rows"],
                each.get("left", 0),
            )
            for each in document.get("values", ())
        ),
        written=tuple((where, count) for where, count in document.get("written", ())),
        places=None if (places := document.get("places")) is None else _places(places),
    )


def _places(document: Mapping[str, Any]) -> SearchedPlaces:
    own_rows = tuple(
        OwnRowsSearched(**{**each, "value_class": ValueClass(each["value_class"])})
        for each in document["own_rows"]
    )
    return SearchedPlaces(**{**document, "own_rows": own_rows})
