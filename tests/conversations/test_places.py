"""Places in a queue that are kept, and callers who gave up: one a number, given up when they are served otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from kindline.conversations import actions, places
from kindline.conversations.models import Callback, CallbackOrigin, CallbackState, Contact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import loader

pytestmark = pytest.mark.db
Call = Callable[..., Contact]
PHONE = "+79001112233"
KRC = loader.load("krc")


def keep(contact: Contact, since: dt.datetime, now: dt.datetime, **more: object) -> Callback:
    said: dict[str, object] = {"phone": PHONE, "queue": "general", "priority": 0, **more}
    return actions.keep_place(profile=KRC, contact=contact.pk, since=since, now=now, **said)  # type: ignore[arg-type]


def gave_up(contact: Contact, caller: str, now: dt.datetime) -> Callback | None:
    return actions.keep_abandoned(profile=KRC, contact=contact.pk, caller=caller, queue="general", now=now)


@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-09")
def test_a_place_is_a_promise_with_the_term_of_the_standard(call: Call, now: dt.datetime) -> None:
    since = now - dt.timedelta(minutes=2)
    made = keep(call("krc"), since, now)
    assert (made.origin, made.queue, made.waits_since, made.state) == ("queue", "general", since, "open")
    assert made.due_at == places.due(KRC, now) > now
    assert facts_of("callback", made.pk).get().data["origin"] == "queue"


def test_who_asks_again_keeps_the_earlier_place(call: Call, now: dt.datetime) -> None:
    first = keep(call("krc"), now, now)
    later = now + dt.timedelta(minutes=9)
    again = keep(call("krc"), later, later, queue="billing", priority=5)
    assert again.pk == first.pk
    assert (again.waits_since, again.queue, again.priority) == (now, "billing", 5)
    assert facts_of("callback", first.pk).count() == 1


def test_the_database_itself_holds_one_a_number(call: Call, now: dt.datetime) -> None:
    first = keep(call("krc"), now, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Callback.objects.create(
            contact=first.contact, phone=PHONE, promised_at=now, due_at=now, origin=CallbackOrigin.ABANDONED
        )
    Callback.objects.create(contact=first.contact, phone=PHONE, promised_at=now, due_at=now)


@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-09")
def test_who_gave_up_is_noted_once_and_becomes_a_place_when_he_asks(call: Call, now: dt.datetime) -> None:
    made = gave_up(call("krc"), "89001112233", now)
    assert made is not None
    assert (made.phone, made.origin, made.waits_since) == (PHONE, "abandoned", None)
    assert gave_up(call("krc"), PHONE, now) is None
    assert gave_up(call("krc"), "anonymous", now) is None
    kept = keep(call("krc"), now, now)
    assert (kept.pk, kept.origin, kept.waits_since) == (made.pk, "queue", now)


def test_who_was_served_meanwhile_is_not_called(call: Call, now: dt.datetime) -> None:
    mine = keep(call("krc"), now, now)
    other = keep(call("krc"), now, now, phone="+79001112244")
    assert actions.drop_served(numbers=[PHONE, ""], now=now) == 1
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.state, mine.waits_since) == (CallbackState.CANCELLED, None)
    assert other.state == CallbackState.OPEN
    closed = facts_of("callback", mine.pk).get(kind="callback_closed")
    assert closed.data["outcome"] == "served"
    again = keep(call("krc"), now, now + dt.timedelta(1))
    assert again.pk != mine.pk, "a new wish is a new promise"


def test_a_call_under_way_is_left_to_itself(call: Call, now: dt.datetime) -> None:
    mine = keep(call("krc"), now, now)
    Callback.objects.filter(pk=mine.pk).update(call=call("krc").pk)
    assert actions.drop_served(numbers=[PHONE], now=now) == 0


def test_who_is_not_reached_comes_up_again_until_it_is_for_people(
    call: Call, employee: Employee, now: dt.datetime
) -> None:
    mine = keep(call("krc"), now, now)
    again_at = now + dt.timedelta(minutes=5)
    tried = actions.note_attempt(callback=mine, outcome="busy", employee=employee, now=now, again_at=again_at)
    assert (tried.state, tried.try_after, tried.waits_since, tried.call) == ("open", again_at, now, None)
    last = actions.note_attempt(callback=mine, outcome="busy", employee=employee, now=now)
    assert (last.state, last.waits_since, last.attempts) == ("open", None, 2)


def test_an_operator_who_did_not_take_it_is_remembered(call: Call, employee: Employee, now: dt.datetime) -> None:
    mine, its = keep(call("krc"), now, now), call("krc").pk
    Callback.objects.filter(pk=mine.pk).update(call=its)
    actions.give_back(callback=mine.pk, call=its, employee=employee.pk, now=now)
    mine.refresh_from_db()
    assert (mine.call, mine.refused) == (None, {str(employee.pk): now.isoformat()})
    actions.give_back(callback=0, call=its, now=now)


@pytest.mark.clause("krc-5.5.2-09")
def test_what_is_told_late_of_one_call_leaves_the_next_call_its_place(
    call: Call, employee: Employee, now: dt.datetime
) -> None:
    """Else the client would be free for a second call while the first rings."""
    mine, earlier, later = keep(call("krc"), now, now), call("krc").pk, call("krc").pk
    Callback.objects.filter(pk=mine.pk).update(call=later)
    actions.give_back(callback=mine.pk, call=earlier, employee=employee.pk, now=now)
    mine.refresh_from_db()
    assert (mine.call, list(mine.refused)) == (later, [str(employee.pk)])
