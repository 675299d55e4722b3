"""What people mistype or forget: each answer says what is wrong, where, and what to do now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from lacuna.flows.absence import read_people
from lacuna.model.run import Role
from tests.cli.test_decisions import submit
from tests.flows.observation import quiet_people

AS = ("--as", "dana")
UNKNOWN = "00000000-0000-4000-8000-000000000000"
SUBMIT = ("request", "submit", "--kind", "erasure")
AT = ("--org", "fjordlys")
PERSON = ("--email", "somebody@example.org")
SECRET = "quillfeather"
"""What stands for a value of a person: no answer repeats it."""
LINE = f"p1,email,{SECRET}@example.org\n"


@dataclass(frozen=True)
class Mistake:
    """A command, how it ends, and what the answer says in this order."""

    words: tuple[object, ...]
    code: int
    says: tuple[str, ...]
    settings: dict[str, str] = field(default_factory=dict)


def mistakes(place: Path, closed: str, url: str) -> Iterator[Mistake]:
    """Yield them; `place` has the files of `files`."""
    new = ("--output", place / "new.jsonl")
    search = ("--folder", place / "folder")

    def listed(name: str) -> tuple[object, ...]:
        return ("prove-absent", "--identifiers", place / name, *search)

    yield Mistake(("requst", "list"), 2, ("No such command 'requst'", "Did you mean 'request'"))
    yield Mistake(("request", "shw", UNKNOWN), 2, ("'shw'", "Did you mean 'show'"))
    yield Mistake(("request", "list", "--overdeu"), 2, ("--overdeu", "--overdue"))
    yield Mistake(("request", "approve", closed, *AS), 2, ("Missing option", "--plan"))
    yield Mistake(("redact", place / "none.jsonl", *new), 2, ("none.jsonl is not a file",))
    yield Mistake(("redact", place / "folder", *new), 2, (".jsonl, .parquet, .txt",))
    yield Mistake(("request", "show", "abc"), 2, ("id", "lacuna request list"))
    yield Mistake(("request", "show", UNKNOWN), 1, ("lacuna request list",))
    approve = ("request", "approve", closed, "--plan", "0" * 64, *AS)
    yield Mistake(approve, 1, ("FJ-0001 is withdrawn", "nothing to approve"))
    yield Mistake((*SUBMIT, "--org", "fjordlis", *PERSON), 2, ("tenant", "fjordlys"))
    yield Mistake(("request", "submit", "--kind", "deletion", *AT, *PERSON), 2, ("erasure",))
    yield Mistake((*SUBMIT, *AT, "--email", f"{SECRET} @example.org"), 2, ("e-mail address",))
    yield Mistake((*SUBMIT, *AT, "--phone", "20123456"), 2, ("country code",))
    yield Mistake(
        (*SUBMIT, *AT, *PERSON, "--received-at", "24.11.2026"), 2, ("ISO 8601", "2026-11-24")
    )
    yield Mistake(
        ("request", "withdraw", closed, "--as", "nobody"), 2, ("officer", "lacuna officer add")
    )
    nowhere = {"LACUNA_DATABASE_URL": "postgresql+psycopg://u:pw@127.0.0.1:9/nothing"}
    yield Mistake(("request", "list"), 3, ("does not answer", "LACUNA_DATABASE_URL"), nowhere)
    missing = sa.make_url(url).set(database="no_such_database")
    named = {"LACUNA_DATABASE_URL": missing.render_as_string(hide_password=False)}
    yield Mistake(("request", "list"), 3, ("no database of this name",), named)
    other = sa.make_url(url).set(username="no_such_login", password="wrong")
    named = {"LACUNA_DATABASE_URL": other.render_as_string(hide_password=False)}
    yield Mistake(("request", "list"), 3, ("login", "LACUNA_DATABASE_URL"), named)
    yield Mistake(("run", "seal"), 2, ("LACUNA_MODE",), {"LACUNA_MODE": "sometimes"})
    yield Mistake(
        ("datamap", "show"), 2, ("LACUNA_DATAMAP", "none.yaml does not exist"),
        {"LACUNA_DATAMAP": str(place / "none.yaml"), "LACUNA_TENANTS": str(place / "none.yaml")},
    )  # fmt: skip
    verify = ("evidence", "verify")
    yield Mistake((*verify, place / "cut.json"), 2, ("No public keys", "lacuna run seal", "--keys"))
    keys = ("--keys", place / "other.pub")
    yield Mistake((*verify, place / "cut.json", *keys), 1, ("canonical",))
    yield Mistake(
        (*verify, place / "report.json", *keys),
        1,
        ("known key", "another installation", "public keys"),
    )
    yield Mistake((*verify, place / "report.json"), 2, ("--keys", "public key"))
    cut = ("redact", place / "cut.parquet", "--output")
    yield Mistake((*cut, place / "new.jsonl"), 2, ("format of the input", ".parquet"))
    yield Mistake((*cut, place / "new.parquet"), 2, ("cut.parquet", "Parquet"))
    yield Mistake(("redact", place / "cut.jsonl", *new), 2, ("cut.jsonl", "line 2"))
    yield Mistake(
        ("redact", place / "good.jsonl", "--output", place / "no" / "x.jsonl"),
        2,
        ("no is not a folder", "create it"),
    )
    yield Mistake(("redact", place / "good.jsonl"), 2, ("--output",))
    yield Mistake(("redact", place / "good.csv", *new), 2, (".jsonl, .parquet",))
    yield Mistake(
        ("redact", place / "good.jsonl", *new, "--text-column", "body"), 2, ("line 1", "`body`")
    )
    yield Mistake(listed("none.csv"), 2, ("none.csv cannot be read", "No such file"))
    yield Mistake(listed("folder"), 2, ("folder", "directory"))
    yield Mistake(listed("empty.csv"), 2, ("person,kind,value",))
    yield Mistake(listed("nobody.csv"), 2, ("names nobody",))
    yield Mistake(listed("kind.csv"), 2, ("line 2", "kind"))
    yield Mistake(listed("typo.csv"), 2, ("line 2", "email"))
    yield Mistake(listed("windows.csv"), 2, ("line 3, column 3", "CSV UTF-8"))
    yield Mistake(listed("unclosed.csv"), 2, ("line 2", "quotation marks"))
    good = ("prove-absent", "--identifiers", place / "good.csv")
    yield Mistake(good, 2, ("--database", "--folder"))
    report = ("--report", place / "report.json")
    yield Mistake((*good, *search, *report), 2, ("report", "exists already", "--report"))


def files(place: Path) -> None:
    """Write the files that the mistakes name."""
    (place / "folder").mkdir()
    head = "person,kind,value\n"
    texts = {
        "good.csv": head + LINE,
        "empty.csv": "",
        "nobody.csv": head,
        "kind.csv": head + LINE.replace("email", "mail"),
        "typo.csv": head + LINE.replace("@", " @"),
        "unclosed.csv": head + f'p1,email,"{SECRET}@example.org',
        "cut.json": '{"payload": "abc',
        "cut.parquet": "PAR1 and no end",
        "good.jsonl": f'{{"text": "{SECRET}"}}\n',
        "cut.jsonl": f'{{"text": "{SECRET}"}}\n{{"text": "{SECRET}',
    }
    for name, text in texts.items():
        (place / name).write_text(text, encoding="utf-8")
    (place / "windows.csv").write_bytes((head + LINE + "p2,name,Søren\n").encode("cp1252"))


@pytest.mark.thorough
def test_each_mistake_is_answered_with_what_to_do(lacuna, installation, tmp_path, monkeypatch):
    person = quiet_people(installation.platform)[0]
    closed = submit(lacuna, installation, person)
    assert lacuna("request", "withdraw", closed, *AS).code == 0
    files(tmp_path)
    searched = ("prove-absent", "--identifiers", tmp_path / "good.csv", "--folder", tmp_path)
    for name in ("report", "other"):
        report = ("--report", tmp_path / f"{name}.json", "--key", tmp_path / f"{name}.pem")
        assert lacuna(*searched, *report).code == 1, "the list itself has the value"
    wrong = []
    for mistake in mistakes(tmp_path, closed, installation.url):
        with monkeypatch.context() as patch:
            for name, text in mistake.settings.items():
                patch.setenv(name, text)
            done = lacuna(*mistake.words)
        said = done.out + done.err
        problem = re.sub(r"(?s)^Usage: .*?\n\n", "", said)
        if (
            done.code != mistake.code
            or not re.search("(?s)" + ".*".join(map(re.escape, mistake.says)), problem)
            or SECRET in said
            or len(problem) > 400
        ):
            wrong.append((done.code, mistake.words, problem))
    assert wrong == [], "\n" + "\n\n".join(map(str, wrong))


def test_a_second_run_at_the_same_time_is_told_to_wait(lacuna, installation):
    with installation.stores.exclusive("fulfilment"):
        done = lacuna("run", "fulfilment")
    assert done.code == 3
    said = " ".join(done.err.split())
    assert 'another run holds the lock "fulfilment": lacuna since ' in said
    assert "nothing changed. Wait until it ends, then run again" in said


def test_a_login_without_a_role_is_told_which_it_lacks(lacuna, installation, monkeypatch):
    """Such as that of a program that only reads the platform."""
    with installation.stores.database.transaction(Role.OWNER) as connection:
        connection.execute(sa.text("drop role if exists stranger_to_all"))
        connection.execute(sa.text("create role stranger_to_all login password 'example'"))
    url = sa.make_url(installation.url).set(username="stranger_to_all", password="example")
    monkeypatch.setenv("LACUNA_DATABASE_URL", url.render_as_string(hide_password=False))
    done = lacuna("request", "list")
    assert done.code == 1
    assert "role lacuna_planner" in done.err
    assert "The login may not act as this role: check the login in LACUNA_DATABASE_URL" in done.err


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_saved_by_a_spreadsheet_is_read(tmp_path, separator, encoding):
    text = "person,kind,value\r\n1,name,Søren Å. Eksempel\r\n,,\r\n2,email,a@example.org\r\n"
    people = read_people(text.replace(",", separator).encode(encoding))
    assert [one.value for (one,) in people] == ["Søren Å. Eksempel", "a@example.org"]
