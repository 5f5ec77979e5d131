from django.apps import AppConfig
from django.db.models.signals import post_save


class SiteConfig(AppConfig):
    name = "kindline.site"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What is published is found at once."""
        from wagtail.signals import page_published

        from kindline.appeals.models import Publication
        from kindline.site.models import ItemPage, NewsPage, PageWording
        from kindline.site.searching import indexing

        post_save.connect(indexing.answer_saved, Publication, dispatch_uid="kindline.answer_found")
        for kind in (ItemPage, NewsPage):
            post_save.connect(indexing.page_made, kind, dispatch_uid=f"kindline.{kind.__name__}_found")
        post_save.connect(indexing.page_worded, PageWording, dispatch_uid="kindline.page_worded")
        page_published.connect(indexing.page_published, dispatch_uid="kindline.page_found")
