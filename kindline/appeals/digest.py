"""Once a working day those in charge, and whoever wishes for it, get one letter: what is overdue, due today, due soon.

Appeals, measures and enquiries; limits moved since the last letter; for whoever has notices collected, these too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import addresses, moved_limits, queries, telling_staff, undertakings
from kindline.appeals.models import Appeal, Digest, ManagementNotice, Measure
from kindline.correspondence import wires, wording
from kindline.staff.models import Employee, MailWish
from kindline.standard.profile import Profile
from kindline.standard.workflows import Digest as Norm

TITLES = {"overdue": _("overdue"), "today": _("due today"), "soon": _("due soon")}
SILENT = _("no data from the applicant, to be decided how to go on")
MOVED = _("terms that have changed")
MEASURES = {True: _("measures past their day"), False: _("measures due soon")}
ENQUIRIES, TOLD = _("asked of others, past its day"), _("brought to your notice")
SHOWN = 50
TOLD_FOR = dt.timedelta(days=7)
"""So old may a collected notice or a moved limit be: digests are sent on working days."""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its number, and what it counts, line by line; `always`: told in the subject even if nought."""

    title: str
    count: int
    lines: list[str]
    always: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a letter is composed, of which day; whether he is in charge of others' work."""

    employee: Employee
    profile: Profile
    now: dt.datetime
    leads: bool

    @property
    def today(self) -> dt.date:
        """The day on the organisation's calendar."""
        return self.now.astimezone(self.profile.zone).date()


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Queue today's letters that are not queued yet; how many. Run it as often as you like.

    Clause: krc-6.2-02..05, krc-6.1-09. Nothing before its hour, on a day off, while no relay is set.
    """
    norm, here = profile.workflow.digest if profile.workflow else None, now.astimezone(profile.zone)
    if norm is None or here.time() < norm.at or not profile.calendar.is_working_day(here.date()):
        return 0
    if wires.relay() is None:
        return 0
    known = Digest.objects.filter(day=here.date()).values("employee")
    waiting = readers(norm).exclude(email="").exclude(pk__in=known)
    return sum(_one(Reader(one, profile, now, one.has_role(*norm.to))) for one in waiting)


def readers(norm: Norm) -> QuerySet[Employee]:
    """Those in charge who do not want only what the standard demands, and whoever wishes for the digest."""
    in_charge = Q(roles__overlap=list(norm.to)) & ~Q(mail_wish=MailWish.DEMANDED)
    found = Employee.objects.filter(in_charge | Q(mail_wish=MailWish.DIGEST), is_active=True)
    return found.select_related("unit").order_by("number", "surname", "pk")


@transaction.atomic
def _one(reader: Reader) -> bool:
    who, now = reader.employee, reader.now
    row, made = Digest.objects.get_or_create(employee=who, day=reader.today, defaults={"made_at": now})
    if not made:
        return False
    told = _told(reader)
    with translation.override(who.language):
        parts = [*_due(reader), _silent(reader), _moved(reader), *_undertaken(reader), *_notices(told, reader)]
        if not any(part.count for part in parts):
            return False
        subject, text = _subject(parts), _text(parts, reader)
    row.outgoing = telling_staff.write(f"digest:{who.pk}:{row.day}", who, subject, text, reader.profile, now)
    row.save(update_fields=["outgoing"])
    ManagementNotice.objects.filter(pk__in=[one.pk for one in told]).update(outgoing=row.outgoing)
    return row.outgoing is not None


def _due(reader: Reader) -> Iterator[Part]:
    """Appeals of the head's units, or of the executor himself, by how near their limit is."""
    rows = _appeals(reader)
    for due, title in TITLES.items():
        found = queries.due_ones(rows, due, reader.now, reader.profile).order_by("limit_at", "pk")
        lines = [_appeal(one, reader.profile) for one in found[:SHOWN]]
        yield Part(title, found.count(), lines, always=True)


def _silent(reader: Reader) -> Part:
    """Appeals whose applicant did not send in time what he was asked for (krc-5.7.2-26)."""
    found = queries.due_ones(_appeals(reader), "silent", reader.now, reader.profile).order_by("limit_at", "pk")
    return Part(SILENT, found.count(), [_appeal(one, reader.profile) for one in found[:SHOWN]])


def _moved(reader: Reader) -> Part:
    """Appeals whose limit was computed anew since the last letter: a day was moved, a norm amended (krc-6.1-09)."""
    begin = _last_letter(reader)
    found = moved_limits.since(_appeals(reader), begin, reader.now).order_by("limit_at", "pk")
    shown = list(found[:SHOWN])
    before = moved_limits.limits_before(shown, begin, reader.now)
    lines = [_appeal(one, reader.profile, before.get(one.pk)) for one in shown]
    return Part(MOVED, found.count(), lines)


