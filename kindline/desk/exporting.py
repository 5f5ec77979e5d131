"""A list with personal data is taken out of the program: first for what, then the file."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_noop

from kindline.desk import access, house
from kindline.staff import exports

WHAT = {
    "appeals": gettext_noop("Appeals"),
    "contacts": gettext_noop("Contacts"),
    "campaign": gettext_noop("Campaigns"),
    "mail": gettext_noop("E-mail"),
    "outgoing": gettext_noop("Outgoing e-mail"),
    "letters": gettext_noop("Letters"),
    "sms": gettext_noop("Short messages"),
}
"""The lists that hold personal data."""
OWN = ("format", "purpose")


def out(request: HttpRequest, what: str, make: Callable[[], HttpResponseBase], query: str = "") -> HttpResponseBase:
    """The file that `make` makes; where the standard asks for what (krc-6.1-04), its page until that is named."""
    profile = house.profile()
    purpose = request.GET.get("purpose", "")
    try:
        exports.take_out(
            what=what, form=request.GET["format"], query=query or _rest(request), purpose=purpose, profile=profile,
            employee=access.employee_of(request), now=timezone.now(),
        )  # fmt: skip
    except exports.PurposeMissingError:
        return _ask(request, what, wrong="purpose" in request.GET)
    request.session["export_purpose"] = purpose
    return make()


def _ask(request: HttpRequest, what: str, *, wrong: bool) -> HttpResponseBase:
    context = {
        "what": WHAT[what],
        "kept": [(name, value) for name in request.GET if name != "purpose" for value in request.GET.getlist(name)],
        "back": f"?{_rest(request)}",
        "purposes": [(code, house.titled(dict(title))) for code, title in exports.purposes(house.profile()).items()],
        "chosen": request.session.get("export_purpose", ""),
        "wrong": wrong,
        "clauses": exports.clauses(house.profile()),
    }
    return render(request, "desk/export.html", context, status=422 if wrong else 200)


def _rest(request: HttpRequest) -> str:
    """The address's own filters."""
    query = request.GET.copy()
    for name in OWN:
        query.pop(name, None)
    return query.urlencode()
