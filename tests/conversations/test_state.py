"""What the operator sees of the guide: words ready to read, what is known, what is done, clocks, locks."""

import datetime as dt
import json
from collections.abc import Callable

import pytest

from kindline.clients.models import Account
from kindline.conversations import actions, guides
from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.staff.models import Employee, Unit
from kindline.standard import loader
from tests.conversations.conftest import over

pytestmark = pytest.mark.db
Call = Callable[..., Contact]


def _state(contact: Contact, now: dt.datetime) -> guides.GuideState:
    fresh = Contact.objects.get(pk=contact.pk)
    return guides.state(fresh, loader.load(fresh.profile), now)


def _words(state: guides.GuideState, step: str) -> list[str]:
    views = [*state.steps, *(one for branch in state.branches for one in branch.steps)]
    return next(view.phrases for view in views if view.id == step)


@pytest.mark.clause("court-1-05", "court-1-07", "court-1-08")
@pytest.mark.parametrize(
    ("hour", "greeting"), [(6, "Доброго ранку!"), (9, "Доброго ранку!"), (10, "Доброго дня!"), (16, "Доброго вечора!")]
)
def test_the_greeting_fits_the_time_of_day_in_the_centres_zone(
    call: Call, now: dt.datetime, hour: int, greeting: str
) -> None:
    state = _state(call("court"), now.replace(hour=hour))
    assert _words(state, "greet") == [greeting]
    assert _words(state, "introduce") == ["Оператор № 12, Анна."]


@pytest.mark.clause("krc-5.6.4-04", "krc-5.6.4-05")
def test_the_company_is_not_named_again_after_the_menu(call: Call, employee: Employee, now: dt.datetime) -> None:
    plain = call("krc")
    assert _words(_state(plain, now), "greet")[0].startswith(str(loader.load("krc").variables["company"]))
    heard = actions.open_contact(profile=loader.load("krc"), channel="phone", now=now)
    journal.record(
        kind="prompt_played", subject_type="contact", subject_id=heard.pk, data={"prompt": "greeting"}, at=now
    )
    actions.start_guide(contact=heard, employee=employee, now=now)
    assert _words(_state(heard, now), "greet")[0].startswith("Анна. ")


def test_the_operators_gender_and_the_clients_name_are_in_the_words(
    call: Call, account: Account, employee: Employee, now: dt.datetime
) -> None:
    contact = call("krc")
    actions.set_client(contact=contact, client=account.client, via="caller", employee=employee, now=now)
    state = _state(contact, now)
    assert state.client_name == "Пётр Семёнович"
    assert "вынуждена" in _words(state, "abuse_warning")[0]
    assert "Спасибо, Пётр Семёнович, что" in _words(state, "conflict_neutralise")[0]
    actions.record_field(contact=contact, field="client_name", value="Пётр", employee=employee, now=now)
    assert _state(contact, now).client_name == "Пётр"
    account.client.address_as = "господин Ёлкин"
    account.client.save()
    assert _state(contact, now).client_name == "господин Ёлкин"