def _last_letter(reader: Reader) -> dt.datetime:
    """When the letter of an earlier day was composed, however little it said; not longer ago than TOLD_FOR."""
    rows = Digest.objects.filter(employee=reader.employee, day__lt=reader.today).order_by("-day")
    made_at = rows.values_list("made_at", flat=True).first()
    oldest = reader.now - TOLD_FOR
    return max(made_at, oldest) if made_at else oldest


def _appeals(reader: Reader) -> QuerySet[Appeal]:
    """The appeals of the head's units, or of the executor himself."""
    rows = queries.appeals().filter(profile=reader.profile.id)
    return queries.of_head(reader.employee, rows) if reader.leads else rows.filter(executor=reader.employee)


def _appeal(one: Appeal, profile: Profile, before: dt.datetime | None = None) -> str:
    """An appeal with its limit; with that before it too, where it was moved."""
    old = f"{wording.shown_date(before, profile)} → " if before else ""
    said = f"{one.number}, {old}{telling_staff.day_of(one, profile)}, {one.executor or '–'}"
    return _line(said, addresses.of("appeal", one.pk))


def _undertaken(reader: Reader) -> Iterator[Part]:
    """Measures and enquiries (krc-6.2-04, krc-6.2-05, krc-6.1-11)."""
    last_day = reader.today + queries.soon(reader.profile)
    who = (reader.employee, reader.profile)
    measures = undertakings.measures_of(*who, leads=reader.leads).filter(due_on__lte=last_day).order_by("due_on", "pk")
    for is_late, title in MEASURES.items():
        found = measures.filter(due_on__lt=reader.today) if is_late else measures.filter(due_on__gte=reader.today)
        yield Part(title, found.count(), [_measure(one) for one in found[:SHOWN]])
    asked = undertakings.enquiries_of(*who, leads=reader.leads).filter(due_on__lt=reader.today).order_by("due_on", "pk")
    lines = [
        _line(f"{one.appeal.number}, {one.due_on:%d.%m.%Y}, {one.by}", addresses.of("appeal", one.appeal_id))
        for one in asked[:SHOWN]
    ]
    yield Part(ENQUIRIES, asked.count(), lines)


def _measure(one: Measure) -> str:
    """By the appeal's number or the reason; its own words stay in the house."""
    whose = one.appeal.number if one.appeal else f"«{one.reason}»"
    page = ("appeal", one.appeal_id) if one.appeal_id else ("reason", one.reason_id)
    return _line(f"{whose}, {one.due_on:%d.%m.%Y}, {one.responsible}", addresses.of(*page))


def _told(reader: Reader) -> list[ManagementNotice]:
    """What was collected for this letter."""
    if reader.employee.mail_wish != MailWish.DIGEST:
        return []
    rows = telling_staff.collected().filter(employee=reader.employee, made_at__gte=reader.now - TOLD_FOR)
    return list(rows.order_by("pk"))


def _notices(told: list[ManagementNotice], reader: Reader) -> Iterator[Part]:
    words = ((telling_staff.words_of(one, reader.profile, reader.now), one) for one in told[:SHOWN])
    yield Part(TOLD, len(told), [_line(said, telling_staff.address_of(one)) for said, one in words])


def _line(said: str, address: str) -> str:
    return f"{said}\n  {address}" if address else said


def _subject(parts: Iterable[Part]) -> str:
    counts = ", ".join(f"{gettext(part.title)}: {part.count}" for part in parts if part.count or part.always)
    return gettext("Terms of appeals. %(counts)s") % {"counts": counts}


def _text(parts: Iterable[Part], reader: Reader) -> str:
    page = addresses.of("control" if reader.leads else "mine")
    return "\n\n".join([*(_part(part) for part in parts if part.count), *([page] if page else []), wishes()])


def _part(part: Part) -> str:
    rest = part.count - len(part.lines)
    more = [gettext("and %(count)s more") % {"count": rest}] if rest > 0 else []
    return "\n".join([f"{gettext(part.title)}: {part.count}", *part.lines, *more])


def wishes() -> str:
    """How a digest ends: where one chooses what is sent."""
    page = addresses.of("wishes")
    chosen = gettext("What you get by e-mail you choose here:") + f" {page}\n" if page else ""
    return chosen + telling_staff.closing()
