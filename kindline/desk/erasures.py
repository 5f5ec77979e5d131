"""Erasing a person on his request, by those whom the profile names, and the receipts of it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from kindline.appeals import rights
from kindline.conversations.errors import RefusedError
from kindline.desk import access, disclosures, house, lists, wording
from kindline.desk.typed import Post, day_of, page_of_form, post_of
from kindline.quality import erasure
from kindline.quality.models import Erasure
from kindline.standard.profile import Profile


class NotConfirmedError(RefusedError):
    """What cannot be undone is confirmed first."""

    code = "not_confirmed"


class NotSeenError(RefusedError):
    """Who is to be erased is seen first, by whatever he was looked for."""

    code = "not_seen"


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.EVERYBODY)
def several(request: HttpRequest) -> HttpResponseBase:
    """The receipts, with the form of a new erasure; what is refused loses nothing that was typed."""
    profile, post = house.profile(), post_of(request)
    if not rights.may(profile, "erase_client", post.me):
        raise PermissionDenied
    return page_of_form(
        request, "desk/erasures.html", lambda: _context(request, profile) | _seen(post), lambda: _erase(profile, post)
    )  # fmt: skip


def _erase(profile: Profile, post: Post) -> None:
    client = disclosures.client_of(post.text("client"))
    if post.key("seen") != client.pk:
        raise NotSeenError(str(client.pk))
    if not post.flag("sure"):
        raise NotConfirmedError(str(client.pk))
    erasure.erase_client(profile=profile, client=client, ground=post.text("ground"), employee=post.me, now=post.now)


def _seen(post: Post) -> dict[str, Any]:
    """Who it is that would be erased, as he was named; nobody where nobody or several are."""
    try:
        client = disclosures.client_of(post.text("client")) if post.text("client") else None
    except disclosures.NoOneClientError:
        client = None
    return {"seen": client}


def _context(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    page = lists.page_of(request, Erasure.objects.filter(profile=profile.id).select_related("by").order_by("-made_at"))
    rows = [(one, [_kept(row) for row in one.kept]) for one in page]
    return {"page": page, "rows": rows, "typed": {}}


def _kept(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What the law keeps, in words, and until when."""
    return wording.kept_title(row["what"]), row | {"until": day_of(row.get("until") or "")}
