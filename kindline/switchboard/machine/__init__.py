"""The machine of a call: a pure table (phase, event) -> (state, commands). No clock, no wire, no database."""

from kindline.switchboard.machine.table import step

__all__ = ["step"]
