"""What was said of an appeal at its registration is corrected while it is open: kind, topic, who applies, address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kindline.appeals import actions, answer_ways, applying, lookup, moves, recalled_notices, renewing, rights
from kindline.appeals.models import Appeal
from kindline.clients.models import ClientKind
from kindline.conversations import norms
from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.conversations.models import Topic
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

Term = tuple[dt.datetime | None, dt.datetime | None]
"""Target and limit."""
RIGHT, FACT = "correct", "appeal_corrected"
AUTHORITY = {"authority_request": "authority"}
"""Kinds by which it is plain who asks, as the forms of the desk have it."""
PERSONAL = ("residence", "phone", "email")
NAMES = ("firm_name", "surname", "given_name", "patronymic")
OF_A_PERSON = (*NAMES, *PERSONAL)
"""Of these the journal keeps that they were corrected, not what they say: it forgets nothing."""
TOLD = ("kind", "subject", "answer_by", "in_court", "named_at", "applicant_kind")
CALLED = {"kind": "appeal_kind", "applicant_kind": "applicant"}
"""What the facts call them where it is another name."""
SAVED = (*TOLD, *OF_A_PERSON, "none_fields", "kinds_voiced", "topic", "requester")


class LimitMovesError(RefusedError):
    """By the correction the answer is due on another day, or its target is another: that needs a reason.

    `code` says which of them moves (the limit, where both do), `old` and `new` from when to when.
    """

    def __init__(self, old: Term, new: Term, clauses: Sequence[str]) -> None:
        moves_limit = old[1] != new[1]
        self.code = "limit_moves" if moves_limit else "target_moves"
        self.old, self.new = (old[1], new[1]) if moves_limit else (old[0], new[0])
        self.clauses = tuple(clauses)
        what = "the answer is due" if moves_limit else "the target is"
        super().__init__(f"{what} on {self.new}, not on {self.old}: say why")


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies: one of `applying.KINDS`, the organisation's name, and the person's, who may speak for it."""

    kind: str
    firm_name: str = ""
    surname: str = ""
    given_name: str = ""
    patronymic: str = ""


@dataclass(frozen=True, slots=True)
class Correct:
    """What is right, all of it: what is left as it stands is given as it stands; who applies only where he is named."""

    kind: str
    subject: str = ""
    topic: Topic | None = None
    answer_by: str = ""
    in_court: bool = False
    named_at: dt.datetime | None = None
    residence: str = ""
    phone: str = ""
    email: str = ""
    applicant: Applicant | None = None
    none_fields: Sequence[str] | None = None
    """Of which fields it was said that there is none; None: as it stands."""


def may(appeal: Appeal, employee: Employee) -> bool:
    """Whether this person may correct the appeal as it stands; what waits to be sorted is sorted."""
    if appeal.closed_at is not None or not rights.may(loader.load(appeal.profile), RIGHT, employee, appeal):
        return False
    return moves.flow_of(appeal).find("sort", appeal.state) is None


def correct_appeal(*, appeal: Appeal, right: Correct, reason: str = "", employee: Employee, now: dt.datetime) -> Appeal:
    """Correct an open appeal; its term runs from the receipt as before, by what is right now, while it is not answered.

    The number stays, and so does the client's card. Old and new are kept in the journal, of names and contact data
    that they changed.
    Clause: krc-5.7.2-14, krc-6.1-02, krc-6.1-13, krc-6.1-62 (what comes before a court later is no complaint),
    court-1-30, yumek-9.1-06, voe-8-03. Raises: WrongStateError; NotYoursError; BarredKindError; MissingFieldsError;
    LimitMovesError without a reason where the answer is due on another day; ReachableError; NamedFirmError;
    BadEmailError.
    """
    with transaction.atomic():
        row = moves.held_open(appeal)
        clauses = rights.check(loader.load(row.profile), RIGHT, employee, row).clauses
        if not may(row, employee):
            raise moves.WrongStateError(f"{row.number} waits to be sorted: sort it")
        old, profile = _values(row), loader.at(row.profile, row.registered_at)
        lacked = _lacking(profile, row)
        _fill(row, right)
        actions.check_bars(profile, row.kinds_voiced, actions.Receipt(in_court=row.in_court))
        if wanting := {name: why for name, why in _lacking(profile, row).items() if name not in lacked}:
            raise MissingFieldsError(wanting)
        applying.check_email(row.email if row.email != old["email"] else "")
        if (fresh := _values(row)) == old:
            return row
        _save(row, storable(reason).strip(), employee, now)
        why = storable(reason).strip()
        moves.keep(row, FACT, _told(old, fresh) | {"why": why}, employee=employee, now=now, clauses=clauses)
        recalled_notices.reconsider(row, why=why, employee=employee, now=now)
        return row