@pytest.mark.clause("court-1-09", "court-1-13")
def test_a_ukrainian_name_is_called_in_the_vocative(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("court")
    for field, value in {"given_name": "Іван", "patronymic": "Петрович", "surname": "Коваль"}.items():
        actions.record_field(contact=contact, field=field, value=value, employee=employee, now=now)
    assert _state(contact, now).client_name == "Іване Петровичу"


def test_what_is_not_known_yet_shows_as_an_ellipsis_and_every_phrase_renders(call: Call, now: dt.datetime) -> None:
    for profile, line in (("krc", ""), ("court", ""), ("yumek", ""), ("voe", "hotline"), ("voe", "direct")):
        for direction in ("in", "out"):
            state = _state(call(profile, line, direction), now)
            assert state.steps, (profile, line, direction)
            text = json.dumps(state.as_json(), ensure_ascii=False)
            assert "{client_name}" not in text
            assert "{gender" not in text


def test_a_known_field_is_shown_with_its_source(
    call: Call, account: Account, employee: Employee, now: dt.datetime
) -> None:
    contact = call("krc")
    actions.set_client(contact=contact, client=account.client, via="caller", employee=employee, now=now)
    ask = {field.id: field for field in next(one for one in _state(contact, now).steps if one.id == "ask_name").ask}
    assert (ask["surname"].value, ask["surname"].source, ask["surname"].known) == ("Ёлкин", "known", True)


def test_done_blocked_locked_and_required_are_shown(
    call: Call, account: Account, employee: Employee, now: dt.datetime
) -> None:
    contact = call("krc")
    state = _state(contact, now)
    assert state.locked == {"account_shown": ["account_ask"]}
    assert set(state.unsettled) == {"greet", "need", "check_understood", "farewell"}
    actions.mark_step(contact=contact, step="greet", employee=employee, now=now)
    actions.take_branch(contact=contact, branch="account", employee=employee, now=now)
    given = {"account_number": "5500123456", "address": "Лесная 12а 4"}
    actions.identify(contact=contact, account=account, given=given, employee=employee, now=now)
    state = _state(contact, now)
    steps = {one.id: one for branch in state.branches for one in branch.steps}
    branch = next(one for one in state.branches if one.id == "account")
    assert (branch.current, branch.taken_at, state.branch) == (True, now, "account")
    assert (state.steps[0].done_at, steps["account_ask"].done_at) == (now, now)
    assert (state.locked, state.identified) == ({}, True)
    assert not steps["account_told"].refused
    assert steps["repeat_second"].refused
    assert "account_ask" not in state.unsettled


@pytest.mark.clause("yumek-9.4-10", "yumek-9.4-11", "yumek-9.4-12")
def test_who_calls_out_names_the_company_his_own_unit_and_himself(
    call: Call, employee: Employee, now: dt.datetime
) -> None:
    employee.unit = Unit.objects.create(code="sales", name="отдел сбыта")
    employee.save()
    words = _words(_state(call("yumek", direction="out"), now), "out_introduce")
    assert words == ["ОАО «ЮМЭК», отдел сбыта, Анна."]
    court = call("court", direction="out")
    assert "department" in loader.load("court").variables
    assert _words(_state(court, now), "introduce")[0].startswith("Контакт-центр")


def test_the_number_and_limit_of_the_appeal_stand_in_the_words(call: Call, now: dt.datetime) -> None:
    contact = call("krc")
    data = {"number": "krc-2026/00017", "limit_at": "2026-04-01T23:59:59+03:00"}
    journal.record(kind="appeal_registered", subject_type="contact", subject_id=contact.pk, data=data, at=now)
    words = _words(_state(contact, now), "appeal_told")
    assert "krc-2026/00017" in words[0]
    assert "01.04.2026" in words[0]


class TestTimers:
    """Clocks run from fact to fact, by the standard's seconds."""

    def _record(self, contact: Contact, kind: str, at: dt.datetime) -> None:
        journal.record(kind=kind, subject_type="contact", subject_id=contact.pk, at=at)

    @pytest.mark.clause("court-3-11")
    def test_a_hold_warns_at_its_limit(self, call: Call, now: dt.datetime) -> None:
        contact = call("court")
        assert _state(contact, now).timers == []
        self._record(contact, "hold_started", now)
        early, late = (_state(contact, now + dt.timedelta(seconds=s)).timers[0] for s in (179, 181))
        assert (early.id, early.max_s, early.over, late.over) == ("hold", 180, False, True)
        assert late.elapsed_s == 181
        self._record(contact, "hold_ended", now + dt.timedelta(seconds=60))
        ended = _state(contact, now + dt.timedelta(seconds=181)).timers[0]
        assert (ended.elapsed_s, ended.over) == (60, False)
        self._record(contact, "hold_started", now + dt.timedelta(seconds=200))
        again = _state(contact, now + dt.timedelta(seconds=210)).timers[0]
        assert (again.elapsed_s, again.ended_at) == (10, None)

    def test_the_end_of_the_call_stops_every_clock(self, call: Call, now: dt.datetime) -> None:
        contact = call("court")
        self._record(contact, "hold_started", now)
        self._record(contact, "call_ended", now + dt.timedelta(seconds=30))
        timer = _state(over(contact, now), now + dt.timedelta(hours=1)).timers[0]
        assert timer.elapsed_s == 30


def test_the_state_is_plain_data(call: Call, now: dt.datetime) -> None:
    state = _state(call("voe", "hotline"), now).as_json()
    assert json.loads(json.dumps(state)) == state
    assert state["script"] == "incoming_hotline"
    assert set(state["steps"][0]["title"]) == {"uk", "ru", "en"}
