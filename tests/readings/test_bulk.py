"""Very many readings at once get the verdicts that each would get by itself."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kindline.journal.queries import facts_of
from kindline.readings import actions, bulk, bulk_rounds, checking, queries
from kindline.readings.checking import Offered
from kindline.readings.errors import KeyReusedError
from kindline.readings.lines import Line, Sender
from kindline.readings.models import Meter, Reading, Refused, Sending
from tests.readings.conftest import NOW, Household, account_of, meter

pytestmark = pytest.mark.db
FILE = Sender("file", employee_id=7)
VALUES = (
    "0", "1000", "1 000", "1001", "1000,5", "999", "2400", "2680", "99999", "100000", "99 999,9", "1e3", "-1", "", " ",
    "12oo", "77.5", "77.501", "77.5001", "0001000", "\\N", "a\tb", "a\nb", "5\\", "١٢", "1.", ".5", "1,2,3",
)  # fmt: skip
DAYS = (
    "2026-03-20", "20.03.2026", "2026-02-20", "2026-02-19", "2026-01-10", "2026-03-21", "2019-12-31", "2026-02-30",
    "31.02.2026", "2026-3-1", "", "x", " 2026-03-01 ", "0000-01-01", "9999-12-31", "2026-03-20\n", "2025-06-01",
)  # fmt: skip


def load(household: Household, rows: list[bulk.Cells], key: str = "file") -> Sending:
    """A file of these lines."""
    return bulk.load_readings(
        profile=household.profile, key=key, rows=rows, sender=FILE, title="march.csv", now=NOW
    )  # fmt: skip


def by_itself(household: Household, row: bulk.Cells) -> tuple[Any, ...]:
    """What the pure judge says of a line."""
    found = Meter.objects.filter(account__number=checking.account(row[0]), number=row[1].strip(checking.BLANKS)).first()
    offered = Offered(row[2], row[3], row[4])
    last = queries.last(found.pk, row[2]) if found else None
    day = checking.date(row[4])
    same = queries.on_day(found.pk, row[2], day) if found and day else None
    today = NOW.astimezone(household.profile.zone).date()
    dial = queries.dial(found) if found else None
    said = checking.judge(offered, dial, last, same, queries.limits(household.profile), today)
    kept = said.state in ("accepted", "asked_back")
    return said.state, said.code, *((said.value, said.taken_on, said.daily) if kept else (None,) * 3)


def world(household: Household, dice: Random) -> None:
    """Meters of every kind with every kind of history."""
    account = account_of("55-1".replace("-", ""))
    for n in range(24):
        made = meter(account, f"M-{n}", dice.choice(["kWh", "m3", "l"]), dice.choice([3, 5, 8]), ["", "day"], n % 4)
        if n % 5 == 4:
            Meter.objects.filter(pk=made.pk).update(removed_on=dt.date(2026, 3, 10))
        sending = Sending.objects.earliest("pk")
        for ago in dice.sample([0, 1, 28, 29, 60, 100, 400], n % 4):
            value = dice.choice([Decimal(1000), Decimal(990), Decimal("77.5"), Decimal(99_990), Decimal(0)])
            daily = dice.choice([None, Decimal(0), Decimal("3.3333"), Decimal(40)])
            day = NOW.date() - dt.timedelta(ago)
            Reading.objects.create(
                sending=sending, meter=made, zone=dice.choice(["", "day"]), value=value, taken_on=day,
                state=dice.choice(["accepted", "accepted", "asked_back"]), daily=daily,
            )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("limits", ["own", "none"])
def test_the_database_judges_as_the_judge_does(household: Household, seed: int, limits: str) -> None:
    dice = Random(f"{seed}")
    if limits == "none":
        household.profile = replace(household.profile, variables={**household.profile.variables, "readings": {}})
    world(household, dice)
    meters = [f"M-{n}" for n in range(24)] + ["E-1", " W-1", "none", ""]
    rows: list[bulk.Cells] = [
        (dice.choice(["551", "5 5-1", "1234567", "1"]), dice.choice(meters), dice.choice(["", "day", "night", " "]),
         dice.choice(VALUES), dice.choice(DAYS))
        for _ in range(700)
    ]  # fmt: skip
    rows += [  # more of those that come to something
        (row[0], row[1], row[2], str(dice.randint(0, 3000)), f"2026-03-{dice.randint(1, 20):02}") for row in rows[:400]
    ]
    simple = [row for row in rows if not set("".join(row)) & set(checking.BLANKS) and "-" not in row[0]]
    assert len(simple) > 200
    said = bulk.verdicts(profile=household.profile, rows=rows, now=NOW)
    assert len(said) == len(rows)
    assert bulk.verdicts(profile=household.profile, rows=simple, now=NOW, is_simple=True) == [
        verdict for row, verdict in zip(rows, said, strict=True) if row in set(simple)
    ]
    seen = set()
    for row, (state, code, value, day, daily) in zip(rows, said, strict=True):
        kept = (value, day, daily) if state in ("accepted", "asked_back") else (None,) * 3
        assert (state, code, *kept) == by_itself(household, row), row
        seen.add(code)
    assert len(seen) > (12 if limits == "own" else 9)


def test_lines_are_judged_in_their_order_as_if_sent_one_by_one(household: Household) -> None:
    rows: list[bulk.Cells] = [
        ("1234567", "E-1", "day", value, day)
        for value, day in (
            ("1100", "2026-03-01"), ("1100", "2026-03-01"), ("1200", "2026-03-10"), ("1150", "2026-03-12"),
            ("9000", "2026-03-15"), ("9000", "2026-03-15"), ("1250", "2026-03-20"),
        )
    ]  # fmt: skip
    rows.insert(2, ("1234567", "W-1", "", "80", "2026-03-01"))
    sending = load(household, rows)
    by_file = sorted(Reading.objects.filter(sending=sending).values_list("line", "state", "code", "daily"))
    told = {fact.kind: fact.data["count"] for fact in facts_of("readings", sending.pk) if "count" in fact.data}
    Reading.objects.filter(sending=sending).delete()
    lines = [Line(*row) for row in rows]
    one_by_one, _ = household.send(*lines)
    assert by_file == sorted(Reading.objects.filter(sending=one_by_one).values_list("line", "state", "code", "daily"))
    again = facts_of("readings", one_by_one.pk)
    assert told == {fact.kind: fact.data["count"] for fact in again if "count" in fact.data}


def test_a_dial_that_stands_in_several_parts_is_judged_in_the_order_of_the_file(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[bulk.Cells] = [
        ("1234567", "E-1", zone, str(1000 + 5 * n), f"2026-03-{n:02}")
        for n in range(1, 20)
        for zone in ("day", "night")
    ]  # fmt: skip
    whole = load(household, rows)
    verdicts = sorted(Reading.objects.filter(sending=whole).values_list("line", "state", "code", "daily"))
    Reading.objects.filter(sending=whole).delete()
    monkeypatch.setattr(bulk, "CHUNK", 3)
    monkeypatch.setattr(bulk, "CHUNKS", 2)
    told: list[int] = []
    parted = bulk.load_readings(
        profile=household.profile, key="parted", rows=rows, sender=FILE, title="", now=NOW, progress=told.append
    )  # fmt: skip
    assert sorted(Reading.objects.filter(sending=parted).values_list("line", "state", "code", "daily")) == verdicts
    assert (parted.lines, parted.sha256, told[-1]) == (whole.lines, whole.sha256, 38)


def test_a_dial_that_stands_there_very_often_is_judged_in_its_order_by_few_statements(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of verdict, also among the lines that no statement of their own judges."""
    values = ("1100", "1100", "9000", "9000", "1090", "1110", "12oo", "100000", "1110,55", "1120", "77")
    rows: list[bulk.Cells] = [
        ("1234567", name, zone, values[(n * step) % len(values)], f"2026-03-{1 + n // 3 % 20:02}")
        for n in range(120)
        for name, zone, step in (("E-1", "day", 1), ("E-1", "night", 3), ("W-1", "", 5))
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as few:
        whole = load(household, rows)
    found = sorted(Reading.objects.filter(sending=whole).values_list("line", "state", "code", "value", "daily"))
    refused = sorted(Refused.objects.filter(sending=whole).values_list("line", "code", "typed"))
    told = {fact.kind: fact.data for fact in facts_of("readings", whole.pk) if "count" in fact.data}
    Reading.objects.filter(sending=whole).delete()
    monkeypatch.setattr(bulk_rounds, "ROUNDS", 1000)
    by_rounds = load(household, rows, key="by rounds")
    assert found == sorted(
        Reading.objects.filter(sending=by_rounds).values_list("line", "state", "code", "value", "daily")
    )
    assert refused == sorted(Refused.objects.filter(sending=by_rounds).values_list("line", "code", "typed"))
    assert told == {fact.kind: fact.data for fact in facts_of("readings", by_rounds.pk) if "count" in fact.data}
    assert len({code for _line, _state, code, *_ in found}) > 2
    assert len(few) < 60


def test_twenty_thousand_lines_of_one_dial_are_a_matter_of_seconds(household: Household) -> None:
    first = dt.date(1960, 1, 1)
    Meter.objects.update(installed_on=first)
    days = [(first + dt.timedelta(n)).isoformat() for n in range(20_000)]
    rows: list[bulk.Cells] = [("1234567", "E-1", "day", str(n % 900), day) for n, day in enumerate(days)]
    begun = time.monotonic()
    assert load(household, rows).lines == 20_000
    assert time.monotonic() - begun < 30


def test_what_was_asked_back_before_is_not_asked_again_and_nothing_is_done_twice(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    row: bulk.Cells = ("1234567", "E-1", "day", "9000", "2026-03-01")
    load(household, [row])
    monkeypatch.setattr(bulk, "_judged", once(bulk._judged))
    second = load(household, [row, ("1234567", "E-1", "night", "600", "2026-03-01")], key="corrected")
    assert [one.state for one in queries.outcomes(second)] == ["duplicate", "accepted"]
    assert Reading.objects.filter(code="grows_too_much").count() == 1


@pytest.mark.parametrize("account", ["1234567", "123-4567", "123 4567"])
def test_a_dial_is_known_again_however_its_account_is_written(household: Household, account: str) -> None:
    rows: list[bulk.Cells] = [
        ("1234567", "E-1", "day", "1100", "2026-03-01"), (account, "E-1", "day", "1090", "2026-03-02")
    ]  # fmt: skip
    assert [one.code for one in queries.outcomes(load(household, rows))] == ["", "lower_than_last"]


def once(work: Any) -> Any:
    """The same, which may be asked a single time."""
    asked: list[object] = []

    def only(*args: Any, **more: Any) -> Any:
        asked.append(args)
        assert len(asked) == 1, "the part was done twice"
        return work(*args, **more)

    return only


def test_what_somebody_keeps_at_the_same_moment_is_left_out(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    put_off = bulk._put_off

    def meanwhile(cursor: Any) -> int:
        monkeypatch.setattr(bulk, "_put_off", put_off)
        household.send(household.line("1100", "2026-03-01"))
        return put_off(cursor)

    rows: list[bulk.Cells] = [
        ("1234567", "E-1", "day", "1105", "2026-03-01"), ("1234567", "E-1", "night", "600", "2026-03-01")
    ]  # fmt: skip
    monkeypatch.setattr(bulk, "_put_off", meanwhile)
    load(household, rows)
    assert Reading.objects.filter(taken_on="2026-03-01", state="accepted").count() == 2


def test_a_fault_of_the_file_in_its_middle_takes_all_of_it_back(household: Household) -> None:
    def broken() -> Any:
        yield ("1234567", "E-1", "day", "1100", "2026-03-01")
        raise KeyReusedError

    with pytest.raises(KeyReusedError):
        bulk.load_readings(profile=household.profile, key="x", rows=broken(), sender=FILE, title="", now=NOW)
    assert not Sending.objects.filter(key="x").exists()


def test_faults_stand_with_their_lines_and_nothing_is_lost(household: Household) -> None:
    rows: list[bulk.Cells] = [
        ("1234567", "E-1", "day", "1100", "2026-03-01"), ("1234567", "E-1", "noon", "1", "2026-03-01"),
        ("1234567", "W-1", "", "x\ty\\", "2026-03-01"), ("7", "W-1", "", "1", "2026-03-01"),
    ]  # fmt: skip
    sending = load(household, rows)
    told = list(Refused.objects.filter(sending=sending).order_by("line").values_list("line", "code"))
    assert told == [(2, "unknown_zone"), (3, "not_a_number"), (4, "unknown_meter")]
    assert Refused.objects.get(line=3).typed["value"] == "x\ty\\"
    assert [one.state for one in queries.outcomes(sending)] == ["accepted", "refused", "refused", "refused"]
    codes = {fact.kind: fact.data.get("codes") for fact in facts_of("readings", sending.pk)}
    assert codes["reading_refused"] == ["not_a_number", "unknown_meter", "unknown_zone"]


def test_the_same_file_again_is_known(household: Household) -> None:
    rows: list[bulk.Cells] = [("1234567", "E-1", "day", "1100", "2026-03-01")]
    first = load(household, rows)
    assert load(household, rows).pk == first.pk
    assert Reading.objects.filter(sending=first).count() == 1
    with pytest.raises(KeyReusedError):
        load(household, [("1234567", "E-1", "day", "1101", "2026-03-01")])
    second = load(household, rows, key="other")
    assert [one.state for one in queries.outcomes(second)] == ["duplicate"]


def test_an_empty_file_is_a_sending_too(household: Household) -> None:
    assert load(household, []).lines == 0


def test_what_is_loaded_can_be_confirmed_like_any_other(household: Household) -> None:
    load(household, [("1234567", "E-1", "day", "9000", "2026-03-01")])
    row = queries.asked_back().get()
    assert actions.confirm_reading(reading_id=row.pk, sender=FILE, now=NOW).state == "accepted"
