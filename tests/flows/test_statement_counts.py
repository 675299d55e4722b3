"""What a night asks of the database grows with its parts, not with its requests."""

from __future__ import annotations

from sqlalchemy import event

from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from tests.flows.test_chunks import Night


def statements_of(night: Night, people: int) -> dict[str, int]:
    """Return how many statements each stage sends for that many erasures in one part."""
    counts: dict[str, int] = {}
    stage = "claim"

    def count(*_: object) -> None:
        counts[stage] = counts.get(stage, 0) + 1

    ids = [
        night.submit(IdentifierKind.EMAIL, f"person.{number}@example.org")
        for number in range(10, 10 + people)
    ]
    engine = night.stores.database.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        for stage in ("claim", "resolve_and_plan", "apply", "verify", "close"):
            night.go(stage)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert {night.state(one) for one in ids} == {RequestState.COMPLETED}
    return counts


def test_more_requests_in_a_part_take_no_more_statements(database, lacuna_home) -> None:
    few = statements_of(Night(database("lacuna"), lacuna_home / "few"), 3)
    many = statements_of(Night(database("lacuna"), lacuna_home / "many"), 24)
    assert many == few
