"""What an employee does to an appeal on its page: a form is read, one action is called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.shortcuts import get_object_or_404

from kindline.appeals import (
    actions,
    answer_templates,
    answering,
    complaints,
    declining,
    dispatching,
    extending,
    incidents,
    linking,
    misplaced,
    notice_signing,
    notifying,
    recalled_notices,
    recalling,
)
from kindline.appeals.models import Appeal, Body, ClientNotice, Incident, JoinedLetter, Measure
from kindline.conversations.errors import RefusedError
from kindline.desk.typed import Reading, UnknownActError
from kindline.staff.models import Employee, Unit


class NoSuchAppealError(RefusedError):
    """There is no appeal of that number."""

    code = "no_such_appeal"


@dataclass(frozen=True)
class Turn(Reading):
    """An appeal, who acts, when, and what was typed."""

    appeal: Appeal
    me: Employee
    now: dt.datetime
    typed: QueryDict


def act(verb: str, turn: Turn) -> None:
    """Carry out one act. Raises: RefusedError of every kind; Http404 for rows that are not there."""
    found = ACTS.get(verb) or LINKS.get(verb) or BESIDE.get(verb)
    if found is None:
        raise UnknownActError(verb)
    found(turn)


def _assign(turn: Turn) -> None:
    executor = Employee.objects.filter(pk=turn.key("executor"), is_active=True).first()
    unit = Unit.objects.filter(pk=turn.key("unit")).first()
    actions.assign_appeal(appeal=turn.appeal, unit=unit, executor=executor, employee=turn.me, now=turn.now)


def _take(turn: Turn) -> None:
    actions.take_over(appeal=turn.appeal, employee=turn.me, now=turn.now)


def _draft(turn: Turn) -> None:
    answering.draft_answer(
        appeal=turn.appeal, subject=turn.text("subject"), text=turn.text("text"), employee=turn.me, now=turn.now
    )
    used = turn.keys("template")
    answer_templates.note_uses(appeal=turn.appeal, templates=used, employee=turn.me, now=turn.now)
    if turn.flag("submit"):
        answering.submit_answer(appeal=turn.appeal, employee=turn.me, now=turn.now)


def _submit(turn: Turn) -> None:
    answering.submit_answer(appeal=turn.appeal, employee=turn.me, now=turn.now)


def _approve(turn: Turn) -> None:
    answering.approve_answer(appeal=turn.appeal, employee=turn.me, now=turn.now)


def _send_back(turn: Turn) -> None:
    answering.send_back(appeal=turn.appeal, reason=turn.text("reason"), employee=turn.me, now=turn.now)


def _sign(turn: Turn) -> None:
    answering.sign_answer(appeal=turn.appeal, employee=turn.me, now=turn.now)


def _recall(turn: Turn) -> None:
    recalling.recall(appeal=turn.appeal, reason=turn.text("reason"), employee=turn.me, now=turn.now)


def _mark_sent(turn: Turn) -> None:
    answering.mark_sent(
        appeal=turn.appeal, channel=turn.text("channel"), proof=turn.text("proof"), employee=turn.me, now=turn.now
    )


def _send(turn: Turn) -> None:
    """Hand the answer, or a notice, over to be sent; the way and the address as chosen, else as usual."""
    way, address = turn.text("channel"), turn.text("address")
    if turn.key("notice"):
        notice = get_object_or_404(
            ClientNotice.objects.select_related("appeal"), pk=turn.key("notice"), appeal=turn.appeal
        )
        dispatching.send_notice(notice=notice, way=way, address=address, employee=turn.me, now=turn.now)
    else:
        dispatching.send_answer(appeal=turn.appeal, way=way, address=address, employee=turn.me, now=turn.now)


def _answer_orally(turn: Turn) -> None:
    channel = turn.text("channel") or turn.appeal.channel
    actions.answer_appeal(appeal=turn.appeal, channel=channel, employee=turn.me, now=turn.now)


def _close(turn: Turn) -> None:
    actions.close_appeal(appeal=turn.appeal, end=turn.text("end"), employee=turn.me, now=turn.now)


def _request_data(turn: Turn) -> None:
    declining.request_data(appeal=turn.appeal, text=turn.text("text"), employee=turn.me, now=turn.now)


def _receive_data(turn: Turn) -> None:
    declining.receive_data(appeal=turn.appeal, what=turn.text("what"), employee=turn.me, now=turn.now)


def _decide_unanswered(turn: Turn) -> None:
    declining.decide_unanswered(
        appeal=turn.appeal, decision=turn.text("decision"), reason=turn.text("reason"), employee=turn.me, now=turn.now
    )


def _forward(turn: Turn) -> None:
    body = get_object_or_404(Body, pk=turn.key("body"), profile=turn.appeal.profile)
    actions.forward_appeal(appeal=turn.appeal, body=body, employee=turn.me, now=turn.now)


def _tell_forwarding(turn: Turn) -> None:
    actions.tell_forwarding(appeal=turn.appeal, how=turn.text("how") or "phone", employee=turn.me, now=turn.now)


def _tell_in_writing(turn: Turn) -> None:
    declining.tell_in_writing(appeal=turn.appeal, text=turn.text("text"), employee=turn.me, now=turn.now)


def _give_notice(turn: Turn) -> None:
    bodies = Body.objects.filter(pk__in=turn.keys("bodies"), profile=turn.appeal.profile)
    number = turn.text("earlier")
    earlier = Appeal.objects.filter(number__iexact=number).first() if number else None
    if number and earlier is None:
        raise NoSuchAppealError(number)
    declining.give_notice(
        appeal=turn.appeal, end=turn.text("end"), text=turn.text("text"), bodies=list(bodies), earlier=earlier,
        employee=turn.me, now=turn.now,
    )  # fmt: skip


def _mark_notified(turn: Turn) -> None:
    notice = get_object_or_404(ClientNotice, pk=turn.key("notice"), appeal=turn.appeal)
    notifying.mark_notice_sent(
        notice=notice, channel=turn.text("channel"), proof=turn.text("proof"), employee=turn.me, now=turn.now
    )


def _recall_notice(turn: Turn) -> None:
    notice = get_object_or_404(ClientNotice, pk=turn.key("notice"), appeal=turn.appeal)
    recalled_notices.recall_notice(notice=notice, reason=turn.text("recall_why"), employee=turn.me, now=turn.now)


def _sign_notice(turn: Turn) -> None:
    notice = get_object_or_404(ClientNotice, pk=turn.key("notice"), appeal=turn.appeal)
    notice_signing.sign(notice=notice, employee=turn.me, now=turn.now)


def _close_silently(turn: Turn) -> None:
    declining.close_silently(appeal=turn.appeal, end=turn.text("end"), employee=turn.me, now=turn.now)


def _join(turn: Turn) -> None:
    linking.join(appeal=turn.appeal, original=_other(turn, "original"), employee=turn.me, now=turn.now)


def _other(turn: Turn, name: str) -> Appeal:
    """Another appeal of the standard by its number. Raises: NoSuchAppealError."""
    number = turn.text(name)
    found = Appeal.objects.filter(profile=turn.appeal.profile, number__iexact=number).first() if number else None
    if found is None:
        raise NoSuchAppealError(number)
    return found


def _relate(turn: Turn) -> None:
    linking.relate(appeal=turn.appeal, other=_other(turn, "other"), employee=turn.me, now=turn.now)


def _unrelate(turn: Turn) -> None:
    other = get_object_or_404(Appeal, pk=turn.key("other"), profile=turn.appeal.profile)
    linking.unrelate(appeal=turn.appeal, other=other, employee=turn.me, now=turn.now)


def _attach(turn: Turn) -> None:
    incident = get_object_or_404(Incident, pk=turn.key("incident"), profile=turn.appeal.profile)
    incidents.attach(incident=incident, appeals=[turn.appeal], employee=turn.me, now=turn.now)


def _detach(turn: Turn) -> None:
    incidents.detach(appeal=turn.appeal, employee=turn.me, now=turn.now)


def _move_letter(turn: Turn) -> None:
    letter = get_object_or_404(JoinedLetter, pk=turn.key("letter"), appeal=turn.appeal)
    to = _other(turn, "moved_to")
    misplaced.move_letter(letter=letter, to=to, reason=turn.text("moved_why"), employee=turn.me, now=turn.now)


def _unjoin_letter(turn: Turn) -> None:
    letter = get_object_or_404(JoinedLetter, pk=turn.key("letter"), appeal=turn.appeal)
    misplaced.move_letter(letter=letter, to=None, reason=turn.text("moved_why"), employee=turn.me, now=turn.now)


def _extend(turn: Turn) -> None:
    extending.extend(
        appeal=turn.appeal, until=turn.day("until"), ground=turn.text("ground"), text=turn.text("text"),
        employee=turn.me, now=turn.now,
    )  # fmt: skip


def _decide(turn: Turn) -> None:
    finding = complaints.Finding(
        grounded=turn.flag("grounded"), reasons=turn.text("reasons"), rights=turn.text("rights"),
        order=turn.text("order"), check_record=turn.text("check_record"),
        fault_confirmed=turn.flag("fault_confirmed"), measures_needed=turn.flag("measures_needed"),
    )  # fmt: skip
    complaints.decide(appeal=turn.appeal, finding=finding, employee=turn.me, now=turn.now)


def _plan_measure(turn: Turn) -> None:
    responsible = get_object_or_404(Employee, pk=turn.key("responsible"), is_active=True)
    complaints.plan_measure(
        appeal=turn.appeal, title=turn.text("title"), responsible=responsible, due_on=turn.day("due_on"),
        employee=turn.me, now=turn.now,
    )  # fmt: skip


def _finish_measure(turn: Turn) -> None:
    complaints.finish_measure(measure=_measure(turn), result=turn.text("result"), employee=turn.me, now=turn.now)


def _check_measure(turn: Turn) -> None:
    complaints.check_measure(
        measure=_measure(turn), good=turn.flag("good"), comment=turn.text("comment"), employee=turn.me, now=turn.now
    )


def _measure(turn: Turn) -> Measure:
    return get_object_or_404(Measure, pk=turn.key("measure"), appeal=turn.appeal)


ACTS: Mapping[str, Callable[[Turn], None]] = {
    "assign": _assign,
    "take": _take,
    "draft": _draft,
    "submit": _submit,
    "approve": _approve,
    "send_back": _send_back,
    "sign": _sign,
    recalling.ACT: _recall,
    "mark_sent": _mark_sent,
    "answer_orally": _answer_orally,
    "close": _close,
    "request_data": _request_data,
    "receive_data": _receive_data,
    "decide_unanswered": _decide_unanswered,
    "forward": _forward,
    "tell_forwarding": _tell_forwarding,
    "give_notice": _give_notice,
    "mark_notified": _mark_notified,
    "close_silently": _close_silently,
    "join": _join,
    "extend": _extend,
    "decide": _decide,
    "plan_measure": _plan_measure,
    "finish_measure": _finish_measure,
    "check_measure": _check_measure,
}
"""The acts of the workflow, by name."""
LINKS: Mapping[str, Callable[[Turn], None]] = {
    "relate": _relate,
    "unrelate": _unrelate,
    "attach": _attach,
    "detach": _detach,
    "move_letter": _move_letter,
    "unjoin_letter": _unjoin_letter,
}
"""What everybody who works with appeals may note of them; the workflow does not move."""
BESIDE: Mapping[str, Callable[[Turn], None]] = {
    "send": _send,
    "tell_in_writing": _tell_in_writing,
    "sign_notice": _sign_notice,
    "recall_notice": _recall_notice,
}
"""What is handed over to be sent: it moves the appeal only once it has gone."""
