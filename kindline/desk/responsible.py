"""Who answers for the standard and has read it, and who controls it by order (krc-7-01..03)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, refusals
from kindline.desk.typed import Post, post_of
from kindline.staff import responsibility
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.EVERYBODY)
def show(request: HttpRequest) -> HttpResponseBase:
    """Everybody sees who controls, and says that he has read the standard; an administrator enters the order."""
    profile, post = house.profile(), post_of(request)
    if request.method != "POST":
        return render(request, "desk/responsible.html", _context(profile, post))
    if post.text("verb") == "acknowledge":
        responsibility.acknowledge(profile=profile, employee=post.me, now=post.now)
        return redirect("responsible")
    try:
        _name_controllers(profile, post)
    except (RefusedError, ValidationError) as error:
        context = _context(profile, post) | {"typed": post.typed, "typed_persons": post.typed.getlist("persons")}
        return render(request, "desk/responsible.html", context | {"refusal": _why(error)}, status=422)
    return redirect("responsible")


def _name_controllers(profile: Profile, post: Post) -> None:
    if not post.me.has_role(Role.ADMINISTRATOR):
        raise PermissionDenied
    responsibility.name_controllers(
        profile=profile, number=post.text("number"), signed_on=post.day("signed_on"), valid_from=post.day("valid_from"),
        persons=list(Employee.objects.filter(pk__in=post.keys("persons"), is_active=True)), employee=post.me,
        now=post.now,
    )  # fmt: skip


def _why(error: Exception) -> str:
    if isinstance(error, RefusedError):
        return refusals.message_of(error)
    fields = getattr(error, "message_dict", {})
    said = {
        "number": _("Write the number of an order that is not entered yet."),
        "persons": _("Name at least one person."),
        "valid_from": _("An order is not in force before it is signed."),
    }
    return " ".join(said[field] for field in fields if field in said)


def _context(profile: Profile, post: Post) -> dict[str, Any]:
    today = post.now.astimezone(profile.zone).date()
    read, people = responsibility.readers(profile), list(responsibility.responsible())
    heads = access.in_charge(post.me) or post.me.has_role(Role.ADMINISTRATOR)
    return {
        "order": responsibility.order_in_force(profile.id, today),
        "controllers": responsibility.controllers(profile.id, today),
        "orders": list(responsibility.orders(profile.id)),
        "mine": read.get(post.me.pk),
        "rows": [(one, read.get(one.pk)) for one in people] if heads else [],
        "read": sum(one.pk in read for one in people),
        "all": len(people),
        "enters": post.me.has_role(Role.ADMINISTRATOR),
        "everybody": Employee.objects.filter(is_active=True).order_by("surname", "given_name", "pk"),
        "typed": {},
    }
