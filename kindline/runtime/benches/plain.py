"""What the site is measured against: Wagtail as a new project has it, with the same page, rows and database.

Its own middleware and serving, a template of a few lines, no sections, no notices, no rules, no cache.
"""

from __future__ import annotations

import os
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import include, path

urlpatterns: list[Any] = []

if os.environ.get("KINDLINE_PROCESS") == "plain":
    os.environ["DJANGO_SETTINGS_MODULE"] = "kindline.runtime.benches.plain_settings"
    application = get_wsgi_application()
    from wagtail.models import Page

    from kindline.site.models import ItemPage

    urlpatterns.append(path("info/", include("wagtail.urls")))
    ItemPage.template = "plain.html"
    for name in ("serve", "get_context"):  # without what we add to them
        setattr(ItemPage, name, getattr(Page, name))
