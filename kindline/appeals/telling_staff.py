"""E-mail to employees, in their own language: a rung of the ladder, a letter that did not arrive; each once.

What the standard demands goes at once; the rest as each of them wishes (ADR 30).
"""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import addresses, escalation, notices
from kindline.appeals.models import Appeal, ManagementNotice, Measure
from kindline.correspondence import actions as correspondence
from kindline.correspondence import wires, wording
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.models import Outgoing
from kindline.correspondence.norms import Draft
from kindline.staff.models import Employee, MailWish
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.rungs import UNDERTAKINGS, Rung

ABOUT = {
    notices.REGISTERED: _("an oral appeal was registered"),
    "letter": _("another letter came"),
    "message": _("the applicant wrote on the site"),
    "back": _("a letter did not arrive"),
    "late": _("sent, but nothing follows from it: look at it"),
    "gone": _("taken back, but it had gone: the applicant has it; see what to write to him"),
    "to_send": _("the answer is signed: send it"),
    "to_pass_on": _("more data are needed: send the request to the applicant"),
    "not_sent": _("cannot be sent by itself: see to it"),
    "copy": _("the answer to the first appeal waits to be sent to this applicant: read it and send it"),
    "freed": _("the appeal of which it was a duplicate left without a letter: it waits for an answer of its own"),
    "recalled": _("what was signed or prepared was taken back: see why"),
    "measure": _("a measure is to be done"),
    "enquiry": _("what was asked of others has no answer"),
    "again": _("a measure is to be done again"),
    "stage": _("a stage of the service is to be done, or is late"),
    "to_forward": _("it belongs elsewhere and lies here still: forward it"),
    "silent": _("the applicant did not send what was asked for: it is to be decided how to go on"),
}
"""Of what an employee is told beside a term; the code stands before the colon of a notice's reason."""
FRESH = dt.timedelta(days=1)
"""What lay longer, as mail was not set up, is not told any more: it stands on the screen."""
BATCH = 500


def sweep(*, now: dt.datetime) -> int:
    """Queue an e-mail for whatever employees were told of and have not seen; how many. Run it as often as you like.

    What the standard demands goes first; oral appeals, of which all in charge are told, hold up nothing else.
    Clause: krc-6.2-01..05, krc-6.1-09, court-1-29. Nothing while no relay is set.
    """
    if wires.relay() is None:
        return 0
    due = at_once().filter(made_at__gte=now - FRESH).exclude(employee__email="").order_by("-demanded", "pk")
    oral = Q(reason=notices.REGISTERED)
    return sum(_batch(rows, now) for rows in (due.exclude(oral), due.filter(oral)))


def _batch(rows: QuerySet[ManagementNotice], now: dt.datetime) -> int:
    """BATCH of them are told; addresses that are none take no place."""
    told = (key for key in list(rows.values_list("pk", flat=True)) if _tell(key, now))
    return sum(1 for _ in islice(told, BATCH))


def at_once() -> QuerySet[Any]:
    """Notices that go by themselves: their employee wishes so, or the standard demands that he is told (`demanded`)."""
    return _judged().filter(Q(demanded=True) | Q(kept_away=False))


def collected() -> QuerySet[Any]:
    """Notices that wait for the digest of their employee, or for his eyes on the screen alone."""
    return _judged().filter(demanded=False, kept_away=True)


def _judged() -> QuerySet[Any]:
    """What employees have neither seen nor been written of, and is not done meanwhile, with how it may go."""
    rows = notices.standing(ManagementNotice.objects.filter(outgoing=None, seen_at=None))
    rows = rows.annotate(standard=Coalesce("appeal__profile", "measure__reason__profile"))
    rows = rows.annotate(demanded=_whether(_demanded()), kept_away=_whether(_kept_away()))
    return rows.select_related(*TOLD_WITH)


TOLD_WITH = ("appeal__executor", "measure__reason", "enquiry", "employee")


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=Value(value=True)), default=Value(value=False))


def _kept_away() -> Q:
    """That an employee does not want it at once; collected is only what a standard has a digest for."""
    flows = {one: loader.load(one).workflow for one in loader.profile_ids()}
    with_digest = [one for one, flow in flows.items() if flow and flow.digest is not None]
    wish = "employee__mail_wish"
    return Q((wish, MailWish.DEMANDED)) | Q((wish, MailWish.DIGEST), standard__in=with_digest)


def _demanded() -> Q:
    """That a clause of the standard (`standard`) stands behind the rung of which a notice tells."""
    found = Q(pk__in=[])
    for name in loader.profile_ids():
        flow = loader.load(name).workflow
        for rung in (*flow.ladder, *flow.undertakings) if flow else ():
            found |= Q(_of_rung(rung), standard=name) if rung.clauses else Q()
    return found


