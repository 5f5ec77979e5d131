"""Client boxes: where they hang, when each was emptied and by whom, and the form of an emptying."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kindline.appeals import boxes
from kindline.appeals.models import ClientBox
from kindline.desk import access, house, lists
from kindline.desk.typed import Post, UnknownActError, moment_of, page_of_form, post_of
from kindline.staff.models import Unit
from kindline.standard.profile import Profile


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.LETTERS)
def several(request: HttpRequest) -> HttpResponseBase:
    """The boxes with their last emptying; a post keeps an emptying, or puts a box up or takes it down.

    Clause: krc-2-16.
    """
    profile, post = house.profile(), post_of(request)
    if not boxes.are_kept(profile):
        raise Http404
    return page_of_form(
        request, "desk/boxes.html", lambda: _context(request, profile, post), lambda: _act(profile, post)
    )  # fmt: skip


def _act(profile: Profile, post: Post) -> None:
    verb = post.text("verb")
    if verb == "empty":
        _empty(profile, post)
    elif verb not in ("put_up", "take_down"):
        raise UnknownActError(verb)
    elif not access.in_charge(post.me):
        raise PermissionDenied
    elif verb == "put_up":
        unit = Unit.objects.filter(pk=post.key("unit")).first()
        boxes.put_up(profile=profile, place=post.text("place"), unit=unit, employee=post.me, now=post.now)
    else:
        boxes.take_down(box=_box(profile, post), employee=post.me, now=post.now)


def _empty(profile: Profile, post: Post) -> None:
    raw = post.text("letters")
    boxes.empty(
        box=_box(profile, post), key=_key(post.text("key")), emptied_at=_moment(post),
        letters=int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 6 else None, note=post.text("note"),
        employee=post.me, now=post.now,
    )  # fmt: skip


def _box(profile: Profile, post: Post) -> ClientBox:
    """The chosen box. Raises: NoBoxError."""
    found = boxes.standing(profile).filter(pk=post.key("box")).first()
    if found is None:
        raise boxes.NoBoxError("choose the box")
    return found


def _moment(post: Post) -> dt.datetime:
    """The typed moment on the organisation's clock; empty is now. Raises: NotYetError for what is none."""
    raw = post.text("emptied_at")
    found = moment_of(raw) if raw else post.now
    if found is None:
        raise boxes.NotYetError(raw)
    return found


def _key(raw: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError:
        return uuid.uuid4()


def _context(request: HttpRequest, profile: Profile, post: Post) -> dict[str, Any]:
    now = house.local(timezone.now())
    standing = list(boxes.standing(profile))
    latest = {one.pk: one.emptyings.select_related("employee").order_by("-emptied_at").first() for one in standing}
    return {
        "boxes": [(one, latest[one.pk]) for one in standing],
        "page": lists.page_of(request, boxes.emptyings(profile)),
        "in_charge": access.in_charge(post.me),
        "units": list(Unit.objects.order_by("name")),
        "key": uuid.uuid4(),
        "typed": {"emptied_at": f"{now:%Y-%m-%dT%H:%M}"},
    }
