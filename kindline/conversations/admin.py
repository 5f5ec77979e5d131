"""Topics in the administration; contacts and callbacks are worked with at the desk, not here."""

from __future__ import annotations

from django.contrib import admin

from kindline.conversations.models import Topic


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no parameter when run
    """What contacts are about, and whose competence it is."""

    list_display = ("title", "parent", "competence", "profile")
    list_filter = ("profile", "competence")
    search_fields = ("title", "code")
