"""Readings are sent, confirmed, corrected, declined."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from kindline.journal.queries import facts_of
from kindline.readings import actions, bulk, outdating, queries
from kindline.readings.errors import (
    KeyReusedError,
    LeftToEmployeeError,
    NoReasonError,
    RefusedReadingError,
    SettledError,
    TooManySendingsError,
)
from kindline.readings.lines import Sender
from kindline.readings.models import Reading, Refused, Sending
from kindline.standard import loader
from tests.readings.conftest import NOW, Household, decimal, meter

pytestmark = pytest.mark.db
clause = pytest.mark.clause
CLIENT, CLERK = Sender("account", login_id=1), Sender("office", employee_id=7)


def kinds(sending: Sending) -> list[str]:
    """What the journal says of a sending."""
    return [fact.kind for fact in facts_of("readings", sending.pk)]


@clause("krc-5.7.3-06")
def test_a_reading_is_answered_as_it_comes(household: Household) -> None:
    sending, found = household.send(household.line("1200"), household.line("9000", zone="night"))
    assert [(one.state, one.code) for one in found] == [("accepted", ""), ("asked_back", "grows_too_much")]
    assert kinds(sending) == ["reading_sent", "reading_accepted", "reading_asked_back"]
    assert sending.answered_at == sending.sent_at
    last = queries.last(household.electricity.pk, "day")
    assert last is not None
    assert last.value == Decimal(1200)


@clause("yumek-9.2-07", "yumek-9.2-08")
@pytest.mark.parametrize("hour", [0, 3, 12, 23])
def test_readings_are_taken_on_every_day_at_every_hour(household: Household, hour: int) -> None:
    household.profile = loader.load("yumek")
    sunday = dt.datetime(2026, 3, 22, hour, tzinfo=household.profile.zone)
    value = household.profile.clauses["yumek-9.2-08"].value
    assert value["readings_hours_per_day"] == 24
    _, found = household.send(household.line("1200", "2026-03-21"), now=sunday)
    assert found[0].state == "accepted"


def test_the_same_key_is_the_same_sending(household: Household) -> None:
    line, other = household.line("1200"), household.line("9000", zone="night")
    first, told = household.send(line, other, household.line("x"), key="k")
    again, retold = household.send(line, other, household.line("x"), key="k")
    assert (first.pk, told) == (again.pk, retold)
    assert Reading.objects.filter(sending=first).count() == 2
    with pytest.raises(KeyReusedError):
        household.send(household.line("1201"), key="k")


@pytest.mark.parametrize("typed", ["Е-1", "е-1", "e 1", " E1 "], ids=["cyrillic", "small cyrillic", "blank", "no dash"])
def test_a_meter_is_found_by_what_one_sees_on_the_bill(household: Household, typed: str) -> None:
    _, found = household.send(household.line("1200", meter=typed))
    assert (found[0].state, Reading.objects.latest("pk").meter) == ("accepted", household.electricity)


def test_of_two_meters_that_look_alike_none_is_guessed(household: Household) -> None:
    meter(household.account, "Е-1", "kWh", 5, ["day"])
    sent = household.send(*(household.line("1200", meter=typed) for typed in ("e-1", "E-1", "Е-1")))[1]
    assert [one.code or one.state for one in sent] == ["unknown_meter", "accepted", "accepted"]


def test_nothing_that_was_typed_is_lost(household: Household) -> None:
    household.send(household.line("12oo"), household.line("5", meter="none"))
    kept = list(Refused.objects.order_by("line").values_list("code", "typed__value", "typed__meter"))
    assert kept == [("not_a_number", "12oo", "E-1"), ("unknown_meter", "5", "none")]


def test_signs_that_cannot_be_kept_do_no_harm(household: Household) -> None:
    _, found = household.send(household.line("1\x00", meter="\ud800"), household.line("1\x00"))
    assert [one.code for one in found] == ["unknown_meter", "not_a_number"]


def test_the_same_reading_by_another_channel_is_known(household: Household) -> None:
    household.send(household.line("1200"))
    sending, found = household.send(household.line("1 200"), channel="web")
    assert [(one.state, one.reading) for one in found] == [("duplicate", Reading.objects.get(value=1200).pk)]
    assert kinds(sending) == ["reading_sent", "reading_known"]


def test_what_is_asked_back_is_asked_once(household: Household) -> None:
    _, first = household.send(household.line("9000"))
    _, second = household.send(household.line("9000"))
    assert first[0].reading == second[0].reading


def test_a_client_says_that_it_is_right(household: Household) -> None:
    sending, found = household.send(household.line("9000"))
    assert found[0].reading
    reading = actions.confirm_reading(reading_id=found[0].reading, sender=CLIENT, now=NOW)
    assert (reading.state, reading.code) == ("accepted", "grows_too_much")
    assert kinds(sending)[-1] == "reading_confirmed"
    with pytest.raises(SettledError):
        actions.confirm_reading(reading_id=found[0].reading, sender=CLIENT, now=NOW)


def test_confirming_another_value_of_a_day_corrects_the_first(household: Household) -> None:
    household.send(household.line("1200"))
    _, found = household.send(household.line("1210"))
    assert found[0].code == "differs_same_day"
    actions.confirm_reading(reading_id=found[0].reading or 0, sender=CLIENT, now=NOW)
    standing = queries.standing().get(meter=household.electricity, zone="day", taken_on="2026-03-20")
    assert standing.replaces
    assert (standing.value, standing.replaces.value) == (Decimal(1210), Decimal(1200))


def test_a_correction_has_a_reason_and_keeps_both(household: Household) -> None:
    _, found = household.send(household.line("1200"))
    with pytest.raises(NoReasonError):
        _correct(household, found[0].reading, "1100", " ")
    new = _correct(household, found[0].reading, "1 100", "Цифры переставлены")
    assert (new.state, new.value, new.reason) == ("accepted", decimal("1100"), "Цифры переставлены")
    assert new.replaces
    assert new.replaces.state == "corrected"
    facts = facts_of("readings", new.replaces.sending_id)
    assert "переставлены" not in str([fact.data for fact in facts])  # words of people stay out of the journal
    with pytest.raises(SettledError):
        _correct(household, found[0].reading, "1101", "x")
    with pytest.raises(RefusedReadingError, match="not_a_number"):
        _correct(household, new.pk, "11o1", "x")
    assert Reading.objects.get(pk=new.pk).state == "accepted"


def test_a_reading_may_be_corrected_after_a_later_one_came(household: Household) -> None:
    first = Reading.objects.get(meter=household.electricity, zone="day")
    household.send(household.line("1200"))
    new = _correct(household, first.pk, "1010", "Опечатка")
    assert new.state == "accepted"
    found = queries.last(household.electricity.pk, "day")
    assert found is not None
    assert found.value == 1200


def test_what_proved_wrong_is_declined(household: Household) -> None:
    sending, found = household.send(household.line("9000"))
    actions.decline_reading(reading_id=found[0].reading or 0, reason="Ошибка", sender=CLERK, now=NOW)
    assert kinds(sending)[-1] == "reading_declined"
    assert not queries.asked_back().exists()


def test_nobody_guesses_from_one_network(household: Household) -> None:
    for n in range(actions.FROM_ONE_NETWORK):
        household.send(household.line(str(n)), key=f"guess {n}", network="abc")
    with pytest.raises(TooManySendingsError):
        household.send(household.line("1200"), key="guess", network="abc")
    _, found = household.send(household.line("1200"), key="guess", network="other")
    assert found[0].state == "accepted"


def test_a_reading_of_a_call_stands_in_the_call(household: Household) -> None:
    contact = uuid.uuid4()
    household.send(household.line("1200"), channel="phone", contact_id=contact, employee_id=7)
    fact = facts_of("contact", contact).get()
    assert (fact.kind, fact.data["count"], fact.actor) == ("readings_taken", 1, "employee:7")


def test_what_is_due_is_what_was_not_sent_this_month(household: Household) -> None:
    due = [(row.meter.number, row.zone) for row in queries.due([household.account.pk], NOW.date())]
    assert due == [("E-1", "day"), ("E-1", "night"), ("W-1", "")]
    household.send(household.line("1200"), household.line("9000", zone="night"))
    due = [(row.meter.number, row.zone) for row in queries.due([household.account.pk], NOW.date())]
    assert due == [("W-1", "")]
    assert [row.value for row in queries.history([household.account.pk], limit=1)] == [Decimal(9000)]


def test_a_reading_that_stands_settles_what_was_asked_back_before(household: Household) -> None:
    sending, asked = household.send(household.line("9000"))
    household.send(household.line("1050"))
    old = Reading.objects.get(pk=asked[0].reading or 0)
    assert (old.state, kinds(sending)[-1]) == ("declined", "reading_declined")
    with pytest.raises(SettledError):
        actions.confirm_reading(reading_id=old.pk, sender=CLIENT, now=NOW)


def test_confirming_and_correcting_settle_the_others_of_the_dial_too(household: Household) -> None:
    _, first = household.send(household.line("9000"))
    _, second = household.send(household.line("900"))
    _, night = household.send(household.line("9000", zone="night"))
    actions.confirm_reading(reading_id=second[0].reading or 0, sender=CLIENT, now=NOW)
    assert Reading.objects.get(pk=first[0].reading or 0).state == "declined"
    assert Reading.objects.get(pk=night[0].reading or 0).state == "asked_back", "another dial"


@pytest.mark.parametrize("way", ["one", "many"])
def test_a_correction_that_waits_is_not_dropped_by_the_next_reading(household: Household, way: str) -> None:
    _, sent = household.send(household.line("1200", "2026-03-10"))
    asked = actions.correct_reading(
        profile=household.profile, reading_id=sent[0].reading or 0, value="9000", reason="Опечатка", sender=CLIENT,
        now=NOW,
    )  # fmt: skip
    take(household, way, "1250", CLERK)
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("asked_back", "Опечатка"), "what stands was said to be wrong"


@pytest.mark.parametrize("way", ["one", "many"])
def test_a_stranger_does_not_settle_what_the_owner_was_asked(household: Household, way: str) -> None:
    _, asked = household.send(household.line("9000"), login_id=3)
    _, strange = household.send(household.line("8000"), channel="web")
    take(household, way, "1050", Sender("web"))
    owner = Reading.objects.get(pk=asked[0].reading or 0)
    assert owner.state == "asked_back"
    assert Reading.objects.get(pk=strange[0].reading or 0).state == "declined", "a stranger's own question is settled"
    take(household, way, "1060", Sender("account", login_id=3), "2026-03-21")
    owner.refresh_from_db()
    assert (owner.state, owner.reason) == ("declined", "—")


def take(household: Household, way: str, value: str, sender: Sender, day: str = "2026-03-20") -> None:
    """A reading that is accepted, by itself or among many."""
    line, now = household.line(value, day), NOW + dt.timedelta(days=2)
    if way == "one":
        actions.submit_readings(profile=household.profile, key=f"one {value}", lines=[line], sender=sender, now=now)
    else:
        row = (line.account, line.meter, line.zone, line.value, line.taken_on)
        bulk.load_readings(
            profile=household.profile, key=f"many {value}", rows=[row], sender=sender, title="", now=now
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_is_confirmed_while_the_file_closes_stays_confirmed(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file looks for what waits, and is held at the row that somebody confirms at this moment."""
    _, asked = household.send(household.line("9000"), login_id=3)
    looked, close = threading.Event(), outdating.by_sending

    def confirm() -> None:
        try:
            with transaction.atomic():
                actions.confirm_reading(reading_id=asked[0].reading or 0, sender=CLIENT, now=NOW)
                looked.set()
                is_held_up()
        finally:
            connection.close()

    def closing(*said: Any) -> None:
        other = threading.Thread(target=confirm)
        other.start()
        assert looked.wait(30)
        close(*said)
        other.join(30)

    monkeypatch.setattr(outdating, "by_sending", closing)
    take(household, "many", "1050", CLERK, "2026-03-21")
    assert Reading.objects.get(pk=asked[0].reading or 0).state == "accepted"


