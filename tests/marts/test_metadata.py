"""The marts' declarations are read strictly."""

import shutil

import pytest
import yaml

from lacuna.errors import ConfigurationError
from lacuna.marts import FOLDER, added_marts
from lacuna.marts.metadata import FIRST_ADDED
from lacuna.model.mart import PeriodKind
from lacuna.reporting import load_mart, marts

GIVEN = (FOLDER / "volume_daily" / "metadata.yaml").read_text("utf-8")


def load(folder, text, name="volume_daily"):
    path = folder / name / "metadata.yaml"
    shutil.copytree(FOLDER / "volume_daily", path.parent)
    path.write_text(text, "utf-8")
    return load_mart(path)


def changed(**entries):
    document = yaml.safe_load(GIVEN)
    document.update(entries)
    return yaml.safe_dump(document)


def test_our_marts_are_in_order_of_precedence_and_volume_is_the_first():
    order = [mart.precedence for mart in marts()]
    assert order == sorted(order)
    assert order[-1] < FIRST_ADDED
    assert (marts()[0].name, marts()[0].period) == ("volume_daily", PeriodKind.DAY)


def test_a_mart_counts_ten_people_by_default():
    assert {mart.people for mart in marts()} == {10}


@pytest.mark.parametrize("key", sorted(yaml.safe_load(GIVEN).keys() - {"at_close", "views"}))
def test_no_entry_may_be_missing(tmp_path, key):
    document = yaml.safe_load(GIVEN)
    del document[key]
    with pytest.raises(ConfigurationError, match=f"'{key}' is missing"):
        load(tmp_path, yaml.safe_dump(document))


def test_an_unknown_entry_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match="unknown key 'treshold'"):
        load(tmp_path, changed(treshold=10))


def test_a_doubled_entry_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match="'people' occurs twice"):
        load(tmp_path, GIVEN + "\npeople: 12\n")


def test_a_lower_threshold_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match="needs at least 10"):
        load(tmp_path, changed(people=9))


def test_a_higher_threshold_is_taken(tmp_path):
    assert load(tmp_path, changed(people=20)).people == 20


def test_a_mart_is_named_after_its_folder(tmp_path):
    with pytest.raises(ConfigurationError, match="the folder is 'volume_hourly'"):
        load(tmp_path, GIVEN, name="volume_hourly")


@pytest.mark.parametrize(
    ("field", "content", "said"),
    [
        ("total", "handle_s", "'handle_s' is not a measure"),
        ("count", "n_handle", "'n_handle' is not a measure"),
        ("hides", ["n"], "'n' counts the rows and is never withheld"),
        ("hides", [], "hides is empty"),
        ("name", "n", "the name 'n' occurs twice"),
    ],
)
def test_a_ratio_that_cannot_be_is_an_error(tmp_path, field, content, said):
    means = yaml.safe_load(GIVEN)["means"]
    means[0][field] = content
    with pytest.raises(ConfigurationError, match=said):
        load(tmp_path, changed(means=means))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"people": "ten"}, "people must be a whole number above zero"),
        ({"people": True}, "people must be a whole number above zero"),
        ({"owner": ""}, "owner must be text"),
        ({"period": "year"}, "period must be one of day, week, month"),
        ({"sources": "contact_center.calls"}, "sources must be a list of texts"),
        ({"sources": ["calls"]}, "'calls' must be schema.table"),
        ({"sources": []}, "needs at least one dimension"),
        ({"measures": {"n": 1}}, "measures must be a list of mappings"),
        ({"dimensions": ["channel"]}, "dimensions 1: must be a mapping"),
    ],
)
def test_an_entry_of_the_wrong_kind_is_an_error(tmp_path, entries, said):
    with pytest.raises(ConfigurationError, match=said):
        load(tmp_path, changed(**entries))


def test_a_file_that_is_no_yaml_is_an_error_with_its_line(tmp_path):
    with pytest.raises(ConfigurationError, match="line 3: "):
        load(tmp_path, "mart: volume_daily\nowner: [\n")


def test_a_mart_without_a_declaration_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_mart(tmp_path / "metadata.yaml")


# --- marts of an installation -----------------------------------------------------------------------

