"""The `lacuna` command: every stage by hand, each result for people or, with `--json`, machines.

Packages that bring commands of their own use what prints, and what grants Lacuna's roles.
"""

from lacuna.cli.entrance import main
from lacuna.cli.output import say, show_json
from lacuna.cli.role_grants import grant_roles

__all__ = ["grant_roles", "main", "say", "show_json"]
