"""Settings: every variable is documented, a secret may lie in a file, a wrong value is not quoted."""

import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from lacuna.documentation import doc_page
from lacuna.errors import ConfigurationError
from lacuna.model.run import ApprovalMode, Mode
from lacuna.settings import Settings
from tests.docs.blocks import PAGES

ROOT = Path(__file__).parents[1]
NAMES = [f"LACUNA_{name.upper()}" for name in Settings.model_fields]
CANARY = "canary-7f3a"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def shown_default(default):
    if default is None:
        return ""
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        default = default.relative_to(ROOT)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_the_document_has_every_setting_with_its_default_and_meaning():
    page = ROOT / "docs" / "settings.md"
    rows = [
        " | ".join(
            (f"| `LACUNA_{name.upper()}`", shown_default(each.default), f"{each.description} |")
        )
        for name, each in Settings.model_fields.items()
    ]
    table = "".join(f"{row}\n" for row in rows).replace(" |  | ", " | | ")
    before, was, after = re.split(
        r"((?:^\| `LACUNA_.*\n)+)", page.read_text("utf-8"), flags=re.MULTILINE
    )
    if os.environ.get("LACUNA_GOLDEN") == "update":
        page.write_text(before + table + after, "utf-8")
    else:
        assert was == table


def test_every_variable_that_the_documents_name_is_a_setting():
    known = {*NAMES, *(f"{name}_FILE" for name in NAMES), "LACUNA_GOLDEN", "LACUNA_REQUIRE_ALL"}
    # Read by compose itself: what it puts in the place of names in its file.
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    known |= set(re.findall(r"\$\{(LACUNA_[A-Z_]+)", compose))
    for path in PAGES:
        named = set(re.findall(r"\bLACUNA_[A-Z][A-Z_]*[A-Z]\b", path.read_text("utf-8")))
        assert named <= known, path.name


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ("LACUNA_MDOE", "LACUNA_MODE"),
        ("LACUNA_MAX_ROW", "LACUNA_MAX_ROWS"),
        ("LACUNA_DATABASE_URL_FIEL", "LACUNA_DATABASE_URL_FILE"),
        ("LACUNA_APROVAL", "LACUNA_APPROVAL"),
    ],
)
def test_a_misspelled_variable_is_an_error_that_names_the_nearest(monkeypatch, given, nearest):
    monkeypatch.setenv(given, CANARY)
    with pytest.raises(ConfigurationError) as caught:
        Settings.read()
    assert (
        str(caught.value)
        == f"{given} is not a setting; the nearest is {nearest}. See {doc_page('settings')}"
    )
    assert caught.value.exit_code == 2


def test_all_misspelled_variables_are_named_and_those_of_the_tests_are_none(monkeypatch):
    for name in ("LACUNA_MDOE", "LACUNA_HOEM", "LACUNA_GOLDEN", "LACUNA_REQUIRE_ALL"):
        monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigurationError) as caught:
        Settings.read()
    assert str(caught.value).count("is not a setting") == 2


def test_without_a_variable_the_defaults_count():
    settings = Settings.read()
    assert settings.mode is None
    assert settings.approval is ApprovalMode.MANUAL
    assert settings.database_url is None
    assert settings.datamap.is_file()
    assert settings.absolute_home == Path.cwd() / "var"


def test_a_variable_counts(monkeypatch, tmp_path):
    monkeypatch.setenv("LACUNA_MODE", "act")
    monkeypatch.setenv("LACUNA_MAX_ROWS", "5")
    monkeypatch.setenv("LACUNA_HOME", "~/lacuna")
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings.read()
    assert settings.mode is Mode.ACT
    assert settings.max_rows == 5
    assert settings.absolute_home == tmp_path / "lacuna"


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_may_lie_in_a_file(monkeypatch, tmp_path, name):
    words = {
        "LACUNA_MODE": "act",
        "LACUNA_APPROVAL": "auto",
        "LACUNA_SCRUB_WINDOW": "23:00-04:00",
        "LACUNA_CERTIFICATE_DAYS": "3652",
        "LACUNA_PAGE_URL": "https://airflow.example.org/privacy",
        "LACUNA_DELIVERY_URL": "https://data.example.org",
        "LACUNA_SIGNING_KEY": "file:///run/keys/signing.pem",
        "LACUNA_REDACTION_ENCODER": "False",
        "LACUNA_REDACTION_MODELS": "fr:fr_core_news_md,fi:our_finnish",
    }
    written = words.get(name, "7")
    file = tmp_path / "secret"
    file.write_text(f" {written}\n")
    monkeypatch.setenv(f"{name}_FILE", str(file))
    found = getattr(Settings.read(), name.removeprefix("LACUNA_").lower())
    if isinstance(found, SecretStr):
        found = found.get_secret_value()
    assert str(found) == written


