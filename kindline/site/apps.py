from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kindline.site"
    default_auto_field = "django.db.models.BigAutoField"
