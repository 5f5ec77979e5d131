"""The addresses of Open311 GeoReport v2."""

from __future__ import annotations

from django.urls import re_path

from kindline.api import open311

FORM = r"\.(?P<form>json|xml)$"
urlpatterns = [
    re_path(rf"^discovery{FORM}", open311.discovery),
    re_path(rf"^services{FORM}", open311.services),
    re_path(rf"^services/(?P<code>[\w-]+){FORM}", open311.definition),
    re_path(rf"^requests{FORM}", open311.requests),
    re_path(rf"^requests/(?P<key>\d+){FORM}", open311.one),
]
