"""Short messages of clients: each becomes a contact once, is answered by the program or waits for an employee."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kindline.clients.models import BarredNumber, ContactPoint
from kindline.conversations import actions as conversations
from kindline.conversations.errors import AlreadyClosedError
from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
from kindline.notifications import receiving
from kindline.notifications.errors import EmptyError
from kindline.notifications.models import IncomingSms, Sms
from kindline.notifications.wires import Came
from kindline.readings import queries
from kindline.readings.models import Reading
from kindline.readings.texted import parsed
from kindline.staff.models import Employee, Role
from tests.readings.conftest import NOW, Household, household

__all__ = ["household"]
pytestmark = pytest.mark.db
PHONE = "+79271112233"


def came(profile: Any, text: str, *, phone: str = PHONE, now: dt.datetime = NOW) -> IncomingSms:
    """A short message comes and is taken."""
    row = receiving.take_text(came=Came(phone.lstrip("+"), "1551", text), country="RU", now=now)
    assert row is not None
    assert conversations.take_waiting(profile=profile, now=now) == 1
    assert conversations.take_waiting(profile=profile, now=now) == 0
    row.refresh_from_db()
    return row


def answers() -> list[str]:
    """What was answered, in order."""
    return list(Sms.objects.order_by("pk").values_list("text", flat=True))


@pytest.fixture
def operator(db: None) -> Employee:
    """Who answers."""
    return Employee.objects.create(username="operator1", surname="Соколова", roles=[Role.OPERATOR])


@pytest.mark.clause("krc-2-57")
def test_a_message_becomes_a_contact_and_is_answered(household: Household, operator: Employee) -> None:
    ContactPoint.objects.create(client=household.account.client, kind="phone", value=PHONE)
    row = came(household.profile, "Нет горячей воды, Садовая 5")
    second = came(household.profile, "И холодной тоже", now=NOW + dt.timedelta(hours=1))
    contact = Contact.objects.get(channel="sms")
    assert row.contact_id == second.contact_id == contact.pk
    assert (contact.caller, contact.client, contact.closed_at) == (PHONE, household.account.client, None)
    assert answers() == []
    by: dict[str, Any] = {"contact": contact, "country": "RU", "employee": operator, "now": NOW}
    with pytest.raises(EmptyError):
        conversations.reply(text="  ", key="k", **by)
    sent = conversations.reply(text="Дадут к вечеру.", key="k", **by)
    assert conversations.reply(text="Дадут к вечеру.", key="k", **by).pk == sent.pk
    assert (sent.phone, sent.client, answers()) == (PHONE, household.account.client, ["Дадут к вечеру."])
    conversations.close_written(contact=contact, outcome="answered", employee=operator, now=NOW)
    with pytest.raises(AlreadyClosedError):
        conversations.reply(text="Ещё", key="k2", **by)
    kinds = [fact.kind for fact in facts_of("contact", contact.pk)]
    assert kinds.count("text_came") == 2
    assert {"client_found", "text_sent", "contact_closed"} <= set(kinds)
    later = came(household.profile, "Спасибо", now=NOW + dt.timedelta(days=1))
    assert later.contact_id != contact.pk


def test_a_number_that_several_share_is_nobody_s(household: Household) -> None:
    from kindline.clients.models import Client

    other = Client.objects.create(surname="Сидоров", created_at=NOW, changed_at=NOW)
    for client in (household.account.client, other):
        ContactPoint.objects.create(client=client, kind="phone", value=PHONE)
    came(household.profile, "Перезвоните мне")
    assert Contact.objects.get(channel="sms").client is None


@pytest.mark.clause("krc-2-57")
def test_readings_are_judged_like_any_others_and_answered(household: Household) -> None:
    row = came(household.profile, "Показания 1234567 W-1 78,25")
    reading = Reading.objects.order_by("-pk").first()
    assert reading is not None
    assert (reading.state, str(reading.value.normalize()), reading.sending.channel) == ("accepted", "78.25", "sms")
    assert answers() == ["Счётчик W-1: показание 78,25 принято."]
    contact = Contact.objects.get(channel="sms")
    assert (contact.outcome, row.answered_by) == ("self_service", "kindline.readings.texted.answer")
    assert reading.sending.contact_id == contact.pk
    came(household.profile, "1234567 E-1 1010 505", now=NOW + dt.timedelta(minutes=5))
    assert Reading.objects.filter(sending__channel="sms").count() == 3, "day and night"


def test_what_may_be_right_is_asked_back_and_confirmed_by_a_word(household: Household) -> None:
    came(household.profile, "1234567 W-1 99999")
    reading = Reading.objects.get(sending__channel="sms")
    assert reading.state == "asked_back"
    assert answers()[0].endswith("Если верно, ответьте: ДА.")
    assert "намного" not in answers()[0], "a stranger's number learns nothing of the meter"
    came(household.profile, "Да!", phone="+79270000001", now=NOW + dt.timedelta(minutes=1))
    reading.refresh_from_db()
    assert reading.state == "asked_back", "another's word"
    came(household.profile, "Да!", now=NOW + dt.timedelta(minutes=2))
    reading.refresh_from_db()
    assert reading.state == "accepted"
    assert answers()[-1] == "Счётчик W-1: показание 99999 принято."


def test_a_yes_means_the_last_question_and_never_one_that_is_settled(household: Household) -> None:
    came(household.profile, "1234567 W-1 99999")
    came(household.profile, "1234567 W-1 88", now=NOW + dt.timedelta(minutes=1))
    came(household.profile, "Да", now=NOW + dt.timedelta(minutes=2))
    assert list(Reading.objects.filter(sending__channel="sms").order_by("pk").values_list("state", flat=True)) == [
        "declined", "accepted",
    ]  # fmt: skip
    assert len(answers()) == 2, "there is nothing to confirm: a person reads it"
    household.send(household.line("9000"), channel="web")
    came(household.profile, "1234567 E-1 9001 9002", now=NOW + dt.timedelta(minutes=3))
    came(household.profile, "1234567 E-1 9003 9004", now=NOW + dt.timedelta(minutes=4))
    came(household.profile, "Да", now=NOW + dt.timedelta(minutes=5))
    standing = queries.standing().filter(meter=household.electricity, taken_on=NOW.date())
    assert sorted(standing.values_list("value", flat=True)) == [9003, 9004]
    assert not queries.asked_back().exists()


def test_what_cannot_be_is_said_and_what_is_no_reading_waits(household: Household) -> None:
    came(household.profile, "1234567 W-9 12")
    assert "счётчик" in answers()[0].casefold()
    came(household.profile, "1234567 E-1 12", now=NOW + dt.timedelta(minutes=1))
    assert "Пришлите через пробел" in answers()[1]
    came(household.profile, "Квартира 1234 подъезд 5 нет света 3 дня", now=NOW + dt.timedelta(minutes=2))
    assert len(answers()) == 2
    assert Contact.objects.filter(channel="sms", closed_at=None).count() == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1234567 W-1 78,25", ["1234567", "W-1", "78,25"]),
        ("показ 1234567; W-1; 78.", ["1234567", "W-1", "78"]),
        ("1234567 W-1", None),
        ("12 W-1 5", None),
        ("1234567 W-1 кот5", None),
        ("", None),
    ],
)
def test_what_is_read_of_a_text(household: Household, text: str, found: list[str] | None) -> None:
    assert parsed(text) == found


def test_stop_bars_the_number_and_is_answered(household: Household) -> None:
    came(household.profile, "Стоп")
    assert BarredNumber.objects.get().phone == PHONE
    assert answers()[0].startswith("Мы больше не будем")


def test_a_service_that_fails_leaves_the_message_to_an_employee(household: Household, settings: Any) -> None:
    settings.SMS_SERVICES = ["tests.conversations.test_texting.broken"]
    came(household.profile, "1234567 W-1 78")
    assert Contact.objects.get(channel="sms").closed_at is None
    assert answers() == []


def broken(*_: object) -> str:
    """A service whose database fails."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return "never"
