"""A contact center in PostgreSQL for the tests of reporting: people, conversations, calls, ratings.

Rows come from a seed. Only what the marts read is filled in.
"""

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import psycopg
from psycopg import sql

from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform, migrate
from tests.officers import register
from tests.standing import let_approve

ORGS = ("fjord", "hafen")
QUEUES = ("billing", "delivery", "orders", "returns", "signup", "(other)")
CHANNELS = ("phone", "email", "chat", "sms")
SHARES = (0.4, 0.35, 0.2, 0.05)
AGENTS = 8
FIRST_DAY = date(2026, 10, 5)  # a Monday
MIDNIGHT = time(0, tzinfo=UTC)


def plain(url: str) -> str:
    """Return the URL as psycopg takes it."""
    return url.replace("postgresql+psycopg", "postgresql", 1)


def prepare(url: str) -> None:
    """Make the schemas, the roles, two tenants and their queues."""
    database = Database(url)
    with psycopg.connect(plain(url)) as connection:
        connection.execute((SQL_FOLDER / "contact_center" / "schema.sql").read_text("utf-8"))
        for number, org_id in enumerate(ORGS):
            connection.execute(
                "insert into contact_center.organizations values "
                "(%s, %s, %s, 'DK', 'controller', '2026-01-01Z')",
                [org_id, org_id.title(), org_id],
            )
            connection.execute(
                "insert into contact_center.teams values (%s, %s, 'Team')", [number + 1, org_id]
            )
            for agent in range(AGENTS):
                name = f"Agent {agent}"
                connection.execute(
                    "insert into contact_center.agents (agent_id, org_id, team_id, display_name,"
                    " first_name, last_name, email, signature, created_at) values"
                    " (%s, %s, %s, %s, %s, '-', %s, '-', '2026-01-01Z')",
                    [number * AGENTS + agent + 1, org_id, number + 1, name, name,
                     f"agent{agent}@{org_id}.example.org"],
                )  # fmt: skip
            for position, name in enumerate(QUEUES):
                connection.execute(
                    "insert into contact_center.queues values (%s, %s, %s, %s, 60, '2026-01-01Z')",
                    [queue_id(org_id, name), org_id, number + 1, name],
                )
                assert position < 100
    migrate(database)
    grant_platform(database, ("contact_center",))
    let_approve(database)
    register(database)
    database.engine.dispose()


def queue_id(org_id: str, name: str) -> int:
    """Return a queue's key."""
    return ORGS.index(org_id) * 100 + QUEUES.index(name) + 1


def _choice(call: int) -> tuple[str | None, int]:
    """Return what the caller chose about a recording, and how long it is: some of everything."""
    action = ("caller_opted_in", "caller_opted_out", "timeout", "caller_opted_in", None)[call % 5]
    return action, 30 if action == "caller_opted_in" else 0


@dataclass(frozen=True)
class Talk:
    """One conversation to insert; what is not given is what most have."""

    contact: str | None
    day: date
    channel: str = "email"
    queue: str = "billing"
    org_id: str = "fjord"
    second: int = 3600
    handle_s: int | None = 120
    answered_after_s: int | None = 30
    direction: str = "inbound"
    is_abandoned: bool = False
    score: int | None = None
    rated_on: date | None = None

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.day, MIDNIGHT) + timedelta(seconds=self.second)


