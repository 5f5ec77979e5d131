"""How a client wishes to be addressed, and to be written to: kept on his card, before what his name would give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kindline.clients import actions as clients
from kindline.clients.models import Client
from kindline.conversations import wording as conversations
from kindline.correspondence import addressing
from kindline.desk import access, house
from kindline.desk.typed import is_key, post_of
from kindline.staff.actions import actor
from kindline.standard.profile import Profile

FIELDS = ("address_as", "dative_as")
ROLES = tuple(dict.fromkeys((*access.AT_THE_PHONE, *access.REGISTRY, *access.LETTERS)))


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*ROLES)
def one(request: HttpRequest, client: int) -> HttpResponseBase:
    """The client's own form of address and that of letters to him, beside what his name gives; a post keeps them.

    Clause: krc-5.8-12, krc-6.1-45.
    """
    found, post = get_object_or_404(Client, pk=client), post_of(request)
    profile = house.profile()
    said: dict[str, Any] = {"employee_id": post.me.pk, "actor": actor(post.me), "now": post.now}
    if request.method != "POST":
        clients.note_view(client=found, **said)
        typed = {name: getattr(found, name) for name in FIELDS}
        return render(request, "desk/client_address.html", _context(profile, found, typed, request.GET.get("back", "")))
    typed, back = {name: post.text(name) for name in FIELDS}, post.text("back")
    try:
        clients.set_address(client=found, **typed, **said)
    except ValidationError:
        context = _context(profile, found, typed, back) | {"refusal": _long()}
        return render(request, "desk/client_address.html", context, status=422)
    if is_key(back):
        return redirect("appeal", appeal=int(back))
    messages.success(request, _("It is kept."))
    return redirect("client-address", client=found.pk)


def _long() -> str:
    return _("This is too long: at most %(n)d letters.") % {"n": clients.ADDRESS_MAX}


def _context(profile: Profile, client: Client, typed: dict[str, str], back: str) -> dict[str, Any]:
    """What was typed or is kept, and what is said and written without it."""
    plain = replace(addressing.of_client(client), address_as="", dative_as="")
    called = addressing.salutation(profile.language, plain)
    spoken = conversations.proper_name(Client(**_parts(client)), profile)
    return {
        "client": client,
        "typed": typed,
        "language": profile.language,
        "spoken": spoken or called,
        "salutation": called,
        "addressee": addressing.addressee(profile.language, plain),
        "back": int(back) if is_key(back) else 0,
        "longest": clients.ADDRESS_MAX,
    }


def _parts(client: Client) -> dict[str, str]:
    names = ("kind", "surname", "given_name", "patronymic", "gender", "firm_name")
    return {name: getattr(client, name) for name in names}
