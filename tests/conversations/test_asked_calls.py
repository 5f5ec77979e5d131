"""Calls for which a form of the site asks: a place in the common turn, one a number, once a form."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from kindline.conversations import actions, asked_calls, places
from kindline.conversations.asked_calls import Wish
from kindline.conversations.models import Callback, Contact, Topic
from kindline.conversations.queries import kept_share
from kindline.journal.queries import facts_of
from kindline.standard import loader
from kindline.switchboard import places as turns

pytestmark = pytest.mark.db
Call = Callable[..., Contact]
PHONE = "+79001112233"
KRC = loader.load("krc")


def ask(now: dt.datetime, key: uuid.UUID | None = None, **wish: Any) -> tuple[Callback, bool]:
    said = Wish(**{"phone": PHONE, "name": "Пётр Ёлкин", **wish})
    return actions.ask_for_call(profile=KRC, key=key or uuid.uuid4(), wish=said, queue="general", sender="x", now=now)


def test_a_wish_is_a_place_in_the_queue_with_the_term_of_the_standard(db: None, now: dt.datetime) -> None:
    topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
    key = uuid.uuid4()
    made, is_new = ask(now, key, topic=topic)
    assert is_new
    assert (made.origin, made.queue, made.waits_since, made.try_after) == ("site", "general", now, None)
    assert (made.name, made.matter, made.due_at) == ("Пётр Ёлкин", "Отопление", places.due(KRC, now))
    contact = Contact.objects.get(pk=key)
    assert (contact.channel, contact.outcome, contact.closed_at, contact.topic) == ("web", "callback", now, topic)
    said = facts_of("contact", key).get(kind="site_callback_asked").data
    assert (said["task"], said["topic"], said["consented"]) == (made.pk, "heat", True)
    assert PHONE not in str(said), "facts stay when a person is erased"
    assert facts_of("callback", made.pk).get().data["origin"] == "site"


def test_a_span_is_not_begun_before_its_time_and_ends_with_it(db: None, now: dt.datetime) -> None:
    from_at, until_at = now + dt.timedelta(hours=3), now + dt.timedelta(hours=5)
    made, _is_new = ask(now, from_at=from_at, until_at=until_at)
    assert (made.waits_since, made.try_after, made.due_at) == (from_at, from_at, until_at)
    assert turns.promised(now) == []
    assert turns.promised(from_at) == [("general", from_at.timestamp())]


def test_one_a_number_and_once_a_form(db: None, now: dt.datetime) -> None:
    key = uuid.uuid4()
    first, _is_new = ask(now, key)
    assert ask(now, key) == (first, True)
    later = now + dt.timedelta(minutes=5)
    assert ask(later) == (first, False)
    assert Callback.objects.count() == Contact.objects.count() == 1
    actions.cancel_callback(callback=first, reason="no", employee=None, now=later)
    again, is_new = ask(later)
    assert (again.pk != first.pk, is_new) == (True, True)


def test_who_gave_up_waiting_and_asks_on_the_site_is_called_in_his_turn(call: Call, now: dt.datetime) -> None:
    found = actions.keep_abandoned(profile=KRC, contact=call("krc").pk, caller=PHONE, queue="billing", now=now)
    assert found is not None
    later = now + dt.timedelta(minutes=5)
    known, is_new = ask(later)
    assert (known.pk, is_new) == (found.pk, False)
    found.refresh_from_db()
    assert (found.origin, found.queue, found.waits_since) == ("site", "billing", later)
    said = facts_of("contact", found.contact_id).get(kind="site_callback_asked").data
    assert (said["task"], said["consented"], said["sender"]) == (found.pk, True, "x"), "nobody is armed without consent"


def test_who_gave_up_waiting_and_chooses_a_span_is_called_in_it_about_what_he_wishes(
    call: Call, now: dt.datetime
) -> None:
    found = actions.keep_abandoned(profile=KRC, contact=call("krc").pk, caller=PHONE, queue="billing", now=now)
    assert found is not None
    actions.sweep_overdue(now=found.due_at + dt.timedelta(seconds=1))
    topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
    from_at, until_at = now + dt.timedelta(days=1, hours=3), now + dt.timedelta(days=1, hours=5)
    ask(now, topic=topic, from_at=from_at, until_at=until_at)
    found.refresh_from_db()
    assert (found.waits_since, found.try_after, found.due_at) == (from_at, from_at, until_at)
    assert (found.name, found.matter, found.sender, found.state) == ("Пётр Ёлкин", "Отопление", "x", "open")
    assert turns.promised(now) == []


def test_a_form_sent_again_for_a_number_that_waited_is_one_wish(db: None, now: dt.datetime) -> None:
    first, _is_new = ask(now)
    key = uuid.uuid4()
    assert ask(now, key) == ask(now, key) == (first, False)
    assert asked_calls.wishes(now + dt.timedelta(minutes=1)).count() == 2
    assert asked_calls.wishes(now + dt.timedelta(days=2)).count() == 0


def test_who_calls_himself_and_is_served_is_not_called_and_the_kept_share_counts_the_site(
    db: None, now: dt.datetime
) -> None:
    made, _is_new = ask(now)
    assert actions.drop_served(numbers=[PHONE], now=now) == 1
    made, _is_new = ask(now)
    actions.note_attempt(callback=made, outcome="reached", employee=None, now=now)
    share = kept_share(now)
    assert (share.kept, share.due, share.cancelled) == (1, 2, 1), "a cancelled promise was one as well"
