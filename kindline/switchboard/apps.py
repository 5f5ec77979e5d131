from django.apps import AppConfig


class SwitchboardConfig(AppConfig):
    name = "kindline.switchboard"
    default_auto_field = "django.db.models.BigAutoField"
