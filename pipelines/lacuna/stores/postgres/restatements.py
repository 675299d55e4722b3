"""What restating sealed periods needs, in PostgreSQL, as `ports.Restatements`."""

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from lacuna.model.mart import Cell, Mart, Period
from lacuna.model.restatement import Proposal, Reason, Replacement, RestatementScope, SealedRows
from lacuna.stores.postgres.mart_tables import (
    RELEASE,
    insert_release,
    table_of,
    to_cell,
    value_columns,
)

_FAST = 1  # most of a night is sealing, and hardly any of it is read again


class PostgresRestatements:
    """Sealed rows, proposals and replacements as one transaction sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`; who opened it commits."""
        self._connection = connection

    def keep_rows(self, mart: Mart, org_id: str, period: Period, rows: SealedRows) -> None:
        """They take the place of what was kept before."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.sealed_rows (org_id, mart, period, last_day, content)"
                " values (:org_id, :mart, :period, :last_day, :content)"
                " on conflict (org_id, mart, period) do update set content = excluded.content"
            ),
            {
                "org_id": org_id,
                "mart": mart.name,
                "period": period.label,
                "last_day": period.last,
                "content": _packed(rows),
            },
        )

    def sealed_rows(self, mart: Mart, org_id: str, period: Period) -> SealedRows | None:
        content = self._connection.execute(
            sa.text(
                "select content from lacuna.sealed_rows"
                " where org_id = :org_id and mart = :mart and period = :period"
            ),
            {"org_id": org_id, "mart": mart.name, "period": period.label},
        ).scalar_one_or_none()
        return None if content is None else _unpacked(bytes(content))

    def forget_rows(self, org_id: str, before: date) -> int:
        return self._connection.execute(
            sa.text("delete from lacuna.sealed_rows where org_id = :org_id and last_day < :before"),
            {"org_id": org_id, "before": before},
        ).rowcount

    def propose(self, asked: RestatementScope, proposal: Proposal) -> None:
        """It takes the place of an earlier proposal."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.proposed_restatement (org_id, rule, reason, digest, proposed_at)"
                " values (:org_id, :rule, :reason, :digest, :at) on conflict (org_id, rule)"
                " do update set reason = excluded.reason, digest = excluded.digest,"
                " proposed_at = excluded.proposed_at"
            ),
            {
                "org_id": asked.org_id,
                "rule": proposal.name,
                "reason": str(proposal.reason),
                "digest": proposal.digest,
                "at": proposal.proposed_at,
            },
        )

    def proposals(self) -> Sequence[Proposal]:
        found = self._connection.execute(
            sa.text(
                "select rule, reason, digest, proposed_at from lacuna.proposed_restatement order by 1"
            )
        )
        return [
            Proposal(row.rule, Reason(row.reason), row.digest, row.proposed_at) for row in found
        ]

    def withdraw_proposal(self, org_id: str, name: str) -> None:
        """Forget a proposal: it was carried out, or what it was about is no more."""
        self._connection.execute(
            sa.text(
                "delete from lacuna.proposed_restatement where org_id = :org_id and rule = :rule"
            ),
            {"org_id": org_id, "rule": name},
        )

    def replace(
        self,
        mart: Mart,
        new: Replacement,
        asked: RestatementScope,
        document_digest: str,
        at: datetime,
    ) -> None:
        release = new.release
        place = {"mart": mart.name, "org_id": release.org_id, "period": release.period.label}
        self._connection.execute(
            sa.text(
                "insert into reporting.restatement (mart, org_id, period, version, reason,"
                " replaced_digest, digest, changed_cells, document_digest, restated_at) values (:mart,"
                " :org_id, :period, :version, :reason, :replaced, :digest, :changed, :document, :at)"
            ),
            {
                **place,
                "version": release.version,
                "reason": str(asked.reason),
                "replaced": new.replaced_digest,
                "digest": release.digest,
                "changed": new.changed_cells,
                "document": document_digest,
                "at": at,
            },
        )
        self._keep_cells(mart, new)
        cells = table_of(mart)
        self._connection.execute(
            sa.delete(cells).where(
                cells.c.org_id == release.org_id, cells.c.period == release.period.label
            )
        )
        self._connection.execute(
            sa.delete(RELEASE).where(
                RELEASE.c.mart == mart.name,
                RELEASE.c.org_id == release.org_id,
                RELEASE.c.period == release.period.label,
            )
        )
        insert_release(self._connection, mart, release)

    def _keep_cells(self, mart: Mart, new: Replacement) -> None:
        """Keep the cells that are served now: whoever read them knows them."""
        period, table = new.release.period, table_of(mart)
        found = self._connection.execute(
            sa.select(*(table.c[name] for name in value_columns(mart))).where(
                table.c.org_id == new.release.org_id, table.c.period == period.label
            )
        )
        self._connection.execute(
            sa.text(
                "insert into lacuna.replaced_cells (org_id, mart, period, first_day, last_day, cells)"
                " values (:org_id, :mart, :period, :first, :last, cast(:cells as jsonb))"
            ),
            {
                "org_id": new.release.org_id,
                "mart": mart.name,
                "period": period.label,
                "first": period.first,
                "last": period.last,
                "cells": json.dumps([list(row) for row in found]),
            },
        )

    def replaced_cells(
        self, mart: Mart, org_id: str, since: date, until: date
    ) -> Mapping[str, tuple[Cell, ...]]:
        found = self._connection.execute(
            sa.text(
                "select period, cells from lacuna.replaced_cells where org_id = :org_id"
                " and mart = :mart and last_day >= :since and first_day <= :until"
            ),
            {"org_id": org_id, "mart": mart.name, "since": since, "until": until},
        )
        return {row.period: tuple(to_cell(mart, cell) for cell in row.cells) for row in found}

    def document_digests(self) -> frozenset[str]:
        found = self._connection.execute(
            sa.text("select distinct document_digest from reporting.restatement")
        )
        return frozenset(map(str, found.scalars()))


def _packed(rows: SealedRows) -> bytes:
    """Return rows as compressed columns; groups and days by number, so that they are short."""
    keys = list(dict.fromkeys(rows.keys))
    numbers = {key: number for number, key in enumerate(keys)}
    is_same = list(rows.rows) == list(rows.interactions)
    document = {
        "rows": list(rows.rows),
        "interactions": None if is_same else list(rows.interactions),
        "days": [day.toordinal() for day in rows.days],
        "names": keys,
        "keys": [numbers[key] for key in rows.keys],
        "values": list(zip(*rows.values, strict=True)),
        "known": [int(each) for each in rows.is_known],
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), _FAST)


def _unpacked(content: bytes) -> SealedRows:
    document = json.loads(zlib.decompress(content))
    names = [tuple(name) for name in document["names"]]
    return SealedRows(
        rows=document["rows"],
        interactions=document["interactions"] or document["rows"],
        days=[date.fromordinal(day) for day in document["days"]],
        keys=[names[number] for number in document["keys"]],
        values=list(zip(*document["values"], strict=True)) if document["rows"] else [],
        is_known=[bool(each) for each in document["known"]],
    )
