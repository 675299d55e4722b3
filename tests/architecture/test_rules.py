"""Every rule fires on what it forbids and lets pass what it allows."""

from textwrap import dedent

import pytest

from tests.architecture import rules
from tests.architecture.rules import Source

DAG = """\
    from airflow.sdk import dag, task

    @dag(schedule=None)
    def gdpr_seal():
        @task
        def seal():
            '''Select nothing from anywhere: a docstring may say so.'''
            from lacuna.flows import seal
            from lacuna.wiring import open_stores
            with open_stores() as stores:
                return seal.run(stores)
        seal()

    gdpr_seal()
"""


def problems(rule, text, path="dags/gdpr_seal.py"):
    return "\n".join(rule(Source(path, dedent(text))))


# --- DAG files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        rules.long_tasks,
        rules.long_dag_file,
        rules.sql_in_dag,
        rules.dag_named_unlike_file,
        rules.imports_in_dag,
    ],
    ids=lambda rule: rule.__name__,
)
def test_a_thin_dag_file_passes(rule):
    assert problems(rule, DAG) == ""


@pytest.mark.parametrize("decorator", ["task", "task(retries=2)", "task.sensor()", "sdk.task"])
def test_a_task_of_five_statements_is_too_long(decorator):
    text = f"@{decorator}\ndef work():\n    a = 1\n    b = 2\n    c = 3\n    d = 4\n    return a"
    assert "task work has 5 statements" in problems(rules.long_tasks, text)


def test_statements_inside_a_statement_count():
    text = """
        @task
        def work():
            with a:
                for b in c:
                    if b:
                        d()
                        e()
    """
    assert "has 5 statements" in problems(rules.long_tasks, text)


def test_a_setup_and_a_teardown_are_tasks():
    body = "".join(f"    a{number} = {number}\n" for number in range(5))
    assert "has 5" in problems(rules.long_tasks, f"@setup\ndef begin():\n{body}")
    assert "has 5" in problems(rules.long_tasks, f"@teardown\ndef end():\n{body}")


def test_a_dag_file_of_121_lines_is_too_long():
    assert problems(rules.long_dag_file, "x = 1\n" * 120) == ""
    assert "121 lines, at most 120" in problems(rules.long_dag_file, "x = 1\n" * 121)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM lacuna.request",
        "select\\n  id\\nfrom lacuna.request",
        "delete from lacuna.request",
        "INSERT INTO lacuna.request VALUES (1)",
        "UPDATE lacuna.request SET state = 'x'",
        "TRUNCATE lacuna.request",
        "DROP TABLE lacuna.request",
    ],
)
def test_sql_in_a_dag_file_is_found(statement):
    assert "SQL in a DAG file" in problems(rules.sql_in_dag, f'execute("{statement}")')
    assert "SQL in a DAG file" in problems(rules.sql_in_dag, f'execute(f"{statement} {{x}}")')


@pytest.mark.parametrize(
    "text",
    [
        "@dag\ndef another(): ...",
        "@dag(dag_id='another')\ndef gdpr_seal(): ...",
        "with DAG('another'): ...",
        "with DAG(dag_id='another'): ...",
        "@dag\ndef gdpr_seal(): ...\n@dag\ndef another(): ...",
        "x = 1",
    ],
)
def test_a_dag_file_makes_the_dag_of_its_name_and_no_other(text):
    assert "expected exactly ['gdpr_seal']" in problems(rules.dag_named_unlike_file, text)


@pytest.mark.parametrize(
    "text",
    ["@dag\ndef gdpr_seal(): ...", "@dag('gdpr_seal')\ndef f(): ...", "DAG(dag_id='gdpr_seal')"],
)
def test_each_way_to_name_a_dag_is_understood(text):
    assert problems(rules.dag_named_unlike_file, text) == ""


@pytest.mark.parametrize(
    "statement",
    ["import lacuna.stores", "from lacuna import plan", "from lacuna.flowsheet import x"],
)
def test_a_dag_reaches_no_stage(statement):
    assert "only flows and wiring" in problems(rules.imports_in_dag, f"def f():\n    {statement}")