def _values(row: Appeal) -> dict[str, Any]:
    topic = row.topic.code if row.topic else ""
    of_a_person = {name: getattr(row, name) or name in row.none_fields for name in OF_A_PERSON}
    return {name: getattr(row, name) for name in TOLD} | of_a_person | {"topic": topic}


def _fill(row: Appeal, right: Correct) -> None:
    if right.kind != row.kind:
        row.kinds_voiced = list(dict.fromkeys([right.kind, *(one for one in row.kinds_voiced if one != row.kind)]))
        row.requester = AUTHORITY.get(right.kind, "" if row.kind in AUTHORITY else row.requester)
    for name in ("kind", "subject", "topic", "answer_by", "in_court", "named_at"):
        setattr(row, name, getattr(right, name))
    for name in PERSONAL:
        setattr(row, name, storable(getattr(right, name)).strip())
    if right.applicant is not None:
        _name(row, right.applicant)
    elif row.applicant_kind == applying.NO_CONTACT and any(getattr(row, name) for name in PERSONAL):
        row.applicant_kind = "person"  # now it is known how to reach him
    has_none = row.none_fields if right.none_fields is None else right.none_fields
    row.none_fields = [name for name in has_none if not getattr(row, name, "")]


def _name(row: Appeal, right: Applicant) -> None:
    for name in NAMES:
        setattr(row, name, storable(getattr(right, name)).strip())
    if row.firm_name and right.kind in (ClientKind.PERSON, applying.NO_CONTACT):
        raise applying.NamedFirmError("an organisation is named: choose which it is, or empty its name")
    known = applying.of(None, {"applicant_kind": right.kind, "firm_name": row.firm_name})
    row.applicant_kind, row.firm_name = known["applicant_kind"], known["firm_name"]
    applying.check_unreachable({"applicant_kind": row.applicant_kind} | {one: getattr(row, one) for one in PERSONAL})


def _lacking(profile: Profile, row: Appeal) -> dict[str, tuple[str, ...]]:
    """What the standard, or the way that the answer is to go, requires of its record and is empty."""
    filled = [name for name in ("kind", "substance", *actions.ROW_FIELDS) if getattr(row, name)]
    found = norms.missing(actions.required_fields(profile, row.channel), filled, row.none_fields)
    if row.answer_by in answer_ways.choices(profile, row.channel):
        found |= answer_ways.lacking(dict.fromkeys(filled, True), row.answer_by)
    found |= applying.lacking({name: getattr(row, name) for name in ("applicant_kind", "firm_name", "surname")})
    return found if row.kind else {**found, "kind": ()}


def _save(row: Appeal, reason: str, employee: Employee, now: dt.datetime) -> None:
    """With the term, unless it was answered: then it was kept, or not, by the term that it had."""
    runs = row.answered_at is None
    old: Term = (row.target_at, row.limit_at)
    renewed = renewing.renew(row, reason, employee=employee, now=now) if runs else ()
    if (new := (row.target_at, row.limit_at)) != old and not reason:
        raise LimitMovesError(old, new, row.limit_clauses)
    row.revision += 1
    row.save(update_fields=[*SAVED, *renewed, "revision"])
    lookup.index(row)


def _told(old: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """What changed, from what to what; of names and contact data which of them alone."""
    changed = [name for name in fresh if fresh[name] != old[name]]
    data: dict[str, Any] = {"fields": [name for name in changed if name in OF_A_PERSON]}
    for name in changed:
        if name not in OF_A_PERSON:
            before = "old_applicant" if name == "applicant_kind" else f"old_{name}"
            data |= {before: old[name], CALLED.get(name, name): fresh[name]}
    return data
