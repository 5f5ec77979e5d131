"""The telephone in the browser: which page of an operator has it, and what that page registers with."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from kindline.desk import access, refusals, switchboard, words
from kindline.desk.bodies import body_of
from kindline.staff import actions as staff
from kindline.staff import sessions
from kindline.staff.models import Employee, EmployeeSession
from kindline.switchboard import browser_phones
from kindline.switchboard.browser_phones import Entry

PAGE = re.compile(r"[a-z0-9]{1,16}")


@require_POST
@access.for_roles(*access.AT_THE_PHONE)
def take(request: HttpRequest) -> HttpResponseBase:
    """A page of the operator takes his browser's phone; the one that had it, on whichever machine, lets it go."""
    page, me, now = _page(request), access.employee_of(request), timezone.now()
    if not page:
        return refusals.answer([refusals.one("page", "1 to 16 letters and figures")])
    with transaction.atomic():
        staff.take_phone(employee=me, page=page)
        entry = _entry(request, now)
    return JsonResponse({"page": page, "phone": _told(me, entry)})


@require_POST
@access.for_roles(*access.AT_THE_PHONE)
def renew(request: HttpRequest) -> HttpResponseBase:
    """What the phone of a page registers with from now on, as long as the page has it (ASVS 4.4.4)."""
    page, me, now = _page(request), access.employee_of(request), timezone.now()
    with transaction.atomic():
        if not Employee.objects.select_for_update().filter(pk=me.pk, phone_page=page).exclude(phone_page="").exists():
            return JsonResponse({"message": gettext(words.BAR["line_elsewhere"])}, status=409)
        entry = _entry(request, now)
    return JsonResponse({"page": page, "phone": _told(me, entry)})


def _page(request: HttpRequest) -> str:
    """The name that a page has given itself; empty: it is none."""
    named = body_of(request).get("page")
    return named if isinstance(named, str) and PAGE.fullmatch(named) else ""


def _entry(request: HttpRequest, now: dt.datetime) -> Entry | None:
    session = EmployeeSession.objects.filter(token=sessions.token_of(request)).first()
    return browser_phones.enter(session, now) if session else None


def _told(me: Employee, entry: Entry | None) -> dict[str, Any] | None:
    """What the page is told, once the engines know it: one that does not know it yet would refuse the page."""
    if entry is None:
        return None
    switchboard.post_everywhere(f"/operators/{me.pk}/phones")
    return asdict(entry)