def test_a_dag_imports_no_flow_while_it_is_parsed():
    text = "from lacuna.flows import seal"
    assert "outside a task's function" in problems(rules.imports_in_dag, text)


def test_a_second_file_that_registers_a_plugin_is_found():
    text = "from airflow.plugins_manager import AirflowPlugin"
    first, second = Source("plugins/a.py", text), Source("plugins/b.py", text)
    assert list(rules.many_plugins([first, Source("plugins/c.py", "")])) == []
    assert "plugins/b.py:1" in "\n".join(rules.many_plugins([first, second]))


# --- the package ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "import os\nhome = os.environ['LACUNA_HOME']",
        "import os\nhome = os.getenv('LACUNA_HOME')",
        "from os import environ",
        "from os import getenv as ask",
        "typer.Option(envvar='LACUNA_HOME')",
        "typer.Typer(context_settings=dict(auto_envvar_prefix='LACUNA'))",
    ],
)
def test_the_environment_is_read_in_settings_alone(text):
    assert "ask lacuna.settings" in problems(
        rules.environment_read, text, "pipelines/lacuna/stores/postgres/database.py"
    )
    assert problems(rules.environment_read, text, "pipelines/lacuna/settings.py") == ""


@pytest.mark.parametrize(
    "path", ["pipelines/lacuna/model/request.py", "pipelines/lacuna/plan/order.py"]
)
@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("datetime.now(UTC)", "now"),
        ("datetime.datetime.utcnow()", "utcnow"),
        ("date.today()", "today"),
        ("uuid.uuid4()", "uuid4"),
        ("uuid4()", "uuid4"),
        ("open('x')", "open"),
        ("Path('x').read_text()", "read_text"),
        ("path.open()", "open"),
        ("print('x')", "print"),
    ],
)
def test_the_pure_core_calls_no_clock_chance_or_file(path, call, name):
    assert f"calls {name}()" in problems(rules.clock_or_chance, f"x = {call}", path)
    assert problems(rules.clock_or_chance, f"x = {call}", "pipelines/lacuna/stores/clock.py") == ""


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ('raise E(f"{table} holds {value}")', "value"),
        ('raise E(f"{table} holds {row!r}")', "row"),
        ('raise E(f"{contact.email} is unknown")', "email"),
        ('raise E(f"{columns["email"]} is unknown")', "email"),
        ('raise E(f"{text[:20]}… cannot be analyzed")', "text"),
        ("raise E(f\"unknown: {', '.join(emails)}\")", "emails"),
        ("raise E(f\"unknown: {', '.join(str(email) for email in them)}\")", "email"),
        ('raise E("unknown: %s" % phone)', "phone"),
        ('raise E("unknown: " + phone.strip())', "phone"),
        ('raise E("unknown: {}".format(address))', "address"),
        ("raise E(body)", "body"),
        ("raise E(str(identifier)) from None", "identifier"),
        ("raise E(reason=f'bad {token}')", "token"),
        ('raise E(f"{sender} is unknown")', "sender"),
        ('def a():\n    x = sender\n    raise E(f"{x} is unknown")', "sender"),
        ('def a():\n    x: str = row["email"]\n    y = x.strip()\n    raise E(f"{y}?")', "row"),
        ('def a():\n    x, y = table, phone\n    logger.info("found %s", y)', "phone"),
        ('def a():\n    for one in emails:\n        raise E(f"{one} is unknown")', "emails"),
        ('def a():\n    if x := token:\n        raise E(f"bad {x}")', "token"),
        ('logger.info("found %s", email)', "email"),
        ('logger.warning("found %s", identifier.value)', "value"),
        ('logging.getLogger(__name__).error("found %s in %s", table, row)', "row"),
        ('self._log.debug(f"found {text}")', "text"),
    ],
)
def test_a_message_that_formats_a_value_is_found(statement, name):
    assert f"formats {name};" in problems(
        rules.personal_message, statement, "pipelines/lacuna/x.py"
    )