def is_held_up() -> None:
    """Wait until somebody waits for a lock."""
    with connection.cursor() as cursor:
        for _ in range(3000):
            cursor.execute(
                "SELECT pg_sleep(0.01), count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"
            )
            if cursor.fetchone()[1]:
                return
    raise AssertionError("nobody waits")


def test_what_is_asked_of_an_earlier_day_goes_on_waiting(household: Household) -> None:
    household.send(household.line("1200"))
    _, late = household.send(household.line("1100", "2026-03-10"))
    household.send(household.line("1210", "2026-03-21"), now=NOW + dt.timedelta(days=1))
    assert (late[0].code, Reading.objects.get(pk=late[0].reading or 0).state) == ("older_than_last", "asked_back")


@pytest.mark.parametrize("channel", ["web", "sms", "menu"])
def test_a_stranger_does_not_overwrite_what_stands(household: Household, channel: str) -> None:
    _, stands = household.send(household.line("1200"))
    _, asked = household.send(household.line("1210"), channel=channel)
    with pytest.raises(LeftToEmployeeError):
        actions.confirm_reading(reading_id=asked[0].reading or 0, sender=Sender(channel), now=NOW)
    assert Reading.objects.get(pk=stands[0].reading or 0).state == "accepted"
    assert Reading.objects.get(pk=asked[0].reading or 0).state == "asked_back", "an employee decides"
    actions.confirm_reading(reading_id=asked[0].reading or 0, sender=CLERK, now=NOW)
    assert Reading.objects.get(pk=stands[0].reading or 0).state == "corrected"


