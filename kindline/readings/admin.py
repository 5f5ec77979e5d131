"""Meters in the administration; readings are changed by their actions alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from kindline.journal import actions as journal
from kindline.readings.models import Meter


@admin.register(Meter)
class MeterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no parameter when run
    """A meter of an account; a new one is a fact."""

    list_display = ("number", "account", "service", "unit", "installed_on", "removed_on", "verified_until")
    search_fields = ("number", "account__number")
    raw_id_fields = ("account",)

    def save_model(self, request: HttpRequest, obj: Meter, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            data = {"account": obj.account.number, "employee": request.user.pk}
            actor = f"employee:{request.user.pk}"
            journal.record(kind="meter_added", subject_type="meter", subject_id=obj.pk, actor=actor, data=data)
