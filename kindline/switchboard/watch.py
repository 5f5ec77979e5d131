"""The switchboards that lead calls: their beats, the calls of those that beat no more, and commands never answered."""

from __future__ import annotations

import datetime as dt
import math
import os
import socket
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.journal import prepared
from kindline.journal.models import Fact
from kindline.switchboard import agents, dispatcher, nodes
from kindline.switchboard.models import Call, Intent, Operator, OperatorState, Reservation, Switchboard

PREFIX = "sb-"
DEAD_AFTER_S = 3.0
"""So long after its last beat a switchboard counts as dead: with the round in which that is looked for a peer leads its
calls within five seconds (T1). Where its process is seen to be gone it is sooner."""
STRAY_AFTER_S = 5.0
"""What belongs to no call that lives is left alone for so long: it may be on its way."""
UNKNOWN_AFTER_S = 60
FORGET_AFTER = dt.timedelta(days=7)
FORGOTTEN = """
SELECT EXISTS (
    SELECT FROM switchboard_reservation AS kept JOIN switchboard_call AS call ON call.id = kept.call_id
    WHERE kept.released_at IS NULL
    AND (call.ended_at IS NOT NULL OR (kept.lease_until < %(now)s AND call.state = 'queued'))
) OR EXISTS (
    SELECT FROM switchboard_operator AS operator WHERE state = ANY(%(busy)s) AND since < %(settled)s AND NOT EXISTS (
        SELECT FROM switchboard_call AS call
        WHERE call.id = operator.contact_id AND call.ended_at IS NULL AND call.state <> 'queued')
)
"""
"""Whether anybody is to be freed: asked once a second, and hardly ever so."""


HEARD = "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8"


class NameTakenError(RuntimeError):
    """Another switchboard runs under this name: give this one a name of its own, or stop the other."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which engine a switchboard leads, and where that takes calls and browsers' phones."""

    node: str = "1"
    sip: str = ""
    socket: str = ""


@transaction.atomic
def enter(*, app: str, now: dt.datetime, place: Place | None = None) -> Switchboard:
    """Begin to lead calls under a name. Raises: NameTakenError while another one that lives has the name."""
    found = Switchboard.objects.select_for_update().filter(app=app).first()
    if found is not None and is_alive(found, now) and (found.host, found.pid) != (socket.gethostname(), os.getpid()):
        raise NameTakenError(f"a switchboard named {app} is already running as process {found.pid} on {found.host}")
    here = {"host": socket.gethostname(), "pid": os.getpid(), "started_at": now, "beat_at": now, "has_left": False}
    made, _ = Switchboard.objects.update_or_create(app=app, defaults=here | asdict(place or Place()))
    return made


def beat(entry: Switchboard) -> None:
    """Say that this switchboard lives, and whether it can give out calls; who was given up as dead enters again."""
    told = {"beat_at": entry.beat_at, "serving": entry.serving, "skew_s": entry.skew_s}
    if not Switchboard.objects.filter(app=entry.app).update(**told):
        entry.save(force_insert=True)


def asked_at(entry: Switchboard, address: str) -> None:
    """Say where this switchboard is asked, host:port."""
    entry.address = address
    Switchboard.objects.filter(app=entry.app).update(address=address)


def leave(app: str) -> None:
    """Stop leading calls; those in hand are taken over by the next."""
    Switchboard.objects.filter(app=app).update(has_left=True, serving=False)


def is_alive(one: Switchboard, now: dt.datetime, heard_s: float = math.inf) -> bool:
    """Whether it beats; one on this machine must also have its process, and one that is stopped does not live.

    A database that has been there for `heard_s` only could not hear it before: no longer silence counts.
    """
    if one.has_left or min(heard_s, (now - one.beat_at).total_seconds()) > DEAD_AFTER_S:
        return False
    return one.host != socket.gethostname() or Path(f"/proc/{one.pid}").exists() or not Path("/proc").exists()


def heard_s() -> float:
    """For how long the database has been there to hear beats, seconds."""
    [[found]] = prepared.rows(HEARD)
    return float(found)


def dead(app: str, now: dt.datetime) -> list[str]:
    """The names of the switchboards that live no more."""
    others = list(Switchboard.objects.exclude(app=app))
    since_s = heard_s() if others else math.inf
    return [one.app for one in others if not is_alive(one, now, since_s)]


def left_behind(app: str, now: dt.datetime, node: str = "1") -> bool:
    """Whether there is anything to take over: from the dead of our own engine, or of one that is lost."""
    names = dead(app, now)
    gone = Switchboard.objects.filter(app__in=names)
    return bool(names) and gone.filter(Q(node=node) | Q(node__in=nodes.silent(node, now))).exists()


@dataclass(frozen=True, slots=True)
class Adopted:
    """A call taken over, and the engine that carries it."""

    contact: str
    data: dict[str, Any]
    former: str
    node: str = "1"


