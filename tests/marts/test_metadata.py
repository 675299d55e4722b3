"""The marts' declarations are read strictly."""

import pytest
import yaml

from lacuna.errors import ConfigurationError
from lacuna.marts import FOLDER
from lacuna.model.mart import PeriodKind
from lacuna.reporting import load_mart, marts

GIVEN = (FOLDER / "volume_daily" / "metadata.yaml").read_text("utf-8")


def load(folder, text, name="volume_daily"):
    path = folder / name / "metadata.yaml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return load_mart(path)


def changed(**entries):
    document = yaml.safe_load(GIVEN)
    document.update(entries)
    return yaml.safe_dump(document)


def test_there_are_seven_marts_in_order_of_precedence():
    assert [(mart.name, mart.period) for mart in marts()] == [
        ("volume_daily", PeriodKind.DAY),
        ("csat_weekly", PeriodKind.WEEK),
        ("consent_weekly", PeriodKind.WEEK),
        ("latency_weekly", PeriodKind.WEEK),
        ("team_weekly", PeriodKind.WEEK),
        ("contacts_monthly", PeriodKind.MONTH),
        ("abandonment_weekly", PeriodKind.WEEK),
    ]


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


def test_two_marts_of_one_precedence_are_an_error(tmp_path):
    load(tmp_path, GIVEN)
    load(tmp_path, changed(mart="volume_hourly"), name="volume_hourly")
    with pytest.raises(ConfigurationError, match="the same precedence"):
        marts(tmp_path)


def test_what_is_worked_out_at_the_close_is_a_measure(tmp_path):
    document = yaml.safe_load(GIVEN) | {"at_close": ["n_answered"]}
    with pytest.raises(ConfigurationError, match="at_close: 'n_answered' is not a measure"):
        load(tmp_path, yaml.safe_dump(document))
    assert marts()[0].at_close == ("n_frt",)
