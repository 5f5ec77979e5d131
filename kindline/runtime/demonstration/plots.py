"""What happens in invented talks: consultations, accounts, promises, transfers, appeals, abuse, lost calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kindline.appeals import at_once
from kindline.appeals.actions import FORMS
from kindline.appeals.limits import set_limit
from kindline.appeals.models import Appeal, Body
from kindline.conversations.models import Callback, CallbackState
from kindline.journal.actions import NewFact
from kindline.runtime.demonstration import talks, words
from kindline.runtime.demonstration.talks import Talk
from kindline.standard import deadlines, hours
from kindline.standard.scripts import Branch

LAST_STEPS = 2
FORGETFUL = dt.timedelta(days=10)


@dataclass
class Harvest:
    """What the talks leave behind, to be written at once."""

    talks: list[Talk] = field(default_factory=list)
    callbacks: list[tuple[Callback, Talk]] = field(default_factory=list)
    appeals: list[tuple[Appeal, Talk]] = field(default_factory=list)


def consultation(talk: Talk, speech: Mapping[str, Any], harvest: Harvest, now: dt.datetime) -> None:  # noqa: ARG001
    """A question and its answer."""
    _begin(talk, speech)
    if talk.happens(0.25):
        _hold(talk)
    _end(talk, _plain(talk))


def account(talk: Talk, speech: Mapping[str, Any], harvest: Harvest, now: dt.datetime) -> None:
    """The state of an account: told to who proves himself, refused to who does not."""
    branch = talks.locking_branch(talk.script)
    if branch is None or talk.account is None:
        consultation(talk, speech, harvest, now)
        return
    _begin(talk, speech)
    talk.take(branch)
    talk.wait(15, 50)
    if talk.happens(0.12):
        reason = talk.dice.choice(speech["cannot_identify"])
        talk.act("identification_refused", reason=reason)
        refused = talks.outcome_of(talk.script, "identification_refused")
        _end(talk, refused.id if refused else _plain(talk))
        return
    known = {"account": talk.account.number, "method": "asked", "fields": ["account_number", "address"]}
    talk.act("identified", client=talk.client.pk, **known)
    talk.contact.identified_at, talk.contact.account = talk.now, talk.account
    talk.completes(branch, "identified")
    talk.act("account_shown", account=talk.account.number)
    talk.completes(branch, "account_shown")
    talk.wait(20, 120)
    _end(talk, _plain(talk))


def callback(talk: Talk, speech: Mapping[str, Any], harvest: Harvest, now: dt.datetime) -> None:
    """A question that cannot be answered at once: a call is promised, mostly kept."""
    branch = talks.branch_with(talk.script, "callback_promised")
    if branch is None:
        consultation(talk, speech, harvest, now)
        return
    _begin(talk, speech)
    talk.take(branch)
    talk.steps(branch.steps, branch.id)
    row = _promise(talk, branch, harvest)
    found = talks.outcome_of(talk.script, "callback_promised")
    _end(talk, found.id if found else _plain(talk))
    _keep_promise(talk, row, now)


def transfer(talk: Talk, speech: Mapping[str, Any], harvest: Harvest, now: dt.datetime) -> None:
    """The specialist answers, is told who is there and why, and takes the client over."""
    branch = talks.branch_with(talk.script, "transfer_started") or talks.branch_with(talk.script, "transfer_completed")
    if branch is None:
        consultation(talk, speech, harvest, now)
        return
    _begin(talk, speech)
    talk.take(branch)
    first = [step for step in branch.steps if step.required and step.done_by is None][:1]
    talk.steps(first, branch.id)
    began = talk.at_s
    who: dict[str, Any] = {"target": "specialist1"}
    talk.act("transfer_started", employee=talk.employee.pk, mode="attended", **who)
    talk.wait(3, 9)
    talk.act("transfer_answered", ring_s=round(talk.at_s - began, 1), **who)
    talk.wait(3, 8)
    talk.act("transfer_introduced", client_name=str(talk.client), matter=talk.contact.summary, **who)
    talk.wait(2, 8)
    talk.act("transfer_accepted", **who)
    talk.steps([step for step in branch.steps if step not in first], branch.id, most_s=3)
    talk.act(
        "transfer_completed", employee=talk.employee.pk, mode="attended", connect_s=round(talk.at_s - began, 1), **who
    )
    for kind in (
        "transfer_started",
        "transfer_answered",
        "transfer_introduced",
        "transfer_accepted",
        "transfer_completed",
    ):
        talk.completes(branch, kind)
    talk.wait(60, 200)
    found = talks.outcome_of(talk.script, "transfer_completed")
    _end(talk, found.id if found else _plain(talk))


def appeal(talk: Talk, speech: Mapping[str, Any], harvest: Harvest, now: dt.datetime) -> None:
    """An appeal is registered; older ones are answered."""
    branch = talks.branch_with(talk.script, "appeal_registered")
    if branch is None:
        consultation(talk, speech, harvest, now)
        return
    _begin(talk, speech)
    talk.take(branch)
    talk.steps(branch.steps, branch.id)
    talk.wait(20, 60)
    row = _register(talk, speech)
    harvest.appeals.append((row, talk))
    talk.completes(branch, "appeal_registered")
    found = talks.outcome_of(talk.script, "appeal_registered")
    _end(talk, found.id if found else _plain(talk))
    _settle_appeal(talk, row, now)


def abuse(talk: Talk, speech: Mapping[str, Any], harvest: Harvest, now: dt.datetime) -> None:
    """The client swears; where the standard grants it the talk is ended after a warning."""
    branch = talks.ending_branch(talk.script)
    if branch is None:
        consultation(talk, speech, harvest, now)
        return
    _begin(talk, speech)
    talk.take(branch)
    talk.steps(branch.steps, branch.id)
    talk.wait(3, 8)
    ground = talk.dice.choice(branch.grounds)
    after_s = (talk.now - (talk.contact.answered_at or talk.now)).total_seconds()
    talk.act("call_terminated", employee=talk.employee.pk, ground=ground.id, after_s=after_s)
    talk.completes(branch, "call_terminated")
    talk.hang_up(by="operator")
    named = next((one.id for one in talk.script.outcomes if one.id == "abuse"), _plain(talk))
    talk.close(named)


def abandoned(talk: Talk, speech: Mapping[str, Any], harvest: Harvest, now: dt.datetime) -> None:  # noqa: ARG001
    """Nobody was free in time; the client gave up."""
    talk.arrive(_number(talk))
    queue = talk.choose()
    talk.say("queue_entered", queue=queue, priority=0, position=2, from_menu=True)
    talk.wait(20, 260)
    talk.say("queue_left", queue=queue, outcome="abandoned", wait_s=round(talk.at_s, 1))
    talk.hang_up(outcome="abandoned")
    talk.close("abandoned")


def voicemail(talk: Talk, speech: Mapping[str, Any], harvest: Harvest, now: dt.datetime) -> None:  # noqa: ARG001
    """A call in the night leaves a message."""
    talk.arrive(_number(talk))
    talk.say("hours_closed", line=talk.line, reason="hours")
    talk.wait(8, 15)
    talk.say("voicemail_left", box="general", name=f"{talk.contact.id}-voicemail", duration_s=talk.dice.uniform(8, 40),
             off_hours=True)  # fmt: skip
    talk.hang_up(outcome="voicemail")
    talk.close("voicemail")


PLOTS: tuple[tuple[Callable[..., None], int], ...] = (
    (consultation, 46),
    (account, 18),
    (callback, 9),
    (transfer, 7),
    (appeal, 8),
    (abuse, 1),
    (abandoned, 7),
    (voicemail, 4),
)
"""Each plot and how often of a hundred talks it happens."""


def _begin(talk: Talk, speech: Mapping[str, Any]) -> None:
    talk.arrive(_number(talk))
    talk.be_answered(talk.choose())
    before, _ = talks.ending_steps(talk.script, LAST_STEPS)
    talk.recognise()
    talk.steps(before[:1])
    talk.about(talk.topic, talk.dice.choice(speech["matters"]))
    talk.completes(None, "topic_set")
    talk.steps(before[1:])
    talk.wait(10, 90)


def _end(talk: Talk, outcome: str) -> None:
    talk.steps(talks.ending_steps(talk.script, LAST_STEPS)[1])
    talk.wait(2, 6)
    talk.hang_up()
    talk.close(outcome)


def _plain(talk: Talk) -> str:
    found = talks.outcome_of(talk.script)
    return found.id if found else "answered"


def _number(talk: Talk) -> str:
    return next((point.value for point in talk.client.points.all() if point.kind == "phone"), "")


def _hold(talk: Talk) -> None:
    announced = not talk.happens(0.08)
    talk.act("hold_started", employee=talk.employee.pk, announced=announced, consent=announced, reason="search")
    began = talk.at_s
    talk.wait(15, 120) if not talk.happens(0.08) else talk.wait(181, 260)
    duration = round(talk.at_s - began, 1)
    talk.act("hold_ended", duration_s=duration, total_s=duration, outcome="resumed")


def _promise(talk: Talk, branch: Branch, harvest: Harvest) -> Callback:
    interval_s = talk.dice.choice([1800.0, 3600.0, 7200.0])
    try:
        latest = deadlines.end_of_working_day(talk.profile, talk.now)
    except hours.NoHours:
        latest = talk.now + dt.timedelta(hours=4)
    due = min(talk.now + dt.timedelta(seconds=interval_s), latest)
    row = Callback(
        contact=talk.contact,
        employee=talk.employee,
        client=talk.client,
        phone=talk.contact.caller,
        name=str(talk.client),
        matter=talk.contact.summary,
        promised_at=talk.now,
        due_at=due,
    )
    filled = ["phone", "surname", "given_name", "patronymic", "interval", "due_at"]
    talk.act("callback_promised", due_at=due, interval_s=interval_s, phone=row.phone, fields=filled, none_fields=[])
    harvest.callbacks.append((row, talk))
    talk.completes(branch, "callback_promised")
    return row


def _keep_promise(talk: Talk, row: Callback, now: dt.datetime) -> None:
    """Most promises are kept in time, a few late; some of the last days still wait."""
    if row.promised_at > now - FORGETFUL and talk.happens(0.6):
        row.state = CallbackState.MISSED if row.due_at < now else CallbackState.OPEN
        return
    late = talk.happens(0.08)
    made = row.due_at + dt.timedelta(minutes=25) if late else row.promised_at + (row.due_at - row.promised_at) * 0.7
    if made >= now:
        return
    row.state, row.attempts, row.closed_at = CallbackState.KEPT, 1, made
    data = {"due_at": row.due_at, "outcome": "reached", "in_time": not late}
    talk.facts.append(NewFact("callback_made", "contact", talk.contact.id, f"employee:{talk.employee.pk}", data, made))


def _register(talk: Talk, speech: Mapping[str, Any]) -> Appeal:
    client = talk.client
    email = next((point.value for point in client.points.all() if point.kind == "email"), "")
    row = Appeal(
        profile=talk.profile.id, version=talk.profile.version, contact=talk.contact, client=client, kind="complaint",
        kinds_voiced=["complaint"], subject=talk.dice.choice(words.organisation(talk.profile.id)["appeal_subjects"]),
        topic=talk.topic, channel="phone", form=FORMS["phone"], surname=client.surname, given_name=client.given_name,
        patronymic=client.patronymic, residence=client.residence, phone=talk.contact.caller, email=email,
        none_fields=[] if email else ["email"], substance=talk.dice.choice(speech["complaints"]),
        received_at=talk.started_at, registered_at=talk.now,
    )  # fmt: skip
    limit = deadlines.derive(
        talk.profile, kind=row.kind, subject=row.subject or None, channel=row.channel, sent=row.received_at,
        received=row.received_at, registered=row.registered_at,
    )  # fmt: skip
    set_limit(row, limit)
    return row


def _forward(talk: Talk, row: Appeal) -> None:
    """What belongs to another body went there at once, and the applicant was told."""
    row.forwarded_to = talk.dice.choice(list(Body.objects.filter(profile=row.profile).order_by("pk")))
    row.state, row.forwarded_at, row.forwarding_told_at = "forwarded", talk.now, talk.now


def _settle_appeal(talk: Talk, row: Appeal, now: dt.datetime) -> None:
    """Those in charge are told after the talk, where the standard says so; after some days the answer goes out."""
    row.management_notified_at = talk.contact.ended_at if at_once.rule_of(talk.profile) else None
    row.taken_over_at = (talk.contact.ended_at or talk.now) + dt.timedelta(minutes=talk.dice.randint(5, 200))
    if row.taken_over_at >= now:
        row.taken_over_at = None
    if row.subject == "outside_competence":
        _forward(talk, row)
        return
    limit = row.limit_at or talk.now + dt.timedelta(days=30)
    share = talk.dice.uniform(0.4, 0.98) if not talk.happens(0.08) else 1.1
    answered = talk.now + (limit - talk.now) * share
    if answered < now and answered > talk.now:
        row.state, row.end, row.answered_at, row.closed_at = "answered", "answered_orally", answered, answered
