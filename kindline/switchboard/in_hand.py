"""A call in hand: its state, its timers, and what the engine is still to be told of it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from kindline.switchboard.choosing import POINT_S
from kindline.switchboard.committing import Order
from kindline.switchboard.machine.plan import Plan
from kindline.switchboard.machine.state import CallState, Phase, Waiting


@dataclass
class Live:
    """A call in hand."""

    state: CallState
    revision: int = 0
    written: bool = False
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    armed: dict[str, dt.datetime] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    sender: asyncio.Task[None] | None = None
    ids: set[str] = field(default_factory=set)
    held: int = 0
    """Changes whose commands wait until they are written."""
    touched: float = 0.0
    lost: bool = False
    """Its engine is gone: there is nobody to be told what becomes of it."""


def ids_of(state: CallState) -> set[str]:
    """Everything of the engine's that belongs to a call."""
    found = {state.channel, state.bridge, state.playback}
    found |= {leg.channel for leg in (state.operator, state.third) if leg}
    for track in state.tracks:
        found |= {track.ear, track.name}
    if state.supervision is not None:
        here = state.supervision
        found |= {here.channel, here.ear, here.room, here.mixer}
    return found - {""}


def plan_for(state: CallState, plan: Plan, earlier: Mapping[int, Plan]) -> Plan:
    """The plan with the version of the menu with which the call began, else the one in force."""
    return plan if state.tree == plan.tree else earlier.get(state.tree, plan)


def turn(waiting: Waiting) -> float:
    """The place of who waits in the order of service: the smaller, the sooner."""
    return waiting.since.timestamp() - waiting.priority * POINT_S


def ahead(calls: Mapping[str, Live], contact: str, own: Waiting) -> int:
    """How many of these calls come before one in its queue."""
    waits = (Phase.QUEUED, Phase.OFFERING, Phase.PROMISING)
    others = [live.state for other, live in calls.items() if other != contact and live.state.phase in waits]
    places = [state.waiting for state in others if state.waiting is not None and state.waiting.queue == own.queue]
    return sum(turn(one) < turn(own) for one in places)
