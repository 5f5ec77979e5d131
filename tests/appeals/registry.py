"""A registry at work: people of every role, appeals in every state, and every act done with good arguments."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kindline.appeals import (
    actions,
    answering,
    complaints,
    declining,
    extending,
    letters,
    linking,
    lookup,
    notice_signing,
    notifying,
    recalling,
    sorting,
)
from kindline.appeals.models import Answer, Appeal, Body, ClientNotice, Decision, Measure
from kindline.conversations import actions as conversations
from kindline.staff.models import Employee, Unit
from kindline.standard import loader
from kindline.standard.acts import DOERS, STAFF_ROLES
from kindline.standard.profile import Profile
from kindline.standard.workflows import Transition, Workflow

NOW = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
APPLICANT = {
    "surname": "Коваль",
    "given_name": "Ольга",
    "patronymic": "Петровна",
    "residence": "ул. Лесная, 1",
    "phone": "+79210000001",
    "email": "koval@example.org",
}
SUBSTANCE = "Мы проверили начисление за февраль и пересчитали плату за отопление с учётом показаний прибора."


@dataclass
class Registry:
    """An organisation under a profile, with one employee for each role."""

    profile: Profile
    people: dict[str, Employee] = field(default_factory=dict)
    now: dt.datetime = NOW

    def __post_init__(self) -> None:
        unit = Unit.objects.create(code="clients", name="Отдел по работе с потребителями")
        for number, role in enumerate(STAFF_ROLES, 100):
            self.people[role] = Employee.objects.create(
                username=role, number=number, roles=[role], unit=unit, surname="Иванова", given_name="Анна",
                patronymic=f"Павловна{number}", phone="+7 814 255-01-01", email=f"{role}@example.org",
            )  # fmt: skip
        self.people["executor"] = self.people["specialist"]

    @property
    def flow(self) -> Workflow:
        """The profile's workflow."""
        assert self.profile.workflow is not None
        return self.profile.workflow

    def register(self, channel: str = "paper", kind: str | list[str] = "application", **more: Any) -> Appeal:
        """A registered appeal with a whole applicant, the talk or letter over."""
        contact = conversations.open_contact(profile=self.profile, channel=channel, now=self.now)
        given: dict[str, Any] = {"kind": kind, "substance": "Пересчитайте плату за отопление", "fields": APPLICANT}
        employee = self.people["operator"]
        return actions.register_appeal(contact=contact, employee=employee, now=self.now, **given | more)

    def at(self, state: str, **more: Any) -> Appeal:
        """An appeal put into a state, with everything that an act from there may need."""
        appeal = self.register(**more)
        appeal.executor, appeal.unit = self.people["executor"], self.people["executor"].unit
        appeal.state = state
        if self.flow.is_final(state):
            appeal.end, appeal.closed_at = "answered", self.now
        if state == "forwarded":
            appeal.forwarded_to, appeal.forwarded_at = self.body(), self.now
            appeal.forwarding_told_at = self.now
        if state == "notice":
            appeal.end = next(end.id for end in self.flow.ends.values() if end.notice)
        appeal.save()
        lookup.index(appeal)
        self.write(appeal, signed=state in ("signed", "sent"))
        return appeal

    def write(self, appeal: Appeal, *, signed: bool = False) -> Answer:
        """A letter that has all."""
        subject = letters.subject(self.profile, appeal)
        text = f"{letters.proposed(self.profile, appeal)}\n{SUBSTANCE}"
        answer = Answer.objects.create(
            appeal=appeal, subject=subject, text=text, author=self.people["executor"],
        )  # fmt: skip
        if signed:
            answer.frozen = answering.frozen_text(answer)
            answer.signed_by, answer.signed_at = self.people["unit_head"], self.now
            answer.sha256 = hashlib.sha256(answer.frozen.encode()).hexdigest()
            answer.save()
        return answer

    def body(self) -> Body:
        """A competent body with contacts."""
        found, _ = Body.objects.get_or_create(
            profile=self.profile.id, name="Инспекция", competence="жильё", phone="+7 800 000-00-00"
        )
        return found

    def decide(self, appeal: Appeal, *, grounded: bool = True, **more: Any) -> Decision:
        """A decision on a complaint."""
        texts = {"reasons": "Прибор поверен", "rights": "Право на верное начисление", "order": "Перерасчёт в марте"}
        return Decision.objects.create(
            appeal=appeal, grounded=grounded, by=self.people["unit_head"], made_at=self.now, **texts | more
        )

    def doer(self, transition: Transition) -> Employee | None:
        """Somebody who may do it and is not the author of the letter, if there is such a one."""
        names = [name for name in DOERS if name in transition.by]
        others = [name for name in names if name not in ("executor", "specialist", "system")]
        name = (others or names)[0]
        return None if name == "system" else self.people[name]

    def outsider(self, transition: Transition) -> Employee:
        """Somebody to whom the act is not given: the administrator of the program."""
        assert "administrator" not in transition.by
        return self.people["administrator"]

    def perform(self, act: str, appeal: Appeal, who: Employee | None, end: str = "") -> Any:
        """One act with good arguments. Raises: what the action raises."""
        return DONE[act](self, appeal, who, end)


