"""The emergency message: what callers hear at once, who turned it on, and the form that turns it on and off."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods, require_POST

from kindline.desk import access, house, rights
from kindline.desk.typed import Post, moment_of, post_of
from kindline.standard.profile import Profile
from kindline.switchboard import emergencies
from kindline.switchboard.emergencies import EmergencyError
from kindline.switchboard.floor_models import EmergencyMessage

ACT = "emergency"
PROPOSED = dt.timedelta(hours=2)
LATELY = 20
REFUSALS = {
    "empty": _("Write what callers are to hear, or take a ready text."),
    "long_text": _("The text is too long: at most 500 characters."),
    "no_line": _("There is no such line."),
    "past": _("The end lies in the past: choose a later time."),
    "far": _("At most seven days: what holds for longer belongs into the menu."),
    "no_end": _("Choose until when callers hear it."),
    "no_voice": _("No voice on this machine can say the text, so nobody would hear it. Tell the administrator."),
    "too_long": _("Spoken it lasts %(length_s).1f seconds, the standard allows %(most_s).0f. Shorten it."),
}
ENDS = {
    "by_hand": _("turned off by %(name)s"),
    "by_time": _("over by itself"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.EVERYBODY)
def show(request: HttpRequest) -> HttpResponseBase:
    """What callers hear now and heard lately; a post turns a message on. What is refused is shown again as typed."""
    profile, post = house.profile(), post_of(request)
    may, refusal, clause = rights.may(post.me, ACT), "", ""
    if not (may or (access.in_charge(post.me) and request.method != "POST")):
        raise PermissionDenied
    if request.method == "POST":
        try:
            _turn_on(profile, post)
        except EmergencyError as error:
            refusal, clause = gettext(REFUSALS[error.code]) % error.values, error.clause
        else:
            messages.success(request, gettext("Turned on: new callers hear it within seconds."))
            return redirect("emergency")
    context = _context(profile, request, post) | {"refusal": refusal, "refusal_clauses": [clause] if clause else []}
    return render(request, "desk/emergency.html", context, status=422 if refusal else 200)


def _turn_on(profile: Profile, post: Post) -> None:
    until = moment_of(post.text("until"))
    if until is None:
        raise EmergencyError("no_end")
    emergencies.turn_on(
        profile=profile, line=post.text("line"), text=post.text("text"), closes=post.flag("closes"), until=until,
        employee=post.me, now=post.now,
    )  # fmt: skip


@require_POST
@rights.needed(ACT)
def end(request: HttpRequest, emergency: int) -> HttpResponseBase:
    """Turn a message off."""
    me, now = access.employee_of(request), timezone.now()
    try:
        ended = emergencies.turn_off(profile=house.profile(), emergency=emergency, employee=me, now=now)
    except EmergencyMessage.DoesNotExist as error:
        raise Http404 from error
    if ended:
        messages.success(request, gettext("Turned off: new callers do not hear it any more."))
    else:
        messages.info(request, gettext("It was over already."))
    return redirect("emergency")


def _context(profile: Profile, request: HttpRequest, post: Post) -> dict[str, Any]:
    ready = emergencies.ready_texts(profile)
    chosen = request.GET.get("ready", "")
    text = ready[int(chosen)] if chosen.isascii() and chosen.isdecimal() and int(chosen[:4]) < len(ready) else ""
    proposed = (house.local(post.now + PROPOSED) or post.now).strftime("%Y-%m-%dT%H:%M")
    typed = post.typed.dict() if request.method == "POST" else {"text": text, "until": proposed}
    return {
        "now": shown(profile, post.now),
        "lately": [_over(profile, one) for one in emergencies.lately(profile, LATELY)],
        "lines": [("", gettext("All lines")), *_lines(profile)],
        "ready": list(enumerate(ready)),
        "typed": typed,
        "zone": str(profile.zone),
        "may": rights.may(post.me, ACT),
    }


def _lines(profile: Profile) -> list[tuple[str, str]]:
    known = profile.menu.lines.values() if profile.menu else ()
    return [(line.id, house.titled(line.title) or line.id) for line in known]


def shown(profile: Profile, now: dt.datetime) -> list[dict[str, Any]]:
    """The messages that callers hear now, each with its line in words."""
    return [{"message": one, "line": _line(profile, one)} for one in emergencies.in_force(profile, now)]


def told(profile: Profile, now: dt.datetime) -> list[str]:
    """The same as operators read it: until when, on which line, what, and whether they are reached."""
    found = []
    for one in shown(profile, now):
        until = house.local(one["message"].until)
        closed = gettext("Callers do not reach operators.") if one["message"].closes else ""
        said = {"line": one["line"], "until": f"{until:%H:%M, %d.%m}", "text": one["message"].text}
        found.append(
            " ".join(filter(None, [gettext("Callers hear until %(until)s (%(line)s): “%(text)s”") % said, closed]))
        )
    return found


def _line(profile: Profile, one: EmergencyMessage) -> str:
    return dict(_lines(profile)).get(one.line, one.line) if one.line else gettext("All lines")


def _over(profile: Profile, one: EmergencyMessage) -> dict[str, Any]:
    how = gettext(ENDS["by_hand"]) % {"name": one.ended_by} if one.ended_by else gettext(ENDS["by_time"])
    return {"message": one, "line": _line(profile, one), "how": how}
