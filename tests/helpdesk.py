"""The help desk of `tests/datamap/helpdesk`, filled, with any data map of it."""

from __future__ import annotations

from pathlib import Path

from tests.brought import Brought

EXAMPLE = Path(__file__).parent / "datamap" / "helpdesk"
INGRID, OLD = "ingrid.solberg@example.org", "ingrid.s.old@example.org"
# What is Ingrid's alone, as it stands in the seed.
HERS = (
    "ingrid.solberg", OLD, "solberg.private", "Ingrid Solberg", "Storgata", "Tromsø", "55501234",
    "555 01 234", "CRM-INGRID", "192.0.2.4", "2025-03-14",
)  # fmt: skip
FILES = (
    "avatars/101.png", "avatars/103.png", "attachments/701.pdf", "attachments/702.pdf",
    "attachments/703.jpg", "attachments/704.png",
)  # fmt: skip
SCRIPTS = tuple((EXAMPLE / name).read_text("utf-8") for name in ("schema.sql", "seed.sql"))
REPORTING = (EXAMPLE / "reporting.sql").read_text("utf-8")


class HelpDesk(Brought):
    """The help desk, with its files in a store of the map's name."""

    org_id = "shop"
    tenants = ("shop",)

    def __init__(self, url: str, home: Path, datamap: Path, store: str = "files") -> None:
        for file in FILES:
            path = home / store / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"\x89 no text in it\n")
        super().__init__(url, home, (*SCRIPTS, REPORTING), datamap)

    def everything(self) -> dict[str, list[str]]:
        """Return every row as text, by table."""
        tables = self.query(
            "select c.oid::regclass::text from pg_class c "
            "join pg_namespace n on n.oid = relnamespace "
            "where nspname in ('helpdesk', 'helpdesk_ai') and relkind in ('r', 'm') order by 1"
        )
        return {
            table: [row for (row,) in self.query(f"select t::text from {table} t order by 1")]  # noqa: S608
            for (table,) in tables
        }

    def left_of_ingrid(self) -> list[tuple[str, str]]:
        """Return where something of hers stands, and what."""
        return [
            (table, value)
            for table, rows in self.everything().items()
            for row in rows
            for value in HERS
            if value.lower() in row.lower()
        ]
