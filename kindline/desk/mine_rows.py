"""The rows of an executor's own desk: each says what it is about, until when, and leads to its place on a card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import wording as appeal_words
from kindline.appeals.models import Appeal, Enquiry, JoinedLetter, Measure
from kindline.appeals.own_work import Added, SentBack, Work
from kindline.appeals.stage_models import Stage
from kindline.conversations.models import Callback
from kindline.correspondence.models import Outgoing
from kindline.desk import house, wording
from kindline.standard.profile import Profile

SAID_MAX = 200
TITLES = {
    "overdue": _("Overdue"),
    "today": _("Due today"),
    "soon": _("Due soon"),
    "later": _("Due later"),
    "to_close": _("Answered, to be closed"),
    "with_others": _("With others now"),
    "silent": _("No data from the applicant: decide how to go on"),
    "sent_back": _("Sent back to be changed"),
    "added": _("Added by the applicant, not read yet"),
    "failed": _("Letters that did not arrive"),
    "drafts": _("Drafts"),
    "measures": _("Corrective measures"),
    "enquiries": _("Asked, without an answer yet"),
    "stages": _("Stages of services"),
    "callbacks": _("Promised calls"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to do."""

    address: str
    name: str
    about: str = ""
    until: dt.datetime | dt.date | None = None
    left: str = ""
    is_late: bool = False
    state: str = ""
    who: str = ""
    said: str = ""
    steps: Sequence[str] = ()
    clauses: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one kind, under a title."""

    key: str
    rows: list[Row] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What the rows are, in words."""
        return gettext(TITLES[self.key])


@dataclass(frozen=True, slots=True)
class Look:
    """What the rows are seen with: the day, and whether each names whose it is."""

    today: dt.date
    now: dt.datetime
    named: bool

    def left(self, day: dt.date) -> str:
        """How far a day is."""
        days = (day - self.today).days
        said = gettext("days late: %(n)s") if days < 0 else gettext("days left: %(n)s")
        return gettext("today") if days == 0 else said % {"n": abs(days)}

    def who(self, person: object) -> str:
        """Whose it is, where several people's work is shown."""
        return str(person) if self.named and person else ""


def columns(work: Work, profile: Profile, now: dt.datetime, *, named: bool) -> tuple[list[Part], list[Part]]:
    """What cannot wait, and beside it what has a day of its own, is being written, or is with others."""
    look = Look(now.astimezone(profile.zone).date(), now, named)
    first = [
        *(_due(work, key, look) for key in ("overdue", "today", "soon")),
        Part("silent", [_silent(one, profile, look) for one in work.silent]),
        Part("sent_back", [_back(one, look) for one in work.sent_back]),
        Part("added", [_added(one) for one in work.added]),
        Part("failed", [*map(_letter, work.failed), *map(_mail, work.failed_mails)]),
    ]
    second = [
        Part("measures", [_measure(one, look) for one in work.measures]),
        Part("enquiries", [_enquiry(one, look) for one in work.enquiries]),
        Part("stages", [_stage(one, look) for one in work.stages]),
        Part("callbacks", [_callback(one, look) for one in work.callbacks]),
        Part("drafts", [_appeal(one, look, explained=False) for one in work.drafts]),
        *(_due(work, key, look) for key in ("to_close", "later", "with_others")),
    ]
    return first, second


def _due(work: Work, key: str, look: Look) -> Part:
    return Part(key, [_appeal(one, look) for one in getattr(work, key)])


def _card(key: int | None, place: str) -> str:
    return f"{reverse('appeal', args=[key])}#{place}"


def _about(one: Appeal) -> str:
    kind = appeal_words.kind_title(one.kind)
    return f"{kind}, {one.topic}" if one.topic else kind


def _appeal(one: Appeal, look: Look, *, explained: bool = True) -> Row:
    """With its limit and how that came about."""
    day = limit.date() if (limit := house.local(one.limit_at)) else None
    waits = one.answered_at is None
    return Row(
        _card(one.pk, "to-do"), one.number, _about(one), day, look.left(day) if day and waits else "",
        bool(waits and one.limit_at and one.limit_at < look.now), wording.appeal_state_title(one.state),
        look.who(one.executor), steps=one.derivation if explained else (), clauses=one.limit_clauses,
    )  # fmt: skip


