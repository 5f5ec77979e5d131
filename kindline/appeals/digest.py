"""Once a working day those in charge get one letter: what is overdue, due today, due soon in their units."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import queries, telling_staff
from kindline.appeals.models import Appeal, Digest
from kindline.correspondence import wires
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

TITLES = {"overdue": _("overdue"), "today": _("due today"), "soon": _("due soon")}
SHOWN = 50


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Queue today's letters that are not queued yet; how many. Run it as often as you like.

    Clause: krc-6.2-02, krc-6.2-03, krc-6.1-09. Nothing before its hour, on a day off, while no relay is set.
    """
    norm, here = profile.workflow.digest if profile.workflow else None, now.astimezone(profile.zone)
    if norm is None or here.time() < norm.at or not profile.calendar.is_working_day(here.date()):
        return 0
    if wires.relay() is None:
        return 0
    known = Digest.objects.filter(day=here.date()).values("employee")
    waiting = staff.with_role(*norm.to).exclude(email="").exclude(pk__in=known)
    return sum(_one(head, here.date(), profile, now) for head in waiting)


@transaction.atomic
def _one(head: Employee, day: dt.date, profile: Profile, now: dt.datetime) -> bool:
    row, made = Digest.objects.get_or_create(employee=head, day=day, defaults={"made_at": now})
    if not made:
        return False
    rows = queries.of_head(head, queries.appeals().filter(profile=profile.id))
    found = {due: queries.due_ones(rows, due, now, profile).order_by("limit_at", "pk") for due in TITLES}
    counts = {due: several.count() for due, several in found.items()}
    if not any(counts.values()):
        return False
    with translation.override(head.language):
        subject = ", ".join(f"{gettext(TITLES[due])}: {count}" for due, count in counts.items())
        parts = [_part(TITLES[due], list(found[due][:SHOWN]), counts[due], profile) for due in TITLES if counts[due]]
        text = "\n\n".join([*parts, telling_staff.closing()])
        subject = gettext("Terms of appeals. %(counts)s") % {"counts": subject}
    row.outgoing = telling_staff.write(f"digest:{head.pk}:{day}", head, subject, text, profile, now)
    row.save(update_fields=["outgoing"])
    return row.outgoing is not None


def _part(title: str, several: list[Appeal], count: int, profile: Profile) -> str:
    lines = [f"{one.number}, {telling_staff.day_of(one, profile)}, {one.executor or '–'}" for one in several]
    more = [gettext("and %(count)s more") % {"count": count - len(lines)}] if count > len(lines) else []
    return "\n".join([f"{gettext(title)}: {count}", *lines, *more])
