"""What the registry is measured against: Django on granian with one address that writes one row, and nothing else.

The same database, pool, workers and threads as the product, the middleware of a new Django project; no forms, no rules.
"""

from __future__ import annotations

import json
import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

if not settings.configured and os.environ.get("KINDLINE_PROCESS") == "bare":
    from kindline.runtime.settings import DATABASES

    settings.configure(
        DATABASES=DATABASES,
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        SECRET_KEY="bare",  # noqa: S106 - it guards nothing
        MIDDLEWARE=MIDDLEWARE,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    )
    django.setup()

TABLE = "CREATE TABLE bench_row (id bigserial PRIMARY KEY, text text NOT NULL, made_at timestamptz DEFAULT now())"


class Row(models.Model):
    """One row."""

    text = models.TextField()

    class Meta:
        app_label = "bench"
        db_table = "bench_row"
        managed = False

    def __str__(self) -> str:
        return self.text[:20]


@csrf_exempt
def write(request: HttpRequest) -> HttpResponse:
    """Write one row of what was sent."""
    made = Row._default_manager.create(text=json.loads(request.body)["substance"])
    return HttpResponse(json.dumps({"id": made.pk}), status=201, content_type="application/json")


urlpatterns = [path("rows", write)]
application = get_wsgi_application()