def _silent(one: Appeal, profile: Profile, look: Look) -> Row:
    """With the day until which data was awaited, and what the standard lets be decided."""
    due = house.local(one.data_due_at)
    ways = profile.workflow.silence if profile.workflow else ()
    return Row(
        _card(one.pk, "to-do"), one.number, _about(one), due.date() if due else None,
        look.left(due.date()) if due else "", is_late=True, who=look.who(one.executor),
        said="; ".join(house.titled(way.title) for way in ways),
    )  # fmt: skip


def _back(one: SentBack, look: Look) -> Row:
    appeal = one.appeal
    day = limit.date() if (limit := house.local(appeal.limit_at)) else None
    late = bool(appeal.limit_at and appeal.limit_at < look.now)
    who = f"{one.by} → {appeal.executor}" if look.named else one.by
    return Row(
        _card(appeal.pk, "to-do"), appeal.number, appeal_words.kind_title(appeal.kind), day,
        look.left(day) if day else "", late, who=who, said=one.reason,
    )  # fmt: skip


def _added(one: Added) -> Row:
    """What was written stands in the row, so that one need not open it to know whether it is urgent."""
    said = one.text if len(one.text) <= SAID_MAX else f"{one.text[: SAID_MAX - 1]}…"
    way = gettext("by letter") if one.by_letter else gettext("on the site")
    place = "letters" if one.by_letter else "talk"
    when = f"{house.local(one.at):%d.%m.%Y %H:%M}"
    return Row(_card(one.appeal.pk, place), one.appeal.number, f"{way}, {when}", said=said)


def _letter(one: JoinedLetter) -> Row:
    about = wording.notice_title(one.notice.about) if one.notice else gettext("The answer")
    to = one.outgoing.recipient if one.outgoing else one.paper.address if one.paper else ""
    return Row(_card(one.appeal_id, "letters"), one.appeal.number, f"{about}: {to}", said=one.reason)


def _mail(one: Outgoing) -> Row:
    return Row(reverse("outgoing"), one.subject or gettext("(no subject)"), one.recipient, said=one.reason)


def _measure(one: Measure, look: Look) -> Row:
    """One that control gave back says what was done before."""
    appeal = one.appeal
    address = _card(appeal.pk, "measures") if appeal else f"{reverse('reason', args=[one.reason_id])}#measures"
    again = gettext("to be done again") if one.result else ""
    return Row(
        address, appeal.number if appeal else str(one.reason), one.title, one.due_on, look.left(one.due_on),
        one.due_on < look.today, again, look.who(one.responsible),
    )  # fmt: skip


def _enquiry(one: Enquiry, look: Look) -> Row:
    """Who was asked by whom, and what."""
    asked = gettext("the applicant") if one.of_applicant else str(one.employee or one.addressee)
    return Row(
        _card(one.appeal_id, "enquiries"), one.appeal.number, f"{one.by} → {asked}", one.due_on,
        look.left(one.due_on), one.due_on < look.today, said=one.text[:SAID_MAX],
    )  # fmt: skip


def _stage(one: Stage, look: Look) -> Row:
    """The stage of the service that goes on, until its day."""
    passport = house.profile().services.get(one.request.service)
    norm = passport.stage(one.stage) if passport else None
    about = (
        f"{house.titled(dict(passport.title))}: {house.titled(dict(norm.title))}" if passport and norm else one.stage
    )
    appeal = one.request.appeal
    return Row(
        _card(appeal.pk, "service"), appeal.number, about, one.due_on, look.left(one.due_on) if one.due_on else "",
        bool(one.due_on and one.due_on < look.today), who=look.who(appeal.executor),
    )  # fmt: skip


def _callback(one: Callback, look: Look) -> Row:
    here = house.local(one.due_at)
    at = f"{here:%H:%M}" if here else ""
    name = str(one.name or one.client or one.phone)
    return Row(
        f"{reverse('callbacks')}#callback-{one.pk}", name, one.phone if name != one.phone else "",
        here.date() if here else None, at, one.due_at < look.now, who=look.who(one.employee), said=one.matter,
    )  # fmt: skip
