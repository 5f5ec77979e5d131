"""The directory of other bodies in the administration."""

from __future__ import annotations

from django.contrib import admin

from kindline.appeals.models import Body


@admin.register(Body)
class BodyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no parameter when run
    """Other bodies and what they are competent in."""

    list_display = ("name", "competence", "phone", "profile")
    search_fields = ("name", "competence")