@pytest.mark.parametrize(
    "statement",
    [
        'raise E(f"{table}: {error}") from error',
        "raise E(str(error)) from error",
        'raise E(f"{table}: {error.orig}") from error',
        'logger.error("failed: %s", exc)',
        "def a():\n    try: b()\n    except ValueError as error:\n        said = str(error)\n    raise E(said)",
    ],
)
def test_a_message_that_quotes_another_exception_is_found(statement):
    assert "formats another exception" in problems(
        rules.personal_message, statement, "pipelines/lacuna/x.py"
    )


@pytest.mark.parametrize(
    "statement", ['logger.exception("failed")', 'logger.error("failed", exc_info=True)']
)
def test_a_traceback_is_not_logged(statement):
    assert "logs a traceback" in problems(
        rules.personal_message, statement, "pipelines/lacuna/x.py"
    )


@pytest.mark.parametrize(
    "statement",
    [
        'raise E(f"{table}.{column}: {len(rows)} rows of {expected_rows}; re-plan") from error',
        'raise E(f"{table}: {type(error).__name__}, SQLSTATE {error.sqlstate}") from error',
        'raise E(f"{request_id}: cannot go from {state} to {to}")',
        "raise E(path)",
        'logger.info("apply finished request_id=%s rows=%d", request_id, rows)',
        'def a():\n    x = len(text)\n    raise E(f"{x} characters")',
        'def a():\n    x = sender\ndef b(x):\n    raise E(f"{x} rows")',
        "from lacuna.errors import Own\ndef a():\n    try: b()\n"
        "    except Own as error:\n        said = str(error)\n    raise E(said)",
        "raise",
    ],
)
def test_a_message_that_says_where_and_how_many_passes(statement):
    assert problems(rules.personal_message, statement, "pipelines/lacuna/x.py") == ""


def test_sql_outside_of_stores_is_found():
    text = 'execute("delete from lacuna.request")'
    found = problems(rules.misplaced_sql, text, "pipelines/lacuna/flows/seal/flow.py")
    assert "SQL outside of" in found
    assert problems(rules.misplaced_sql, text, "pipelines/lacuna/stores/postgres/x.py") == ""
    said = 'say("bypass it (alter role … bypassrls)")'
    assert problems(rules.misplaced_sql, said, "pipelines/lacuna/datamap/x.py") == ""


def test_an_import_of_a_training_is_found():
    text = "from finder_training.student import Student"
    assert "only in models/" in problems(rules.training_imported, text, "pipelines/lacuna/x.py")
    assert problems(rules.training_imported, "import finder", "pipelines/lacuna/x.py") == ""


def test_a_module_of_501_lines_is_too_long():
    path = "pipelines/lacuna/x.py"
    assert problems(rules.long_module, "x = 1\n" * 500, path) == ""
    assert "501 lines, at most 500" in problems(rules.long_module, "x = 1\n" * 501, path)


# --- names and folders ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "pipelines/lacuna/utils.py",
        "pipelines/lacuna/plan/helpers.py",
        "pipelines/lacuna/common/rows.py",
        "tests/plan_helpers.py",
        "scripts/run_manager.py",
    ],
)
def test_a_name_that_says_nothing_is_found(path):
    assert "says nothing" in problems(rules.forbidden_name, "", path)


@pytest.mark.parametrize(
    "path", ["pipelines/lacuna/stores/postgres/database.py", "pipelines/lacuna/plan/score.py"]
)
def test_a_name_that_only_ends_alike_passes(path):
    assert problems(rules.forbidden_name, "", path) == ""


def tree(root, *paths):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("", "utf-8")


def test_tests_that_mirror_the_package_pass(tmp_path):
    tree(
        tmp_path,
        "pipelines/lacuna/__init__.py",
        "pipelines/lacuna/settings.py",
        "pipelines/lacuna/plan/__init__.py",
        "tests/conftest.py",
        "tests/test_fixtures.py",
        "tests/test_settings.py",
        "tests/plan/test_erasure.py",
        "tests/docs/test_links.py",
    )
    assert list(rules.unmirrored_tests(tmp_path)) == []


