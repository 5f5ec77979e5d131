"""Clients and their accounts in the administration."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.forms import ModelForm, SplitDateTimeField
from django.http import HttpRequest

from kindline.clients import actions
from kindline.clients.models import Account, Client, ContactPoint, Premise
from kindline.journal import actions as journal


class MomentField(SplitDateTimeField):
    """A day and an hour that nobody has changed are the moment that was kept, also in the hour that comes twice."""

    kept: dt.datetime | None = None

    def compress(self, data_list: Any) -> dt.datetime | None:
        if self.kept and data_list == self.widget.decompress(self.kept.replace(microsecond=0)):
            return self.kept
        return super().compress(data_list)


class MomentsForm(ModelForm):  # type: ignore[type-arg]
    """A form whose moments know what was kept."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for name, field in self.fields.items():
            if isinstance(field, MomentField):
                field.kept = self.initial.get(name)


MOMENTS: dict[Any, Any] = {models.DateTimeField: {"form_class": MomentField, "widget": AdminSplitDateTime}}


class ContactPointInline(admin.TabularInline):  # type: ignore[type-arg]  # takes no parameter when run
    model = ContactPoint
    form = MomentsForm
    formfield_overrides = MOMENTS
    extra = 0


class AccountInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Account
    extra = 0
    autocomplete_fields = ("premise",)


@admin.register(Client)
class ClientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A client; every change is a fact and renews the search."""

    list_display = ("__str__", "kind", "residence", "changed_at")
    search_fields = ("surname", "given_name", "firm_name", "points__value", "accounts__number")
    form = MomentsForm
    formfield_overrides = MOMENTS
    inlines = (ContactPointInline, AccountInline)

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:  # noqa: ARG002
        """Of a card that is there only what was changed in the form: the rest others may have changed meanwhile."""
        obj.save(update_fields=form.changed_data if change else None)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        actions.reindex(client=form.instance)
        kind = "client_changed" if change else "client_created"
        data = {"fields": sorted(form.changed_data), "employee": request.user.pk} if change else {"via": "admin"}
        actor = f"employee:{request.user.pk}"
        journal.record(kind=kind, subject_type="client", subject_id=form.instance.pk, actor=actor, data=data)


@admin.register(Premise)
class PremiseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Places of supply."""

    search_fields = ("city", "street", "house")
