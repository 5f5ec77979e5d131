"""Employees, units and skills in the administration."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee, EmployeeSkill, Skill, Unit


class EmployeeSkillInline(admin.TabularInline):  # type: ignore[type-arg]  # takes no parameter when run
    model = EmployeeSkill
    extra = 0


@admin.register(Employee)
class EmployeeAdmin(UserAdmin):  # type: ignore[type-arg]
    """An employee; every change is a fact."""

    list_display = ("username", "number", "surname", "given_name", "position", "unit", "is_active")
    list_filter = ("is_active", "unit")
    search_fields = ("username", "surname", "given_name", "number")
    inlines = (EmployeeSkillInline,)
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active", "is_staff", "is_superuser")}),
        (None, {"fields": ("number", "surname", "given_name", "patronymic", "gender", "language", "email", "phone")}),
        (None, {"fields": ("position", "unit", "deputy", "roles", "competences")}),
    )

    def save_model(self, request: HttpRequest, obj: Employee, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        by = request.user if isinstance(request.user, Employee) else None
        data = {"by": by.pk if by else None} | ({"fields": sorted(form.changed_data)} if change else {})
        kind = "employee_changed" if change else "employee_created"
        journal.record(kind=kind, subject_type="employee", subject_id=obj.pk, actor=actor(by), data=data)


admin.site.register([Unit, Skill])