def test_a_part_without_tests_and_tests_without_a_part_are_found(tmp_path):
    tree(
        tmp_path,
        "pipelines/lacuna/plan/__init__.py",
        "tests/planning/test_erasure.py",
        "tests/test_everything.py",
        "tests/plan/conftest.py",
    )
    assert list(rules.unmirrored_tests(tmp_path)) == [
        "tests/planning: mirrors no folder of pipelines/lacuna/",
        "tests/test_everything.py: mirrors no module of pipelines/lacuna/",
        "pipelines/lacuna/plan: has no tests in tests/plan",
    ]


def test_a_folder_within_a_part_has_tests_by_its_name_or_by_a_modules(tmp_path):
    tree(
        tmp_path,
        "pipelines/lacuna/stores/__init__.py",
        "pipelines/lacuna/stores/mail/outbox.py",
        "pipelines/lacuna/stores/objects/folder.py",
        "pipelines/lacuna/stores/queue/rows.py",
        "pipelines/lacuna/stores/keys/one.py",
        "tests/stores/test_outbox.py",
        "tests/stores/objects/test_folder.py",
        "tests/stores/test_queue.py",
        "tests/stores/test_everything.py",
    )
    assert list(rules.unmirrored_tests(tmp_path)) == [
        "pipelines/lacuna/stores/keys: no tests are named after it or a module of it"
    ]


def test_a_dag_without_a_flow_and_a_flow_without_a_dag_are_found(tmp_path):
    tree(
        tmp_path,
        "dags/gdpr_seal.py",
        "dags/gdpr_sweep.py",
        "dags/gdpr_audit.py",
        "pipelines/lacuna/flows/seal/flow.py",
        "pipelines/lacuna/flows/sweep/rules.py",
        "pipelines/lacuna/flows/deadlines.py",
        "pipelines/lacuna/flows/run/batch.py",
        "pipelines/lacuna/flows/attack.py",
    )
    assert list(rules.flows_unlike_dags(tmp_path)) == [
        "dags/gdpr_audit.py: no flow of this name in pipelines/lacuna/flows",
        "pipelines/lacuna/flows/deadlines: no DAG dags/gdpr_deadlines.py",
        "pipelines/lacuna/flows/sweep: has no flow.py",
    ]


def test_a_folder_without_an_init_is_found(tmp_path):
    tree(tmp_path, "pipelines/lacuna/__init__.py", "pipelines/lacuna/flows/seal/__init__.py")
    assert not list(rules.unseen_folders(tmp_path))
    tree(tmp_path, "pipelines/lacuna/flows/attack.py")
    assert list(rules.unseen_folders(tmp_path)) == [
        "pipelines/lacuna/flows: no __init__.py, so no contract holds"
    ]


def test_sources_are_read_with_paths_relative_to_the_root(tmp_path):
    tree(tmp_path, "pipelines/lacuna/plan/__init__.py", "pipelines/lacuna/a.py", "elsewhere/b.py")
    assert [source.path for source in rules.read(tmp_path, "pipelines", "dags")] == [
        "pipelines/lacuna/a.py",
        "pipelines/lacuna/plan/__init__.py",
    ]


def test_a_class_name_of_two_modules_is_found():
    one, other = (
        Source(f"pipelines/lacuna/{name}.py", "class Place:\n    pass\n") for name in "ab"
    )
    found = "\n".join(rules.classes_named_alike([one, other]))
    assert "class Place stands in pipelines/lacuna/a.py, pipelines/lacuna/b.py" in found
    assert not list(rules.classes_named_alike([one]))
    private = Source("pipelines/lacuna/c.py", "class _Place:\n    pass\n")
    assert "class Place stands in" in "".join(rules.classes_named_alike([one, private]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("_Place = str | int\n", True),
        ("Place: TypeAlias = Mapping[str, int]\n", True),
        ('Place = TypeVar("Place")\n', False),
        ("PLACE = 1\n", False),
    ],
)
def test_a_type_named_like_a_class_is_found(text, found):
    one = Source("pipelines/lacuna/a.py", "class Place:\n    pass\n")
    other = Source("benchmarks/b.py", text)
    assert bool(list(rules.classes_named_alike([one, other]))) is found


