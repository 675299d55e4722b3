"""Make Airflow's first administrator, with the password in a file; one who is there keeps theirs.

On a command line every process of the machine could read the password.
"""

import sys
from pathlib import Path

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

NAME = "admin"


def main() -> None:
    """Make the administrator."""
    password = Path(sys.argv[1]).read_text("utf-8").strip()
    with get_application_builder() as builder:
        security = builder.sm
        if security.find_user(username=NAME):
            print(f"{NAME} is there already")
            return
        made = security.add_user(
            NAME, "Ada", "Ministrator", "admin@example.org", security.find_role("Admin"), password
        )
    # The manager logs what it could not write, and goes on.
    if not made:
        sys.exit(f"{NAME} could not be made; run again")
    print(f"{NAME} is made")


if __name__ == "__main__":
    main()
