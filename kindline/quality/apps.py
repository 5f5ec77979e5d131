from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


class QualityConfig(AppConfig):
    name = "kindline.quality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Personal data that nobody has marked is told before anything starts (krc-2-33)."""
        register(_personal_data)


def _personal_data(**_asked: Any) -> list[CheckMessage]:
    from kindline.quality import personal_data

    return [Error(fault, id="kindline.E233") for fault in personal_data.faults()]