def test_a_file_name_that_names_two_things_is_found():
    sources = [
        Source(f"pipelines/lacuna/{path}.py", "")
        for path in ("model/key", "stores/keys", "plan/digest", "plan/__init__", "verify/__init__")
    ]
    one = {"key": {"in": "model stores"}}
    assert not list(rules.homonyms(sources, one))
    assert "key.py stands in model, stores; concepts.toml lists none" in "".join(
        rules.homonyms(sources, {})
    )
    more = [*sources, Source("pipelines/lacuna/verify/keys.py", "")]
    assert "lists model, stores" in "".join(rules.homonyms(more, one))
    assert "key.py stands in model;" in "".join(rules.homonyms(sources[:1], one))
    assert "bundle.py stands in no folder" in "".join(
        rules.homonyms(sources, one | {"bundle": {"in": "cli model"}})
    )


def test_a_docstring_that_repeats_its_port_is_found():
    port = Source(
        "pipelines/lacuna/ports/x.py",
        'class P:\n    def a(self):\n        """Do a.\n\n        More.\n        """\n    def b(self):\n        """Do b."""\n',
    )
    made = Source(
        "pipelines/lacuna/verify/x.py",
        'class S:\n    def a(self):\n        """Do a. And more."""\n        return 1\n    def b(self):\n        """The newest come first, by their positions."""\n        return 2\n',
    )
    assert list(rules.repeated_docstrings([port, made])) == [
        "pipelines/lacuna/verify/x.py:2: a repeats what its port says"
    ]


def test_a_docstring_that_names_no_result_is_found():
    text = (
        'def a():\n    """Return what is wrong."""\ndef b():\n    """Return whatever is there."""\n'
    )
    assert problems(rules.result_unnamed, text) == (
        "dags/gdpr_seal.py:2: Return what: name the result by a noun"
    )


def test_a_docstring_that_nearly_repeats_its_port_is_found():
    def said(path, sentence):
        return Source(
            path, f'class A:\n    def a(self):\n        """{sentence}"""\n        return 1\n'
        )

    port = said("pipelines/lacuna/ports/x.py", "Store a checkpoint; a smaller one is refused.")
    near = said(
        "pipelines/lacuna/stores/x.py", "Store a checkpoint; one that is smaller is refused."
    )
    other = said("pipelines/lacuna/stores/x.py", "Whoever reads meanwhile waits.")
    assert len(list(rules.repeated_docstrings([port, near]))) == 1
    assert not list(rules.repeated_docstrings([port, other]))


def test_a_module_named_by_a_participle_is_found():
    path = "pipelines/lacuna/flows/{}.py"
    assert "closing is no noun" in problems(rules.no_noun, "", path.format("closing"))
    assert "opened is no noun" in problems(rules.no_noun, "", path.format("opened"))
    assert "decode is no noun" in problems(rules.no_noun, "", path.format("decode"))
    assert "sought is no noun" in problems(rules.no_noun, "", path.format("sought"))
    assert "offline is no noun" in problems(rules.no_noun, "", path.format("offline"))
    assert "canonical is no noun" in problems(rules.no_noun, "", path.format("canonical"))
    assert "people_ahead is no noun" in problems(rules.no_noun, "", path.format("people_ahead"))
    assert problems(rules.no_noun, "", path.format("closure")) == ""
    assert problems(rules.no_noun, "", path.format("mail_proposal")) == ""
    assert problems(rules.no_noun, "", path.format("table")) == ""
    assert problems(rules.no_noun, "", path.format("wiring")) == ""