def _measure(registry: Registry, appeal: Appeal, *, finished: bool) -> Measure:
    return Measure.objects.create(
        appeal=appeal, title="Поверить прибор", responsible=registry.people["unit_head"], planned_at=registry.now,
        due_on=(registry.now + 5 * DAY).date(), finished_at=registry.now if finished else None,
    )  # fmt: skip


def _draft(registry: Registry, appeal: Appeal, who: Any, _end: str) -> Any:
    return answering.draft_answer(appeal=appeal, subject="Ответ", text=SUBSTANCE, employee=who, now=registry.now)


def _mark_sent(registry: Registry, appeal: Appeal, who: Any, _end: str) -> Any:
    channel = letters.channel_of(registry.profile, appeal)
    return answering.mark_sent(appeal=appeal, channel=channel, proof="RA1", employee=who, now=registry.now)


def _notice(registry: Registry, appeal: Appeal, who: Any, end: str) -> Any:
    flow = registry.flow
    known = flow.find("give_notice", appeal.state)
    chosen = end or (known.ends[0] if known else next(iter(flow.ends)))
    earlier = registry.register() if "earlier" in flow.ends[chosen].demands else None
    return declining.give_notice(
        appeal=appeal, end=chosen, text="Разъясняем порядок", bodies=[registry.body()], earlier=earlier,
        employee=who, now=registry.now,
    )  # fmt: skip


def _notified(registry: Registry, appeal: Appeal, who: Any, _end: str) -> Any:
    appeal.refresh_from_db()
    about = appeal.end or next(iter(registry.flow.ends))
    if not appeal.end:
        Appeal.objects.filter(pk=appeal.pk).update(end=about)
    notice = ClientNotice.objects.create(
        appeal=appeal, about=about, text="…", author=registry.people["unit_head"], made_at=registry.now
    )
    notice_signing.sign_own(notice, appeal, notice.author, registry.now)
    return notifying.mark_notice_sent(notice=notice, channel="paper", proof="RA2", employee=who, now=registry.now)


def _silently(registry: Registry, appeal: Appeal, who: Any, end: str) -> Any:
    known = registry.flow.find("close_silently", appeal.state)
    fitting = [
        one
        for one in (known.ends if known else list(registry.flow.ends))
        if not registry.flow.ends[one].channels or appeal.channel in registry.flow.ends[one].channels
    ]
    return declining.close_silently(appeal=appeal, end=end or fitting[0], employee=who, now=registry.now)


def _unanswered(registry: Registry, appeal: Appeal, who: Any, _end: str) -> Any:
    Appeal.objects.filter(pk=appeal.pk).update(data_due_at=registry.now - DAY)
    return declining.decide_unanswered(
        appeal=appeal, decision="ответить по имеющимся данным", reason="клиент молчит", employee=who, now=registry.now
    )


