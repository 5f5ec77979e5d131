"""The running instance as a demonstration sees it: is it up, what does its journal say, who works there."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from kindline.clients.models import Client
from kindline.conversations import callbacks
from kindline.conversations.models import Callback, Contact
from kindline.desk import switchboard
from kindline.journal import queries as journal
from kindline.journal.models import Fact
from kindline.quality.models import Measurement
from kindline.runtime.demo_calls.crowd import Crowd
from kindline.runtime.demo_calls.errors import DemoError
from kindline.runtime.instance import Instance
from kindline.staff.models import Employee, Role
from kindline.standard import hours, loader
from kindline.standard.profile import Profile
from kindline.standard.scripts import Script
from kindline.switchboard import clock
from kindline.switchboard.models import Operator, OperatorState

Found = TypeVar("Found")
ANSWERS_WITHIN_S = 10.0
JUDGED_WITHIN_S = 180.0
"""A judge that has just been started plans the rules of its standard first."""
LOOK_S = 0.1
"""Between two looks into the database."""
FREE = (OperatorState.OFFLINE, OperatorState.PAUSED)


@dataclass(frozen=True)
class Office:
    """An instance and the standard it works by."""

    instance: Instance
    profile: Profile
    crowd: Crowd = field(default_factory=Crowd)

    # --- waiting -----------------------------------------------------------------------------------
    def wait(self, look: Callable[[], Found | None], limit_s: float, what: str) -> Found:
        """Look until something is found. Raises: DemoError when it is not in time."""
        until = time.monotonic() + limit_s
        while (found := look()) is None:
            if time.monotonic() > until:
                raise DemoError(f"waited {limit_s:g} s in vain for {what}")
            time.sleep(LOOK_S)
        return found

    def fact(self, contact: UUID, kind: str, limit_s: float = 30.0, **data: Any) -> Fact:
        """The first fact of a kind about a contact, waited for. Raises: DemoError."""

        def look() -> Fact | None:
            found = journal.facts_of("contact", contact).filter(kind=kind)
            return next((fact for fact in found if data.items() <= fact.data.items()), None)

        return self.wait(look, limit_s, f"the fact {kind} {data or ''}".rstrip())

    def contact_from(self, caller: str, since: dt.datetime, limit_s: float = 20.0) -> UUID:
        """The contact that a call of this caller became. Raises: DemoError."""

        def look() -> UUID | None:
            rows = Contact.objects.filter(caller=caller, started_at__gte=since - dt.timedelta(seconds=5))
            return rows.order_by("-started_at").values_list("pk", flat=True).first()

        return self.wait(look, limit_s, "the switchboard to take the call")

    def facts(self, contact: UUID) -> list[Fact]:
        """All facts about a contact, in their order."""
        return list(journal.facts_of("contact", contact))

    def contact(self, contact: UUID) -> Contact:
        """The contact as it is now."""
        return Contact.objects.select_related("client", "account", "topic", "employee").get(pk=contact)

    def judged(self, contact: UUID, limit_s: float = JUDGED_WITHIN_S) -> None:
        """Wait until the closed contact has its verdicts. Raises: DemoError."""
        self.fact(contact, "contact_closed")
        last = self.wait(lambda: self._settled(contact), 30, "the recordings to be kept")

        def look() -> bool | None:
            rows = Measurement.objects.filter(subject_type="contact", subject_id=str(contact), judged_at__gte=last)
            return True if rows.exists() else None

        self.wait(look, limit_s, "the verdicts (is the part `judge` or the worker running?)")

    def _settled(self, contact: UUID) -> dt.datetime | None:
        """When the last fact came that verdicts wait for; None while a recording is still on its way."""
        facts = self.facts(contact)
        begun = {fact.data["name"] for fact in facts if fact.kind == "recording_started"}
        kept = {fact.data["name"] for fact in facts if fact.kind in ("recording_stored", "recording_failed")}
        awaited = [fact.at for fact in facts if fact.kind in ("contact_closed", "recording_stored", "recording_failed")]
        return max(awaited) if begun <= kept else None

    # --- people ------------------------------------------------------------------------------------
    def script(self, line: str) -> Script | None:
        """The guide for calls that come in on a line."""
        return self.profile.script(channel="phone", direction="in", line=line)

    def person_ready(self, queue: str) -> Employee | None:
        """A person at the desk who would get a call of the queue now."""
        rows = Operator.objects.filter(state=OperatorState.READY, registered=True).select_related("employee")
        rows = rows.exclude(employee__in=self.crowd.employees)
        skilled = [row.employee for row in rows if self._serves(row.employee, queue)]
        return skilled[0] if skilled else None

    def free_operator(self, queue: str, *, but: Collection[int] = ()) -> Operator:
        """An operator who is not at work and could serve the queue. Raises: DemoError."""
        rows = Operator.objects.filter(state__in=FREE, employee__roles__contains=[Role.OPERATOR])
        rows = rows.exclude(sip_password="").exclude(employee__in=but).select_related("employee")
        for row in rows.order_by(F("idle_since").asc(nulls_first=True), "employee_id"):
            if self._serves(row.employee, queue):
                return row
        raise DemoError(f"no operator of this instance is free who serves the queue {queue!r}")

    def colleague(self, *, but: Collection[int], of_department: bool = False) -> Operator:
        """Somebody to whom a call can be transferred: a specialist where there is one, by the extension of his
        department where it is that. Raises: DemoError.
        """
        rows = Operator.objects.filter(state__in=FREE).exclude(sip_password="").exclude(employee__in=but)
        rows = rows.filter(employee__unit__extensions__isnull=False) if of_department else rows
        found = sorted(rows.select_related("employee"), key=lambda row: Role.SPECIALIST not in row.employee.roles)
        if not found:
            why = ": give a department an extension in the administration" if of_department else ""
            raise DemoError(f"nobody is there to whom the call could be transferred{why}")
        return found[0]

    def _serves(self, employee: Employee, queue: str) -> bool:
        wanted = self.profile.menu.queues[queue].skills if self.profile.menu and queue else ()
        return set(wanted) <= set(employee.skills.values_list("skill__code", flat=True))

    def client(self) -> Client | None:
        """Some client with a telephone who is not on the line; one with an account where there are accounts."""
        return self.crowd.one_client(self._client, lambda found: found.pk)

    def _client(self) -> Client | None:
        rows = Client.objects.filter(points__kind="phone", kind="person").distinct()
        with_account = rows.filter(accounts__isnull=False)
        chosen = with_account if with_account.exists() else rows
        busy = Contact.objects.filter(closed_at=None, client__isnull=False).values("client")
        return chosen.exclude(pk__in=busy).exclude(pk__in=self.crowd.clients).order_by("?").first()

    def give_up_place(self, contact: UUID) -> None:
        """Nobody is to call who asked for a call in this contact."""
        for kept in Callback.objects.filter(contact=contact):
            callbacks.cancel_callback(callback=kept, reason="a demonstration", employee=None, now=timezone.now())

    # --- the clock ---------------------------------------------------------------------------------
    def claimed(self, moment: str, line: str, now: dt.datetime) -> dict[str, str]:
        """The header by which the call comes at an open or a closed hour; none when that is so already."""
        is_open = hours.is_open(self.profile, line, now)
        if is_open == (moment == "open"):
            return {}
        wanted = hours.next_opening(self.profile, line, now) if moment == "open" else self._closed_after(line, now)
        return {clock.HEADER: clock.signed(wanted, timezone.now(), self.instance.secrets.internal_token)}

    def _closed_after(self, line: str, now: dt.datetime) -> dt.datetime:
        for half_hours in range(1, 24 * 14):
            later = now + dt.timedelta(minutes=30 * half_hours)
            if not hours.is_open(self.profile, line, later):
                return later
        raise DemoError(f"the line {line!r} of {self.profile.id} is never closed: there is no call out of hours")


def tell(path: str, **body: Any) -> Mapping[str, Any]:
    """Ask the switchboard for something. Raises: SwitchboardError."""
    return switchboard.post(path, body)


def opened(instance: Instance) -> Office:
    """The office of an instance that runs. Raises: DemoError when its switchboard does not answer."""
    until = time.monotonic() + ANSWERS_WITHIN_S
    while not switchboard.healthy():
        if time.monotonic() < until:
            time.sleep(LOOK_S)
            continue
        raise DemoError(
            f"the switchboard of {instance.folder} does not answer: start it with `kindline run --instance"
            f" {instance.folder}`, or see {instance.log_folder / 'switchboard.log'}"
        )
    return Office(instance, loader.load(instance.profile))