def refusal():
    with pytest.raises(ConfigurationError) as caught:
        Settings.read()
    assert CANARY not in str(caught.value)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("LACUNA_SCRUB_WINDOW", CANARY),
        ("LACUNA_SIGNING_KEY", CANARY),
        ("LACUNA_SIGNING_KEY", f"awskms:///{CANARY}"),
        ("LACUNA_SIGNING_KEY", f"file://{CANARY}/signing.pem"),
        ("LACUNA_SIGNING_KEY", "file:///"),
        ("LACUNA_REDACTION_MODELS", CANARY),
        ("LACUNA_REDACTION_MODELS", "fr=fr_core_news_md"),
        ("LACUNA_REDACTION_MODELS", "fr:fr_core_news_md,"),
        ("LACUNA_REDACTION_MODELS", "fr:../models"),
        ("LACUNA_MAX_ROWS", CANARY),
        ("LACUNA_MAX_ROWS", "0"),
        ("LACUNA_BATCH_LIMIT", "10001"),
        ("LACUNA_FORGET_AFTER_DAYS", "-1"),
        ("LACUNA_FORGET_AFTER_DAYS", "0"),
        ("LACUNA_FORGET_AFTER_DAYS", "99999999999"),
        ("LACUNA_BUNDLE_DAYS", "0"),
        ("LACUNA_CERTIFICATE_DAYS", "364"),
        ("LACUNA_PAGE_URL", "airflow.example.org/privacy"),
        ("LACUNA_PAGE_URL", "javascript:alert(1)"),
        ("LACUNA_DELIVERY_URL", "http://data.example.org"),
        ("LACUNA_DELIVERY_URL", "http://localhost.example.org"),
        ("LACUNA_DELIVERY_URL", "https://data.example.org/?x=1"),
        ("LACUNA_PAGE_URL", "https://airflow.example.org/privacy?x=1"),
        ("LACUNA_BUNDLE_DAYS", "99999999999"),
        ("LACUNA_MAX_ROWS", "99999999999"),
    ],
)
def test_a_value_that_does_not_fit_is_told_by_its_variable(monkeypatch, name, written):
    monkeypatch.setenv(name, written)
    assert refusal() == f"{name}: invalid value; see {doc_page('settings')}"


@pytest.mark.parametrize("enumeration", [Mode, ApprovalMode], ids=lambda each: each.__name__)
def test_a_value_that_an_enumeration_lacks_is_told_with_those_it_has(monkeypatch, enumeration):
    name = {Mode: "LACUNA_MODE", ApprovalMode: "LACUNA_APPROVAL"}[enumeration]
    monkeypatch.setenv(name, CANARY)
    assert refusal() == f"{name}: use {' or '.join(enumeration)}"


def test_all_wrong_variables_are_told_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("LACUNA_MODE", CANARY)
    (tmp_path / "rows").write_text(CANARY)
    monkeypatch.setenv("LACUNA_MAX_ROWS_FILE", str(tmp_path / "rows"))
    assert refusal().splitlines() == [
        "LACUNA_MODE: use observe or act",
        f"LACUNA_MAX_ROWS: invalid value; see {doc_page('settings')}",
    ]


@pytest.mark.parametrize("name", ["LACUNA_HOME", "LACUNA_DATABASE_URL", "LACUNA_MODE_FILE"])
def test_an_empty_variable_is_no_value(monkeypatch, name):
    # An empty LACUNA_HOME would be the working folder.
    monkeypatch.setenv(name, "")
    assert refusal() == f"{name} is empty; unset it or give a value"


def test_a_value_given_twice_is_refused(monkeypatch, tmp_path):
    (tmp_path / "url").write_text(f"postgresql://{CANARY}@example.org/x")
    monkeypatch.setenv("LACUNA_DATABASE_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("LACUNA_DATABASE_URL", f"postgresql://{CANARY}@example.org/y")
    assert refusal() == "LACUNA_DATABASE_URL and LACUNA_DATABASE_URL_FILE are both set; unset one"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "the file cannot be read"),
        (f"\xff{CANARY}".encode("latin-1"), "the file cannot be read"),
        (b" \n", "the file is empty"),
    ],
)
def test_a_file_without_a_value_is_told_by_its_variable(monkeypatch, tmp_path, content, what):
    file = tmp_path / CANARY
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("LACUNA_DATABASE_URL_FILE", str(file))
    assert refusal() == f"LACUNA_DATABASE_URL_FILE: {what}"


@pytest.mark.parametrize("name", ["DATABASE_URL", "AIRFLOW_DATABASE_URL", "MAILBOX"])
def test_settings_print_no_secret(monkeypatch, name):
    monkeypatch.setenv(f"LACUNA_{name}", f"imaps://user:{CANARY}@example.org/x")
    assert CANARY not in f"{Settings.read()!r} {Settings.read()}"