ADDED = {"replaces": [], "precedence": 100, "mart": "busy_weekly", "period": "week"}


def add(folder, name="busy_weekly", **entries):
    """Add a mart of an installation: satisfaction, under another name."""
    shutil.copytree(FOLDER / "csat_weekly", folder / name)
    document = yaml.safe_load((FOLDER / "csat_weekly" / "metadata.yaml").read_text("utf-8"))
    document.update(ADDED | {"mart": name} | entries)
    (folder / name / "metadata.yaml").write_text(yaml.safe_dump(document), "utf-8")
    return folder / name


def test_marts_of_an_installation_come_after_ours(tmp_path):
    assert marts(tmp_path) == marts()
    (tmp_path / ".git").mkdir()
    two = tmp_path / "two"
    add(two)
    add(two, "other_weekly", precedence=101)
    assert [mart.name for mart in marts(two)][-2:] == ["busy_weekly", "other_weekly"]
    assert [mart.name for mart in added_marts(two)] == ["busy_weekly", "other_weekly"]
    assert marts(two)[:-2] == marts()


def test_two_marts_of_one_precedence_are_an_error(tmp_path):
    add(tmp_path)
    add(tmp_path, "other_weekly")
    with pytest.raises(ConfigurationError, match=r"other_weekly: precedence 100 .* busy_weekly"):
        marts(tmp_path)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"precedence": 99}, "those below 100 are kept"),
        ({"period": "month"}, "use day or week"),
        ({"replaces": ["contact_center.legacy_csat_weekly"]}, "replaces must be empty"),
    ],
)
def test_what_only_our_own_marts_may_declare_is_refused(tmp_path, entries, said):
    add(tmp_path, **entries)
    with pytest.raises(ConfigurationError, match=f"busy_weekly: .*{said}"):
        marts(tmp_path)


@pytest.mark.parametrize("name", ["csat_weekly", "latency_weekly_quantiles"])
def test_a_name_that_is_ours_is_refused(tmp_path, name):
    add(tmp_path, name)
    with pytest.raises(ConfigurationError, match=f"{name} is a mart or a view of Lacuna itself"):
        marts(tmp_path)


@pytest.mark.parametrize("name", ["release", "busy_rates", "Busy", "b" * 50])
def test_a_name_that_no_table_can_have_is_refused(tmp_path, name):
    add(tmp_path, name)
    with pytest.raises(ConfigurationError, match="a name has up to 49 lower-case letters"):
        marts(tmp_path)


@pytest.mark.parametrize("name", ["period", "Queue"])
def test_a_column_that_no_table_can_have_is_refused(tmp_path, name):
    add(tmp_path, dimensions=[{"name": name, "definition": "A queue."}])
    with pytest.raises(ConfigurationError, match=f"the name '{name}' is "):
        marts(tmp_path)


@pytest.mark.parametrize("name", ["query.sql", "span.sql", "days.sql"])
def test_a_mart_without_one_of_its_files_is_refused(tmp_path, name):
    (add(tmp_path) / name).unlink()
    with pytest.raises(ConfigurationError, match=f"busy_weekly: {name}"):
        marts(tmp_path)


def test_a_view_of_an_installation_is_refused(tmp_path):
    folder = add(tmp_path, views=["busy_view"])
    (folder / "views.sql").write_text("select 1", "utf-8")
    with pytest.raises(ConfigurationError, match=r"views\.sql is for Lacuna's own marts"):
        marts(tmp_path)


def test_a_folder_that_is_no_mart_or_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"LACUNA_MARTS: the folder .* cannot be read"):
        marts(tmp_path / "none")
    (tmp_path / "draft").mkdir()
    with pytest.raises(ConfigurationError, match=r"draft/metadata\.yaml: cannot be read"):
        marts(tmp_path)


def test_what_is_worked_out_at_the_close_is_a_measure(tmp_path):
    document = yaml.safe_load(GIVEN) | {"at_close": ["n_answered"]}
    with pytest.raises(ConfigurationError, match="at_close: 'n_answered' is not a measure"):
        load(tmp_path, yaml.safe_dump(document))
    assert marts()[0].at_close == ("n_frt",)
