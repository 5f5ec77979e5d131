"""The form by which a client asks to be called, and what he is told of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.conversations import actions as conversations
from kindline.conversations import asked_calls, queries
from kindline.conversations.asked_calls import CHANNEL
from kindline.conversations.callbacks import PENDING
from kindline.conversations.models import Callback
from kindline.conversations.places import UNPROMISED
from kindline.site import calling_back, form, here, pace, refused, words
from kindline.site.calling_back import SOON, Asked, Span
from kindline.site.errors import NotAcceptedError
from kindline.standard.menus import SiteCallback
from kindline.standard.profile import Profile

BY_CLIENT = "by the client on the site"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponseBase:
    """Number, name, topic and time; what is wrong is said beside the fields, and nothing typed is lost."""
    profile, offer = here.having(calling_back.offer_of)
    if request.method != "POST":
        return _form(request, profile, offer, {}, {}, uuid.uuid4(), 200)
    key = form.key_of(request.POST.get("key", ""))
    return refused.told(
        request,
        lambda: _kept(request, profile, offer, key),
        lambda faults, status: _form(request, profile, offer, request.POST, faults, key, status),
    )


def _kept(request: HttpRequest, profile: Profile, offer: SiteCallback, key: uuid.UUID) -> HttpResponseBase:
    """Where his call is told of; of a call that the number had already nothing is told, who asks may be a stranger."""
    typed, now = request.POST, timezone.now()
    posts = pace.count(request, now)
    is_proven = pace.is_proven(request, posts, key, now)
    if typed.get(form.TRAP):
        raise NotAcceptedError({form.TRAP: "trap"})
    topic = queries.topics(profile.id).filter(pk=form.row_key(typed.get("topic", ""))).first()
    asked = Asked(
        typed.get("phone", ""), typed.get("name", ""), typed.get("when", ""), topic, bool(typed.get("consent"))
    )
    made, is_own = calling_back.ask(
        profile=profile, offer=offer, key=key, asked=asked, whose=posts.whose, is_proven=is_proven, now=now
    )
    if is_own:
        return redirect("callback_asked", key=made.contact_id)
    return render(request, "site/callback_asked.html", {"is_another_s": True, "key": key})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def asked(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """By when he is called; he may say that it is not needed any more."""
    mine = Callback.objects.filter(contact=key, contact__channel=CHANNEL, origin__in=UNPROMISED)
    found = mine.first()  # who calls himself meanwhile keeps a place in the queue: it is this call still
    if found is None:
        raise Http404
    if request.method == "POST":
        if found.state in PENDING and asked_calls.is_asked_elsewhere(found):
            return _asked_shown(request, found, key, is_kept=True)
        conversations.cancel_callback(callback=found, reason=BY_CLIENT, employee=None, now=timezone.now())
        return redirect("callback_asked", key=key)
    return _asked_shown(request, found, key)


def _asked_shown(request: HttpRequest, found: Callback, key: uuid.UUID, *, is_kept: bool = False) -> HttpResponse:
    """`is_kept`: he wanted to take it back, and others rely on it."""
    profile = here.profile()
    context = {
        "callback": found, "key": key, "due": words.moment(profile, found.due_at), "is_open": found.state in PENDING,
        "from_at": words.moment(profile, found.try_after) if found.try_after and not found.attempts else "",
        "is_kept": is_kept,
    }  # fmt: skip
    return render(request, "site/callback_asked.html", context, status=409 if is_kept else 200)


def _form(
    request: HttpRequest, profile: Profile, offer: SiteCallback, typed: Any, faults: dict[str, str], key: uuid.UUID,
    status: int,
) -> HttpResponse:  # fmt: skip
    now = timezone.now()
    wrong = {field: words.fault(field, code, profile) for field, code in faults.items()}
    fields = [
        {"id": name, "label": words.field_title(name), "type": words.INPUTS.get(name, "text"),
         "autocomplete": words.AUTOCOMPLETE[name], "value": typed.get(name, ""), "required": True,
         "wrong": wrong[name]["text"] if name in wrong else ""}
        for name in ("phone", "name")
    ]  # fmt: skip
    context = {
        "key": key, "typed": typed, "fields": fields, "faults": list(wrong.values()), "trap": form.TRAP,
        "wrong": {field: one["text"] for field, one in wrong.items()}, "when": typed.get("when", SOON), "soon": SOON,
        "topics": queries.topics(profile.id), "puzzle": pace.puzzle(request, key, now),
        "fresh": request.method != "POST",
        "spans": [(one[0].isoformat(), _said(one)) for one in calling_back.spans(profile, offer, now)],
    }  # fmt: skip
    return refused.shown(request, "site/callback.html", context, status)


def _said(span: Span) -> str:
    """Day of the week, day and hours."""
    return f"{formats.date_format(span[0], 'l, j E')}, {span[0]:%H:%M} – {span[1]:%H:%M}"
