"""Asking the switchboard to act, as the screens do."""

from kindline.switchboard.asking import PATIENCE_S, SwitchboardError, healthy, post

__all__ = ["PATIENCE_S", "SwitchboardError", "healthy", "post"]
