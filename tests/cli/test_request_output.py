"""How requests are listed, for people and for other programs, and how commands name one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import typer

from lacuna.cli import output, request_output
from lacuna.cli.app import application
from lacuna.cli.arguments import AnyRequestId, RequestId, RequestIds
from lacuna.model.queue import Obstacle
from lacuna.model.request import Pause, RequestKind, RequestState
from tests.cli.test_decisions import submit
from tests.flows.observation import execute, quiet_people
from tests.shop import request_of


@pytest.fixture
def requests(lacuna, installation):
    """An erasure and a request for access, of one tenant."""
    contacts = quiet_people(installation.platform)
    return [
        submit(lacuna, installation, contacts[0]),
        submit(lacuna, installation, contacts[1], kind="access", verified=None),
    ]


def test_what_a_list_begins_with_is_what_every_command_takes(lacuna, requests):
    listed = lacuna("request", "list").out.splitlines()
    first = [line.split("\t")[0] for line in listed]
    assert first == ["FJ-0001", "FJ-0002"]
    for number, request_id in zip(first, requests, strict=True):
        assert lacuna("request", "show", number, "--json").json["request_id"] == request_id
    assert lacuna("request", "show", "fj-1").out.splitlines()[:2] == [
        "Request: FJ-0001",
        f"Id: {requests[0]}",
    ]


@pytest.mark.parametrize("length", [8, 11, 36])
def test_the_beginning_of_an_id_names_a_request(lacuna, requests, length):
    shown = lacuna("request", "show", requests[1][:length].upper(), "--json").json
    assert shown["number"] == "FJ-0002"


def test_a_number_of_no_request_is_a_finding(lacuna, requests):
    done = lacuna("request", "withdraw", "FJ-0009", "--as", "dana")
    assert (done.code, done.out) == (1, "")
    assert done.err == "FJ-0009: no such request; see lacuna request list\n"


def test_the_beginning_of_two_ids_names_neither(lacuna, requests, installation):
    twin = f"{requests[0][:-1]}{'0' if requests[0][-1] != '0' else '1'}"
    insert = (
        "insert into lacuna.request (request_id, org_id, kinds, level, received_at, due_at, "
        "created_at) values (%s, 'fjordlys', '{access}', 'contact', now(), now(), now()) "
        "returning number"
    )
    execute(installation.url, insert, twin)
    done = lacuna("request", "show", requests[0][:8])
    assert (done.code, "write more of it, or the request's number" in done.err) == (1, True)


def test_every_request_of_a_command_is_read_in_one_place():
    def parameters(command, path, named="request_id"):
        for name, one in getattr(command, "commands", {}).items():
            yield from parameters(one, f"{path} {name}", named)
        for parameter in command.params:
            if parameter.name == named:
                yield path, parameter.callback

    found = dict(parameters(typer.main.get_command(application()), ""))
    assert len(found) > 15
    (read,) = {callback.__wrapped__ for callback in found.values()}
    for named in (RequestId, AnyRequestId):
        assert named.__metadata__[0].callback is read
    several = dict(parameters(typer.main.get_command(application()), "", "request_ids"))
    assert len(several) >= 3
    (read_all,) = {callback.__wrapped__ for callback in several.values()}
    assert RequestIds.__metadata__[0].callback is read_all


@pytest.mark.thorough
def test_a_list_is_limited_to_what_is_asked_for(lacuna, requests, installation):
    def numbers(*options):
        return [
            line.split("\t")[0] for line in lacuna("request", "list", *options).out.splitlines()
        ]

    execute(
        installation.url,
        "update lacuna.request set due_at = '2030-02-01', alarm_at = '2030-02-01' "
        "where number = 'FJ-0002' returning number",
    )
    both = ["FJ-0001", "FJ-0002"]
    assert numbers("--right", "erasure") == ["FJ-0001"]
    assert numbers("--right", "erasure", "--right", "access") == both
    assert numbers("--org", "hafenkontor") == []
    assert numbers("--org", "fjordlys", "--state", "received") == both
    assert numbers("--state", "completed", "--state", "held") == []
    assert numbers("--due", "2030-02-01") == ["FJ-0001"]
    assert numbers("--due", "2030-02-02") == both
    assert numbers("--limit", "1") == ["FJ-0001"]
    lacuna("request", "withdraw", "FJ-0001", "--as", "dana")
    assert numbers("--due", "2030-02-02") == ["FJ-0002"]
    assert numbers("--state", "withdrawn") == ["FJ-0001"]
    assert lacuna("request", "list", "--due", "tomorrow").code == 2
    assert lacuna("request", "list", "--limit", "0").code == 2


def test_a_list_for_people_fits_into_80_columns(monkeypatch, capsys):
    for module in (output, request_output):
        monkeypatch.setattr(module, "is_terminal", lambda: True)
    monkeypatch.setattr(output._console, "width", 80)
    widest = replace(
        request_of(org_id="hafenkontor", kinds=tuple(RequestKind)),
        number="HA-10142",
        due_at=datetime(2026, 12, 31, tzinfo=UTC),
        pause=Pause.CLARIFICATION,
    )
    request_output.show_requests(
        [
            (replace(widest, state=state), obstacle)
            for state in RequestState
            for obstacle in Obstacle
        ]
    )
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert sum("HA-10142" in line for line in lines) == len(RequestState) * len(Obstacle)
    words = " ".join(lines).replace("│", " ").split()
    assert {str(state) for state in RequestState} <= {word.rstrip(",") for word in words}
    assert {str(obstacle) for obstacle in Obstacle} <= set(words)
