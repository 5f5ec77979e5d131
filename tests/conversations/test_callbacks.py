"""A promised call: to a number, by a time that the standard allows, kept or plainly missed."""

import datetime as dt
from collections.abc import Callable

import pytest

from kindline.conversations import actions, callbacks, errors, queries
from kindline.conversations.models import Callback, CallbackState, Contact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import loader

pytestmark = pytest.mark.db
Call = Callable[..., Contact]


def _promise(contact: Contact, employee: Employee, now: dt.datetime, **more: object):  # type: ignore[no-untyped-def]
    return actions.promise_callback(contact=contact, employee=employee, now=now, **more)  # type: ignore[arg-type]


@pytest.mark.clause("krc-5.6.4-10", "krc-5.6.4-11", "krc-5.6.4-12", "krc-5.6.5-34", "court-3-08")
@pytest.mark.parametrize("profile", ["krc", "court"])
def test_without_a_time_the_end_of_the_working_day_is_promised(
    call: Call, employee: Employee, now: dt.datetime, profile: str
) -> None:
    contact = call(profile)
    actions.record_field(contact=contact, field="matter", value="перерахунок", employee=employee, now=now)
    callback = _promise(contact, employee, now)
    hour = 17 if profile == "krc" else 18
    assert callback.due_at == now.replace(hour=hour), "20:00 by the centre's clock"
    assert (callback.phone, callback.matter, callback.employee) == (contact.caller, "перерахунок", employee)
    promised = facts_of("contact", contact.pk).filter(kind="callback_promised").get()
    assert promised.data["task"] == callback.pk
    assert dt.datetime.fromisoformat(promised.data["due_at"]) == callback.due_at
    assert "phone" in promised.data["fields"]
    assert facts_of("callback", callback.pk).get().kind == "callback_created"


@pytest.mark.clause("krc-5.6.4-12")
def test_a_promise_beyond_the_limit_is_refused_where_there_is_one(
    call: Call, employee: Employee, now: dt.datetime
) -> None:
    tomorrow = now + dt.timedelta(days=1)
    contact = call("krc")
    with pytest.raises(errors.PromiseTooLateError) as refused:
        _promise(contact, employee, now, due_at=tomorrow)
    assert refused.value.clauses
    assert "02.03.2026 20:00" in str(refused.value)
    assert _promise(call("court"), employee, now, due_at=tomorrow).due_at == tomorrow, "no norm, no refusal"


