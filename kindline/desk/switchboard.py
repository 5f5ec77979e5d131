"""Asking the switchboard to act, as the screens do."""

from kindline.switchboard.asking import PATIENCE_S, SwitchboardError, healthy, post, post_everywhere

__all__ = ["PATIENCE_S", "SwitchboardError", "healthy", "post", "post_everywhere"]