def _of_rung(rung: Rung) -> Q:
    if rung.of in UNDERTAKINGS:
        return Q(reason__startswith=f"{rung.of}:", reason__endswith=f":{rung.id}")
    return Q(reason=escalation.reason_of(rung))


def profile_of(row: ManagementNotice) -> Profile:
    """The standard of the appeal, or of the reason of complaints, that a notice is about."""
    if row.appeal is not None:
        return loader.load(row.appeal.profile)
    assert row.measure is not None and row.measure.reason is not None, "the constraints"  # noqa: S101, PT018
    return loader.load(row.measure.reason.profile)


@transaction.atomic
def _tell(key: int, now: dt.datetime) -> bool:
    """Unless it was seen, told or taken back in this moment; whether there is a letter now."""
    rows = ManagementNotice.objects.select_for_update(of=("self",)).select_related(*TOLD_WITH)
    row = rows.filter(pk=key, seen_at=None, outgoing=None).first()
    if row is None:
        return False
    profile = profile_of(row)
    row.outgoing = write(f"told:{row.pk}", row.employee, *_words(row, profile, now), profile, now)
    row.save(update_fields=["outgoing"])
    return row.outgoing is not None


def write(key: str, employee: Employee, subject: str, text: str, profile: Profile, now: dt.datetime) -> Outgoing | None:
    """Queue a letter of the program to an employee; None where the address is none."""
    person = Person(employee.surname, employee.given_name, employee.patronymic)
    draft = Draft(subject, text, employee.language, person=person, is_automatic=True)
    try:
        return correspondence.queue_message(
            profile=profile, key=key, recipient=employee.email, draft=draft, about="staff", employee=None, now=now
        )
    except CorrespondenceError:
        return None


def _words(row: ManagementNotice, profile: Profile, now: dt.datetime) -> tuple[str, str]:
    """Subject and text; nothing of the applicant: an e-mail leaves the house."""
    with translation.override(row.employee.language):
        subject = words_of(row, profile, now)
        executor = gettext("Executor: %(name)s") % {"name": row.appeal.executor or "–"} if row.appeal else ""
        return subject, pointed(subject, executor, address_of(row))


def address_of(row: ManagementNotice) -> str:
    """Where an employee looks at what he is told of; empty while the instance does not know its own address."""
    if row.appeal_id is not None:
        return addresses.of("appeal", row.appeal_id)
    return addresses.of("reason", row.measure.reason_id if row.measure else None)


def words_of(row: ManagementNotice, profile: Profile, now: dt.datetime) -> str:
    """What an employee is told, in one line, in the language that is set."""
    if row.measure is not None:
        return _of_measure(row, row.measure, profile, now)
    assert row.appeal is not None, "the constraints"  # noqa: S101
    if row.enquiry is not None:
        told = {"number": row.appeal.number, "day": f"{row.enquiry.due_on:%d.%m.%Y}"}
        return gettext("Appeal %(number)s: what was asked of others until %(day)s has no answer") % told
    return _of_appeal(row, row.appeal, profile, now)


def _of_measure(row: ManagementNotice, measure: Measure, profile: Profile, now: dt.datetime) -> str:
    """A measure by its appeal's number, or by its reason; its own words stay in the house."""
    whose = row.appeal.number if row.appeal else f"«{measure.reason}»"
    told = {"whose": whose, "day": f"{measure.due_on:%d.%m.%Y}"}
    if row.reason.startswith("again:"):
        return gettext("Measure for %(whose)s: to be done again, its day is %(day)s") % told
    if now.astimezone(profile.zone).date() > measure.due_on:
        return gettext("Measure for %(whose)s is overdue: it was to be done until %(day)s") % told
    return gettext("Measure for %(whose)s is to be done until %(day)s") % told


def _of_appeal(row: ManagementNotice, appeal: Appeal, profile: Profile, now: dt.datetime) -> str:
    told, code = {"number": appeal.number, "day": day_of(appeal, profile)}, row.reason.partition(":")[0]
    if code in ABOUT:
        return gettext("Appeal %(number)s: %(what)s") % {**told, "what": gettext(ABOUT[code])}
    if appeal.limit_at is not None and appeal.limit_at < now:
        return gettext("Appeal %(number)s is overdue: the answer was due until %(day)s") % told
    return gettext("Appeal %(number)s: answer until %(day)s") % told


def day_of(appeal: Appeal, profile: Profile) -> str:
    """The day of an appeal's limit, as letters carry it."""
    return wording.shown_date(appeal.limit_at, profile) if appeal.limit_at else "–"


def pointed(subject: str, *more: str) -> str:
    """The text of a letter: its parts, and how it ends."""
    return "\n\n".join(filter(None, [subject, *more, closing()]))


def closing() -> str:
    """How a letter of the program to an employee ends, in the language that is set."""
    return gettext("Open the registry of appeals to see more. This message was composed by the program.")
