"""What comes with every call is written for many contacts at once, and each of them as if it were alone."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.conversations import actions
from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import loader

pytestmark = pytest.mark.db


def opened(profile: str, now: dt.datetime) -> Contact:
    return actions.open_contact(profile=loader.load(profile), channel="phone", now=now)


def taken(*contacts: Contact, employee: Employee | None, now: dt.datetime) -> None:
    """An employee (or nobody) takes all of them in one moment."""
    actions.start_guides(taken=[actions.Taken(one.pk, employee.pk if employee else None, now) for one in contacts])


def started(contact: Contact) -> list[str]:
    return [fact.actor for fact in facts_of("contact", contact.pk) if fact.kind == "guide_started"]


@pytest.mark.clause("krc-5.6.4-05")
def test_each_guide_knows_whether_its_own_client_heard_the_menu(employee: Employee, now: dt.datetime) -> None:
    plain, heard = opened("krc", now), opened("krc", now)
    journal.record(
        kind="prompt_played", subject_type="contact", subject_id=heard.pk, data={"prompt": "greeting"}, at=now
    )
    taken(plain, heard, employee=employee, now=now)
    guides = {one.pk: one.guide for one in Contact.objects.all()}
    assert guides[heard.pk]["menu_named_company"]
    assert not guides[plain.pk]["menu_named_company"]
    assert guides[plain.pk]["script"] == guides[heard.pk]["script"] != "none"
    assert started(plain) == started(heard) == [f"employee:{employee.pk}"]


def test_a_guide_that_has_begun_and_a_contact_that_is_closed_stay_as_they_are(
    employee: Employee, now: dt.datetime
) -> None:
    begun, closed, fresh = (opened("krc", now) for _ in range(3))
    taken(begun, employee=employee, now=now)
    Contact.objects.filter(pk=closed.pk).update(closed_at=now)
    taken(begun, closed, fresh, employee=None, now=now)
    assert [started(one) for one in (begun, closed, fresh)] == [[f"employee:{employee.pk}"], [], ["system"]]
    assert Contact.objects.get(pk=closed.pk).guide == {}


def test_the_first_answer_the_first_employee_and_the_first_end_of_a_talk_stay(
    employee: Employee, now: dt.datetime
) -> None:
    other = Employee.objects.create(username="operator2", number=13)
    one, two = opened("krc", now), opened("krc", now)
    later = now + dt.timedelta(seconds=30)
    actions.note_talks([actions.Talk(str(one.pk), now, employee.pk), actions.Talk(str(two.pk), ended_at=now)])
    actions.note_talks([actions.Talk(str(one.pk), later, other.pk, later), actions.Talk(str(two.pk), ended_at=later)])
    rows = Contact.objects.in_bulk([one.pk, two.pk])
    assert (rows[one.pk].answered_at, rows[one.pk].employee, rows[one.pk].ended_at) == (now, employee, later)
    assert (rows[two.pk].answered_at, rows[two.pk].employee, rows[two.pk].ended_at) == (None, None, now)
