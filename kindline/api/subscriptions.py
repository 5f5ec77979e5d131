"""Webhooks over HTTP: a program says where and of what it wants to be told, sees how that goes, and ends it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Body, Path, Router, Schema
from pydantic import Field, StringConstraints

from kindline.api import egress, schemas, webhooks
from kindline.api.access import PersonalToken, caller_of
from kindline.api.models import DeliveryState, Subscription
from kindline.api.problems import ProblemError, choose
from kindline.staff.models import Scope, Token

router = Router(tags=["webhooks"])
AUTH = PersonalToken(Scope.WEBHOOKS)
Event = Literal[
    "registered", "assigned", "forwarded", "message_added", "extended", "limit_changed", "answered", "closed",
    "reopened", "corrected",
]  # fmt: skip
assert {*Event.__args__} == {*webhooks.EVENTS.values()}  # type: ignore[attr-defined]  # noqa: S101 - kept the same


class NewSubscription(schemas.Strict):
    """Where and of what a program wants to be told."""

    url: Annotated[str, StringConstraints(min_length=8, max_length=egress.URL_MAX, pattern=r"^https?://[!-~]+$")]
    events: Annotated[list[Event], Field(min_length=1, max_length=16)]


class Subscribed(Schema):
    """A subscription; `secret` signs what is sent (HMAC-SHA256 of `t` + "." + body in Kindline-Signature)."""

    id: int
    url: str
    events: list[str]
    made_at: dt.datetime
    secret: str


class SubscriptionSeen(Schema):
    """A subscription and how the deliveries to it go."""

    id: int
    url: str
    events: list[str]
    made_at: dt.datetime
    waiting: int
    failed: int


@router.post(
    "", auth=AUTH, url_name="webhooks", response={200: Subscribed, **schemas.refusals(413)},
)  # fmt: skip
def subscribe(request: HttpRequest, payload: Body[NewSubscription]) -> HttpResponse:
    """Be told from now on; the same address again changes the events and tells the same secret."""
    caller = caller_of(request)
    try:
        made = webhooks.subscribe(token=caller.token, url=payload.url, events=set(payload.events), now=caller.now)
    except egress.NotAllowedError:
        raise ProblemError("origin", [choose("url", settings.WEBHOOK_ORIGINS or ["—"])]) from None
    told = Subscribed(
        id=made.pk, url=made.url, events=made.events, made_at=made.made_at, secret=webhooks.secret_of(made)
    )
    return HttpResponse(told.model_dump_json(), content_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("", auth=AUTH, url_name="webhooks", response={200: list[SubscriptionSeen], **schemas.refusals()})
def several(request: HttpRequest) -> list[SubscriptionSeen]:
    """The token's own subscriptions."""
    counted = _own(caller_of(request).token).annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING)),
        failed=Count("deliveries", filter=Q(deliveries__state=DeliveryState.FAILED)),
    )
    names = ("id", "url", "events", "made_at", "waiting", "failed")
    return [SubscriptionSeen(**{name: getattr(one, name) for name in names}) for one in counted.order_by("pk")]


@router.delete("/{subscription}", auth=AUTH, url_name="webhook", response={204: None, **schemas.refusals(404)})
def unsubscribe(request: HttpRequest, subscription: Path[schemas.Key]) -> HttpResponse:
    """Be told nothing any more."""
    caller = caller_of(request)
    found = _own(caller.token).filter(pk=subscription).first()
    if found is None:
        raise ProblemError("not_found")
    webhooks.unsubscribe(subscription=found, now=caller.now)
    return HttpResponse(status=204)


def _own(token: Token) -> QuerySet[Subscription]:
    return Subscription.objects.filter(token=token, stopped_at=None)
