"""Nodes: each is an engine with those who lead its calls. What is known of the others, and what a lost one leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max

from kindline.journal import prepared
from kindline.switchboard.choosing import POINT_S
from kindline.switchboard.models import Call, Operator, Switchboard

LOST_AFTER_S = 20.0
"""An engine that nobody has led for so long is lost, and the calls on it: who leads it is started anew sooner."""
BEATS_S = 5.0
LINK = "kl-"
"""What the other nodes are called at our engine."""
STALE = """
SELECT employee_id FROM switchboard_operator
WHERE EXISTS (SELECT FROM unnest(phones) AS phone WHERE split_part(phone, '@', 2) <> ALL(%s))
"""
"""Who has a phone at an engine that is not among these. Asked once a second: it locks nobody whose phones are there."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another node, and where its engine takes calls."""

    node: str
    sip: str


def living(now: dt.datetime) -> list[Switchboard]:
    """Those who lead calls now."""
    since = now - dt.timedelta(seconds=BEATS_S)
    return list(Switchboard.objects.filter(has_left=False, beat_at__gte=since).order_by("app"))


def peers(node: str, there: Iterable[Switchboard]) -> list[Peer]:
    """The other nodes, of those who lead calls now."""
    return sorted({Peer(one.node, one.sip) for one in there if one.node != node and one.sip}, key=str)


def silent(node: str, now: dt.datetime) -> list[str]:
    """The other nodes that nobody has led for so long that they count as lost."""
    rows = Switchboard.objects.exclude(node=node).values("node").annotate(last=Max("beat_at"))
    return [one["node"] for one in rows if (now - one["last"]).total_seconds() > LOST_AFTER_S]


def waiting_elsewhere(app: str, there: Iterable[Switchboard]) -> list[tuple[str, float]]:
    """The callers whom the other switchboards lead that are there: queue and turn."""
    others = [one.app for one in there if one.app != app]
    if not others:
        return []
    rows = Call.objects.filter(owner__in=others, ended_at=None, state__in=("queued", "offering", "promising"))
    told = rows.exclude(enqueued_at=None).values_list("queue", "enqueued_at", "priority")
    return [(queue, at.timestamp() - priority * POINT_S) for queue, at, priority in told if at]


def reach(employees: Iterable[int], node: str) -> dict[int, str]:
    """How the engine of a node calls operators whose phones are at another one: endpoint and link."""
    found = {}
    for one in Operator.objects.filter(pk__in=set(employees)):
        far = [phone.split("@") for phone in one.phones if not phone.endswith(f"@{node}")]
        if far:
            found[one.pk] = f"{far[0][0]}@{LINK}{far[0][1]}"
    return found


def noted(phones: Sequence[str], node: str, endpoint: str) -> list[str]:
    """An operator's phones after a node has said which of them is there; nothing: none."""
    others = [one for one in phones if not one.endswith(f"@{node}")]
    return [*others, f"{endpoint}@{node}"] if endpoint else others


def forget_phones(node: str, there: Iterable[Switchboard]) -> list[int]:
    """Phones at engines that nobody leads are not there; returns the operators who have none now."""
    led = {one.node for one in there} | {node}
    stale = [employee for (employee,) in prepared.rows(STALE, [sorted(led)])]
    return _forget(stale, led) if stale else []


@transaction.atomic
def _forget(stale: Iterable[int], led: Container[str]) -> list[int]:
    lost = []
    for one in Operator.objects.select_for_update(skip_locked=True).filter(pk__in=stale).order_by("pk"):
        kept = [phone for phone in one.phones if phone.rpartition("@")[2] in led]
        if kept != one.phones:
            one.phones, one.registered = kept, bool(kept)
            one.save(update_fields=["phones", "registered"])
            lost += [] if kept else [one.pk]
    return lost


def ring(channel: str) -> None:
    """Let the other switchboards look at once, with the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])