@transaction.atomic
def adopt(*, app: str, now: dt.datetime, node: str = "1") -> list[Adopted]:
    """Take over the open calls of switchboards that live no more; each call goes to one of us only.

    Those of our own engine go on. Those of an engine that nobody has led for a while are lost with it.
    """
    gone = dead(app, now)
    ours = Q(node=node) | Q(node__in=nodes.silent(node, now))
    rows = list(Call.objects.select_for_update(skip_locked=True).filter(ours, owner__in=gone, ended_at=None))
    Call.objects.filter(pk__in=[row.pk for row in rows]).update(owner=app)
    journal.record_many(_adoptions(rows, now))
    for name in gone:
        if not Call.objects.filter(owner=name, ended_at=None).exists():
            Switchboard.objects.filter(app=name).delete()
    return [Adopted(str(row.pk), row.data, row.owner, row.node) for row in rows]


def _adoptions(rows: Iterable[Call], now: dt.datetime) -> list[journal.NewFact]:
    """Of each call taken over: who led it, and for how long that one had been silent (T1)."""
    beats = dict(Switchboard.objects.values_list("app", "beat_at"))
    told = [(row, {"former": row.owner, "silent_s": _since_s(beats[row.owner], now)}) for row in rows]
    return [journal.NewFact("call_adopted", "contact", str(row.pk), "switchboard", data, now) for row, data in told]


def _since_s(beat_at: dt.datetime, now: dt.datetime) -> float:
    return round(max(0.0, (now - beat_at).total_seconds()), 3)


def own(app: str) -> list[Adopted]:
    """The open calls that are written down as ours."""
    rows = Call.objects.filter(owner=app, ended_at=None)
    return [Adopted(str(row.pk), row.data, app, row.node) for row in rows]


def have_ended(contacts: Iterable[str]) -> set[str]:
    """Those of them whose calls are over by what is written."""
    rows = Call.objects.filter(pk__in=list(contacts), ended_at__isnull=False)
    return {str(key) for key in rows.values_list("pk", flat=True)}


def were_lost(contacts: Iterable[str]) -> set[str]:
    """Those of them whose calls were counted as lost with their engine."""
    rows = Fact.objects.filter(kind="node_lost", subject_type="contact", subject_id__in=list(contacts))
    return set(rows.values_list("subject_id", flat=True))


def free_forgotten(*, now: dt.datetime) -> int:
    """Free operators who are kept for calls that have ended, and reservations whose lease is long over (T3)."""
    settled = now - dt.timedelta(seconds=STRAY_AFTER_S)
    [[forgotten]] = prepared.rows(
        FORGOTTEN, {"now": now, "settled": settled, "busy": [one.value for one in agents.BUSY]}
    )
    return _free(now, settled) if forgotten else 0


@transaction.atomic
def _free(now: dt.datetime, settled: dt.datetime) -> int:
    ended = Q(call__ended_at__isnull=False) | Q(lease_until__lt=now, call__state="queued")
    count = Reservation.objects.filter(ended, released_at=None).update(released_at=now)
    living = Call.objects.filter(pk=OuterRef("contact_id"), ended_at=None).exclude(state="queued")
    busy = Operator.objects.filter(~Exists(living), state__in=agents.BUSY, since__lt=settled)
    forgotten = list(busy.select_for_update(skip_locked=True, of=("self",)))
    facts = [agents.become(one, one.wanted or OperatorState.READY, one.reason, now) for one in forgotten]
    agents.save(forgotten)
    journal.record_many(facts)
    return count + len(facts)


def free_by_the_database() -> int:
    """Free what is forgotten by the clock of the database, which made the leases."""
    return free_forgotten(now=dispatcher.database_now())


@transaction.atomic
def end_wrap_ups(*, now: dt.datetime) -> int:
    """Make operators ready whose wrap-up has reached its limit and whose contact is closed; others go on, overrun."""
    over = Operator.objects.filter(state=OperatorState.WRAP_UP, until__lt=now)
    talks = [str(one.contact_id) for one in over]
    closed = set(Contact.objects.filter(pk__in=talks, closed_at__isnull=False).values_list("pk", flat=True))
    asking = set(Call.objects.filter(ended_at=None).values_list("data__inside__dialler", flat=True)) if closed else ()
    done = [one for one in over if one.contact_id in closed and one.pk not in asking]
    for one in done:
        agents.end_wrap_up(employee=one.pk, now=now)
    return len(done)


def sweep_intents(*, now: dt.datetime) -> int:
    """Close commands whose outcome never came, and forget old ones; returns how many were unknown."""
    old = now - dt.timedelta(seconds=UNKNOWN_AFTER_S)
    count = Intent.objects.filter(outcome="", made_at__lt=old).update(outcome="unknown", outcome_at=now)
    Intent.objects.filter(made_at__lt=now - FORGET_AFTER).delete()
    return count


def trees_under_way() -> set[int]:
    """The versions of the menu with which the calls began that have not ended."""
    found = Call.objects.filter(ended_at=None).values_list("data__tree", flat=True).distinct()
    return {int(number) for number in found if number}


def gone_names(applications: Iterable[str], app: str) -> set[str]:
    """The applications of the engine that belonged to switchboards which are no more."""
    living = set(Switchboard.objects.values_list("app", flat=True)) | {app}
    return {name for name in applications if name.startswith(PREFIX) and name not in living}
