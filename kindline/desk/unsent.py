"""Notices to applicants that have not gone: a list with the reason, and the way to send each (again)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from kindline.appeals import dispatching, unsent
from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, lists, refusals
from kindline.desk.wording import titled
from kindline.journal import retrying

WHYS = {
    "to_sign": _("it waits for the signature of somebody who may sign"),
    "waits": _("nobody has sent it yet"),
    "by_hand": _("it goes by no letter: tell the applicant, and write on the appeal that it was done"),
    "not_handed": _("the program could not send it"),
    "failed": _("the letter could not be sent"),
    "came_back": _("the letter came back"),
}


@require_safe
@access.for_roles(*access.EXECUTING)
def several(request: HttpRequest) -> HttpResponseBase:
    """What was prepared and has not gone, or did not arrive (krc-5.7.2-25, krc-6.1-15, krc-6.1-54..58)."""
    return render(request, "desk/unsent.html", _context(request))


@require_POST
@access.for_roles(*access.EXECUTING)
def send(request: HttpRequest, notice: int) -> HttpResponseBase:
    """Send one by the way and to the address that were chosen; where that is refused nothing typed is lost."""
    me, now, typed = access.employee_of(request), timezone.now(), request.POST
    found = get_object_or_404(unsent.unsent(house.profile(), me), pk=notice)
    way, address = typed.get("channel", ""), typed.get("address", "").strip()
    try:
        retrying.whole(
            lambda: dispatching.send_notice(notice=found, way=way, address=address, employee=me, now=now)
        )  # fmt: skip
    except RefusedError as error:
        told = {"failed": notice, "refusal": refusals.message_of(error), "posted": typed}
        return render(request, "desk/unsent.html", _context(request) | told, status=422)
    return redirect("unsent")


def _context(request: HttpRequest) -> dict[str, Any]:
    me, profile = access.employee_of(request), house.profile()
    page = lists.page_of(request, unsent.unsent(profile, me))
    rows = [(one, titled(WHYS, one.why), _said(one.said)) for one in unsent.told(list(page), profile, me)]
    return {"page": page, "rows": rows}


def _said(raw: str) -> str:
    """Why in particular: a refusal of ours in words, what another server said as it was said."""
    return gettext(refusals.BY_CODE[raw]) if raw in refusals.BY_CODE else raw
