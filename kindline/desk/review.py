"""A reviewer judges a contact by the standard's form."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kindline.conversations import queries as conversations
from kindline.conversations.models import Contact
from kindline.desk import access, house, listening
from kindline.journal.queries import facts_of
from kindline.quality import reviews, scores
from kindline.quality.scores import Judged
from kindline.standard.forms import Form

CRITICAL = "say why: the item is critical"


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def one(request: HttpRequest, contact: uuid.UUID) -> HttpResponseBase:
    """The form, with what was judged before; saved answers become facts, open items stay open."""
    me = access.employee_of(request)
    found = get_object_or_404(conversations.contacts(), pk=contact)
    form = house.profile().form(found.channel)
    if request.method == "POST" and form is not None:
        answers = _answers(request, form)
        try:
            kept = reviews.review_contact(contact=found, form=form.id, answers=answers, reviewer=me, now=timezone.now())
        except reviews.ReviewError as error:
            return _page(request, found, form, answers, error.wrong)
        messages.success(request, _("Kept: %(n)s judgements.") % {"n": kept})
        return redirect("contact", contact=found.pk)
    return _page(request, found, form, _judged(found, form), {})


def _page(
    request: HttpRequest, contact: Contact, form: Form | None, answers: dict[str, reviews.Answer], wrong: dict[str, str]
) -> HttpResponseBase:
    profile = house.profile()
    items = [
        {
            "item": item,
            "clause": profile.clauses.get(item.clause or ""),
            "answer": answers.get(item.id),
            "wrong": _("Say why: this item is critical.") if wrong.get(item.id) == CRITICAL else wrong.get(item.id, ""),
        }
        for item in (form.items if form else ())
    ]
    me = access.employee_of(request)
    choices = [("yes", _("yes")), ("no", _("no")), ("na", _("not applicable")), ("", _("open"))]
    context: dict[str, Any] = {
        "contact": contact, "form": form, "items": items, "choices": choices, "score": _score(answers, form),
    }  # fmt: skip
    context |= listening.sound(contact, me)
    return render(request, "desk/review.html", context, status=422 if wrong else 200)


def _score(answers: dict[str, reviews.Answer], form: Form | None) -> scores.Score:
    """What the answers on the page come to; open items count for nobody."""
    told = [(item, answers[item.id].value) for item in (form.items if form else ()) if item.id in answers]
    return scores.score(Judged(reviews.VERDICTS.get(value, ""), item.critical) for item, value in told)


def _answers(request: HttpRequest, form: Form) -> dict[str, reviews.Answer]:
    posted = request.POST
    return {
        item.id: reviews.Answer(posted.get(item.id, ""), posted.get(f"{item.id}-comment", ""))
        for item in form.items
        if item.id in posted
    }


def _judged(contact: Contact, form: Form | None) -> dict[str, reviews.Answer]:
    """The latest judgement of each item."""
    values = {verdict: value for value, verdict in reviews.VERDICTS.items()}
    facts = facts_of("contact", contact.pk).filter(kind="item_judged")
    return {
        str(fact.data.get("item")): reviews.Answer(
            values.get(fact.data.get("verdict", ""), ""), fact.data.get("comment", "")
        )
        for fact in facts
        if form is not None and fact.data.get("form") == form.id
    }
