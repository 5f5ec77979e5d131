from django.apps import AppConfig


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
        if settings.IS_SUPERVISED:
            workdays_followed.follow(settings.KINDLINE["profile"])
