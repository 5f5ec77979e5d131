"""A call that an employee makes of his own accord: typed on his screen, or asked for on a page that shows a number.

The phone is on the operator's screen: what is asked for elsewhere is called once that page is there and has its phone.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kindline.desk import access, bodies, refusals, switchboard

ASKED = "call_asked"
"""Where the session keeps the call that the operator's screen is to make: an address and what is posted there."""
LONGEST = 40
MOBILE = "mobile"
Asked = dict[str, Any]


def ask(request: HttpRequest, url: str, body: Asked) -> HttpResponseBase:
    """Leave a call to the operator's screen, and go there."""
    request.session[ASKED] = {"url": url, "body": body}
    return redirect("operator")


def asked(request: HttpRequest) -> Asked | None:
    """The call that is to be made, told once."""
    found: Asked | None = request.session.pop(ASKED, None)
    return found


@require_POST
@access.for_roles(*access.AT_THE_PHONE)
def from_page(request: HttpRequest) -> HttpResponseBase:
    """Call the number that another page shows; through the employee's mobile where he asks for that."""
    number = request.POST.get("number", "")[:LONGEST]
    if request.POST.get("by") != MOBILE:
        return ask(request, reverse("call-out"), {"number": number})
    try:
        switchboard.post("/outgoing", _wanted(request, number, MOBILE))
        messages.success(request, _("Your mobile rings: take the call and press 1, then the number is called."))
    except switchboard.SwitchboardError as error:
        messages.error(request, refusals.text_of(error))
    return redirect(_back(request))


@require_POST
@access.for_roles(*access.AT_THE_PHONE)
def begin(request: HttpRequest) -> HttpResponseBase:
    """The employee's phone rings, then the number's (krc-5.5.2-12, yumek-9.4-26).

    Refused: what costs extra or lies abroad, hours that are not permitted, who does not want to be called.
    """
    body = bodies.body_of(request)
    wanted = _wanted(request, bodies.text_of(body, "number")[:LONGEST], bodies.text_of(body, "by"))
    try:
        return JsonResponse(switchboard.post("/outgoing", wanted))
    except switchboard.SwitchboardError as error:
        return refusals.of(error)


def _wanted(request: HttpRequest, number: str, by: str) -> Asked:
    wanted: Asked = {"employee": access.employee_of(request).pk, "number": number}
    return wanted | {"mobile": True} if by == MOBILE else wanted


def _back(request: HttpRequest) -> str:
    """The page from which it was asked."""
    page = request.POST.get("back", "")
    return page if url_has_allowed_host_and_scheme(page, None) else reverse("contacts")