def test_a_moment_that_has_passed_is_not_promised(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("court")
    for ago in (dt.timedelta(minutes=2), dt.timedelta(days=300)):
        with pytest.raises(errors.PromisePastError):
            _promise(contact, employee, now, due_at=now - ago)
    assert not contact.callbacks.exists()
    minute = now - dt.timedelta(seconds=59)
    assert _promise(contact, employee, now, due_at=minute).due_at == minute, "typed to the minute: this one"


@pytest.mark.clause("yumek-9.4-35", "yumek-9.4-36", "yumek-9.4-37", "yumek-9.4-38")
def test_what_the_standard_requires_of_a_promise(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("yumek")
    with pytest.raises(errors.MissingFieldsError) as refused:
        _promise(contact, employee, now, interval_s=1800)
    assert refused.value.missing == dict.fromkeys(("surname", "given_name", "patronymic"), ("yumek-9.4-36",))
    for field, value in {"surname": "Ким", "given_name": "Ли"}.items():
        actions.record_field(contact=contact, field=field, value=value, employee=employee, now=now)
    callback = _promise(contact, employee, now, interval_s=1800, none_fields=["patronymic"])
    assert callback.due_at == now + dt.timedelta(minutes=30)
    data = facts_of("contact", contact.pk).filter(kind="callback_promised").get().data
    assert set(data["fields"]) >= {"phone", "surname", "given_name", "interval"}
    assert (data["none_fields"], data["interval_s"]) == (["patronymic"], 1800.0)


def test_without_a_number_there_is_no_promise(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("court")
    Contact.objects.filter(pk=contact.pk).update(caller="anonymous")
    with pytest.raises(errors.MissingFieldsError):
        _promise(contact, employee, now)
    assert _promise(contact, employee, now, phone="067 222 33 44").phone == "+380672223344"


def test_a_call_kept_missed_or_not_needed(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("court")
    kept, late, gone = (_promise(contact, employee, now, due_at=now + dt.timedelta(hours=h)) for h in (1, 2, 3))
    soon, after = now + dt.timedelta(minutes=30), now + dt.timedelta(hours=2, minutes=1)
    actions.note_attempt(callback=kept, outcome="no_answer", employee=employee, now=soon)
    actions.note_attempt(callback=kept, outcome="reached", employee=employee, now=soon)
    assert [one.pk for one in actions.sweep_overdue(now=after)] == [late.pk]
    assert actions.sweep_overdue(now=after) == [], "sweeping again changes nothing"
    waiting = Callback.objects.filter(state__in=callbacks.PENDING).order_by("due_at")
    assert list(waiting) == [late, gone], "what is missed still waits to be made"
    actions.note_attempt(callback=late, outcome="reached", employee=employee, now=after)
    actions.cancel_callback(callback=gone, reason="клієнт зателефонував сам", employee=employee, now=after)
    for callback in (kept, late, gone):
        callback.refresh_from_db()
    assert (kept.state, kept.attempts) == (CallbackState.KEPT, 2)
    assert (late.state, late.attempts) == (CallbackState.KEPT, 1)
    assert gone.state == CallbackState.CANCELLED
    made = facts_of("contact", contact.pk).filter(kind="callback_made")
    assert [(fact.data["outcome"], fact.data["in_time"]) for fact in made] == [
        ("no_answer", True),
        ("reached", True),
        ("reached", False),
    ]
    kinds = [fact.kind for fact in facts_of("callback", late.pk)]
    assert kinds == ["callback_created", "callback_overdue", "callback_closed"]
    assert not waiting.all().exists()


@pytest.mark.parametrize("state", [CallbackState.KEPT, CallbackState.CANCELLED])
def test_people_note_nothing_of_a_call_that_is_done_with(
    call: Call, employee: Employee, now: dt.datetime, state: str
) -> None:
    callback = _promise(call("court"), employee, now)
    type(callback).objects.filter(pk=callback.pk).update(state=state)
    with pytest.raises(errors.CallbackDoneError):
        actions.note_by_hand(callback=callback, outcome="reached", employee=employee, now=now)
    assert not facts_of("contact", callback.contact_id).filter(kind="callback_made").exists()


def test_a_callback_outlives_its_closed_contact(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("court")
    callback = _promise(contact, employee, now)
    Contact.objects.filter(pk=contact.pk).update(closed_at=now)
    actions.note_attempt(callback=callback, outcome="reached", employee=employee, now=now)
    assert facts_of("contact", contact.pk).filter(kind="callback_made").exists()


@pytest.mark.clause("krc-2-08")
def test_contacts_of_every_remote_mode_stand_together(account: object, employee: Employee, now: dt.datetime) -> None:
    client = account.client  # type: ignore[attr-defined]
    for n, channel in enumerate(("phone", "email", "paper", "web", "account", "office")):
        contact = actions.open_contact(profile=loader.load("krc"), channel=channel, now=now + dt.timedelta(minutes=n))
        actions.set_client(contact=contact, client=client, via="name", employee=employee, now=now)
    assert [one.channel for one in queries.previous_contacts(client)] == [
        "office", "account", "web", "paper", "email", "phone",
    ]  # fmt: skip


def test_previous_contacts(call: Call, employee: Employee, now: dt.datetime, account: object) -> None:
    first, _other = call("krc"), call("krc")
    client = account.client  # type: ignore[attr-defined]
    actions.set_client(contact=first, client=client, via="name", employee=employee, now=now)
    assert queries.previous_contacts(client) == [first]
    assert queries.previous_contacts(client, before=now) == []
