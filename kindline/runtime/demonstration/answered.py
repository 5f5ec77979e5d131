"""Some questions from the site that were answered and published, by the same actions as real ones: the first FAQ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from random import Random

from kindline.appeals import actions, answering, letters, publications, receiving
from kindline.appeals.actions import Receipt
from kindline.appeals.models import Appeal
from kindline.appeals.publications import Public
from kindline.conversations.models import Topic
from kindline.runtime.demonstration import words
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

CHANNEL, KIND, BY = "web", "info_request", "web"
EVERY, HOUR = dt.timedelta(days=6), dt.timedelta(hours=1)
PEOPLE = ("siteadmin", "specialist1", "unit_head")
NUMBER = 9270000


def make(profile: Profile, dice: Random, now: dt.datetime) -> int:
    """Ask, answer and publish what the organisation's words hold, the last one some days ago; returns how many."""
    told = words.organisation(profile.id).get("published", ())
    people = {one.username: one for one in Employee.objects.filter(username__in=PEOPLE)}
    if profile.workflow is None or profile.workflow.publishing is None or len(people) < len(PEOPLE):
        return 0
    for place, one in enumerate(told):
        _Question(profile, people, dice, now - EVERY * (len(told) - place)).answered(one)
    return len(told)


class _Question:
    """One question on its way: the clock goes on with every step."""

    def __init__(self, profile: Profile, people: Mapping[str, Employee], dice: Random, at: dt.datetime) -> None:
        self.profile, self.people, self.dice, self.at = profile, people, dice, at

    def answered(self, told: Mapping[str, str]) -> None:
        """From the form of the site to the FAQ; two employees look at what everybody will see."""
        topic = Topic.objects.filter(profile=self.profile.id, code=told["topic"]).first()
        admin, usual, head = (self.people[name] for name in PEOPLE)
        specialist = staff.competent_in(told["topic"]).order_by("pk").first() or usual
        appeal = self._asked(told["question"], topic)
        actions.assign_appeal(appeal=appeal, unit=None, executor=specialist, employee=admin, now=self._later())
        self._written(appeal, told["answer"], specialist, head)
        channel = letters.channel_of(self.profile, appeal)
        answering.mark_sent(appeal=appeal, channel=channel, proof="", employee=admin, now=self._later())
        public = Public(told["title"], told["question"], told["answer"], topic)
        publications.propose(appeal=appeal, public=public, employee=admin, now=self._later())
        publications.approve(appeal=appeal, public=public, employee=head, now=self._later())
        actions.close_appeal(appeal=appeal, employee=admin, now=self._later())

    def _asked(self, question: str, topic: Topic | None) -> Appeal:
        person, speech = words.person(self.dice, self.profile.language), words.language(self.profile.language)
        number = NUMBER + self.dice.randrange(10_000)
        place = f"{self.dice.choice(speech['streets'])}, {self.dice.randint(1, 60)}"
        reach = {"residence": place, "phone": f"+7{number:010d}", "email": f"client{number}@example.org"}
        return receiving.receive_appeal(
            profile=self.profile, channel=CHANNEL, kind=KIND, substance=question, fields=person.fields() | reach,
            topic=topic, receipt=Receipt(sent_at=self.at, answer_by=BY), employee=None, now=self.at,
        )  # fmt: skip

    def _written(self, appeal: Appeal, answer: str, specialist: Employee, head: Employee) -> None:
        """The answer with everything that the standard demands of it, approved and signed by the head."""
        appeal.refresh_from_db()
        text, subject = letters.proposed(self.profile, appeal, answer), letters.subject(self.profile, appeal)
        answering.draft_answer(appeal=appeal, subject=subject, text=text, employee=specialist, now=self._later())
        answering.submit_answer(appeal=appeal, employee=specialist, now=self._later())
        answering.approve_answer(appeal=appeal, employee=head, now=self._later())
        answering.sign_answer(appeal=appeal, employee=head, now=self._later())

    def _later(self) -> dt.datetime:
        self.at += HOUR * self.dice.uniform(0.3, 3)
        return self.at
