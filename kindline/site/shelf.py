"""Pages that are the same for everybody: what caches are told of them, and a shelf of ready ones in this process.

Only a page whose view says so, asked for without a query by somebody without a session, is for everybody; one that set
a cookie or carries a token after all is not. Everything else is its reader's own (ADR 41).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language_from_request

from kindline.site import viewing

PROXIES_S, RENEWING_S = 30, 30
"""So long a proxy may tell a page, and so long it may go on telling it while it asks for the next."""
PUBLIC = f"public, max-age=0, s-maxage={PROXIES_S}, stale-while-revalidate={RENEWING_S}"
"""Browsers ask each time, and are told by the mark (ETag) that nothing has changed."""
PRIVATE, OWN = "private, no-store", "private, no-cache"
VARY = "Accept-Language, Cookie"
PLACES = (
    "", "faq/", "services/", "outages/", "open-data/", "monitoring/", "reports/", "info/", "documents/", "contacts/",
)  # fmt: skip
"""Where pages for everybody are; what a proxy keeps is decided by their headers, not by this."""
MOST = 500
CLAIM_S = 5.0
"""While one request makes a page anew, the others are told the last one, so long at most."""
SHARED, TOKEN = "kindline.for_everybody", "CSRF_COOKIE_NEEDS_UPDATE"
Answer = Callable[[HttpRequest], HttpResponseBase]
Key = tuple[bool, str, str, str]
clock = time.monotonic


def open_to_all(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view whose pages are the same for everybody in one language and one version for low vision."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        share(request)
        return view(request, *args, **named)

    return told


def share(request: HttpRequest) -> None:
    """This page is the same for everybody."""
    request.META.setdefault(SHARED, True)


def keep_back(request: HttpRequest) -> None:
    """This page lacks something, whatever its view says: nobody else is to be told it."""
    request.META[SHARED] = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A ready page, and until when it is told."""

    content: bytes
    headers: tuple[tuple[str, str], ...]
    until: float


class Shelf:
    """Says of every answer who may keep it, and tells pages for everybody from memory for some seconds.

    So many clients at once get a page that was made once; a proxy is not needed for it. Clause: krc-5.7-11.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.kept: dict[Key, Kept] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_usual = _is_anonymous(request) and viewing.of(request) is None
        key = _key(request) if settings.PAGES_KEPT_S and is_usual else None
        if key and (found := self._found(key)):
            return _told(request, HttpResponse(found.content, headers=dict(found.headers)))
        response = self.answer(request)
        if not _is_for_everybody(request, response):
            return _own(request, response)
        response = _public(response)
        if key:
            self._keep(key, response)
        return _told(request, response)

    def _found(self, key: Key) -> Kept | None:
        """What stands there; one request in turn finds nothing once it is old, and makes it anew."""
        found, now = self.kept.get(key), clock()
        if found is None or now < found.until:
            return found
        if now < found.until + CLAIM_S:
            self.kept[key] = replace(found, until=now + CLAIM_S)
        return None

    def _keep(self, key: Key, response: HttpResponse) -> None:
        """What was made longest ago goes first; a copy of the keys, for other threads keep pages too."""
        self.kept.pop(key, None)
        for oldest in list(self.kept)[: -(MOST - 1)]:
            self.kept.pop(oldest, None)
        self.kept[key] = Kept(response.content, tuple(response.items()), clock() + settings.PAGES_KEPT_S)


def _key(request: HttpRequest) -> Key:
    """By what usual pages differ; in the key of a proxy (`runtime.nginx`) is the version for low vision too.

    There are ninety of those versions: each is made when it is asked for, lest they push the usual pages off the shelf.
    """
    place = request.is_secure(), request.META.get("HTTP_HOST", ""), request.path_info
    return *place, get_language_from_request(request)


def _is_anonymous(request: HttpRequest) -> bool:
    """Whether nothing is known of who asks, and nothing is asked but the page."""
    known = {settings.SESSION_COOKIE_NAME, "messages"} & set(request.COOKIES)
    return request.method in ("GET", "HEAD") and not known and not request.META.get("QUERY_STRING")


def _is_for_everybody(request: HttpRequest, response: HttpResponseBase) -> bool:
    said = request.META.get(SHARED, False) and response.status_code == 200 and isinstance(response, HttpResponse)
    return bool(said and _is_anonymous(request) and not response.cookies and not request.META.get(TOKEN))


def _public(response: HttpResponseBase) -> HttpResponse:
    """What caches are told of a page for everybody."""
    assert isinstance(response, HttpResponse)  # noqa: S101 - for the type alone
    mark = hashlib.sha256(response.content).hexdigest()[:32]
    response.headers["Vary"], response.headers["ETag"] = VARY, f'"{mark}"'
    response.headers.setdefault("Cache-Control", PUBLIC)
    return response


def _own(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """What is one reader's own: a page that others get from a cache is not kept at all, lest the two be mixed up."""
    if SHARED in request.META:
        response.headers["Cache-Control"] = PRIVATE
    response.headers.setdefault("Cache-Control", OWN)
    return response


def _told(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """The page, or that nothing has changed."""
    found: HttpResponseBase | None = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return found or response