def _extend(registry: Registry, appeal: Appeal, who: Any, _end: str) -> Any:
    appeal.refresh_from_db()
    farthest = extending.latest(registry.profile, appeal)
    until = (farthest or registry.now + 40 * DAY).astimezone(registry.profile.zone).date()
    return extending.extend(
        appeal=appeal, until=until, ground="нужна экспертиза", text="", employee=who, now=registry.now
    )


def _decide(registry: Registry, appeal: Appeal, who: Any, _end: str) -> Any:
    finding = complaints.Finding(grounded=False, reasons="Начислено верно")
    return complaints.decide(appeal=appeal, finding=finding, employee=who, now=registry.now)


def _plan(registry: Registry, appeal: Appeal, who: Any, _end: str) -> Any:
    return complaints.plan_measure(
        appeal=appeal, title="Поверить прибор", responsible=registry.people["unit_head"],
        due_on=(registry.now + 5 * DAY).date(), employee=who, now=registry.now,
    )  # fmt: skip


Act = Callable[[Registry, Appeal, Any, str], Any]
DONE: dict[str, Act] = {
    "sort": lambda r, a, w, _e: sorting.sort_appeal(
        appeal=a, kind="application", substance=SUBSTANCE, fields=APPLICANT, employee=w, now=r.now
    ),
    "assign": lambda r, a, w, _e: actions.assign_appeal(
        appeal=a, unit=None, executor=r.people["executor"], employee=w, now=r.now
    ),
    "take": lambda r, a, w, _e: actions.take_over(appeal=a, employee=w, now=r.now),
    "draft": _draft,
    "submit": lambda r, a, w, _e: answering.submit_answer(appeal=a, employee=w, now=r.now),
    "approve": lambda r, a, w, _e: answering.approve_answer(appeal=a, employee=w, now=r.now),
    "send_back": lambda r, a, w, _e: answering.send_back(appeal=a, reason="нет дат", employee=w, now=r.now),
    "sign": lambda r, a, w, _e: answering.sign_answer(appeal=a, employee=w, now=r.now),
    "recall": lambda r, a, w, _e: recalling.recall(appeal=a, reason="не тот адрес", employee=w, now=r.now),
    "mark_sent": _mark_sent,
    "answer_orally": lambda r, a, w, _e: actions.answer_appeal(appeal=a, channel="phone", employee=w, now=r.now),
    "close": lambda r, a, w, _e: actions.close_appeal(appeal=a, employee=w, now=r.now),
    "request_data": lambda r, a, w, _e: declining.request_data(
        appeal=a, text="Пришлите показания", employee=w, now=r.now
    ),
    "receive_data": lambda r, a, w, _e: declining.receive_data(appeal=a, what="показания", employee=w, now=r.now),
    "decide_unanswered": _unanswered,
    "forward": lambda r, a, w, _e: actions.forward_appeal(appeal=a, body=r.body(), employee=w, now=r.now),
    "tell_forwarding": lambda r, a, w, _e: actions.tell_forwarding(appeal=a, how="phone", employee=w, now=r.now),
    "give_notice": _notice,
    "mark_notified": _notified,
    "close_silently": _silently,
    "join": lambda r, a, w, _e: linking.join(appeal=a, original=r.register(), employee=w, now=r.now),
    "extend": _extend,
    "decide": _decide,
    "plan_measure": _plan,
    "finish_measure": lambda r, a, w, _e: complaints.finish_measure(
        measure=_measure(r, a, finished=False), result="сделано", employee=w, now=r.now
    ),
    "check_measure": lambda r, a, w, _e: complaints.check_measure(
        measure=_measure(r, a, finished=True), good=True, employee=w, now=r.now
    ),
}


def registry(profile_id: str) -> Registry:
    """The organisation of a shipped profile."""
    return Registry(loader.load(profile_id))
