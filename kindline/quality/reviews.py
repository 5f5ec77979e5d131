"""A person's review of a contact: each item of the form judged, each verdict a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.quality import monitoring
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.forms import Form, Item

VERDICTS = {"yes": "met", "no": "not_met", "na": "not_applicable"}


class ReviewError(ValueError):
    """The review cannot be kept; `wrong` says what is wrong with each item."""

    code = "review"

    def __init__(self, wrong: Mapping[str, str]) -> None:
        self.wrong = dict(wrong)
        super().__init__("; ".join(f"{item}: {why}" for item, why in wrong.items()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reviewer found for an item: yes, no or na, and why."""

    value: str
    comment: str = ""


def review_contact(
    *, contact: Contact, form: str, answers: Mapping[str, Answer], reviewer: Employee, now: dt.datetime
) -> int:
    """Judge the items of a form on a contact; items left open stay open; returns how many were judged.

    Raises: ReviewError for an unknown form, item or answer, and for a "no" to a critical item without a comment.
    """
    found = form_of(contact, form)
    items = {item.id: item for item in found.items}
    wrong = {id_: why for id_, answer in answers.items() if (why := _fault(items.get(id_), answer))}
    if wrong:
        raise ReviewError(wrong)
    facts = [
        _fact(contact, found, items[id_], answer, reviewer, now)
        for id_, answer in answers.items()
        if answer.value in VERDICTS
    ]
    with transaction.atomic():
        journal.record_many(facts)
        profile = loader.load(contact.profile)
        monitoring.note_review(profile=profile, contact=contact, reviewer=reviewer, now=now)
    return len(facts)


def form_of(contact: Contact, form: str) -> Form:
    """A form of the standard by which the contact was led. Raises: ReviewError."""
    forms = loader.load(contact.profile).forms
    if form not in forms:
        raise ReviewError({form: f"there is no such form; there are: {', '.join(forms) or 'none'}"})
    return forms[form]


def _fault(item: Item | None, answer: Answer) -> str:
    if item is None:
        return "the form has no such item"
    if answer.value not in VERDICTS and answer.value != "":
        return "answer yes, no or na"
    if answer.value == "no" and item.critical and not answer.comment.strip():
        return "say why: the item is critical"
    return ""


def _fact(
    contact: Contact, form: Form, item: Item, answer: Answer, reviewer: Employee, now: dt.datetime
) -> journal.NewFact:
    data = {
        "form": form.id,
        "item": item.id,
        "clause": item.clause,
        "verdict": VERDICTS[answer.value],
        "reviewer": reviewer.pk,
        "comment": answer.comment.strip(),
        "critical": item.critical,
    }
    clauses = [item.clause] if item.clause else []
    return journal.NewFact("item_judged", "contact", contact.pk, actor(reviewer), data, now, clauses)
