from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "kindline.desk"

    def ready(self) -> None:
        """Whoever logs out, at whatever door, leaves the telephone; his session is over by then (`staff.sessions`)."""
        from django.contrib.auth.signals import user_logged_out

        from kindline.desk import leaving

        user_logged_out.connect(leaving.logged_out, dispatch_uid="kindline.left_the_telephone")
