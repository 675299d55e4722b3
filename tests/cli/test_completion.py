"""A shell completes every command from a file, without an import of what the commands do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from lacuna.cli import entrance
from lacuna.cli.app import application
from lacuna.cli.command_tree import TREE, brought_commands, first_sentence
from tests.cli.conftest import run_here
from tests.cli.test_commands import SLOW


def drawn(command) -> dict[str, object]:
    """Return a command as the file has it."""
    content: dict[str, object] = {"help": first_sentence(command.help or "")}
    if hasattr(command, "commands"):
        return content | {"commands": {name: drawn(one) for name, one in command.commands.items()}}
    options, arguments = {}, []
    for one in command.params:
        is_option = one.param_type_name == "option"
        facts: dict[str, object] = {"help": " ".join(one.help.split())} if is_option else {}
        if is_option and one.is_flag:
            facts["flag"] = True
        if one.multiple if is_option else one.nargs == -1:
            facts["many"] = True
        if values := one.type_descriptor.choices:
            facts["values"] = [str(value) for value in values]
        if is_option:
            options["/".join([*one.opts, *one.secondary_opts])] = facts
        else:
            arguments.append(facts)
    return content | {"options": options, "arguments": arguments}


def test_the_file_is_the_tree_of_the_commands():
    found = drawn(typer.main.get_command(application()))["commands"]
    own = {name: one for name, one in found.items() if name not in brought_commands().names}
    text = json.dumps(own, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("LACUNA_GOLDEN") == "update":
        TREE.write_text(text, encoding="utf-8")
    assert TREE.read_text("utf-8") == text, "make golden, and read the difference"


def completed(monkeypatch, capsys, shell: str, words: str) -> list[str]:
    """Return what a shell is offered at the end of some words."""
    split = words.split(" ")
    monkeypatch.setenv("_LACUNA_COMPLETE", f"complete_{shell}")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(split) - 1))
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", words)
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    monkeypatch.setattr(sys, "argv", ["lacuna"])
    with pytest.raises(SystemExit) as ended:
        entrance.main()
    assert not ended.value.code
    return capsys.readouterr().out.splitlines()


@pytest.mark.thorough
def test_each_command_is_completed_with_its_options(monkeypatch, capsys):
    monkeypatch.setattr("lacuna.cli.command_tree._real", pytest.fail)
    kept = json.loads(TREE.read_text("utf-8"))
    offered = completed(monkeypatch, capsys, "bash", "lacuna ")
    assert offered == [*kept, *sorted(brought_commands().names)]
    for name, one in kept.items():
        below = one.get("commands", {})
        if below:
            assert completed(monkeypatch, capsys, "bash", f"lacuna {name} ") == [*below]
        for words, each in [(f"{name} {part}", each) for part, each in below.items()] or [
            (name, one)
        ]:
            names = [word for options in each["options"] for word in options.split("/")]
            offered = completed(monkeypatch, capsys, "bash", f"lacuna {words} --")
            assert offered == [*names, "--help"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("lacuna run s", ["sweep", "seal"]),
        ("lacuna request submit --kind er", ["erasure"]),
        ("lacuna request submit --kind erasure --kind acc", ["access"]),
        ("lacuna redact --profile ", ["exact", "default"]),
        ("lacuna redact --output ", [""]),
    ],
)
def test_a_value_is_completed_where_it_is_one_of_a_few(monkeypatch, capsys, words, offered):
    assert completed(monkeypatch, capsys, "bash", words) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_also_get_what_a_command_is_for(monkeypatch, capsys, shell):
    said = "\n".join(completed(monkeypatch, capsys, shell, "lacuna request s"))
    assert "submit" in said
    assert "Queue a request and print its number." in said


def test_the_command_of_another_package_is_completed(monkeypatch, capsys):
    assert "load" in completed(monkeypatch, capsys, "bash", "lacuna sample ")


def test_bash_itself_completes_a_command(tmp_path):
    """With the script that `lacuna --show-completion` prints."""
    command = Path(sys.executable).with_name("lacuna")
    program = (
        f'eval "$(_LACUNA_COMPLETE=source_bash {command})"; COMP_WORDS=(lacuna request sub); '
        f'COMP_CWORD=2; _lacuna_completion {command}; echo "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["submit"]


def test_to_list_or_complete_loads_no_command():
    others = ("lacuna.cli.app", "lacuna.cli.redaction", "lacuna.wiring", "sqlalchemy", "numpy")
    completing = (
        "lacuna.cli.entrance as e, os; os.environ.update(_LACUNA_COMPLETE='complete_bash', "
        "COMP_WORDS='lacuna request submit --', COMP_CWORD='3')\n"
        "try: e.application(prog_name='lacuna')\nexcept SystemExit: pass\n"
        "sys.stdout.write(chr(10)); import json"
    )
    program = f"import sys, {completing}; print(json.dumps([*sys.modules]))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = json.loads(ended.stdout.splitlines()[-1])
    assert "--org" in ended.stdout.decode()
    assert [name for name in loaded if name in (*SLOW, *others)] == []


def test_the_version_is_printed(tmp_path):
    done = run_here("--version", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("lacuna 0.")
