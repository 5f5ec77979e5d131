"""The host that is for files alone: no cookies, no pages, nobody: signed addresses that open once (ADR 45, 65)."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.security import SecurityMiddleware
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kindline.correspondence import handing as letters
from kindline.files import handing
from kindline.files.errors import FilesError
from kindline.runtime.nginx import refusals
from kindline.runtime.nginx.refusals import Refusal
from kindline.site import here, reach

OPENED: dict[str, Callable[[handing.Named], HttpResponseBase | None]] = {
    handing.FILE: handing.opened,
    letters.RAW: letters.opened,
}
OVER = Refusal(
    "over", (403,), _("This address opens nothing any more"),
    (_("This address opens once, within one minute. Open the file from its page again."),),
)  # fmt: skip
ABSENT = Refusal(
    "absent", (404,), _("There is no such page"), (_("The address may be mistyped, or the page was taken away."),)
)


class FilesHost:
    """Answers whatever is asked by the name of the host of files; the pages never hear of it.

    It stands before sessions, languages and views: no cookie is read or set. ASVS 3.2.1, 3.5.4, 5.4.1.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer
        self.secured = SecurityMiddleware(given)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not handing.is_asked(request):
            return self.answer(request)
        return self.secured.process_response(request, given(request))  # type: ignore[arg-type] # it takes files too


def given(request: HttpRequest) -> HttpResponseBase:
    """The content of a signed address, once, within its minute; anything else is not found, whatever it is."""
    try:
        response = _found(request)
    except handing.ExpiredAddressError:
        response = _told(OVER)
    for name, value in handing.ELSEWHERE.items():
        response.headers[name] = value
    return response


def _found(request: HttpRequest) -> HttpResponseBase:
    named = handing.read(request.path_info, timezone.now()) if request.method in ("GET", "HEAD") else None
    if named and not _is_open(request, named):
        return _again(named)
    try:
        found = OPENED[named.kind](named) if named else None
    except FilesError:
        found = None
    return found or _told(ABSENT)


def _is_open(request: HttpRequest, named: handing.Named) -> bool:
    """Whether the address still opens its content; whoever asks for the headers alone leaves it so."""
    return not handing.was_opened(named) if request.method == "HEAD" else handing.is_first(named)


def _again(named: handing.Named) -> HttpResponse:
    """Whoever asks again is decided on anew, where it is known who he is; a form is to be sent anew."""
    return HttpResponseRedirect(named.page, status=303, headers=handing.SHUT) if named.page else _told(OVER)


def _told(refusal: Refusal) -> HttpResponse:
    """Whoever keeps such an address is told what to do, in the installation's language: he is nobody here."""
    page = refusals.page(refusal, settings.LANGUAGE_CODE, reach.of(here.profile()))
    headers = handing.SHUT | {"Content-Security-Policy": refusals.CLOSED}
    return HttpResponse(page, status=refusal.statuses[0], headers=headers)
