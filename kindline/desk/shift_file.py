"""Shifts from a file: looked at first, with all its faults at once; entered as a whole or not at all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods

from kindline.campaigns.lists import text_of
from kindline.desk import access, house, rights, shift_sheets
from kindline.desk.shift_form import shown_day
from kindline.desk.shift_sheets import Sheet
from kindline.desk.shifts import ACT
from kindline.desk.typed import Post, post_of
from kindline.staff import queries as staff
from kindline.staff import shifts
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

FILE_MAX = 2**20
TOO_LARGE = _("The file is larger than 1 MB: divide it.")
NOTHING = _("Choose a file, or paste its lines.")


@require_http_methods(["GET", "HEAD", "POST"])
@rights.needed(ACT)
def show(request: HttpRequest) -> HttpResponseBase:
    """The form; a post looks through the lines, and enters them once they were looked at."""
    post, profile = post_of(request), house.profile()
    if request.method != "POST":
        return render(request, "desk/shift_file.html", {})
    text, fault = _text(request)
    sheet = Sheet(faults=[(0, gettext(fault))]) if fault else _looked_at(text, post, profile)
    enters = post.text("verb") == "enter" and not sheet.faults
    if enters and _entered(request, sheet, post, profile):
        first = min(one.start_at for one in sheet.plans).astimezone(profile.zone)
        return redirect(f"{reverse('shifts')}?week={first:%F}")
    context = {
        "text": text,
        "typed": post.typed,
        "sheet": sheet,
        "preview": None if sheet.faults else _told(sheet, profile),
    }
    return render(request, "desk/shift_file.html", context, status=422 if sheet.faults else 200)


def _text(request: HttpRequest) -> tuple[str, str]:
    """The lines, and what is wrong with the file itself; an uploaded file stands before what was pasted."""
    upload, pasted = request.FILES.get("file"), request.POST.get("lines", "")
    if upload is not None and (upload.size or 0) > FILE_MAX:
        return pasted, TOO_LARGE
    text = text_of(upload.read()) if upload is not None else pasted
    return text, "" if text.strip() else NOTHING


def _looked_at(text: str, post: Post, profile: Profile) -> Sheet:
    sheet = shift_sheets.read(text, {one.username.casefold(): one for one in _people()}, profile.zone)
    met = shifts.met(sheet.plans, replace=post.flag("replace"))
    return shift_sheets.with_clashes(sheet, met, profile.zone)


def _people() -> list[Employee]:
    return list(staff.with_role(*access.AT_THE_PHONE))


def _entered(request: HttpRequest, sheet: Sheet, post: Post, profile: Profile) -> bool:
    try:
        n = shifts.enter(plans=sheet.plans, replace=post.flag("replace"), employee=post.me, now=post.now)
    except shifts.ClashError as error:  # entered meanwhile by somebody else
        shift_sheets.with_clashes(sheet, error.found, profile.zone)
        return False
    messages.success(request, ngettext("%(n)s shift entered.", "%(n)s shifts entered.", n) % {"n": n})
    return True


def _told(sheet: Sheet, profile: Profile) -> dict[str, Any]:
    days = [one.start_at.astimezone(profile.zone).date() for one in sheet.plans]
    return {
        "shifts": len(days),
        "people": len({one.employee for one in sheet.plans}),
        "first": shown_day(min(days)),
        "last": shown_day(max(days)),
    }
