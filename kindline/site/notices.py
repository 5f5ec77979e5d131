"""Notices in browsers: the page where they are subscribed to, what a browser says to us, each notice's own page."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_http_methods, require_POST, require_safe

from kindline.clients.models import Client
from kindline.notifications import browsers, push_wires, pushing
from kindline.notifications.browsers import Offered, Place
from kindline.notifications.errors import BadBrowserError
from kindline.notifications.push_models import PushAddress, PushPart
from kindline.site import here, notice_words, pace, refused
from kindline.site.account import own, session
from kindline.site.errors import FloodError
from kindline.site.subscribing import offer
from kindline.site.subscribing import pages as subscribing
from kindline.staff import browsers as names
from kindline.standard.notice_data import NoticeTopic

WORKER = "site/push_worker.js"
WANTED_MAX = 30
"""So many places may be wanted in one browser."""


@never_cache
@require_safe
def several(request: HttpRequest) -> HttpResponse:
    """What push notices are and what they need, and the button. Clause: krc-5.7.1-39."""
    return page(request, subscribing.offered(here.profile()))


def page(request: HttpRequest, offered: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """The page of notices, with the form of the subscription by e-mail and SMS as it stands."""
    login = session.current(request)
    poster = push_wires.poster()
    config = {
        "key": poster.public_key if poster else "",
        "worker": reverse("notices_worker"),
        "browser": reverse("notices_browser"),
        "words": notice_words.said(),
    }
    context = {
        "config": config, "is_on": poster is not None, "login": login, "owners": _owners(request),
        "browser_topics": [(one.id, one.title[here.language()]) for one in _topics()],
    }  # fmt: skip
    return refused.shown(request, "site/notices.html", {**context, **offered}, status)


def _owners(request: HttpRequest) -> list[Client]:
    login = session.current(request)
    return own.owners_of(login) if login else []


@never_cache
@require_POST
def browser(request: HttpRequest) -> HttpResponseBase:
    """What the page of a browser asks of us: `state`, `subscribe` or `leave`; who knows its address is that browser.

    Answered with JSON: `wanted`, in words; 422 for what is no subscription, 429 for too many.
    """
    now, verb = timezone.now(), request.POST.get("verb", "")
    if not push_wires.is_set() or verb not in VERBS:
        raise Http404
    try:
        if verb == "subscribe" and pace.count(request, now).are_many:
            return JsonResponse({"wanted": []}, status=429)
        return VERBS[verb](request, now)
    except FloodError:
        return JsonResponse({"wanted": []}, status=429)
    except BadBrowserError:
        return JsonResponse({"wanted": []}, status=422)


def _state(request: HttpRequest, now: dt.datetime) -> HttpResponse:  # noqa: ARG001 - a verb's shape
    return _told(_address(request))


def _subscribe(request: HttpRequest, now: dt.datetime) -> HttpResponse:
    offered = Offered(
        _text(request, "endpoint"), _text(request, "p256dh"), _text(request, "auth"), here.language(),
        names.shown(request.headers.get("User-Agent", "")),
    )  # fmt: skip
    known = _address(request)
    if known is not None and browsers.places(known).count() >= WANTED_MAX:
        return _told(known)
    owners = _owners(request) if request.POST.get("whose") == "account" else []
    topics = tuple(one.id for one in _topics())
    chosen = tuple(one for one in topics if one in request.POST.getlist("topics")) or topics
    place = None if owners else Place(_text(request, "street"), _text(request, "house"), chosen)
    return _told(browsers.subscribe(offered=offered, clients=owners, place=place, now=now))


def _leave(request: HttpRequest, now: dt.datetime) -> HttpResponse:
    known = _address(request)
    if known is not None:
        browsers.leave(address=known, now=now)
    return _told(None)


VERBS = {"state": _state, "subscribe": _subscribe, "leave": _leave}


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()


def _address(request: HttpRequest) -> PushAddress | None:
    endpoint = _text(request, "endpoint")
    return PushAddress.objects.filter(endpoint=endpoint, ended_at=None).first() if endpoint else None


def _told(address: PushAddress | None) -> HttpResponse:
    rows = browsers.places(address).select_related("client") if address else []
    titles = {one.id: one.title[here.language()] for one in _topics()}
    return JsonResponse({"wanted": [notice_words.wanted(one, titles) for one in rows]})


def _topics() -> list[NoticeTopic]:
    """What may be chosen in a browser."""
    plan = offer.in_browsers(here.profile())
    return list(plan.topics.values()) if plan else []


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, code: UUID) -> HttpResponse:
    """One notice whole, as the click on it opens it; a post leaves: no more notices in that browser.

    Opening alone changes no subscription: programs that look at links may come here too.
    """
    part = PushPart.objects.select_related("push", "address").filter(code=code).first()
    if part is None:
        raise Http404
    if request.method == "POST":
        browsers.leave(address=part.address, now=timezone.now())
        return redirect("notice", code=code)
    context: dict[str, Any] = {
        "part": part,
        "at": part.push.queued_at.astimezone(here.profile().zone),
        "is_left": part.address.ended_at is not None,
    }
    return render(request, "site/notice.html", context)


@csrf_exempt
@require_POST
def shown(request: HttpRequest, code: UUID) -> HttpResponse:  # noqa: ARG001 - a view's shape
    """The browser has shown a notice: its worker says so, which has no form of ours to show."""
    if not pushing.note_shown(code=str(code), now=timezone.now()):
        raise Http404
    return HttpResponse(status=204)


@require_POST
@session.needed
def leave(request: HttpRequest, login: Any) -> HttpResponseBase:
    """From the account: no more notices in one of the client's browsers."""
    key = request.POST.get("browser", "")
    mine = PushAddress.objects.filter(subscriptions__client__in=own.owners_of(login), ended_at=None).distinct()
    found = mine.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 18 else None
    if found is not None:
        browsers.leave(address=found, now=timezone.now())
        messages.success(request, gettext("No more notices are sent to that browser."))
    return redirect("account_data")


@cache
def _content() -> bytes:
    return Path(str(finders.find(WORKER))).read_bytes()


def _version(request: HttpRequest) -> str:  # noqa: ARG001 - a condition's shape
    return f'"{hashlib.sha256(_content()).hexdigest()}"'


@condition(etag_func=_version)
@cache_control(public=True, max_age=3600)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's shape
    """The worker that shows notices: from the root of the site, as a worker answers for what lies beside it alone."""
    return HttpResponse(_content(), content_type="text/javascript; charset=utf-8")
