"""The administrator's page of webhooks: who is told what, under which token, and how that goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.api import egress, webhooks
from kindline.api.models import Delivery, DeliveryState, Subscription
from kindline.staff.models import Employee, Role, Scope, Token

View = Callable[..., HttpResponseBase]
ROWS = 50
EVENTS = {
    "registered": _("an appeal was registered"),
    "assigned": _("an appeal was given to an executor"),
    "forwarded": _("an appeal was forwarded"),
    "message_added": _("the applicant added something"),
    "extended": _("the term was extended"),
    "limit_changed": _("the term was computed anew"),
    "answered": _("an appeal was answered"),
    "closed": _("an appeal left the registry"),
    "reopened": _("an appeal that was closed as a duplicate is open again"),
    "corrected": _("what was said of an appeal was corrected"),
}
STATES = {
    DeliveryState.WAITING: _("waits to be sent"),
    DeliveryState.DELIVERED: _("delivered"),
    DeliveryState.FAILED: _("given up"),
}
WRONG = {
    "token": _("Choose a token that holds and is for webhooks."),
    "url": _("This address may not be called: name one that begins with an allowed origin."),
    "events": _("Tick at least one thing to tell."),
}


class UnfitSubscriptionError(ValueError):
    """The subscription cannot be made so; `field` says what to correct."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"correct {field}")


def _for_administrator(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect(f"/login/?{urlencode({'next': request.get_full_path()})}")
        if not request.user.has_role(Role.ADMINISTRATOR):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@_for_administrator
def several(request: HttpRequest) -> HttpResponseBase:
    """Every subscription; a post makes a new one and shows its secret this once."""
    if request.method != "POST":
        return render(request, "api/webhooks.html", _context(request, QueryDict()))
    try:
        made = _subscribe(request.POST, cast(Employee, request.user))
    except UnfitSubscriptionError as error:
        refused = {"refusal": gettext(WRONG[error.field]), "wrong": error.field}
        return render(request, "api/webhooks.html", _context(request, request.POST) | refused, status=422)
    shown = {"made": made, "secret": webhooks.secret_of(made)}
    answer = render(request, "api/webhooks.html", _context(request, QueryDict()) | shown)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
@_for_administrator
def one(request: HttpRequest, subscription: int) -> HttpResponseBase:
    """What was told to one program, and what waits, with the reason."""
    found = get_object_or_404(Subscription.objects.select_related("token__employee"), pk=subscription)
    page = Paginator(found.deliveries.order_by("-pk"), ROWS).get_page(request.GET.get("page"))
    rows = [(row, gettext(EVENTS.get(row.event, row.event)), gettext(STATES[DeliveryState(row.state)])) for row in page]
    return render(request, "api/webhook.html", {"hook": found, "page": page, "rows": rows})


@require_POST
@_for_administrator
def switch(request: HttpRequest, subscription: int, verb: str) -> HttpResponseBase:
    """Switch a subscription off, or on again; on again it stays off where its address is no longer allowed."""
    found = get_object_or_404(Subscription.objects.select_related("token"), pk=subscription)
    me, now = cast(Employee, request.user), timezone.now()
    if verb == "off":
        webhooks.unsubscribe(subscription=found, by=me, now=now)
        return redirect("webhook-page")
    try:
        webhooks.resume(subscription=found, by=me, now=now)
    except egress.NotAllowedError:
        refused = {"refusal": gettext(WRONG["url"])}
        return render(request, "api/webhooks.html", _context(request, QueryDict()) | refused, status=422)
    return redirect("webhook-page")


@require_POST
@_for_administrator
def again(request: HttpRequest, delivery: int) -> HttpResponseBase:
    """Send a piece of news now."""
    found = get_object_or_404(Delivery, pk=delivery)
    webhooks.send_again(delivery=found, by=cast(Employee, request.user), now=timezone.now())
    return redirect("webhook-one", subscription=found.subscription_id)


def _subscribe(typed: QueryDict, me: Employee) -> Subscription:
    raw, events = typed.get("token", ""), [one for one in typed.getlist("events") if one in EVENTS]
    token = _tokens().filter(pk=int(raw)).first() if raw.isascii() and raw.isdecimal() and len(raw) < 18 else None
    if token is None:
        raise UnfitSubscriptionError("token")
    if not events:
        raise UnfitSubscriptionError("events")
    url = typed.get("url", "").strip()
    try:
        return webhooks.subscribe(token=token, url=url, events=events, by=me, now=timezone.now())
    except egress.NotAllowedError:
        raise UnfitSubscriptionError("url") from None


def _tokens() -> Any:
    held = Token.objects.filter(revoked_at=None, expires_at__gt=timezone.now(), scopes__contains=[Scope.WEBHOOKS])
    return held.select_related("employee").order_by("title", "pk")


def _context(request: HttpRequest, typed: QueryDict) -> dict[str, Any]:
    counts = {state: Count("deliveries", filter=Q(deliveries__state=state)) for state in ("waiting", "failed")}
    found = Subscription.objects.select_related("token__employee").annotate(**counts)
    page = Paginator(found.order_by("stopped_at", "-pk"), ROWS).get_page(request.GET.get("page"))
    now = timezone.now()
    return {
        "page": page,
        "rows": [(row, [gettext(EVENTS[name]) for name in row.events], webhooks.holds(row.token, now)) for row in page],
        "origins": settings.WEBHOOK_ORIGINS,
        "tokens": list(_tokens()),
        "events": [(code, gettext(title), code in typed.getlist("events")) for code, title in EVENTS.items()],
        "typed": typed,
    }