def test_an_employee_corrects_one_of_two_of_a_day(household: Household) -> None:
    _, stands = household.send(household.line("1200"))
    _, asked = household.send(household.line("1210"))
    new = _correct(household, asked[0].reading, "1205", "Клиент назвал по телефону")
    assert (new.state, new.value) == ("accepted", decimal("1205"))
    chain = [new.replaces, new.replaces and new.replaces.replaces]
    assert [one and (one.pk, one.state) for one in chain] == [
        (asked[0].reading, "corrected"), (stands[0].reading, "corrected"),
    ]  # fmt: skip


def test_a_client_corrects_his_reading_and_a_strange_value_is_asked_back_first(household: Household) -> None:
    _, sent = household.send(household.line("1200"))
    given: dict[str, Any] = {"profile": household.profile, "reason": "Опечатка", "sender": CLIENT, "now": NOW}
    asked = actions.correct_reading(reading_id=sent[0].reading or 0, value="9000", **given)
    again = actions.correct_reading(reading_id=sent[0].reading or 0, value="9000", **given)
    assert (asked.state, again.pk) == ("asked_back", asked.pk)
    assert Reading.objects.get(pk=sent[0].reading or 0).state == "accepted", "it stands until the other is confirmed"
    better = actions.correct_reading(reading_id=asked.pk, value="8000", **given)
    assert (better.state, Reading.objects.get(pk=asked.pk).state) == ("asked_back", "corrected")
    done = actions.confirm_reading(reading_id=better.pk, sender=CLIENT, now=NOW)
    assert done.replaces
    assert (done.replaces.pk, done.replaces.replaces_id) == (asked.pk, sent[0].reading)
    last = actions.correct_reading(reading_id=done.pk, value="1100", **given)
    assert (last.state, last.replaces_id) == ("accepted", done.pk)


def test_what_nobody_answers_in_time_is_told(household: Household) -> None:
    household.send(household.line("9000"))
    assert not queries.unsettled(household.profile, NOW + dt.timedelta(hours=23)).exists()
    late = queries.unsettled(household.profile, NOW + dt.timedelta(hours=25))
    assert [row.value for row in late] == [Decimal(9000)]
    assert not queries.unsettled(loader.load("court"), NOW + dt.timedelta(days=9)).exists()


def _correct(household: Household, reading: int | None, value: str, reason: str) -> Reading:
    return actions.correct_reading(
        profile=household.profile, reading_id=reading or 0, value=value, reason=reason, sender=CLERK, now=NOW
    )
