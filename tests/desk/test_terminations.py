"""Those in charge are told when an operator ends a talk on a ground of the standard."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role
from kindline.switchboard import terminations
from kindline.switchboard.floor_models import TerminationNotice
from kindline.switchboard.machine import events as e
from tests.desk.conftest import Talk, employee
from tests.switchboard.test_contacts import answered

pytestmark = pytest.mark.db
FLOOR, SEEN = "/desk/supervisor/?part=1", "/desk/supervisor/ended/seen"


@pytest.fixture
def ended(krc: object, talk: Talk, operator: Employee, supervisor: Employee) -> Contact:
    """A talk that the operator ended for an insult."""
    contact = talk(ended=True)
    terminations.tell(contact=str(contact.pk), operator=operator.pk, ground="insult", now=timezone.now())
    return contact


def floor(browser: Browser) -> str:
    return browser.get(FLOOR).content.decode()


@pytest.mark.clause("krc-5.6.5-25")
def test_the_floor_says_who_ended_which_talk_on_which_ground_until_it_is_seen(
    as_supervisor: Browser, ended: Contact, operator: Employee
) -> None:
    [notice] = TerminationNotice.objects.all()
    shown = floor(as_supervisor)
    assert f'data-crossing="termination-{notice.pk}"' in shown
    assert str(operator) in shown
    assert f"/desk/contacts/{ended.pk}" in shown
    assert ">insult<" not in shown, "the ground is worded as in the standard"
    assert as_supervisor.post(SEEN, {"upto": notice.pk}).status_code == 302
    assert "termination-" not in floor(as_supervisor)


def test_each_of_those_in_charge_is_told_once_and_not_the_operator_himself(
    ended: Contact, operator: Employee, supervisor: Employee
) -> None:
    head = employee("head", Role.UNIT_HEAD, Role.OPERATOR)
    again: dict[str, Any] = {
        "contact": str(ended.pk),
        "operator": operator.pk,
        "ground": "insult",
        "now": timezone.now(),
    }
    assert terminations.tell(**again) == [head.pk], "who came meanwhile is told, the others are not told twice"
    assert terminations.tell(**again) == []
    assert terminations.tell(**again | {"contact": str(_other(ended).pk), "operator": head.pk}) == [supervisor.pk]
    told = facts_of("contact", ended.pk).filter(kind="termination_told").order_by("at")
    assert [one.data["employees"] for one in told] == [[supervisor.pk], [head.pk]]


def _other(contact: Contact) -> Contact:
    fields = {"profile": contact.profile, "version": contact.version, "line": contact.line, "channel": "phone"}
    return Contact.objects.create(pk=uuid.uuid4(), **fields, language="ru", started_at=timezone.now())


def test_what_came_after_the_page_was_shown_is_not_seen_with_it(
    as_supervisor: Browser, ended: Contact, operator: Employee
) -> None:
    [shown] = TerminationNotice.objects.all()
    later = _other(ended)
    terminations.tell(contact=str(later.pk), operator=operator.pk, ground="insult", now=timezone.now())
    as_supervisor.post(SEEN, {"upto": shown.pk})
    assert [one.contact_id for one in TerminationNotice.objects.filter(seen_at=None)] == [later.pk]


@pytest.mark.parametrize("upto", ["", "x", "-1", "9" * 30])
def test_a_broken_answer_marks_nothing(as_supervisor: Browser, ended: Contact, upto: str) -> None:
    assert as_supervisor.post(SEEN, {"upto": upto}).status_code == 302
    assert TerminationNotice.objects.filter(seen_at=None).count() == 1


def test_operators_are_not_told(as_operator: Browser, ended: Contact) -> None:
    assert as_operator.post(SEEN, {"upto": 10**6}).status_code == 403
    assert TerminationNotice.objects.filter(seen_at=None).count() == 1


@pytest.mark.parametrize(("ground", "told"), [("insult_to_centre", 1), ("bad_line", 0)])
def test_the_notice_is_written_with_the_end_of_the_call(supervisor: Employee, ground: str, told: int) -> None:
    call, operator = answered("court")
    if ground == "bad_line":
        call.asks(e.Attempt, operator.pk)
        call.after(60).asks(e.EndBadLine, operator.pk)
    else:
        call.asks(e.Terminate, operator.pk, ground=ground)
    assert call.fact("call_terminated")["ground"] == ground
    found = TerminationNotice.objects.filter(contact_id=call.contact, employee=supervisor, operator=operator.pk)
    assert found.count() == told
