"""Templates of answers: drafted, approved, withdrawn, used; each action ends in a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from kindline.appeals import lookup, measuring, moves, rights, template_faults
from kindline.appeals.models import Appeal
from kindline.appeals.template_faults import Content, TemplateFault
from kindline.appeals.template_models import AnswerTemplate, TemplateUse, TemplateVersion
from kindline.conversations.errors import RefusedError
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

DRAFT, APPROVE = "draft_template", "approve_template"


class FaultyTemplateError(RefusedError):
    """The template cannot be approved as it is; `faults` says why, line by line."""

    code = "faulty_template"

    def __init__(self, faults: Sequence[TemplateFault]) -> None:
        self.faults = list(faults)
        self.clauses = tuple(dict.fromkeys(clause for one in faults for clause in one.clauses))
        super().__init__(f"{len(self.faults)} faults")


class TemplateChangedError(RefusedError):
    """Somebody else has changed the draft since it was read."""

    code = "template_changed"


class NoDraftError(RefusedError):
    """There is nothing to be approved or withdrawn."""

    code = "template_state"


def begin_template(*, profile: Profile, content: Content, employee: Employee, now: dt.datetime) -> TemplateVersion:
    """Write down a new template as a draft; nobody is offered it yet.

    Raises: NotYoursError; EmptyTextError without a title or a text.
    """
    with transaction.atomic():
        rights.check(profile, DRAFT, employee)
        made = AnswerTemplate.objects.create(profile=profile.id, language=content.language)
        return _drafted(TemplateVersion(template=made, number=1, revision=0), content, employee, now)


def draft_template(
    *, template: AnswerTemplate, content: Content, revision: int, employee: Employee, now: dt.datetime
) -> TemplateVersion:
    """Write over the draft, or begin the next version; what is in force goes on being offered meanwhile.

    `revision`: of the draft that was seen; 0 where there was none.
    Raises: NotYoursError; EmptyTextError; TemplateChangedError.
    """
    with transaction.atomic():
        held = _held(template)
        rights.check(loader.load(held.profile), DRAFT, employee)
        row = held.versions.filter(approved_at=None).first()
        if (row.revision if row else 0) != revision:
            raise TemplateChangedError("read the draft again")
        latest = held.versions.order_by("-number").values_list("number", flat=True).first() or 0
        return _drafted(row or TemplateVersion(template=held, number=latest + 1, revision=0), content, employee, now)


def approve_template(
    *, template: AnswerTemplate, revision: int, employee: Employee, now: dt.datetime
) -> TemplateVersion:
    """Let the draft be offered instead of the version before it; one that was withdrawn is offered again.

    Raises: NotYoursError; NoDraftError; TemplateChangedError; FaultyTemplateError.
    """
    with transaction.atomic():
        held = _held(template)
        profile = loader.load(held.profile)
        right = rights.check(profile, APPROVE, employee)
        row = held.versions.filter(approved_at=None).first()
        if row is None:
            raise NoDraftError("draft it first")
        if row.revision != revision:
            raise TemplateChangedError("read the draft again")
        if found := template_faults.find(profile, content_of(row)):
            raise FaultyTemplateError(found)
        row.approved_by, row.approved_at = employee, now
        row.save(update_fields=["approved_by", "approved_at"])
        held.in_force, held.withdrawn_at, held.withdrawn_by, held.withdrawn_why = row, None, None, ""
        held.save()
        _keep("answer_template_approved", row, {}, employee, now, right.clauses)
        return row


def withdraw_template(*, template: AnswerTemplate, reason: str, employee: Employee, now: dt.datetime) -> AnswerTemplate:
    """Offer the template no more; answers made of it stay as they are. A new version brings it back.

    Raises: NotYoursError; EmptyTextError without a reason; NoDraftError when it is not offered.
    """
    reason = measuring.said(reason, "say why it is withdrawn")
    with transaction.atomic():
        held = _held(template)
        right = rights.check(loader.load(held.profile), APPROVE, employee)
        if held.in_force is None or held.withdrawn_at is not None:
            raise NoDraftError("it is not offered")
        held.withdrawn_at, held.withdrawn_by, held.withdrawn_why = now, employee, reason
        held.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
        _keep("answer_template_withdrawn", held.in_force, {"reason": reason}, employee, now, right.clauses)
        return held


def note_uses(*, appeal: Appeal, templates: Iterable[int], employee: Employee, now: dt.datetime) -> int:
    """Count the templates of which the draft of an answer was made, each once an appeal; how many were new.

    Keys that are no template of this standard count nothing; one that was withdrawn meanwhile still does.
    """
    wanted = list(dict.fromkeys(templates))
    if not wanted:
        return 0
    known = AnswerTemplate.objects.filter(pk__in=wanted, profile=appeal.profile, in_force__isnull=False)
    versions = TemplateVersion.objects.filter(pk__in=known.values("in_force")).order_by("pk")
    return sum(_note(appeal, one, employee, now) for one in versions)


def _note(appeal: Appeal, version: TemplateVersion, employee: Employee, now: dt.datetime) -> bool:
    _row, fresh = TemplateUse.objects.get_or_create(
        template_id=version.template_id, appeal=appeal, defaults={"version": version, "employee": employee, "at": now}
    )
    if fresh:
        data = {"answer_template": version.template_id, "version": version.number, "title": version.title}
        moves.keep(appeal, "answer_template_used", data, employee=employee, now=now)
    return fresh


def content_of(row: TemplateVersion) -> Content:
    """A version as it was typed."""
    return Content(row.title, row.text, row.template.language, tuple(row.topics), tuple(row.kinds), row.is_whole)


def _held(template: AnswerTemplate) -> AnswerTemplate:
    return AnswerTemplate.objects.select_for_update(of=("self",)).select_related("in_force").get(pk=template.pk)


def _drafted(row: TemplateVersion, content: Content, employee: Employee, now: dt.datetime) -> TemplateVersion:
    """Keep what was typed, faults and all: a draft may be unfinished, but not empty."""
    row.title = " ".join(measuring.said(content.title, "give it a title").split())
    row.text = measuring.said(content.text.replace("\r\n", "\n"), "write the text")
    row.topics, row.kinds, row.is_whole = list(content.topics), list(content.kinds), content.is_whole
    row.words = sorted(lookup.words_in(f"{row.title}\n{row.text}"[: lookup.LETTERS_MAX], content.language))
    row.author, row.changed_at = employee, now
    row.revision += 1
    row.save()
    _keep("answer_template_drafted", row, {}, employee, now)
    return row


def _keep(
    kind: str, row: TemplateVersion, more: Mapping[str, Any], employee: Employee, now: dt.datetime,
    clauses: Sequence[str] = (),
) -> None:  # fmt: skip
    data = {"version": row.number, "title": storable(row.title), **more}
    subject, by = row.template_id, actor(employee)
    journal.record(
        kind=kind, subject_type="answer_template", subject_id=subject, actor=by, data=data, at=now, clauses=clauses
    )
