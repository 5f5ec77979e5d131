"""A second gateway takes over (M9): when the first is down, refuses, or is slow; nothing goes out twice."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone

from kindline.connectors.sms.kannel import Kannel
from kindline.conversations import texts_loop
from kindline.journal.queries import facts_of
from kindline.notifications import gateways, sending, wires
from kindline.notifications.circuits import FAILURES_MAX, FIRST_REST
from kindline.notifications.models import Part, Receipt, Sms, SmsGateway
from kindline.notifications.switching import ABSENT, Switch
from kindline.runtime import doctor
from tests.connectors.sms import smsc
from tests.connectors.sms.conftest import opened, queued
from tests.connectors.sms.smsc import THROTTLED, Smsc
from tests.connectors.sms.test_kannel import Sendsms
from tests.connectors.sms.test_kannel import box as _box
from tests.plugins.rude import until

pytestmark = [pytest.mark.db(transaction=True), pytest.mark.fault("M9")]
box = _box
LONG = "Уважаемые жители! " * 12


@dataclass
class House:
    """What sends, with a clock of the test's own that runs on with the real one."""

    switch: Switch
    ahead: dt.timedelta = field(default_factory=dt.timedelta)

    def now(self) -> dt.datetime:
        return timezone.now() + self.ahead

    def later(self, time: dt.timedelta) -> None:
        self.ahead += time

    def works(self) -> None:
        """Everything that waits, as the process does it."""
        while self.switch.send():
            pass

    def state(self, number: int) -> str:
        """Whether the first or the second works."""
        return str(SmsGateway.objects.values_list("state", flat=True).get(place=number))


@pytest.fixture
def other() -> Iterator[Smsc]:
    """The centre of another network."""
    with smsc.running() as made:
        yield made


@pytest.fixture
def house(centre: Smsc, other: Smsc) -> Iterator[House]:
    """Two centres, the first one first."""
    both = [opened(centre, patience_s=0.5), opened(other, patience_s=0.5)]
    with ThreadPoolExecutor(sending.AT_ONCE) as pool:
        made = House(Switch(both, pool, timezone.now))
        made.switch.clock = made.now
        yield made
    for one in both:
        one.close()


def each_once(*centres: Smsc) -> None:
    """The ledgers outside: no text to no number twice, whichever centre had it."""
    given = Counter((one.to, one.text, one.udh) for centre in centres for one in centre.ledger)
    assert not [what for what, times in given.items() if times > 1]


def test_while_the_first_works_the_second_gets_nothing(house: House, centre: Smsc, other: Smsc) -> None:
    for n in range(5):
        queued(f"m{n}", f"+7927000000{n}")
    house.works()
    assert (len(centre.ledger), len(other.ledger)) == (5, 0)
    assert list(Part.objects.values_list("gateway", flat=True).distinct()) == [f"smpp 127.0.0.1:{centre.port}"]
    assert doctor.short_messages().level == doctor.OK


def test_the_second_takes_over_and_the_first_is_tried_with_one_message(house: House, centre: Smsc, other: Smsc) -> None:
    centre.statuses = [THROTTLED] * 1000
    for n in range(30):
        queued(f"m{n}", f"+792700000{n:02}")
    house.works()
    assert set(Sms.objects.values_list("state", flat=True)) == {"submitted"}, "what one refuses for now goes at once"
    assert (len(centre.ledger), len(other.ledger)) == (0, 30)
    first, second = (f"smpp 127.0.0.1:{one.port}" for one in (centre, other))
    [rested] = facts_of("sms_gateway", first)
    assert (rested.kind, rested.data["takes_over"]) == ("sms_gateway_rested", second)
    told = doctor.short_messages()
    assert (told.level, told.detail.startswith(f"{second} sends")) == (doctor.WARN, True)

    house.later(FIRST_REST)
    queued("in vain", "+79270000100")
    queued("with it", "+79270000101")
    house.works()
    assert 1000 - len(centre.statuses) <= sending.BATCH + 1, "a single one tried it"
    assert (len(other.ledger), house.state(1)) == (32, "rests")

    centre.statuses = []
    house.later(2 * FIRST_REST)
    for n in range(3):
        queued(f"back {n}", f"+7927000020{n}")
    house.works()
    assert (len(centre.ledger), len(other.ledger)) == (3, 32)
    assert [fact.kind for fact in facts_of("sms_gateway", first)] == ["sms_gateway_rested", "sms_gateway_back"]
    each_once(centre, other)


def test_what_may_have_gone_through_the_first_never_goes_through_the_second(
    house: House, centre: Smsc, other: Smsc
) -> None:
    """Cut after the message, and slow to answer: unknown, until a receipt tells."""
    centre.hold = asyncio.Event()
    rows = [queued(f"m{n}", f"+792700000{n:02}") for n in range(sending.BATCH)]
    house.works()
    kept = {f"+{one.to}" for one in centre.ledger}
    assert kept
    assert house.state(1) == "rests"
    for row in rows:
        row.refresh_from_db()
        assert row.state == ("unknown" if row.phone in kept else "submitted")
    assert {f"+{one.to}" for one in other.ledger} == {row.phone for row in rows} - kept
    each_once(centre, other)
    centre.loop.call_soon_threadsafe(centre.hold.set)  # type: ignore[union-attr]
    house.later(dt.timedelta(hours=2))
    centre.do(centre.receipt(centre.ledger[0], "DELIVRD"))
    Receipt.objects.update(came_at=Receipt.objects.get().came_at - dt.timedelta(minutes=5))
    texts_loop.work(house.switch, threading.Event())
    assert Sms.objects.get(phone=f"+{centre.ledger[0].to}").state == "delivered"
    assert Sms.objects.filter(state="unknown").count() == len(kept) - 1
    each_once(centre, other)


