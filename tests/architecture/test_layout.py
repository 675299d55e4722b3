"""The repository keeps its own rules: `rules.py` applied to every file it speaks of."""

import tomllib
from pathlib import Path

import pytest

from lacuna.cli.runs import Flow
from tests.architecture import exports, rules

ROOT = Path(__file__).parents[2]

DAG_RULES = (
    rules.long_tasks,
    rules.long_dag_file,
    rules.sql_in_dag,
    rules.dag_named_unlike_file,
    rules.imports_in_dag,
)


@pytest.fixture(scope="module", autouse=True)
def _forgotten():
    yield
    rules.forget()


def read(*folders: str) -> list[rules.Source]:
    return rules.read(ROOT, *folders)


def of_the_package() -> list[rules.Source]:
    return [one for one in read("pipelines") if one.path.startswith("pipelines/lacuna/")]


def expect_none(problems):
    found = list(problems)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", DAG_RULES, ids=lambda rule: rule.__name__)
def test_dag_files_only_say_when(rule):
    sources = read("dags")
    expect_none(problem for source in sources for problem in rule(source))


def test_one_plugin_file_registers_everything():
    expect_none(rules.many_plugins(read("plugins")))


def test_only_settings_reads_the_environment():
    sources = read("pipelines", "dags", "plugins", "models")
    expect_none(problem for each in sources for problem in rules.environment_read(each))


def test_only_stores_hold_sql():
    expect_none(problem for each in of_the_package() for problem in rules.misplaced_sql(each))


def test_what_is_installed_imports_no_training():
    sources = read("pipelines", "dags", "plugins")
    expect_none(problem for each in sources for problem in rules.training_imported(each))


def test_the_pure_core_takes_time_and_chance_as_arguments():
    sources = read("pipelines")
    expect_none(problem for each in sources for problem in rules.clock_or_chance(each))


def test_no_message_formats_what_may_be_personal():
    sources = read("pipelines", "dags", "plugins", "models")
    expect_none(problem for each in sources for problem in rules.personal_message(each))


def test_a_module_of_the_package_is_read_in_one_sitting():
    sources = of_the_package()
    expect_none(problem for each in sources for problem in rules.long_module(each))


def test_no_message_names_what_an_installed_wheel_lacks():
    sources = read("pipelines")
    expect_none(problem for each in sources for problem in rules.path_of_a_checkout(each))


def test_nobody_takes_what_a_module_does_not_offer():
    # Tests, benchmarks and scripts look at insides; they are installed nowhere.
    expect_none(exports.taken_past_all(read("pipelines", "dags", "plugins")))


def test_the_import_contracts_see_every_folder():
    expect_none(rules.unseen_folders(ROOT))


def test_every_module_is_named_after_its_content():
    sources = read(*rules.CODE_FOLDERS)
    expect_none(problem for each in sources for problem in rules.forbidden_name(each))


def test_a_module_is_named_by_a_noun():
    sources = read(*(each for each in rules.CODE_FOLDERS if each != "tests"), "docker")
    expect_none(problem for each in sources for problem in rules.no_noun(each))


def test_a_file_name_of_several_folders_names_one_concept():
    concepts = tomllib.loads((Path(__file__).parent / "concepts.toml").read_text("utf-8"))
    assert all(one["is"] for one in concepts.values())
    expect_none(rules.homonyms(of_the_package(), concepts))


def test_bytes_characters_and_known_values_are_called_so():
    sources = read("pipelines", "dags", "plugins", "models")
    expect_none(problem for each in sources for problem in rules.foreign_word(each))
    queries = sorted((ROOT / "sql").rglob("*.sql"))
    expect_none(
        problem
        for path in queries
        for problem in rules.foreign_column(
            path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        )
    )


def test_no_class_name_is_used_twice():
    # The trainings in models/ have words of their own: a batch, a step and a state of learning.
    left = {"tests", "models"}
    sources = read(*(each for each in rules.CODE_FOLDERS if each not in left), "docker")
    expect_none(rules.classes_named_alike(sources))


def test_the_product_names_all_that_it_defines():
    sources = read(*rules.CODE_FOLDERS, "docker")
    expect_none(rules.unnamed(one for one in sources if not one.path.startswith("tests/")))


def test_what_no_other_file_uses_has_an_underscore():
    expect_none(rules.public_alone(read(*rules.CODE_FOLDERS, "docker")))


def test_a_docstring_names_the_result():
    sources = read("pipelines", "dags", "plugins", "scripts", "models")
    expect_none(problem for each in sources for problem in rules.result_unnamed(each))


def test_no_method_repeats_what_its_port_says():
    expect_none(rules.repeated_docstrings(read("pipelines")))


def test_every_dag_has_one_flow_and_every_flow_a_dag_and_a_command():
    expect_none(rules.flows_unlike_dags(ROOT))
    dags = {path.stem.removeprefix("gdpr_") for path in (ROOT / "dags").glob("*.py")}
    assert set(Flow) == dags


def test_tests_mirror_the_package():
    expect_none(rules.unmirrored_tests(ROOT))
