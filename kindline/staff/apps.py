from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


class StaffConfig(AppConfig):
    name = "kindline.staff"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Log-ins and log-outs become facts wherever they happen; lasting processes follow the working calendar."""
        from django.conf import settings
        from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

        from kindline.staff import guessing, sessions, workdays_followed

        user_logged_in.connect(sessions.opened, dispatch_uid="kindline.session_opened")
        user_logged_out.connect(sessions.closed, dispatch_uid="kindline.session_closed")
        user_login_failed.connect(guessing.refused, dispatch_uid="kindline.session_refused")
        register(_roles_of_the_second_factor)
        register(_paid_breaks)
        if settings.IS_SUPERVISED:
            workdays_followed.follow(settings.KINDLINE["profile"])


def _roles_of_the_second_factor(**_asked: Any) -> list[CheckMessage]:
    """A role that is misspelled would be let in without a second factor: it is told before anything starts."""
    from kindline.staff import factors
    from kindline.staff.models import Role

    hint = f"Write some of: {', '.join(Role.values)}; or {factors.ALL}, or {factors.NONE}."
    said = "KINDLINE_SECOND_FACTOR_ROLES names no role: {}"
    return [Error(said.format(one), hint=hint, id="kindline.E633") for one in factors.unknown_roles()]


def _paid_breaks(**_asked: Any) -> list[CheckMessage]:
    """A kind that is misspelled would be a break that nobody is paid for: it is told before anything starts."""
    from django.conf import settings

    from kindline.staff.models import BreakKind

    unknown = sorted(set(settings.PAID_BREAKS) - set(BreakKind.values))
    hint = f"Write some of: {', '.join(BreakKind.values)}."
    return [
        Error(f"KINDLINE_PAID_BREAKS names no kind of break: {one}", hint=hint, id="kindline.E634") for one in unknown
    ]
