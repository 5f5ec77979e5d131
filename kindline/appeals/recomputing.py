"""Limits computed anew when a calendar or the standard changed: in batches, each change kept in the log."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from kindline.appeals import moved_limits, renewing
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, Recomputation
from kindline.conversations.errors import RefusedError
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff import workdays_followed
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

BATCH = 1000
ROUNDS_MAX = 2000
SETTLED = dt.timedelta(seconds=5)
"""By then every process works with what has changed, and what was registered before is there to be seen."""
NEEDED = ("kind", "kinds_voiced", "subject", "channel", "requester", "applicant_kind", "sent_at", "received_at",
          "registered_at", "named_at", "profile", "state", "target_at", "limit_at")  # fmt: skip
WRITE = """
UPDATE appeals_appeal AS row SET target_at = fresh.target_at, limit_at = fresh.limit_at, derivation = fresh.derivation,
    limit_clauses = fresh.limit_clauses, limit_rule = fresh.limit_rule, revision = row.revision + 1
FROM jsonb_to_recordset(%s::jsonb) AS fresh(id bigint, target_at timestamptz, limit_at timestamptz, derivation jsonb,
    limit_clauses text[], limit_rule text)
WHERE row.id = fresh.id
"""
Progress = Callable[[int, int], None]


class AlreadyAskedError(RefusedError):
    """The limits are being computed anew already: wait until that is done."""

    code = "already_asked"


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
    total = waiting(profile.id).count()
    done = changed = 0
    for keys in _batches(profile, batch):
        with transaction.atomic():
            changed += _again(profile, keys, why, actor(employee), now)
        done += len(keys)
        progress(done, total)
    return changed


def ask(*, profile: Profile, why: str, employee: Employee, now: dt.datetime) -> Recomputation:
    """Have the limits computed anew by the jobs, after a calendar or the standard changed; `why` goes with each change.

    Raises: EmptyTextError; AlreadyAskedError.
    """
    if not why.strip():
        raise EmptyTextError("say why")
    with transaction.atomic():
        if Recomputation.objects.select_for_update().filter(profile=profile.id, finished_at=None).exists():
            raise AlreadyAskedError("the limits are being computed anew already")
        asked = Recomputation.objects.create(
            profile=profile.id, why=storable(why.strip()), asked_by=employee, asked_at=now,
            total=waiting(profile.id).count(),
        )  # fmt: skip
        _keep(asked, "limits_asked", {"total": asked.total}, now)
        return asked


@transaction.atomic
def begin(*, profile: Profile, why: str, employee: Employee | None, now: dt.datetime) -> Recomputation:
    """Have the limits computed anew because something by which they are computed has changed (krc-6.1-09).

    One that is under way begins again, for both reasons. It waits for a moment: by then every process has the change.
    """
    row = Recomputation.objects.select_for_update().filter(profile=profile.id, finished_at=None).first()
    row = row or Recomputation(profile=profile.id, why="")
    row.why = "; ".join(dict.fromkeys(filter(None, [row.why, storable(why)])))
    row.asked_by, row.asked_at = employee or row.asked_by, now + SETTLED
    row.total, row.done, row.changed, row.last_appeal = waiting(profile.id).count(), 0, 0, 0
    row.save()
    _keep(row, "limits_asked", {"total": row.total}, now)
    return row


def latest(profile: Profile) -> Recomputation | None:
    """The last time that the limits were asked to be computed anew."""
    return Recomputation.objects.select_related("asked_by").filter(profile=profile.id).order_by("-pk").first()


def sweep(*, now: dt.datetime, batch: int = BATCH) -> int:
    """Do what was asked for, from where it stood; how many appeals were looked at. Clause: krc-6.1-09."""
    done = 0
    for profile_id in _asked(now).values_list("profile", flat=True):
        workdays_followed.read(profile_id)
    for _ in range(ROUNDS_MAX):
        if not _asked(now).exists():
            break
        done += _step(now, batch)
    return done


def _asked(now: dt.datetime) -> QuerySet[Recomputation]:
    return Recomputation.objects.filter(finished_at=None, asked_at__lte=now)


def _step(now: dt.datetime, batch: int) -> int:
    """One batch of one asking; another worker's asking is left to it."""
    with transaction.atomic():
        asked = _asked(now).select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
        if asked is None:
            return 0
        profile = loader.load(asked.profile)
        keys = _next(profile.id, asked.last_appeal, batch)
        if keys:
            by = f"employee:{asked.asked_by_id}" if asked.asked_by_id else "system"
            asked.changed += _again(profile, keys, asked.why, by, now)
            asked.done, asked.last_appeal = asked.done + len(keys), keys[-1]
        else:
            asked.total, asked.finished_at = asked.done, now
            _keep(asked, "limits_computed", {"total": asked.total, "changed": asked.changed}, now)
        asked.save()
        return len(keys)


def _keep(asked: Recomputation, kind: str, data: dict[str, Any], now: dt.datetime) -> None:
    known = {"profile": asked.profile, "why": asked.why}
    by = actor(asked.asked_by)
    journal.record(
        kind=kind, subject_type="registry", subject_id=asked.profile, actor=by, data=known | data, at=now
    )  # fmt: skip


def waiting(profile_id: str) -> QuerySet[Appeal]:
    """The open appeals whose limits are computed anew."""
    return Appeal.objects.filter(profile=profile_id, closed_at=None, answered_at=None)


def _batches(profile: Profile, batch: int) -> Iterator[list[int]]:
    """The open appeals' keys, so many at once, by their order."""
    last = 0
    while keys := _next(profile.id, last, batch):
        yield keys
        last = keys[-1]


def _next(profile_id: str, last: int, batch: int) -> list[int]:
    return list(waiting(profile_id).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch])


def _again(profile: Profile, keys: list[int], why: str, by: str, now: dt.datetime) -> int:
    """Derive these appeals' limits, write those that changed in one statement, each with its fact.

    An appeal keeps the version that was in force when it was registered (krc-8-02).
    """
    rows = Appeal.objects.select_for_update(of=("self",)).filter(pk__in=keys, closed_at=None).only(*NEEDED)
    fresh, facts = [], []
    amended = bool(loader.versions(profile.path))
    for appeal in rows.order_by("pk").prefetch_related("extensions"):
        old = appeal.target_at, appeal.limit_at
        found, limit = renewing.due(loader.at(profile.id, appeal.registered_at) if amended else profile, appeal)
        if old == (found.target, limit):
            continue
        clauses = list(found.clauses)
        fresh.append(
            {"id": appeal.pk, "target_at": _text(found.target), "limit_at": _text(limit), "derivation": found.steps,
             "limit_clauses": clauses, "limit_rule": found.rule or ""}
        )  # fmt: skip
        data = {"old_limit_at": old[1], "limit_at": limit, "why": why}
        facts.append(journal.NewFact(moved_limits.FACT, "appeal", appeal.pk, by, data, now, clauses))
    if fresh:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [json.dumps(fresh, ensure_ascii=False)])
        journal.record_many(facts)
    return len(fresh)


def _text(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
