"""The sweep flow: old text, recordings without consent and who came back; then what expired goes."""

from lacuna.flows.sweep.flow import (
    run,
)

__all__ = [
    "run",
]
