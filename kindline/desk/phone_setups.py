"""Settings for telephones: the administrator makes a link, and the telephone fetches its file by it, once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from kindline.desk import access
from kindline.staff import whence
from kindline.staff.models import Role
from kindline.switchboard import phone_setups
from kindline.switchboard.phone_files import FORMATS

WRONG = {
    "employee": _("Choose an employee who has a place at the telephone."),
    "kind": _("Choose for which telephone."),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(Role.ADMINISTRATOR)
def several(request: HttpRequest) -> HttpResponseBase:
    """Who has a place; a post makes a link and shows it, with the settings, this once."""
    if request.method != "POST":
        return render(request, "desk/phone_setups.html", _context(QueryDict()))
    wrong = _wrong(request.POST)
    if wrong:
        refused = {"refusal": gettext(WRONG[wrong]), "wrong": wrong}
        return render(request, "desk/phone_setups.html", _context(request.POST) | refused, status=422)
    return render(request, "desk/phone_setups.html", _context(QueryDict()) | _made(request))


@never_cache
@require_GET
def fetch(request: HttpRequest, secret: str, name: str) -> HttpResponseBase:  # noqa: ARG001 - telephones want a file's name
    """The file behind a link; a telephone knows no log-in, the link is its key. ASVS 7.2.3: 256 bits of chance."""
    address = whence.address_of(request)
    try:
        format_, content = phone_setups.fetch_setup(secret=secret, address=address, now=timezone.now())
    except (phone_setups.UnknownSetupError, phone_setups.NoPlaceError):
        return HttpResponse("", status=404, content_type="text/plain")
    return HttpResponse(content, content_type=format_.content_type, headers={"X-Content-Type-Options": "nosniff"})


def _wrong(typed: QueryDict) -> str:
    if typed.get("kind") not in FORMATS:
        return "kind"
    return "" if any(str(one.pk) == typed.get("employee") for one in phone_setups.places()) else "employee"


def _made(request: HttpRequest) -> dict[str, Any]:
    employee, kind = int(request.POST["employee"]), request.POST["kind"]
    by = access.employee_of(request)
    setup, secret = phone_setups.make_setup(employee=employee, kind=kind, by=by, now=timezone.now())
    name = f"{kind}.{FORMATS[kind].ending}"
    link = request.build_absolute_uri(reverse("phone-setup", args=[secret, name]))
    return {
        "setup": setup, "link": link, "picture": _picture(link), "account": phone_setups.account_of(employee),
        "codecs": phone_setups.codecs(), "minutes": phone_setups.MINUTES, "format": FORMATS[kind].title,
    }  # fmt: skip


def _picture(link: str) -> str:
    """The link as a QR code, as an address of its own (`data:`)."""
    import segno  # noqa: PLC0415 - a telephone is set up seldom

    return str(segno.make(link, error="m", micro=False).svg_data_uri(scale=5, light="white"))


def _context(typed: QueryDict) -> dict[str, Any]:
    formats = [(key, one.title) for key, one in FORMATS.items()]
    return {"places": phone_setups.places(), "formats": formats, "typed": typed}
