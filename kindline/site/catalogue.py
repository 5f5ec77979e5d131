"""The catalogue of services: each with its passport (stages, terms, cost, result, legal acts), and the way to apply."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from kindline.appeals import wording
from kindline.appeals.stages import KIND
from kindline.site import form, here, shelf
from kindline.site.account import session
from kindline.standard.passports import Passport, Stage
from kindline.standard.profile import Profile
from kindline.standard.terms import Term


@require_safe
@shelf.open_to_all
def several(request: HttpRequest) -> HttpResponse:
    """All services; additional ones stand apart.

    Clause: krc-2-05.
    """
    profile = here.profile()
    if not profile.services:
        raise Http404
    rows = [(one, wording.in_language(one.title)) for one in profile.services.values()]
    context = {
        "main": [row for row in rows if not row[0].is_additional],
        "additional": [row for row in rows if row[0].is_additional],
    }
    return render(request, "site/services.html", context)


@require_safe
@shelf.open_to_all
def passport(request: HttpRequest, service: str) -> HttpResponse:
    """The passport of one service: in order its stages and terms, how the cost is determined, the result, legal acts.

    Clause: krc-2-28, krc-2-29, krc-2-30, krc-2-31, krc-2-32.
    """
    profile = here.profile()
    found = profile.services.get(service)
    if found is None:
        raise Http404
    context = {
        "passport": found,
        "title": wording.in_language(found.title),
        "documents": [wording.in_language(one.title) for one in found.documents],
        "stages": [_stage(one) for one in found.stages],
        "within": in_words(found.documents_within),
        "may_apply": KIND in form.kinds(profile),
        "is_inside": session.current(request) is not None,
    }
    return render(request, "site/service.html", context)


def _stage(one: Stage) -> dict[str, Any]:
    return {
        "title": wording.in_language(one.title),
        "by": wording.in_language(one.by) if one.by else "",
        "term": in_words(one.term),
    }


def in_words(term: Term | None) -> str:
    """A term as one says it; empty where there is none."""
    if term is None:
        return ""
    said = {
        "working_days": ngettext("%(n)s working day", "%(n)s working days", term.n),
        "calendar_days": ngettext("%(n)s calendar day", "%(n)s calendar days", term.n),
        "months": ngettext("%(n)s month", "%(n)s months", term.n),
    }
    return said[term.unit] % {"n": term.n}


def chosen(profile: Profile, name: str) -> Passport | None:
    """The service that a form is about, where this standard has it and takes requests for services here."""
    return profile.services.get(name) if KIND in form.kinds(profile) else None


def shown(found: Passport | None) -> dict[str, Any] | None:
    """The service of a form with the documents that it demands; the form itself need not be attached."""
    if found is None:
        return None
    documents = [(one.id, wording.in_language(one.title)) for one in found.documents if not one.is_form]
    return {"id": found.id, "title": wording.in_language(found.title), "documents": documents,
            "within": in_words(found.documents_within)}  # fmt: skip
