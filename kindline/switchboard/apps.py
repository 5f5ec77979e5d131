from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


class SwitchboardConfig(AppConfig):
    name = "kindline.switchboard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(_where_telephones_register)


def _where_telephones_register(**_asked: Any) -> list[CheckMessage]:
    """A place that is none would be found by whoever sets up a telephone: it is told before anything starts."""
    from django.conf import settings

    from kindline.switchboard import phone_setups

    said = str(settings.KINDLINE.get("phones_at") or "")
    try:
        _ = said and phone_setups.place_of(said)
    except ValueError:
        hint = "Write HOST:PORT, 192.0.2.10:5060, without sip: before it, or leave it out."
        return [Error(f"KINDLINE_PHONES_AT is no place: {said}", hint=hint, id="kindline.E635")]
    return []
