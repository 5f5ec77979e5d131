"""A switchboard whose machine has a wrong clock (C2), beside one whose clock is right: all goes by the database's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from kindline.runtime.demo_calls import handset
from tests.plugins import wrong_clock
from tests.switchboard.rig import Rig, until

pytestmark = [pytest.mark.asterisk, pytest.mark.fault("C2")]
WRONG = [("+1d", 86_400), ("-1d", -86_400), ("+1h", 3_600), ("-1h", -3_600), ("+90s", 90), ("-90s", -90)]
NOW = "SELECT clock_timestamp()"
LIVE = "SELECT count(*) FROM switchboard_switchboard WHERE serving AND beat_at > now() - interval '3 s'"
LEASES = "SELECT extract(epoch FROM lease_until - now())::float8 FROM switchboard_reservation WHERE released_at IS NULL"


@pytest.fixture(autouse=True)
def quiet(rig: Rig) -> Iterator[None]:
    """Each test begins with no switchboard and nobody at work, and ends so."""
    yield
    for process in rig.processes:
        rig.kill(process)
    rig.processes.clear()
    rig.rows("UPDATE switchboard_operator SET state = 'offline', contact_id = NULL, wanted = '' RETURNING 1")


@pytest.mark.parametrize(("off", "skew_s"), WRONG)
def test_a_call_led_by_a_wrong_clock_is_told_and_timed_by_the_right_one(rig: Rig, off: str, skew_s: float) -> None:
    rig.start(KINDLINE_SWITCHBOARD=f"sb-wrong{skew_s}", **wrong_clock.environment(off))
    until(lambda: len(rig.passwords()) == 2)
    [[begun]] = rig.rows(NOW)
    with rig.telephones(1) as phones:
        client, number = phones.call()
        contact = rig.contact_of(number)
        rig.becomes(contact, "queued")
        since = phones.line.mark()
        rig.ready(1)
        phone = phones.rung(1, since=since)
        [[lease_s]] = rig.rows(LEASES)
        assert 60 < lease_s <= 120, "the lease goes by a wrong clock"
        handset.answer(phone)
        rig.becomes(contact, "talking")
        client.hang_up()
        rig.comes(contact, "call_ended")
    [[ended]] = rig.rows(NOW)
    told = rig.rows("SELECT min(at), max(at) FROM journal_fact WHERE subject_id = %s", contact)
    slack = dt.timedelta(seconds=1)
    assert begun - slack < told[0][0] <= told[0][1] < ended + slack, "facts are told by a wrong clock"
    assert rig.fact(contact, "call_ended")["outcome"] == "answered"
    alarms = "SELECT data->>'skew_s' FROM journal_fact WHERE kind = 'clock_skewed' AND subject_id = %s"
    [[said]] = rig.rows(alarms, f"sb-wrong{skew_s}")
    assert float(said) == pytest.approx(skew_s, abs=2)


@pytest.mark.parametrize(("off", "skew_s"), WRONG[:2])
def test_neither_takes_the_other_for_dead(rig: Rig, off: str, skew_s: float) -> None:
    rig.start(KINDLINE_SWITCHBOARD=f"sb-right{skew_s}")
    rig.spawn(KINDLINE_SWITCHBOARD=f"sb-beside{skew_s}", KINDLINE_SWITCHBOARD_PORT="0", **wrong_clock.environment(off))
    until(lambda: rig.rows(LIVE) == [(2,)], 60, "they do not both serve")
    with rig.telephones(1) as phones:
        waiting = [phones.call() for _ in range(6)]
        contacts = [rig.contact_of(number) for _, number in waiting]
        for contact in contacts:
            rig.becomes(contact, "queued")
        beats = "SELECT min(beat_at) FROM switchboard_switchboard"
        [[since]] = rig.rows(NOW)
        until(lambda: rig.rows(beats)[0][0] > since + dt.timedelta(seconds=5), 60, "one beats no more")
        assert [rig.state(contact) for contact in contacts] == ["queued"] * 6, "somebody waited too long at once"
        adopted = "SELECT count(*) FROM journal_fact WHERE kind = 'call_adopted' AND subject_id = ANY(%s)"
        assert rig.rows(adopted, contacts) == [(0,)]
        rig.ready(1)
        phone = phones.rung(1)
        assert handset.header(phone, "X-Kindline-Contact") == contacts[0], "the order goes by a wrong clock"