@pytest.mark.parametrize(
    "text",
    [
        "octets = 4",
        "size = found.octets",
        "def read(octets): ...",
        "read(octets=4)",
        "MOST_OCTETS = 4",
        "def strings_in_octets(): ...",
        "import lacuna.verify.octets",
        "from lacuna.verify.octets import unpacked",
        "from lacuna.verify import octets as raw",
        'counts["octets"]',
        'read("select octets from lacuna.scrub")',
        "for octet in data: ...",
        "_MOST_SIGNS = 3",
        "class Needles: ...",
        '"""Up to 9 signs may part two digits."""',
        'def a():\n    """Return a sign of a word."""',
        'class A:\n    """Folds sign by sign."""',
    ],
)
def test_a_foreign_word_for_what_has_one_is_found(text):
    assert len(problems(rules.foreign_word, text, "pipelines/lacuna/x.py").splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    [
        'kind = "application/octet-stream"',
        'read("select octet_length(digest) from lacuna.mail")',
        'words = "total|octets|bytes"',
        "sign_manifest(key)",
        "design, designs = 1, 2",
        '"""Texts that show signs of an encoding."""',
        '"""The key that signs other checkpoints."""',
        "for sign in (1.0, -1.0): ...",
    ],
)
def test_the_same_word_for_another_thing_passes(text):
    assert problems(rules.foreign_word, text, "pipelines/lacuna/x.py") == ""


@pytest.mark.parametrize(
    "text",
    [
        'say("see docs/runbook.md")',
        'say(f"{found}; see docs/recovery.md")',
        'say("install what requirements-image.lock names")',
        'say("the server is missing; run make")',
        'say("see Clocks in the runbook")',
    ],
)
def test_a_message_that_names_a_file_of_a_checkout_is_found(text):
    assert (
        len(
            problems(
                rules.path_of_a_checkout, text, "pipelines/lacuna/plan/__init__.py"
            ).splitlines()
        )
        == 1
    )


@pytest.mark.parametrize(
    "text",
    ['"""As docs/requests.md says."""', 'say("run lacuna up")', 'say("s3://tests/key", "/docs/a")'],
)
def test_what_an_installation_has_may_be_named(text):
    assert problems(rules.path_of_a_checkout, text, "pipelines/lacuna/plan/__init__.py") == ""


def test_a_column_of_octets_is_found():
    assert list(rules.foreign_column("sql/x.sql", "create table x (\n    octets bigint\n)")) == [
        "sql/x.sql:2: octets: write byte_count"
    ]
    assert not list(rules.foreign_column("sql/x.sql", "check (octet_length(digest) = 32)"))


def test_what_only_a_test_an_export_or_its_own_assignment_names_is_found():
    home = """
        from lacuna.y import Imported
        __all__ = ["exported"]
        LIMIT = 3
        def exported(): return used()
        def used(): ...
        class Used: ...
        def typed(one: "Used"): ...
        @command
        def registered(): ...
        @dataclass(frozen=True)
        class Alone: ...
    """
    sources = [
        Source("pipelines/lacuna/x.py", dedent(home)),
        Source("pipelines/lacuna/y.py", "class Imported: ..."),
        Source("dags/z.py", "x.typed(1)\ndef task(): ..."),
    ]
    found = [problem.split()[1] for problem in rules.unnamed(sources)]
    assert found == ["LIMIT:", "exported:", "Alone:", "Imported:"]


def test_a_public_name_that_no_other_file_uses_is_found():
    home = """
        import numpy as np
        LIMIT = 3
        USED = 4
        Name = str | None
        F32 = np.float32
        _OWN = 5
        def alone(): ...
        def imported(): ...
        def reached(): ...
        def _hidden(): ...
        @command
        def registered(): ...
        class Alone: ...
    """
    sources = [
        Source("pipelines/lacuna/model/x.py", dedent(home)),
        Source("pipelines/lacuna/plan/y.py", "from lacuna.model.x import imported, USED"),
        Source("tests/model/test_x.py", "x.reached()"),
    ]
    assert [problem.split(": ", 1)[1] for problem in rules.public_alone(sources)] == [
        "LIMIT: no other file uses it; write _LIMIT",
        "alone: no other file uses it; write _alone",
    ]
