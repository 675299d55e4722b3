"""The `lacuna` command: every stage by hand, each result for people or, with `--json`, machines."""

from lacuna.cli.app import main

__all__ = ["main"]
