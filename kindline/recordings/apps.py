from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "kindline.recordings"
    default_auto_field = "django.db.models.BigAutoField"
