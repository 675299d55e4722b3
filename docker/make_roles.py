"""Make the roles of the officer's page in Airflow's own authorization (FAB); again changes nothing.

What `plugins/gdpr_dpo_page.py` asks for, as roles that are given to people one beside the other: one
says what somebody may do, one for each tenant says for whom. Whoever has only one of the two sees
nothing of the page.
"""

import sys

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.providers.fab.www.security.permissions import (
    ACTION_CAN_ACCESS_MENU,
    ACTION_CAN_CREATE,
    ACTION_CAN_EDIT,
    ACTION_CAN_READ,
    RESOURCE_HITL_DETAIL,
)
from gdpr_dpo_page import PERSONAL, TENANT, VIEW

from lacuna.datamap import load_tenants
from lacuna.wiring import read_settings

READER = ((ACTION_CAN_READ, VIEW), (ACTION_CAN_ACCESS_MENU, VIEW))
OFFICER = (
    *READER,
    (ACTION_CAN_EDIT, VIEW),
    (ACTION_CAN_CREATE, VIEW),
    (ACTION_CAN_READ, PERSONAL),
    (ACTION_CAN_EDIT, RESOURCE_HITL_DETAIL),
    (ACTION_CAN_READ, "DAG:gdpr_fulfilment"),
    (ACTION_CAN_EDIT, "DAG:gdpr_fulfilment"),
    (ACTION_CAN_EDIT, "DAG:gdpr_intake"),
    (ACTION_CAN_CREATE, "DAG Run:gdpr_intake"),
)


def main() -> None:
    """Make what is missing, and say which roles there are."""
    tenants = sorted(load_tenants(read_settings().tenants).by_org)
    roles = {"Privacy reader": READER, "Privacy officer": OFFICER} | {
        f"Privacy of {org_id}": ((ACTION_CAN_READ, f"{TENANT} {org_id}"),) for org_id in tenants
    }
    with get_application_builder() as builder:
        security = builder.sm
        for name, permissions in roles.items():
            role = security.find_role(name) or security.add_role(name)
            for action, resource in permissions:
                permission = security.create_permission(action, resource)
                security.add_permission_to_role(role, permission)
            # The manager logs what it could not write, and goes on.
            given = {(each.action.name, each.resource.name) for each in role.permissions}
            if missing := set(permissions) - given:
                sys.exit(f"role {name}: {len(missing)} permissions could not be given; run again")
    print("\n".join(roles))


if __name__ == "__main__":
    main()
