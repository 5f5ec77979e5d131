"""Extensions and mobiles in the administration; every change is a fact."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.switchboard.dialling_models import Extension, Mobile


class Told(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no parameter when run
    """A change of what rings for whom."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._tell(request, obj, removed=False)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._tell(request, obj, removed=True)
        super().delete_model(request, obj)

    def _tell(self, request: HttpRequest, obj: Any, *, removed: bool) -> None:
        by = request.user if isinstance(request.user, Employee) else None
        whose = obj.employee_id or f"unit {obj.unit_id}"
        data = {"number": obj.number, "removed": removed, "by": by.pk if by else None}
        journal.record(kind="telephone_changed", subject_type="employee", subject_id=whose, actor=actor(by), data=data)


@admin.register(Extension)
class ExtensionAdmin(Told):
    """Short numbers of people and departments."""

    list_display = ("number", "employee", "unit")
    search_fields = ("number", "employee__surname", "unit__name")


@admin.register(Mobile)
class MobileAdmin(Told):
    """Mobiles that ring for employees."""

    list_display = ("employee", "number", "rings")
    search_fields = ("number", "employee__surname")
