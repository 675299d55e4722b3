"""Airflow's web server with the officer's page, in a process of its own: `PORT` and people on stdin.

The auth manager is whichever the environment names. For SimpleAuthManager the environment names the
people too; for FAB they are made here, with the roles that `docker/make_roles.py` makes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import uvicorn

ROOT = Path(__file__).parents[2]


def make_people(people: dict[str, list[str]], passwords: dict[str, str]) -> None:
    """Make FAB's people with their roles, and the roles that only these tests have."""
    sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "docker")]
    import make_roles
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    make_roles.main()
    # One right each, as the table of docs/dpo-page.md gives them.
    single = {
        "decides": {("can_edit", "Privacy"), *of("HITL Detail"), *of("DAG:gdpr_fulfilment")},
        "hands in": {
            ("can_create", "Privacy"),
            ("can_create", "DAG Run:gdpr_intake"),
            *of("DAG:gdpr_intake"),
        },
    }
    with get_application_builder() as builder:
        security = builder.sm
        for name, permissions in single.items():
            role = security.find_role(name) or security.add_role(name)
            for action, resource in permissions:
                permission = security.create_permission(action, resource)
                security.add_permission_to_role(role, permission)
        for name, roles in people.items():
            found = [security.find_role(role) for role in roles]
            assert None not in found, roles
            assert security.add_user(
                name, name, "Invented", f"{name}@example.org", found, passwords[name]
            )


def of(resource: str) -> set[tuple[str, str]]:
    return {("can_read", resource), ("can_edit", resource)}


def main() -> None:
    """Prepare Airflow's database and people, and serve until the process is ended."""
    given = json.load(sys.stdin)
    from scripts.local_ui import prepare

    prepare(given["teams"])
    if given["people"]:
        make_people(given["people"], given["passwords"])
    from airflow.api_fastapi.app import create_app

    uvicorn.run(create_app("core"), host="127.0.0.1", port=given["port"], log_config=None)


if __name__ == "__main__":
    main()
