"""Limits computed anew when a calendar or the standard changed: in batches, each change kept in the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from django.db import transaction

from kindline.appeals import actions, moves
from kindline.appeals.models import Appeal
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

BATCH = 500
Progress = Callable[[int, int], None]


def recompute(
    *,
    profile: Profile,
    why: str,
    employee: Employee | None,
    now: dt.datetime,
    progress: Progress = lambda _done, _of: None,
    batch: int = BATCH,
) -> int:
    """Derive the limit of every open appeal of the profile anew; how many changed. An extension stays granted.

    Each batch is a transaction of its own, so that it can be stopped and begun again: what is right stays as it is.
    Clause: krc-6.1-09, krc-6.1-13. `why` is kept with each change.
    """
    total = Appeal.objects.filter(profile=profile.id, closed_at=None, answered_at=None).count()
    done = changed = 0
    for keys in _batches(profile, batch):
        with transaction.atomic():
            held = Appeal.objects.select_for_update(of=("self",)).filter(pk__in=keys, closed_at=None)
            for appeal in held.order_by("pk").prefetch_related("extensions"):
                changed += _again(profile, appeal, why, employee, now)
        done += len(keys)
        progress(done, total)
    return changed


def recompute_all(*, why: str, employee: Employee | None, now: dt.datetime) -> int:
    """The same for every profile that has appeals."""
    named = Appeal.objects.filter(closed_at=None).values_list("profile", flat=True).distinct().order_by("profile")
    return sum(recompute(profile=loader.load(one), why=why, employee=employee, now=now) for one in list(named))


def _batches(profile: Profile, batch: int) -> Iterator[list[int]]:
    """The open appeals' keys, so many at once, by their order."""
    last = 0
    while True:
        rows = Appeal.objects.filter(profile=profile.id, closed_at=None, answered_at=None, pk__gt=last)
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:batch])
        if not keys:
            return
        yield keys
        last = keys[-1]


def _again(profile: Profile, appeal: Appeal, why: str, employee: Employee | None, now: dt.datetime) -> bool:
    found = actions.limit_of(profile, appeal)
    old = appeal.limit_at
    granted = [one.until_at for one in appeal.extensions.all() if one.effective_at is not None]
    actions.set_limit(appeal, found)
    appeal.limit_at = max([*granted, found.limit], default=None) if found.limit else None
    if appeal.limit_at == old:
        return False
    appeal.revision += 1
    appeal.save(update_fields=["target_at", "limit_at", "derivation", "limit_clauses", "revision"])
    data = {"old_limit_at": old, "limit_at": appeal.limit_at, "why": why}
    moves.keep(appeal, "appeal_recomputed", data, employee=employee, now=now, clauses=appeal.limit_clauses)
    return True
