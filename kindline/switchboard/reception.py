"""What the engine tells: clients arrive, calls change, operators' phones come and go."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

from kindline.standard import hours
from kindline.standard.profile import Profile
from kindline.switchboard import clock as clocks
from kindline.switchboard import hearing, phones
from kindline.switchboard.board import Board, utc_now
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.menu import EMERGENCY
from kindline.switchboard.machine.state import CallState, Leg, contact_of
from kindline.switchboard.watch import NameTakenError

log = logging.getLogger(__name__)
OWN_ARGUMENTS = ("leg", "ear", "adopted")
DIALLED = "dialled"
"""A telephone of the house has dialled a number."""
PHONE_NEWS = frozenset({"ContactStatusChange", "EndpointStateChange"})
THERE = frozenset({"Created", "Updated", "Reachable", "NonQualified"})
WANTED = ("CallBroadcast", "ApplicationReplaced", *PHONE_NEWS, *hearing.READERS)
"""What is heard; the engine is asked not to tell the rest, which is most of what it would say of a call."""


def watcher_of(state: CallState) -> Leg | None:
    """The phone of a supervisor who is in the call, as that of a colleague."""
    here = state.supervision
    return Leg(here.channel, here.employee, here.endpoint, here.asked_at, up_at=here.up_at) if here else None


class Reception:
    """Turns the engine's messages into events of calls."""

    def __init__(self, board: Board, profile: Profile, *, instance: str, token: str) -> None:
        self.board, self.profile, self.instance, self.token = board, profile, instance, token
        self.presence = phones.Presence()
        self.on_phones: Callable[[dict[int, str]], None] = lambda online: None  # noqa: ARG005
        self.on_dialled: Callable[[Mapping[str, Any]], None] = lambda message: None  # noqa: ARG005
        self.on_talk: Callable[[e.Event], None] = lambda event: None  # noqa: ARG005
        self.open = False
        """Whether calls are taken."""
        self.finished: set[str] = set()
        """Recordings that the engine has finished writing."""

    def hear(self, message: dict[str, Any]) -> None:
        """A message of the engine. Raises: NameTakenError when another program has taken our name (T4)."""
        try:
            self._hear(message)
        except (KeyError, TypeError, ValueError):
            log.exception("a message of the engine is not understood: %s", message)

    def _hear(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "CallBroadcast":
            self._claim(message["channel"]["id"])
        elif kind == "StasisStart" and (message.get("args") or [""])[0] == DIALLED:
            self.on_dialled(message)
        elif kind == "StasisStart" and (message.get("args") or [""])[0] not in OWN_ARGUMENTS:
            self._arrive(message)
        elif kind in PHONE_NEWS:
            self._phone_news(message)
        elif kind == "ApplicationReplaced":
            raise NameTakenError(f"another program has taken the name {self.board.desk.app}")
        else:
            self._call_news(message)

    # --- clients ---
    def _claim(self, channel: str) -> None:
        if self.open and self.board.healthy:
            query = {"channelId": channel, "application": self.board.desk.app}
            self.board.start(self.board.ari.ask("POST", "events/claim", query, tries=1), "claim")

    def _arrive(self, message: Mapping[str, Any]) -> None:
        channel, said = message["channel"], [*message.get("args", []), "", ""]
        self.arrive(
            channel["id"], line=said[0] or channel["dialplan"]["exten"], caller=channel["caller"]["number"],
            at=hearing.moment(message), clock=said[1],
        )  # fmt: skip

    def arrive(self, channel: str, *, line: str, caller: str, at: dt.datetime, clock: str = "") -> None:
        """A client's call is ours."""
        contact = contact_of(self.instance, channel)
        if contact in self.board.calls:
            return
        arrived = self._arrived(line, caller, at, clocks.told(clock, self.token, at) or at)
        self.board.take(contact, CallState(contact, channel, at))
        self.board.feed(contact, arrived)

    def _arrived(self, called: str, caller: str, at: dt.datetime, now: dt.datetime) -> e.Arrived:
        """On which line a caller is, and whether it is served."""
        line = self._line(called)
        closed, instead_of = "" if self._is_open(line, now) else "off_hours", ""
        if closed and (other := self._open_instead(line, now)):
            line, closed, instead_of = other, "", line
        urgent = self.board.plan.emergency_of(line, at)
        if urgent and urgent.closes:
            closed = closed or EMERGENCY
        return e.Arrived(
            at=at, line=line, caller=caller, called=called, closed=closed, instead_of=instead_of,
            emergency=urgent.id if urgent else 0,
        )  # fmt: skip

    def _line(self, called: str) -> str:
        """The line of the menu behind a called number; the first one for numbers that nobody named."""
        lines = self.board.plan.lines
        named = self.profile.variables.get("numbers") or {}
        return called if called in lines else str(named.get(called) or next(iter(lines), called))

    def _open_instead(self, line: str, now: dt.datetime) -> str:
        """The line that takes the calls of a closed one, where the standard names one that is open now."""
        known = self.profile.menu.lines if self.profile.menu else {}
        other = known[line].when_closed if line in known else None
        return other if other and self._is_open(other, now) else ""

    def _is_open(self, line: str, now: dt.datetime) -> bool:
        try:
            return hours.is_open(self.profile, line, now)
        except hours.NoHours:
            return True

    # --- calls ---
    def _call_news(self, message: Mapping[str, Any]) -> None:
        heard = hearing.heard(message)
        if heard is None:
            return
        if isinstance(heard.event, e.Recorded):
            self.finished.add(heard.event.name)
        self.on_talk(heard.event)
        contact = self.board.where.get(heard.by)
        if contact is not None:
            self.board.feed(contact, heard.event)
        elif isinstance(heard.event, e.Up):
            self.board.start(self.board.ari.ask("DELETE", f"channels/{heard.by}"), "stray")

    # --- phones ---
    def _phone_news(self, message: Mapping[str, Any]) -> None:
        endpoint = message["endpoint"]["resource"]
        employee = phones.employee_of(endpoint)
        if employee is None:
            return
        info = message.get("contact_info") or {}
        status, uri = str(info.get("contact_status", "")), str(info.get("uri", ""))
        if status in THERE:
            self._registered(employee, endpoint, uri)
        elif status and self.presence.contacts.get(endpoint, uri) != uri:
            return  # an old address of a phone that came back: it may still be asked, and not answer
        elif status == "Removed":
            self.presence.contacts.pop(endpoint, None)
            self._seen(employee, endpoint, "offline")
        elif status == "Unreachable":  # a telephone that says nothing: it is not offered calls, but a talk is not cut
            self.silent(employee, endpoint)
        elif not info:
            self._seen(employee, endpoint, message["endpoint"].get("state", "unknown"))

    def _registered(self, employee: int, endpoint: str, uri: str) -> None:
        """A phone is there; under another address than before it is a page that was loaded anew."""
        if self.presence.moved(endpoint, uri) and self.presence.online.get(endpoint):
            self._lost(employee, endpoint)
            self._back(employee, endpoint)
        self._seen(employee, endpoint, "online")

    def _seen(self, employee: int, endpoint: str, state: str) -> None:
        if self.presence.seen(endpoint, state):
            (self._back if state == "online" else self._lost)(employee, endpoint)
            self.on_phones({employee: self.presence.endpoint_of(employee)})

    def silent(self, employee: int, endpoint: str) -> None:
        """Nothing more will come of a phone; a talk on it is not cut."""
        if self.presence.seen(endpoint, "offline"):
            self._lost(employee, endpoint, talking=False)
            self.on_phones({employee: self.presence.endpoint_of(employee)})

    def _lost(self, employee: int, endpoint: str, *, talking: bool = True) -> None:
        for contact, state in list(self.board.open_calls()):
            for leg in (state.operator, state.third, watcher_of(state)):
                if leg is None or (leg.employee, leg.endpoint) != (employee, endpoint) or not leg.channel:
                    continue
                if talking or not leg.up:
                    self.board.feed(contact, e.MediaLost(at=utc_now(), employee=employee))

    def _back(self, employee: int, endpoint: str) -> None:
        for contact, state in list(self.board.open_calls()):
            if state.operator is not None and state.operator.employee == employee:
                self.board.feed(contact, e.PhoneBack(at=utc_now(), employee=employee, endpoint=endpoint))
