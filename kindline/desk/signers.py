"""Who may sign answers: the list of powers, kept by the administrator; while it is empty the standard's roles do."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods

from kindline.appeals import wording as appeal_words
from kindline.desk import access, deputies, house, wording
from kindline.desk.deputies import typed_day
from kindline.desk.typed import Post, post_of
from kindline.staff import queries as staff
from kindline.staff import signers
from kindline.staff.by_order import UnfitPowerError
from kindline.staff.models import Role, Signer, Unit
from kindline.standard.profile import Profile

SEEING = (*access.IN_CHARGE, Role.ADMINISTRATOR)
WRONG = {
    "person": _("Choose who may sign."),
    "order": _("Write the number of the order or of the power of attorney."),
    "valid_from": _("Write from which day on."),
    "valid_to": _("The last day is a day on or after the first."),
    "why": _("Write why the power is struck out."),
    **deputies.WRONG,
}


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*SEEING)
def show(request: HttpRequest) -> HttpResponseBase:
    """The list, with who may sign today, and who signs for whom; the administrator adds, ends and strikes out."""
    profile, post = house.profile(), post_of(request)
    if request.method != "POST":
        return render(request, "desk/signers.html", _context(profile, post))
    if not post.me.has_role(Role.ADMINISTRATOR):
        raise PermissionDenied
    try:
        _act(profile, post)
    except UnfitPowerError as error:
        refused = {"refusal": gettext(WRONG[error.field]), "wrong": error.field, "typed": post.typed}
        chosen = {"typed_kinds": post.typed.getlist("kinds"), "typed_units": post.keys("units")}
        return render(request, "desk/signers.html", _context(profile, post) | refused | chosen, status=422)
    return redirect("signers")


def _act(profile: Profile, post: Post) -> None:
    by: dict[str, Any] = {"employee": post.me, "now": post.now}
    if post.text("verb") == "end":
        signers.end_power(power=_power(profile, post), valid_to=typed_day(post, "valid_to"), **by)
    elif post.text("verb") == "strike":
        signers.strike(power=_power(profile, post), why=post.text("why"), **by)
    elif post.text("verb") in deputies.ACTS:
        deputies.ACTS[post.text("verb")](profile, post, by)
    else:
        signers.name_signer(
            profile_id=profile.id, person=staff.with_role(*access.REGISTRY).filter(pk=post.key("person")).first(),
            valid_from=typed_day(post, "valid_from"), valid_to=typed_day(post, "valid_to"), order=post.text("order"),
            kinds=[kind for kind in post.typed.getlist("kinds") if kind in appeal_words.KINDS],
            units=list(Unit.objects.filter(pk__in=post.keys("units"))), **by,
        )  # fmt: skip


def _power(profile: Profile, post: Post) -> Signer:
    return get_object_or_404(Signer, pk=post.key("power"), profile=profile.id)


def _context(profile: Profile, post: Post) -> dict[str, Any]:
    today = post.now.astimezone(profile.zone).date()
    flow, rows = profile.workflow, list(signers.everything(profile.id))
    roles = dict.fromkeys(role for one in (flow.named("sign") if flow else ()) for role in one.by)
    return {
        "rows": [(one, [appeal_words.kind_title(kind) for kind in one.kinds], _state(one, today)) for one in rows],
        "is_kept": any(one.struck_at is None for one in rows),
        "roles": [wording.role_title(role) for role in roles],
        "edits": post.me.has_role(Role.ADMINISTRATOR),
        "people": staff.with_role(*access.REGISTRY),
        "kinds": [(kind, appeal_words.kind_title(kind)) for kind in appeal_words.KINDS],
        "units": Unit.objects.order_by("name"),
        "typed": {"valid_from": today.isoformat(), "deputy_from": today.isoformat()},
        **deputies.context(profile, today),
    }


def _state(power: Signer, today: dt.date) -> str:
    """`struck`, `gone` with its holder, `ended`, `to_come`, or `holds`."""
    if power.struck_at is not None:
        return "struck"
    if not power.employee.is_active:
        return "gone"
    if signers.holds_on(power, today):
        return "holds"
    return "to_come" if power.valid_from > today else "ended"
