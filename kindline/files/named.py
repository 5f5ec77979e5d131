"""What is needed of the world outside is named in the settings: a class by its dotted name, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.module_loading import import_string


def made(described: Mapping[str, Any] | None) -> Any:
    """An object of the class that is described ({"class": …, and its words}); None where nothing is."""
    if not described:
        return None
    return import_string(described["class"])(**{key: value for key, value in described.items() if key != "class"})
