"""E-mail to employees, in their own language: a rung of the ladder, a letter that did not arrive; each once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals.models import Appeal, ManagementNotice
from kindline.appeals.notices import REGISTERED
from kindline.correspondence import actions as correspondence
from kindline.correspondence import wires, wording
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.models import Outgoing
from kindline.correspondence.norms import Draft
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

ABOUT = {
    "letter": _("another letter came"),
    "message": _("the applicant wrote on the site"),
    "back": _("a letter did not arrive"),
    "late": _("sent, but nothing follows from it: look at it"),
    "to_send": _("the answer is signed: send it"),
    "not_sent": _("cannot be sent by itself: see to it"),
}
"""Of what an employee is told beside a term; the code stands before the colon of a notice's reason."""
FRESH = dt.timedelta(days=1)
"""What lay longer, as mail was not set up, is not told any more: it stands on the screen."""
BATCH = 200


def sweep(*, now: dt.datetime) -> int:
    """Queue an e-mail for whatever employees were told of and have not seen; how many. Run it as often as you like.

    Clause: krc-6.2-01..05, krc-6.1-09. Nothing while no relay is set.
    """
    if wires.relay() is None:
        return 0
    waiting = ManagementNotice.objects.filter(outgoing=None, seen_at=None, made_at__gte=now - FRESH)
    waiting = waiting.exclude(reason=REGISTERED).exclude(employee__email="").order_by("pk")
    return sum(_tell(key, now) for key in list(waiting.values_list("pk", flat=True)[:BATCH]))


@transaction.atomic
def _tell(key: int, now: dt.datetime) -> bool:
    rows = ManagementNotice.objects.select_for_update(of=("self",)).select_related("appeal__executor", "employee")
    row = rows.get(pk=key)
    if row.outgoing_id is None:
        profile = loader.load(row.appeal.profile)
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
        subject = _subject(row, profile, now)
        told = [subject, gettext("Executor: %(name)s") % {"name": row.appeal.executor or "–"}, closing()]
    return subject, "\n\n".join(told)


def _subject(row: ManagementNotice, profile: Profile, now: dt.datetime) -> str:
    appeal, code = row.appeal, row.reason.partition(":")[0]
    told = {"number": appeal.number, "day": day_of(appeal, profile)}
    if code in ABOUT:
        return gettext("Appeal %(number)s: %(what)s") % {**told, "what": gettext(ABOUT[code])}
    if appeal.limit_at is not None and appeal.limit_at < now:
        return gettext("Appeal %(number)s is overdue: the answer was due until %(day)s") % told
    return gettext("Appeal %(number)s: answer until %(day)s") % told


def day_of(appeal: Appeal, profile: Profile) -> str:
    """The day of an appeal's limit, as letters carry it."""
    return wording.shown_date(appeal.limit_at, profile) if appeal.limit_at else "–"


def closing() -> str:
    """How a letter of the program to an employee ends, in the language that is set."""
    return gettext("Open the registry of appeals to see more. This message was composed by the program.")
