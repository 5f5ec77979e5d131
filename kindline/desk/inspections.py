"""The plan of inspections, and the objects that are inspected with their history (krc-5.1-01 and others)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, inspection_words, refusals
from kindline.desk.typed import Post, UnknownActError, page_of_form, post_of
from kindline.quality import corrections, inspecting, inspection_planning, places
from kindline.quality.inspection_models import Correction, InspectedPlace, Inspection, PlaceKind
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

HISTORY = 50


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.EVERYBODY)
def show(request: HttpRequest) -> HttpResponseBase:
    """What is overdue and due, what comes, what is to be put right; a head says there that it is."""
    profile, post = allowed(request)
    if not inspecting.may_see(profile, post.me):
        return redirect("inspected")
    plan, right = (lambda: _plan(profile, post)), (lambda: put_right(profile, post))
    return page_of_form(request, "desk/inspections.html", plan, right)


def allowed(request: HttpRequest) -> tuple[Profile, Post]:
    """The standard and who asks. Raises: Http404 where there are no inspections, PermissionDenied."""
    profile, post = house.profile(), post_of(request)
    if profile.inspections is None:
        raise Http404
    if not inspecting.may_see(profile, post.me) and not _enters(profile, post.me):
        raise PermissionDenied
    return profile, post


def put_right(profile: Profile, post: Post) -> None:
    """A correction is done, as its head says. Raises: RefusedError."""
    found = get_object_or_404(Correction.objects.all(), pk=post.key("correction"), inspection__profile=profile.id)
    corrections.done(profile=profile, correction=found, result=post.text("result"), employee=post.me, now=post.now)


def _enters(profile: Profile, me: Employee) -> bool:
    return profile.inspections is not None and me.has_role(*profile.inspections.objects_by)


def _plan(profile: Profile, post: Post) -> dict[str, Any]:
    today = post.now.astimezone(profile.zone).date()
    coming = [one for one in inspection_planning.coming(profile) if not one.is_planned]
    return {
        "rows": [open_row(profile, one, post.me, today) for one in inspection_planning.open_ones(profile)],
        "coming": [
            {"title": house.titled(dict(one.checklist.title)), "next": one}
            for one in sorted(coming, key=lambda one: (one.due_on, one.scope.name))
        ],
        "corrections": [correction_row(profile, one, post.me, today) for one in corrections.open_ones(profile)],
        "typed_correction": post.key("correction"),
        "typed_result": post.text("result"),
    }


def open_row(profile: Profile, one: Inspection, me: Employee, today: dt.date) -> dict[str, Any]:
    """An inspection that is still to be carried out, as the list shows it."""
    return {
        "one": one,
        "title": inspection_words.checklist_title(profile, one.checklist),
        "subject": inspection_words.subject_of(one),
        "is_late": one.due_on < today,
        "may": inspecting.may_inspect(profile, one, me),
    }


def correction_row(profile: Profile, one: Correction, me: Employee, today: dt.date) -> dict[str, Any]:
    """What is to be put right, as lists show it."""
    return {
        "one": one,
        "look": inspection_words.looked_at(profile, one.inspection, one.item),
        "language": inspection_words.language_of(profile),
        "subject": inspection_words.subject_of(one.inspection),
        "is_late": one.closed_at is None and one.done_at is None and one.due_on < today,
        "is_mine": one.responsible_id == me.pk and one.done_at is None and one.closed_at is None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.EVERYBODY)
def objects(request: HttpRequest) -> HttpResponseBase:
    """All objects; a new one is entered by the roles that the standard names."""
    profile, post = allowed(request)
    if request.method != "POST":
        return render(request, "desk/inspected.html", _objects(profile, post.me))
    try:
        made = places.enter(
            profile=profile, kind=post.text("kind"), fields=_fields(profile, post), employee=post.me, now=post.now
        )
    except RefusedError as error:
        refused = {"refusal": refusals.message_of(error), "typed": post.typed}
        return render(request, "desk/inspected.html", {**_objects(profile, post.me), **refused}, status=422)
    return redirect("inspected-place", made.pk)


def _objects(profile: Profile, me: Employee) -> dict[str, Any]:
    rows = InspectedPlace.objects.filter(profile=profile.id).select_related("office", "head", "unit")
    return {
        "rows": rows.order_by("left_at", "office__name", "kind", "name"),
        "kinds": [(code, gettext(inspection_words.KINDS[code])) for code in PlaceKind.values],
        **_choices(profile, me),
    }


def _choices(profile: Profile, me: Employee) -> dict[str, Any]:
    around = InspectedPlace.objects.filter(profile=profile.id, kind__in=places.AROUND, left_at=None)
    return {
        "edits": _enters(profile, me),
        "offices": around.order_by("name"),
        "units": staff.units(),
        "people": Employee.objects.filter(is_active=True).order_by("surname", "pk"),
        "typed": {},
    }


def _fields(profile: Profile, post: Post) -> dict[str, Any]:
    windows = post.text("windows")
    return {
        **{name: post.text(name) for name in places.TEXTS},
        "windows": int(windows) if windows.isascii() and windows.isdecimal() and len(windows) < 4 else None,
        "office": InspectedPlace.objects.filter(profile=profile.id, pk=post.key("office")).first(),
        "head": Employee.objects.filter(is_active=True, pk=post.key("head")).first(),
        "unit": staff.units().filter(pk=post.key("unit")).first(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.EVERYBODY)
def one(request: HttpRequest, place: int) -> HttpResponseBase:
    """An object: what is known of it, what was seen there, what is put right; changed and given up there."""
    profile, post = allowed(request)
    found = get_object_or_404(InspectedPlace.objects.select_related("office", "head"), pk=place, profile=profile.id)

    def act() -> None:
        if post.text("verb") == "change":
            fields = _fields(profile, post)
            places.change(profile=profile, place=found, fields=fields, employee=post.me, now=post.now)
        elif post.text("verb") == "leave":
            places.leave(profile=profile, place=found, employee=post.me, now=post.now)
        else:
            raise UnknownActError(post.text("verb"))

    return page_of_form(request, "desk/inspected_place.html", lambda: _history(profile, found, post), act)


def _history(profile: Profile, found: InspectedPlace, post: Post) -> dict[str, Any]:
    rows = Inspection.objects.filter(place=found) | Inspection.objects.filter(place__office=found)
    rows = rows.select_related("place__office", "employee", "inspector").order_by("-finished_at", "-due_on", "-pk")
    today = post.now.astimezone(profile.zone).date()
    listed = [_told(profile, one, today) for one in rows[:HISTORY]] if inspecting.may_see(profile, post.me) else []
    known = {name: getattr(found, name) for name in places.TEXTS}
    keys = {"windows": found.windows, "office": found.office_id, "head": found.head_id, "unit": found.unit_id}
    return {"place": found, "rows": listed, "known": known | keys, **_choices(profile, post.me), "typed": known | keys}


def _told(profile: Profile, one: Inspection, today: dt.date) -> dict[str, Any]:
    """An inspection of the history: how many items were met and how many were not."""
    found: list[str] = []
    if one.finished_at is not None:
        answers = inspecting.answers_of(one)
        found = [inspecting.verdict(i, answers[i.id]) for i in inspecting.items_of(profile, one) if i.id in answers]
    return {
        "one": one,
        "title": inspection_words.checklist_title(profile, one.checklist),
        "subject": inspection_words.subject_of(one),
        "is_late": one.is_open and one.due_on < today,
        "met": found.count(inspecting.MET),
        "not_met": found.count(inspecting.NOT_MET),
    }
