"""The pages of the subscription without an account: asked for, confirmed with a press, left with a press."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from kindline.notifications import topics
from kindline.notifications.topic_models import NoticeSubscription
from kindline.site import form, here, pace, refused, words
from kindline.site.errors import TooManyError
from kindline.site.senders import Bounds
from kindline.site.subscribing import asking, offer
from kindline.standard.notice_data import NoticePlan
from kindline.standard.profile import Profile

HOUR = dt.timedelta(hours=1)
AN_HOUR = Bounds(20, 100)
"""So many wishes are taken within an hour: each may send a message to an address that is a stranger's."""


def offered(profile: Profile, typed: Any = None, faults: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the page of notices shows of it: topics and ways, and what is wrong with what was typed."""
    plan = offer.plan_of(profile)
    if plan is None:
        return {"plan": None}
    chosen = typed.getlist("topics") if typed else list(plan.topics)
    said = [words.fault(field, code, profile) for field, code in (faults or {}).items()]
    return {
        "plan": plan,
        "fresh": typed is None,
        "ways": offer.ways(plan),
        "topics": [(one.id, one.title[here.language()], one.id in chosen) for one in plan.topics.values()],
        "typed": typed,
        "faults": said,
        "wrong": {one["field"]: one["text"] for one in said},
        "trap": form.TRAP,
    }


@never_cache
@require_POST
def ask(request: HttpRequest) -> HttpResponseBase:
    """Take a wish; whether the address was known before, the answer does not tell. Clause: krc-5.7.1-39."""
    profile, plan = here.having(offer.plan_of)
    from kindline.site import notices  # noqa: PLC0415 - which shows this form, and so asks for this module

    return refused.told(
        request,
        lambda: redirect("notices_confirm", key=_asked(request, profile, plan).key),
        lambda faults, status: notices.page(request, offered(profile, request.POST, faults), status),
    )


def _asked(request: HttpRequest, profile: Profile, plan: NoticePlan) -> NoticeSubscription:
    now = timezone.now()
    posts = pace.count(request, now)
    wish = asking.read(profile, plan, request.POST)
    lately = NoticeSubscription.objects.filter(made_at__gt=now - HOUR)
    if posts.are_many or AN_HOUR.are_reached(lately, posts.whose):
        raise TooManyError
    site = settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")
    return asking.ask(profile=profile, plan=plan, wish=wish, site=site, whose=posts.whose, now=now)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: UUID) -> HttpResponse:
    """Confirm with a press: opening the link does nothing, since programs open links too."""
    _profile, plan = here.having(offer.plan_of)
    row = NoticeSubscription.objects.filter(key=key).first()
    now, valid, is_wrong = timezone.now(), dt.timedelta(hours=plan.confirm_hours), False
    if row is not None and request.method == "POST":
        is_wrong = not topics.confirm(row=row, code=request.POST.get("code", "")[:100], valid=valid, now=now)
        row = NoticeSubscription.objects.filter(key=key).first()
    is_over = row is None or (row.confirmed_at is None and _is_over(row, valid, now))
    context = {
        "row": row,
        "code": request.GET.get("code", "")[:100],
        "is_over": is_over,
        "is_wrong": is_wrong and not is_over,
        "topics": [one.title[here.language()] for one in plan.topics.values() if row and one.id in row.topics],
    }
    return render(request, "site/notices_confirm.html", context, status=422 if is_wrong else 410 if is_over else 200)


def _is_over(row: NoticeSubscription, valid: dt.timedelta, now: dt.datetime) -> bool:
    return row.made_at + valid <= now or row.tries >= topics.TRIES_MAX


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, code: str) -> HttpResponse:
    """Leave all notices of an address with one press, here or in a mail program (RFC 8058): who has the code may.

    Opening the page changes nothing. A code that is not known, or no more, is answered like one that has left.
    """
    row = NoticeSubscription.objects.filter(leave_code=code).first()
    if row is not None and request.method == "POST":
        topics.leave(way=row.way, address=row.address, via="page", now=timezone.now())
        row = None
    return render(request, "site/notices_leave.html", {"row": row})
