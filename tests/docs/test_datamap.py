"""The data map's guide: its example loads, and it names everything that a map can hold."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
import yaml

from lacuna.datamap import COUNTED, load
from lacuna.datamap.categories import CATEGORIES
from lacuna.model.datamap import ObjectFormat
from lacuna.model.treatment import Mention, RowErasure, Treatment

GUIDE = (Path(__file__).parents[2] / "docs" / "datamap.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


def test_the_example_of_the_guide_loads(tmp_path):
    path = tmp_path / "datamap.yaml"
    path.write_text(BLOCKS[0], "utf-8")
    assert len(load(path).tables) == 3


def test_what_the_guide_ignores_loads_with_its_example(tmp_path):
    path = tmp_path / "datamap.yaml"
    (ignored,) = [each for each in BLOCKS if each.startswith("ignored:")]
    path.write_text(BLOCKS[0] + ignored, "utf-8")
    assert len(load(path).ignored) == len(yaml.safe_load(ignored)["ignored"]) == 2


def test_whom_the_guide_notifies_loads_with_its_example(tmp_path):
    path = tmp_path / "datamap.yaml"
    (notify,) = [each for each in BLOCKS if each.startswith("notify:")]
    path.write_text(BLOCKS[0] + notify, "utf-8")
    assert [one.name for one in load(path).told_of("nordlys")] == ["mailing_house"]


@pytest.mark.parametrize("names", [Mention, ObjectFormat, RowErasure, Treatment])
def test_the_guide_names_every_choice(names: type[StrEnum]):
    for name in names:
        assert re.search(rf"`[^`]*\b{name}\b[^`]*`", GUIDE), name


def test_the_guide_lists_every_category_and_no_other():
    section = GUIDE.partition("### Categories\n")[2].partition("\n### ")[0]
    listed = set()
    for row in re.findall(r"^\| (`.*`) \| (.*?) ?\|$", section, re.MULTILINE):
        above, below = (re.findall(r"`([^`]+)`", cell) for cell in row)
        listed |= {*above, *(f"{above[0]}{name}" for name in below)}
    assert listed == CATEGORIES


def test_the_guide_to_reports_names_all_that_they_count():
    reports = (Path(__file__).parents[2] / "docs" / "reporting.md").read_text("utf-8")
    for view, columns in COUNTED.items():
        (line,) = [each for each in reports.splitlines() if each.startswith(f"| `{view}` |")]
        assert set(columns) <= set(re.findall(r"`(\w+)`", line)), view


def test_the_guide_names_every_key_of_a_table_and_a_column():
    sample = Path(__file__).parents[2] / "sql" / "contact_center" / "datamap.yaml"
    tree = yaml.safe_load(sample.read_text("utf-8"))
    keys = set(tree) | {key for table in tree["tables"].values() for key in table}
    keys |= {
        key
        for table in tree["tables"].values()
        for column in table["columns"].values()
        for key in column
    }
    for key in keys - {"name", "version"}:
        assert re.search(rf"`{key}`|^ *{key}:", GUIDE, re.MULTILINE), key
