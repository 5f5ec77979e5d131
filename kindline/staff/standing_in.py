"""Who stands in for a colleague who is away: the deputy on his card, and those whom an order names for today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q

from kindline.staff.models import Deputy, Employee
from kindline.standard.profile import Profile


def pairs(absent: Collection[int], profile: Profile, now: dt.datetime) -> list[tuple[int, int]]:
    """(absent, deputy) of these colleagues, each pair once, the card's deputy first."""
    people = Employee.objects.filter(pk__in=absent, deputy__is_active=True).values_list("pk", "deputy_id")
    day = now.astimezone(profile.zone).date()
    valid = Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gte=day))
    orders = Deputy.objects.filter(valid, profile=profile.id, absent__in=absent, struck_at=None, deputy__is_active=True)
    named = orders.order_by("valid_from", "pk").values_list("absent_id", "deputy_id")
    found = [(away, deputy) for away, deputy in (*people, *named) if deputy is not None and deputy != away]
    return list(dict.fromkeys(found))


def absent_of(*, deputy: int, absent: int, profile: Profile, now: dt.datetime) -> Employee | None:
    """The colleague for whom somebody stands in; None where he does not."""
    if (absent, deputy) not in pairs([absent], profile, now):
        return None
    return Employee.objects.filter(pk=absent).first()
