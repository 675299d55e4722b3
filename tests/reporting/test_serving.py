"""What analysts and officers are handed: the dictionary, the charts, Parquet read by DuckDB."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import duckdb
import pytest

from lacuna.model.mart import Cell
from lacuna.reporting import charts, dictionary, marts, publish
from tests.reporting.centre import FIRST_DAY
from tests.reporting.test_publish import busy
from tests.verify.test_disclosure_attacks import release

DAY = date(2026, 10, 5)


def test_the_dictionary_names_every_mart_column_and_ratio():
    text = dictionary(marts())
    for mart in marts():
        assert f"## {mart.name}\n" in text
        for each in (*mart.dimensions, *mart.measures, *mart.means, *mart.shares):
            assert f"| `{each.name}` |" in text
            assert each.definition in text


def days(*totals):
    return [
        release(
            (Cell(("email", "(other)"), (total, 60 * total, total, 0, 0, None, None)),),
            DAY + timedelta(days=number),
            DAY + timedelta(days=number),
        )
        for number, total in enumerate(totals)
    ]


def test_charts_are_svg_of_what_is_published():
    drawn = charts(days(20, 30, 25))
    assert set(drawn) == {"volume", "handling_time"}
    for image in drawn.values():
        root = ElementTree.fromstring(image)  # noqa: S314 - our own document
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        (line,) = root.iter("{http://www.w3.org/2000/svg}polyline")
        assert len(line.attrib["points"].split()) == 3
    assert charts(reversed(days(20, 30, 25))) == drawn


def test_a_period_in_which_something_is_withheld_interrupts_the_line():
    withheld = release(
        (Cell(("email", "(other)"), (20, None, None, 0, 0, None, None)),),
        DAY + timedelta(days=2),
        DAY + timedelta(days=2),
    )
    later = [
        release(each.cells, DAY + timedelta(days=3 + n), DAY + timedelta(days=3 + n))
        for n, each in enumerate(days(30, 40))
    ]
    image = charts([*days(20, 30), withheld, *later])["handling_time"]
    assert len(re.findall("<polyline", image)) == 2


def test_days_that_were_published_together_are_level():
    joined = release(days(60)[0].cells, DAY + timedelta(days=1), DAY + timedelta(days=3))
    image = charts([*days(20), joined])["handling_time"]
    (line,) = re.findall('<polyline points="([^"]*)"', image)
    first, second, third = (tuple(map(float, each.split(","))) for each in line.split())
    assert second[1] == third[1]
    assert third[0] - second[0] == pytest.approx(2 * (second[0] - first[0]), abs=0.2)


def test_nothing_published_is_nothing_drawn():
    assert charts([]) == {}


def test_duckdb_and_postgresql_give_the_documented_metrics(centre, stores, clock):
    for number in range(3):
        busy(centre, FIRST_DAY + timedelta(days=number), people=14 + number, handle_s=60 + number)
    clock.day = FIRST_DAY + timedelta(days=7)
    publish(stores)
    folder = stores.objects.folder("reporting")
    query = (
        "select channel, sum(n)::int, sum(handle_s_sum)::double precision / sum(n_handled)"
        " from {} where org_id = 'fjord' group by 1 order by 1"
    )
    files = duckdb.sql(
        query.format(f"read_parquet('{folder}/volume_daily/**/*.parquet')")
    ).fetchall()
    rows = centre.execute(query.format("reporting.volume_daily"))
    assert files == rows
    assert files[0][:2] == ("email", 45)
    assert files[0][2] == pytest.approx((14 * 60 + 15 * 61 + 16 * 62) / 45)
    assert (folder / "dictionary.md").read_text("utf-8") == dictionary(marts())
    assert (folder / "charts" / "fjord" / "volume.svg").is_file()
