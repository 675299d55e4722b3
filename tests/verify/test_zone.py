"""The reporting zone as it lies there: what must not be in the schema or in the files."""

import io
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.model.mart import Audit, Cell, Period, PeriodKind, Release
from lacuna.reporting import marts
from lacuna.reporting.release import cells_digest, path_of, to_parquet
from lacuna.stores.objects.folder import FolderObjects
from lacuna.verify import check_columns, check_files, check_texts

VOLUME = marts()[0]
KNOWN = {"volume_daily", "release"}


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("volume_daily", "longest_handle_s", "bigint"),
        ("volume_daily", "min_wait", "bigint"),
        ("volume_daily", "last_at", "timestamp with time zone"),
        ("volume_daily", "started", "timestamp with time zone"),
        ("volume_daily", "contact_id", "text"),
        ("volume_daily", "comments", "text[]"),
        ("volume_daily", "details", "jsonb"),
        ("volume_daily", "key", "uuid"),
        ("volume_by_queue", "n", "bigint"),
    ],
)
def test_a_column_that_a_mart_must_not_have_is_found(table, column, kind):
    (finding,) = check_columns([(table, column, kind)], KNOWN)
    assert finding.location.startswith(f"reporting.{table}")


def test_what_the_marts_have_is_none_of_that():
    columns = [
        ("volume_daily", "channel", "text"),
        ("volume_daily", "first_day", "date"),
        ("volume_daily", "handle_s_sum", "bigint"),
        ("volume_daily", "is_merged", "boolean"),
        ("release", "sealed_at", "timestamp with time zone"),
    ]
    assert check_columns(columns, KNOWN) == ()


@pytest.mark.parametrize(
    "text",
    [
        "canary-7f3a@example.org",
        "+45 20 12 34 56",
        "3f2b8a52-1111-4222-8333-123456789abc",
        "rang at 10:45",
        "I would like to know why my order has not arrived although I paid for it weeks ago",
    ],
)
def test_a_text_that_is_no_name_is_found_and_not_repeated(text):
    (finding,) = check_texts({("csat_weekly", "channel"): ["email", text]})
    assert (finding.location, finding.count) == ("reporting.csat_weekly.channel", 1)
    assert text not in repr(finding)


def test_names_bands_and_periods_are_no_finding():
    texts = ["email", "(other)", "billing 2", "000060-000300", "259200-", "2026-W41", "2026-10"]
    texts += [
        "0123456789" * 6 + "abcd",
        "2026-10-05",
        "2026-10-05--2026-10-07",
        "2026-W41--2026-W44",
    ]
    assert check_texts({("volume_daily", "queue"): texts}) == ()


@pytest.fixture
def objects(tmp_path):
    return FolderObjects("reporting", tmp_path)


def sealed_release(key=("email", "billing")):
    cells = (Cell(key, (14, 100, 12, 0, 0, None, None)), Cell(("email", "(other)"), (20, *[1] * 6)))
    period = Period(PeriodKind.DAY, date(2026, 10, 5), date(2026, 10, 5))
    return Release(
        mart="volume_daily",
        org_id="fjord",
        period=period,
        policy_version="2",
        sealed_at=datetime(2026, 10, 9, tzinfo=UTC),
        digest=cells_digest(VOLUME, "fjord", period.label, cells),
        audit=Audit(34, 14, 2, 0),
        cells=cells,
    )


def test_a_file_of_sealed_cells_passes(objects):
    release = sealed_release()
    objects.replace(path_of(release), to_parquet(VOLUME, release))
    assert check_files(objects, {"volume_daily"}, {release.digest}) == ()


def test_a_file_that_the_ledger_does_not_know_is_found(objects):
    release = sealed_release()
    objects.replace(path_of(release), to_parquet(VOLUME, release))
    (finding,) = check_files(objects, {"volume_daily"}, {"0" * 64})
    assert finding.location == "file:reporting/volume_daily"


def test_a_file_whose_cells_were_changed_is_found(objects):
    release = sealed_release()
    table = pq.read_table(io.BytesIO(to_parquet(VOLUME, release)))
    place = table.column_names.index("n")
    changed = table.set_column(place, table.schema.field("n"), pa.array([13, 20], pa.int64()))
    sink = io.BytesIO()
    pq.write_table(changed, sink)
    objects.replace(path_of(release), sink.getvalue())
    assert len(check_files(objects, {"volume_daily"}, {release.digest})) == 1


def test_an_address_in_a_sealed_file_is_found(objects):
    release = sealed_release(("email", "canary-7f3a@example.org"))
    objects.replace(path_of(release), to_parquet(VOLUME, release))
    assert len(check_files(objects, {"volume_daily"}, {release.digest})) == 1


def test_a_clock_time_in_a_file_is_found(objects):
    sink = io.BytesIO()
    moments = pa.array([datetime(2026, 10, 5, 10, 45, tzinfo=UTC)])
    pq.write_table(pa.table({"started_at": moments}), sink)
    objects.replace("volume_daily/fjord/x.parquet", sink.getvalue())
    objects.replace("volume_daily/fjord/notes.txt", b"anything")
    (finding,) = check_files(objects, {"volume_daily"}, set())
    assert finding.count == 2