@dataclass
class Centre:
    """Writes rows as the platform does."""

    url: str
    _numbers: dict[str, int] = field(default_factory=dict)

    def add_contacts(self, count: int, org_id: str = "fjord") -> list[str]:
        """Insert contacts and return their keys."""
        first = self._take("contact", count)
        keys = [str(uuid.UUID(int=(1 << 100) + first + number)) for number in range(count)]
        self._copy(
            "contacts",
            ("contact_id", "org_id", "display_name", "created_at"),
            [(key, org_id, f"Person {key[-6:]}", "2026-01-01T00:00:00Z") for key in keys],
        )
        return keys

    def add_talks(self, talks: Sequence[Talk]) -> list[int]:
        """Insert conversations with their calls and ratings; return their keys."""
        first = self._take("conversation", len(talks))
        rated_first = self._take("rating", len(talks))
        conversations, calls, ratings = [], [], []
        for number, talk in enumerate(talks, start=first):
            answered = (
                None
                if talk.answered_after_s is None or talk.is_abandoned
                else talk.begins_at + timedelta(seconds=talk.answered_after_s)
            )
            closed = talk.begins_at + timedelta(hours=1)
            conversations.append(
                (
                    number, talk.org_id, talk.contact, talk.channel, talk.direction, "closed",
                    queue_id(talk.org_id, talk.queue), talk.begins_at, talk.begins_at, answered,
                    closed, closed, None if talk.is_abandoned else talk.handle_s,
                    ORGS.index(talk.org_id) * AGENTS + number % AGENTS + 1,
                )
            )  # fmt: skip
            if talk.channel == "phone":
                calls.append(
                    (
                        number, talk.org_id, number, talk.direction, talk.begins_at, 60, 1, 0, 30, 5,
                        "abandoned" if talk.is_abandoned else "completed", "never", *_choice(number),
                    )
                )  # fmt: skip
            if talk.score is not None:
                rated = datetime.combine(talk.rated_on or talk.day, MIDNIGHT) + timedelta(hours=20)
                ratings.append(
                    (
                        rated_first + number - first, talk.org_id, number, talk.contact, "csat",
                        talk.score, "rated", closed, max(rated, closed),
                    )
                )  # fmt: skip
        self._copy(
            "conversations",
            (
                "conversation_id", "org_id", "requester_id", "channel", "direction", "state",
                "queue_id", "created_at", "queued_at", "first_response_at", "closed_at",
                "updated_at", "handling_duration_s", "assignee_id",
            ),
            conversations,
        )  # fmt: skip
        self._copy(
            "calls",
            (
                "call_id", "org_id", "conversation_id", "direction", "started_at", "duration_s",
                "wait_s", "hold_s", "talk_s", "wrapup_s", "completion_status",
                "call_recording_consent", "call_recording_consent_action", "recording_time_s",
            ),
            calls,
        )  # fmt: skip
        self._copy(
            "ratings",
            (
                "rating_id", "org_id", "conversation_id", "requester_id", "type", "score",
                "status", "offered_at", "rated_at",
            ),
            ratings,
        )  # fmt: skip
        return list(range(first, first + len(talks)))

    def fill(
        self, days: int, a_day: int, contacts: int, seed: int = 7, abandoned: float = 0.12
    ) -> None:
        """Insert whole days of conversations of both tenants."""
        draw = random.Random(seed)
        for org_id in ORGS:
            people = self.add_contacts(contacts, org_id)
            talks = [
                self.draw_talk(draw, org_id, FIRST_DAY + timedelta(days=day), people, abandoned)
                for day in range(days)
                for _ in range(int(a_day * draw.uniform(0.9, 1.1)))
            ]
            self.add_talks(talks)

    def draw_talk(
        self,
        draw: random.Random,
        org_id: str,
        day: date,
        people: list[str],
        abandoned: float = 0.12,
    ) -> Talk:
        """Draw one conversation."""
        channel = draw.choices(CHANNELS, SHARES)[0]
        queue = draw.choices(QUEUES[:5], [8, 5, 3, 2, 1])[0]
        return Talk(
            contact=draw.choice(people),
            day=day,
            channel=channel,
            queue=queue,
            org_id=org_id,
            second=draw.randrange(68_000),  # rated on the same day
            handle_s=draw.randrange(30, 900),
            answered_after_s=draw.randrange(10, 4000) if draw.random() < 0.95 else None,
            is_abandoned=channel == "phone" and draw.random() < abandoned,
            score=draw.choices((None, 1, 2, 3, 4, 5), (70, 2, 3, 5, 8, 12))[0],
        )

    def erase(self, contacts: Iterable[str]) -> None:
        """Cut the links of people as an erasure does: interactions stay, point at nobody."""
        keys = list(contacts)
        with psycopg.connect(plain(self.url)) as connection:
            for table in ("conversations", "ratings"):
                connection.execute(
                    sql.SQL(
                        "update {} set requester_id = null where requester_id = any(%s::uuid[])"
                    ).format(sql.Identifier("contact_center", table)),
                    [keys],
                )
            connection.execute(
                "update contact_center.contacts set display_name = null, anonymized_at = now() "
                "where contact_id = any(%s::uuid[])",
                [keys],
            )

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[tuple]:
        """Run one statement as the owner and return its rows, if it has any."""
        with psycopg.connect(plain(self.url)) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def _take(self, kind: str, count: int) -> int:
        first = self._numbers.get(kind, 0) + 1
        self._numbers[kind] = first + count - 1
        return first

    def _copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        with psycopg.connect(plain(self.url)) as connection, connection.cursor() as cursor:
            statement = sql.SQL("copy {} ({}) from stdin").format(
                sql.Identifier("contact_center", table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
            )
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)


def restrict(centre: Centre, contact_id: str, org_id: str = "fjord") -> None:
    """Restrict the processing of one person, as a request does."""
    centre.execute(
        "insert into lacuna.request (request_id, org_id, kinds, level, received_at, due_at, created_at)"
        " values (gen_random_uuid(), %s, '{restriction}', 'contact', now(), now(), now())",
        [org_id],
    )
    centre.execute(
        "insert into lacuna.restriction select org_id, %s, 'restriction', request_id, now()"
        " from lacuna.request",
        [contact_id],
    )
