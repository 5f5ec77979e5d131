"""What campaigns may take of the telephone now: free lines but for a reserve for who calls us, and free operators."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from kindline.campaigns.models import Kind, Target, TargetState
from kindline.journal import locking
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile
from kindline.switchboard import choosing, dispatcher, nodes, reassigning
from kindline.switchboard.models import Call, Operator, OperatorState

LOCK = "campaign_lines"


def hold() -> None:
    """Lines are given out by one at a time: to the end of the transaction nobody else claims any."""
    locking.in_turn(LOCK)


def free(now: dt.datetime) -> int:
    """How many more lines all campaigns together may take: of those not in use, less what is left to who calls us.

    Every call that goes on counts as a line, and every one that was asked for and is not there yet. The last line is
    never set aside: no campaign would ever call.
    """
    asked = calling().filter(~Exists(Call.objects.filter(pk=OuterRef("contact_id"))))
    taken = Call.objects.filter(ended_at=None).count() + asked.count()
    there = in_all(now)
    reserve = min(-(-there * settings.LINES["reserve_percent"] // 100), there - 1)
    return max(0, there - reserve - taken)


def in_all(now: dt.datetime) -> int:
    """How many lines the trunk has, or the engines that live have together."""
    return int(settings.LINES["trunk"] or settings.LINES["an_engine"] * _engines(now))


def calling() -> QuerySet[Target]:
    """Whom all message campaigns call now."""
    return Target.objects.filter(state=TargetState.CALLING, campaign__kind=Kind.MESSAGE)


def _engines(now: dt.datetime) -> int:
    return max(1, len({one.node for one in nodes.living(now) if one.serving}))


def operators_free(profile: Profile, now: dt.datetime) -> int:
    """How many can take at once who presses the operator's key: ready for that queue, less who waits there."""
    levels = reassigning.over(dispatcher.own_levels(), now)
    name = _queue(profile.menu)
    need = choosing.need(profile.menu.queues[name].skills if profile.menu and name else ())
    ready = Operator.objects.filter(state=OperatorState.READY, registered=True).values_list("pk", flat=True)
    able = sum(need.met_by(levels.get(employee, {})) for employee in ready)
    return max(0, able - Call.objects.filter(ended_at=None, state="queued", queue=name).count())


def _queue(menu: Menu | None) -> str:
    """The queue of the first line: there the machine puts who asks for an operator."""
    if menu is None:
        return ""
    line = next(iter(menu.lines.values()), None)
    named = (line.queue if line else "") or ""
    return named if named in menu.queues else next(iter(menu.queues), "")
