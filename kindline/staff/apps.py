from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "kindline.staff"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Log-ins and log-outs become facts wherever they happen."""
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from kindline.staff import sessions

        user_logged_in.connect(sessions.opened, dispatch_uid="kindline.session_opened")
        user_logged_out.connect(sessions.closed, dispatch_uid="kindline.session_closed")
