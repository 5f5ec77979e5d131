"""Employees, units and skills in the administration."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from kindline.journal import actions as journal
from kindline.staff import factors, sessions, shifts
from kindline.staff.actions import actor, first_until, note_password
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
    actions = ("take_second_factor", "end_sessions")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active", "is_staff", "is_superuser")}),
        (None, {"fields": ("number", "surname", "given_name", "patronymic", "gender", "language", "email", "phone")}),
        (None, {"fields": ("position", "unit", "deputy", "roles", "competences")}),
    )

    def save_model(self, request: HttpRequest, obj: Employee, form: Any, change: bool) -> None:
        by = _by(request)
        if not change:
            obj.first_password_until = first_until(obj, by)
        obj.save(update_fields=form.changed_data if change else None)  # the rest he may have changed himself meanwhile
        data = {"by": by.pk if by else None} | ({"fields": sorted(form.changed_data)} if change else {})
        kind = "employee_changed" if change else "employee_created"
        journal.record(kind=kind, subject_type="employee", subject_id=obj.pk, actor=actor(by), data=data)
        shifts.end_if_left(employee=obj, by=by, now=timezone.now())

    @admin.action(description=gettext_lazy("Take away the second factor"), permissions=["change"])
    def take_second_factor(self, request: HttpRequest, chosen: QuerySet[Employee]) -> None:
        """Who has lost the telephone and the codes on paper gets in by the password again; his sessions end."""
        count = sum(factors.reset(employee=one, by=_by(request), now=timezone.now()) for one in chosen)
        self.message_user(request, gettext("Second factors taken away: %(count)s.") % {"count": count})

    @admin.action(description=gettext_lazy("End all sessions"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, chosen: QuerySet[Employee]) -> None:
        """Whoever is logged in as one of them is out at once; he may log in again (ASVS 7.4.5)."""
        by, now = _by(request), timezone.now()
        count = sum(sessions.end_all(employee=one, by=by, reason="administrator", now=now) for one in chosen)
        self.message_user(request, gettext("Sessions ended: %(count)s.") % {"count": count})

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Set somebody's password: a fact, like one that the employee sets himself; it is a first one (ADR 78)."""
        before = self.get_object(request, unquote(id))
        answer = super().user_change_password(request, id, form_url)
        after = self.get_object(request, unquote(id))
        if before and after and before.password != after.password:
            after.first_password_until = first_until(after, _by(request))
            after.save(update_fields=["first_password_until"])
            note_password(employee=after, by=_by(request))
            _end_sessions(request, after)
        return answer


def _end_sessions(request: HttpRequest, changed: Employee) -> None:
    """Whose password was set logs in by the new one; whoever set his own stays where he is."""
    by, now = _by(request), timezone.now()
    if by == changed:
        sessions.keep(request, changed, now)
    else:
        sessions.end_all(employee=changed, by=by, reason="changed", now=now)


def _by(request: HttpRequest) -> Employee | None:
    return request.user if isinstance(request.user, Employee) else None


admin.site.register([Unit, Skill])