def test_a_long_text_that_was_begun_stays_where_it_was_begun(house: House, centre: Smsc, other: Smsc) -> None:
    row = queued("long", text=LONG)
    parts = len(wires_pieces(row))
    centre.statuses = [0] + [THROTTLED] * 1000
    house.works()
    assert house.state(1) == "rests"
    assert (len(centre.ledger), len(other.ledger)) == (1, 0), "half a text is of no use from another number"
    queued("short", "+79270000001")
    house.works()
    assert len(other.ledger) == 1
    centre.statuses = []
    house.later(FIRST_REST)
    house.works()
    assert len(centre.ledger) == parts
    assert Sms.objects.get(pk=row.pk).state == "submitted"
    each_once(centre, other)


def wires_pieces(row: Sms) -> tuple[str, ...]:
    from kindline.notifications import segments

    return segments.cut(row.text).pieces


def test_a_centre_that_is_gone_is_waited_for_a_moment_only(house: House, centre: Smsc, other: Smsc) -> None:
    first = house.switch.gateways[0]
    first.close()
    until(lambda: not first.is_ready(), why="the session ends")
    queued("a")
    house.works()
    assert other.ledger == [], "a session that begins anew takes a second"
    house.later(ABSENT)
    house.works()
    house.works()
    assert (len(centre.ledger), len(other.ledger)) == (0, 1)
    house.later(FIRST_REST)
    queued("b", "+79270000002")
    house.works()
    assert (len(other.ledger), house.state(1)) == (2, "rests"), "what is not there is not even tried"


@pytest.mark.parametrize(("late", "rests"), [(3, True), (2, False)])
def test_a_centre_that_delivers_late_rests(house: House, centre: Smsc, late: int, rests: bool) -> None:
    """At the threshold of GOV.UK Notify: 15 % of the messages of a quarter of an hour later than five minutes."""
    for n in range(20):
        queued(f"m{n}", f"+792700000{n:02}")
    house.works()
    begun = Part.objects.earliest("submitted_at").submitted_at
    assert begun is not None
    for n, given in enumerate(list(centre.ledger)):
        centre.do(centre.receipt(given, "DELIVRD"))
        came = begun + (gateways.LATE + dt.timedelta(seconds=30) if n < late else dt.timedelta(seconds=2))
        Receipt.objects.filter(phone=f"+{given.to}").update(came_at=came)
    house.later(gateways.LATE + dt.timedelta(minutes=1))
    house.works()
    assert (house.state(1) == "rests") == rests


def test_without_receipts_nobody_says_late(house: House, centre: Smsc) -> None:
    for n in range(20):
        queued(f"m{n}", f"+792700000{n:02}")
    house.works()
    assert len(centre.ledger) == 20
    house.later(gateways.LATE + dt.timedelta(minutes=1))
    house.works()
    assert house.state(1) == "works"


def test_the_other_may_be_of_another_kind(centre: Smsc, box: Sendsms) -> None:
    """A text that was cut for the centre goes whole through Kannel, as long as no part of it went."""
    first, second = opened(centre, patience_s=0.5), Kannel(box.url, "1551")
    centre.statuses = [THROTTLED] * 1000
    row = queued("long", text=LONG)
    with ThreadPoolExecutor(sending.AT_ONCE) as pool:
        house = House(Switch([first, second], pool, timezone.now))
        house.works()
    first.close()
    assert Sms.objects.get(pk=row.pk).state == "submitted"
    assert [asked["text"] for asked in box.asked] == [[LONG.strip()]]
    assert centre.ledger == []


def test_with_one_gateway_alone_it_is_asked_again_all_the_same(centre: Smsc) -> None:
    first = opened(centre, patience_s=0.5)
    centre.statuses = [THROTTLED] * FAILURES_MAX
    for n in range(FAILURES_MAX):
        queued(f"m{n}", f"+792700000{n:02}")
    with ThreadPoolExecutor(sending.AT_ONCE) as pool:
        house = House(Switch([first], pool, timezone.now))
        house.switch.clock = house.now
        house.works()
        assert doctor.short_messages().level == doctor.FAIL
        assert centre.ledger == []
        house.later(dt.timedelta(minutes=1))
        house.works()
    first.close()
    assert len(centre.ledger) == FAILURES_MAX
    assert doctor.short_messages().level == doctor.OK


def test_two_accounts_at_one_centre_are_two_gateways(settings: Any) -> None:
    described = {"class": "kindline.connectors.sms.smpp.Smpp", "url": "smpp://a:b@127.0.0.1:9", "sender": "1551"}
    settings.SMS = {"gateway": described, "second": described}
    assert [one.name for one in wires.gateways()] == ["smpp 127.0.0.1:9", "smpp 127.0.0.1:9 2"]
    settings.SMS = {"gateway": described, "second": {}}
    assert len(wires.gateways()) == 1
