"""Fault M9: whatever a centre does, what is known only grows, nothing is sent twice, nothing that came is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from kindline.connectors.sms.smpp import Smpp
from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
from kindline.notifications import segments
from kindline.notifications.models import IncomingSms, Receipt, Segment, Sms
from kindline.notifications.receiving import GUESSED_AFTER as GUESS
from tests.connectors.sms.conftest import queued
from tests.connectors.sms.smsc import OF_ITS_OWN, REFUSED, THROTTLED, Given, Smsc
from tests.plugins import faults
from tests.plugins.rude import until

pytestmark = [pytest.mark.db(transaction=True), pytest.mark.fault("M9")]
Outbox = Callable[[], int]
LONG = "Уважаемые жители! " * 12


def state(row: Sms) -> str:
    """As the database knows it now."""
    return str(Sms.objects.values_list("state", flat=True).get(pk=row.pk))


@pytest.mark.clause("krc-2-57")
def test_a_message_is_handed_over_once_and_delivered(centre: Smsc, outbox: Outbox) -> None:
    row = queued("a")
    assert queued("a").pk == row.pk
    assert outbox() == 1
    assert state(row) == "submitted"
    assert outbox() == 0
    assert [(one.to, one.text) for one in centre.ledger] == [("79271112233", "Завтра не будет воды.")]
    centre.do(centre.receipt(centre.ledger[0], "DELIVRD"))
    assert state(row) == "delivered"
    kinds = list(facts_of("sms", row.pk).values_list("kind", flat=True))
    assert kinds == ["sms_queued", "sms_sending", "sms_submitted", "sms_delivered"]


def test_a_long_text_goes_in_parts_and_is_one_again(centre: Smsc, outbox: Outbox) -> None:
    row = queued("long", text=LONG)
    outbox()
    cut = segments.cut(LONG.strip())
    parts = {given.udh[2]: given.text for given in centre.ledger if given.udh}
    assert len(centre.ledger) == len(cut.pieces) > 1
    assert segments.joined(parts, len(parts)) == LONG.strip()
    assert len({given.udh[0] for given in centre.ledger if given.udh}) == 1
    for given in centre.ledger[:-1]:
        centre.do(centre.receipt(given, "DELIVRD"))
        assert state(row) == "submitted"
    centre.do(centre.receipt(centre.ledger[-1], "DELIVRD"))
    assert state(row) == "delivered"


def test_a_receipt_that_comes_before_the_answer_is_not_lost(centre: Smsc, outbox: Outbox) -> None:
    centre.before_answer = lambda smsc, given: smsc.receipt(given, "DELIVRD")
    row = queued("early")
    outbox()
    assert state(row) == "delivered"
    assert Receipt.objects.get().part_id is not None


def test_a_receipt_may_write_the_id_in_its_own_way(centre: Smsc, outbox: Outbox) -> None:
    ways: list[Callable[[str], str]] = [lambda id_: str(int(id_, 16)), str.lower, lambda id_: id_.lstrip("0")]
    rows = [queued(f"base {n}", f"+7927000000{n}") for n in range(len(ways))]
    outbox()
    given = {f"+{one.to}": one for one in centre.ledger}
    for row, written in zip(rows, ways, strict=True):
        centre.do(centre.receipt(given[row.phone], "DELIVRD", written(given[row.phone].id)))
        assert state(row) == "delivered"


@pytest.mark.parametrize("seed", [faults.seed(7)])
def test_receipts_twice_and_in_any_order_come_to_the_same(centre: Smsc, outbox: Outbox, seed: int) -> None:
    dice = random.Random(seed)
    rows = {one.phone: one for one in (queued(f"m{n}", f"+792700000{n:02}") for n in range(6))}
    outbox()
    told = [(given, stat) for given in centre.ledger for stat in ("ACCEPTD", "ENROUTE", "DELIVRD", "DELIVRD")]
    failed = dice.choice(centre.ledger)
    told = [(given, "UNDELIV" if given is failed and stat == "DELIVRD" else stat) for given, stat in told]
    dice.shuffle(told)
    for given, stat in told:
        centre.do(centre.receipt(given, stat))
    for given in centre.ledger:
        assert state(rows[f"+{given.to}"]) == ("failed" if given is failed else "delivered")
    assert len(centre.ledger) == 6


def test_the_line_cut_after_a_message_leaves_it_unknown_and_never_sent_again(
    centre: Smsc, gateway: Smpp, outbox: Outbox
) -> None:
    centre.cut_after = {1}
    row = queued("cut")
    outbox()
    assert state(row) == "unknown"
    until(lambda: centre.binds == 2 and gateway.is_ready(), why="the session begins anew")
    assert outbox() == 0
    assert len(centre.ledger) == 1
    other = queued("after", "+79270000002")
    outbox()
    assert state(other) == "submitted"
    centre.do(centre.receipt(centre.ledger[0], "DELIVRD"))
    Receipt.objects.update(came_at=Receipt.objects.get().came_at - 3 * GUESS)
    outbox()
    assert state(row) == "delivered", "the only one to this number of which nothing was known"


def test_no_for_good_and_no_for_now(centre: Smsc, outbox: Outbox) -> None:
    for status, then in ((REFUSED, "failed"), (OF_ITS_OWN, "failed"), (THROTTLED, "queued")):
        centre.statuses = [status]
        row = queued(f"no {status}")
        outbox()
        assert state(row) == then
        assert centre.ledger == []
    Sms.objects.filter(pk=row.pk).update(next_at=row.queued_at)
    outbox()
    assert state(row) == "submitted"
    assert centre.binds == 1, "a status of the centre's own making ends no session"


def test_a_slow_centre_holds_back_neither_receipts_nor_other_messages(
    centre: Smsc, gateway: Smpp, outbox: Outbox
) -> None:
    first = queued("first", "+79270000001")
    outbox()

    async def slow() -> None:
        centre.hold = asyncio.Event()

    async def receipt_then_go_on(_smsc: Smsc, given: Given) -> None:
        if len(centre.ledger) == 4:  # three wait for their answers at once
            await centre.receipt(centre.ledger[0], "DELIVRD")
            assert centre.hold is not None
            centre.hold.set()

    centre.do(slow())
    centre.before_answer = receipt_then_go_on
    rows = [queued(f"s{n}", f"+7927000001{n}") for n in range(3)]
    outbox()
    assert {state(row) for row in rows} == {"submitted"}
    assert state(first) == "delivered"


def test_an_incoming_text_is_kept_before_the_centre_is_told(centre: Smsc, gateway: Smpp, outbox: Outbox) -> None:
    status = centre.do(centre.tell("79271112233", "1551", "Нет воды".encode("utf-16-be"), coding=8))
    assert status == 0
    assert IncomingSms.objects.get().text == "Нет воды"
    centre.do(centre.tell("79271112233", "1551", "Нет воды".encode("utf-16-be"), coding=8))
    assert IncomingSms.objects.get().times == 2, "the centre told it again"
    outbox()
    contact = Contact.objects.get(channel="sms")
    assert contact.caller == "+79271112233"


def test_parts_of_an_incoming_text_are_joined_in_their_order(centre: Smsc, gateway: Smpp, outbox: Outbox) -> None:
    pieces = ["Первая часть, ", "вторая часть, ", "третья"]
    for number in (3, 1, 2):
        assert IncomingSms.objects.count() == 0
        content = bytes([5, 0, 3, 77, 3, number]) + pieces[number - 1].encode("utf-16-be")
        centre.do(centre.tell("79271112233", "1551", content, esm=0x40, coding=8))
    for number in (2, 3, 1):
        sar = ((0x020C, b"\x00\x4d"), (0x020E, b"\x03"), (0x020F, bytes([number])))
        tags = b"".join(tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value for tag, value in sar)
        content = pieces[number - 1].upper().encode("utf-16-be")
        centre.do(centre.tell("79271112233", "1551", content, coding=8, tags=tags))
    whole = "".join(pieces)
    assert [row.text for row in IncomingSms.objects.order_by("pk")] == [whole, whole.upper()]
    assert Segment.objects.count() == 0


def test_what_cannot_be_read_is_kept_as_it_came(centre: Smsc, gateway: Smpp, outbox: Outbox) -> None:
    assert centre.do(centre.tell("79271112233", "1551", b"\xff\xfe\xfd", coding=13)) == 0
    assert centre.do(centre.tell("79271112233", "1551", b"no id here", esm=0b100)) == 0
    assert [bool(row.raw) for row in IncomingSms.objects.all()] == [True, True]
    outbox()
    assert Contact.objects.filter(channel="sms").count() == 2
    assert centre.binds == 1


def test_what_could_not_be_kept_is_told_again(centre: Smsc, gateway: Smpp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("kindline.notifications.receiving.take_text", broken)
    with pytest.raises(TimeoutError):
        centre.do(asyncio.wait_for(centre.tell("79271112233", "1551", b"water"), 1))
    until(lambda: centre.binds == 2 and gateway.is_ready(), why="the line was cut instead of an answer")
    assert centre.acknowledged == []
    monkeypatch.undo()
    assert centre.do(centre.tell("79271112233", "1551", b"water")) == 0
    assert IncomingSms.objects.get().text == "water"


def test_nothing_is_claimed_while_the_centre_is_away(centre: Smsc, gateway: Smpp) -> None:
    gateway.close()
    row = queued("away")
    assert not gateway.is_ready()
    assert state(row) == "queued"


@pytest.mark.parametrize("seed", [faults.seed(20261128)])
def test_faults_of_all_kinds_by_a_ledger_kept_outside(
    centre: Smsc, gateway: Smpp, outbox: Outbox, seed: int
) -> None:  # fmt: skip
    """Each visible message once a key; each state is what the centre did, and unknown is not failed."""
    dice = random.Random(seed)
    rows = [queued(f"k{n}", f"+79271000{n:03}", dice.choice(["Короткое", LONG])) for n in range(24)]
    centre.cut_after = {dice.randint(5, 12), dice.randint(20, 30)}
    centre.statuses = [dice.choice([0, 0, 0, THROTTLED, OF_ITS_OWN]) for _ in range(20)]
    early = {dice.randrange(40) for _ in range(8)}
    done: dict[str, str] = {}

    async def maybe_early(smsc: Smsc, given: Given) -> None:
        if len(smsc.ledger) in early:
            done[given.id] = "DELIVRD"
            await smsc.receipt(given, "DELIVRD", str(int(given.id, 16)))

    centre.before_answer = maybe_early
    for _ in range(12):
        until(gateway.is_ready, why="the session stands")
        outbox()
        Sms.objects.filter(state__in=("queued", "sending"), next_at__isnull=False).update(next_at=rows[0].queued_at)
    until(gateway.is_ready, why="the session stands")
    for given in dice.sample(centre.ledger, len(centre.ledger)):
        stat = done.setdefault(given.id, dice.choice(["DELIVRD", "DELIVRD", "UNDELIV", "EXPIRED"]))
        for _ in range(dice.choice([1, 2])):
            centre.do(centre.receipt(given, stat))
    handed = [(given.to, given.udh[2] if given.udh else 1) for given in centre.ledger]
    assert len(handed) == len(set(handed)), "nothing was handed over twice"
    for row in Sms.objects.filter(pk__in=[one.pk for one in rows]):
        mine = [given for given in centre.ledger if f"+{given.to}" == row.phone]
        told = {done[given.id] for given in mine}
        if row.state == "delivered":
            assert told == {"DELIVRD"}
            assert len(mine) == len(segments.cut(row.text).pieces)
        if row.state == "unknown":
            assert any(part.gateway_id == "" for part in row.parts.all())
        assert row.state in ("delivered", "failed", "expired", "unknown"), row.state
