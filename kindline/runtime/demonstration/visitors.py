"""Some visits at the counter in the last weeks, made by the same actions as real ones."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from random import Random

from kindline.clients.models import Client
from kindline.conversations import actions, documents
from kindline.conversations.models import Contact, Topic
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.scripts import Step

COUNT = 12
OPENS, LAST = 9, 15  # the first and the last hour in which one comes
PAUSE_S = (15, 90)  # between two steps


def make(profile: Profile, dice: Random, now: dt.datetime) -> int:
    """Make up the visits of the last three weeks; returns how many."""
    employee = Employee.objects.filter(roles__contains=[Role.COUNTER]).order_by("pk").first()
    script = profile.script(channel="office", direction="in")
    if employee is None or script is None:
        return 0
    clients, topics = list(Client.objects.order_by("pk")[:60]), list(Topic.objects.filter(profile=profile.id))
    for n, at in enumerate(_moments(profile, dice, now)):
        contact = actions.open_visit(
            profile=profile, employee=employee, contact_id=uuid.UUID(int=dice.getrandbits(128), version=4), now=at
        )
        _Visit(contact, employee, dice, at).run(script.steps, dice.choice(clients), dice.choice(topics), n)
    return COUNT


def _moments(profile: Profile, dice: Random, now: dt.datetime) -> list[dt.datetime]:
    """One on each of the last working days before today, while an office is open; the earliest first."""
    days = (now.astimezone(profile.zone).date() - dt.timedelta(days=n) for n in itertools.count(1))
    worked = itertools.islice(filter(profile.calendar.is_working_day, days), COUNT)
    times = ((day, dt.time(dice.randint(OPENS, LAST), dice.randint(0, 59))) for day in worked)
    return sorted(dt.datetime.combine(day, time, profile.zone) for day, time in times)


class _Visit:
    """One visit being made up: the clock goes on with every step."""

    def __init__(self, contact: Contact, employee: Employee, dice: Random, at: dt.datetime) -> None:
        self.contact, self.employee, self.dice, self.at = contact, employee, dice, at

    def run(self, steps: tuple[Step, ...], client: Client, topic: Topic, n: int) -> None:
        """Do the steps of the guide in their order; every third visitor brings documents."""
        actions.set_client(contact=self.contact, client=client, via="name", employee=self.employee, now=self._later())
        outcome = "answered"
        for step in steps:
            if step.done_by == "topic_set":
                actions.set_topic(contact=self.contact, topic=topic, employee=self.employee, now=self._later())
                outcome = self._documents() if n % 3 == 1 else outcome
            elif (step.required or step.done_by == "answer_given") and step.only_if is None:
                phrase = step.phrases[0] if step.phrases else ""
                actions.mark_step(
                    contact=self.contact, step=step.id, phrase=phrase, employee=self.employee, now=self._later()
                )
        actions.close_contact(contact=self.contact, outcome=outcome, employee=self.employee, now=self._later())

    def _documents(self) -> str:
        """A set with one document still to be brought, where the standard has passports of services."""
        services = list(loader.load(self.contact.profile).services.values())
        if not services:
            return "answered"
        passport = self.dice.choice(services)
        marks = {one.id: documents.THERE for one in passport.documents}
        marks[passport.documents[-1].id] = documents.MISSING
        due_on = (self.at + dt.timedelta(days=self.dice.randint(5, 25))).date()
        actions.check_documents(
            contact=self.contact, service=passport.id, marks=marks, due_on=due_on, employee=self.employee,
            now=self._later(),
        )  # fmt: skip
        actions.accept_documents(contact=self.contact, employee=self.employee, now=self._later())
        return "documents_awaited"

    def _later(self) -> dt.datetime:
        self.at += dt.timedelta(seconds=self.dice.randint(*PAUSE_S))
        return self.at
