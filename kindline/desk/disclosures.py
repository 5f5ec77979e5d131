"""What was given of clients' data on official requests, and the form for those who may give it (krc-6.1-07)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from kindline.appeals import disclosures, rights
from kindline.appeals.models import Appeal
from kindline.clients import queries as clients
from kindline.clients.models import Client
from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, lists
from kindline.desk.appeal_acts import NoSuchAppealError
from kindline.desk.typed import Post, page_of_form, post_of
from kindline.standard.profile import Profile


class NoOneClientError(RefusedError):
    """What was typed fits no client, or several: an account's number or a whole phone names one."""

    code = "no_one_client"


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.EVERYBODY)
def several(request: HttpRequest) -> HttpResponseBase:
    """The list of disclosures with the form of a new one; open only to those whom the profile names (krc-6.1-07)."""
    profile, post = house.profile(), post_of(request)
    if not rights.may(profile, "disclose", post.me):
        raise PermissionDenied
    return page_of_form(
        request, "desk/disclosures.html", lambda: _context(request, profile), lambda: _disclose(profile, post)
    )  # fmt: skip


def _disclose(profile: Profile, post: Post) -> None:
    asked = disclosures.Request(
        post.text("requester"), post.text("ground"), post.day("ground_on"), post.text("given"), _appeal(profile, post)
    )
    client = client_of(post.text("client"))
    disclosures.disclose(profile=profile, client=client, asked=asked, employee=post.me, now=post.now)


def _appeal(profile: Profile, post: Post) -> Appeal | None:
    number = post.text("appeal")
    found = Appeal.objects.filter(profile=profile.id, number__iexact=number).first() if number else None
    if number and found is None:
        raise NoSuchAppealError(number)
    return found


def client_of(text: str) -> Client:
    """The one client whom a text fits. Raises: NoOneClientError."""
    found = clients.find(text, limit=2)
    if len(found) != 1:
        raise NoOneClientError(text)
    return found[0]


def _context(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    return {"page": lists.page_of(request, disclosures.disclosures(profile.id)), "typed": {}}
