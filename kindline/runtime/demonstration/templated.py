"""Templates of answers of the invented organisation, and some drafts made of them, by the same actions as real ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kindline.appeals import answer_templates, answering, letters, rights, template_filling, template_offers
from kindline.appeals.models import Appeal
from kindline.appeals.template_faults import Content
from kindline.appeals.template_models import AnswerTemplate
from kindline.runtime.demonstration import words
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile

BEFORE = dt.timedelta(days=120)
DRAFTS_MAX = 4


def make(profile: Profile, now: dt.datetime) -> int:
    """Write down and approve what the organisation's words hold; begin some answers with it; how many templates."""
    told = words.organisation(profile.id).get("templates", ())
    author = Employee.objects.filter(roles__contains=[Role.SPECIALIST]).order_by("pk").first()
    head = Employee.objects.filter(roles__contains=[Role.UNIT_HEAD]).order_by("pk").first()
    if author is None or not rights.may(profile, answer_templates.APPROVE, head):
        return 0
    for one in told:
        row = answer_templates.begin_template(
            profile=profile, content=_content(profile, one), employee=author, now=now - BEFORE
        )
        if head is not None and not one.get("draft"):
            answer_templates.approve_template(
                template=row.template, revision=row.revision, employee=head, now=now - BEFORE
            )
    _begin_answers(profile, now)
    return len(told)


def _content(profile: Profile, one: Mapping[str, Any]) -> Content:
    return Content(
        title=one["title"], text=one["text"], language=profile.language, topics=tuple(one.get("topics", ())),
        kinds=tuple(one.get("kinds", ())), is_whole=not one.get("passage"),
    )  # fmt: skip


def _begin_answers(profile: Profile, now: dt.datetime) -> None:
    """Executors have taken some templates; what they must fill in is still open."""
    mine = Appeal.objects.filter(profile=profile.id, state="assigned", executor__isnull=False, topic__isnull=False)
    begun = 0
    for appeal in mine.select_related("topic__parent", "executor", "client").order_by("pk"):
        fitting = [one for one in template_offers.offered(appeal, now) if one.in_force and one.in_force.topics]
        if fitting and begun < DRAFTS_MAX:
            _begin(profile, appeal, fitting[0], now)
            begun += 1


def _begin(profile: Profile, appeal: Appeal, template: AnswerTemplate, now: dt.datetime) -> None:
    executor, version = appeal.executor, template.in_force
    if executor is None or version is None:
        return
    text = template_filling.filled(version.text, appeal, template.language, now, profile)
    whole = text if version.is_whole else letters.proposed(profile, appeal, text)
    subject = letters.subject(profile, appeal)
    answering.draft_answer(appeal=appeal, subject=subject, text=whole, employee=executor, now=now)
    answer_templates.note_uses(appeal=appeal, templates=[template.pk], employee=executor, now=now)
