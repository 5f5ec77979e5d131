"""The demonstration organisation: invented, believable, the same every time."""

from kindline.runtime.demonstration.loading import load, more_appeals, more_history

__all__ = ["load", "more_appeals", "more_history"]
