from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "kindline.feedback"
    default_auto_field = "django.db.models.BigAutoField"
