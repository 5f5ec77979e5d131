"""The list of templates of answers: for which appeals each is, where it stands, how much and when it was used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kindline.appeals import answer_templates, rights, template_offers
from kindline.appeals import wording as appeal_words
from kindline.appeals.template_models import AnswerTemplate, TemplateVersion
from kindline.conversations import queries as conversations
from kindline.desk import access, house, lists, template_words, wording
from kindline.standard.profile import Profile

VERSIONS = Prefetch(
    "versions", queryset=TemplateVersion.objects.select_related("author").defer("text").order_by("-number")
)


@require_safe
@access.for_roles(*access.REGISTRY)
def several(request: HttpRequest) -> HttpResponseBase:
    """The templates with how often and when each was last used; `?show=` some of them, `?order=used` the dead first."""
    profile, now = house.profile(), timezone.now()
    rows = _asked(profile, request.GET, now)
    if request.GET.get("format") == "csv":
        return lists.as_csv("answer-templates", _heads(), map(_line, rows))
    context = {
        "page": lists.page_of(request, rows),
        "shown": [(code, _(title)) for code, title in template_words.SHOWN.items()],
        **{name: request.GET.get(name, "") for name in ("show", "words", "order")},
        **rights_of(profile, request),
    }
    return render(request, "desk/answer_templates.html", context)


def _asked(profile: Profile, data: QueryDict, now: dt.datetime) -> list[Row]:
    """The lines that are asked for, in their order."""
    rows = template_offers.counted(AnswerTemplate.objects.filter(profile=profile.id), now)
    found = _shown(rows, data.get("show", ""), now).select_related("in_force").prefetch_related(VERSIONS)
    titles, words = topics_of(profile), data.get("words", "").strip()
    lines = [Row(one, list(one.versions.all()), titles) for one in found]
    fitting = [one for one in lines if not words or one.has(words)]
    return sorted(fitting, key=_by_use if data.get("order") == "used" else _by_title)


def _shown(rows: QuerySet[AnswerTemplate], show: str, now: dt.datetime) -> QuerySet[AnswerTemplate]:
    if show == "dead":
        return template_offers.dead(rows, now)
    wanted: dict[str, dict[str, Any]] = {
        "offered": {"withdrawn_at": None, "in_force__isnull": False},
        "draft": {"pk__in": TemplateVersion.objects.filter(approved_at=None).values("template")},
        "withdrawn": {"withdrawn_at__isnull": False},
    }
    return rows.filter(**wanted.get(show, {}))


def _by_title(line: Row) -> tuple[Any, ...]:
    return (line.version.title.casefold(), line.template.pk)


def _by_use(line: Row) -> tuple[Any, ...]:
    return (line.template.used_lately, line.template.used, *_by_title(line))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: a counted template, its versions from the latest, the titles of topics."""

    template: Any
    versions: list[TemplateVersion]
    topics: Mapping[str, str]

    @property
    def version(self) -> TemplateVersion:
        """What stands in the line: the draft where there is one, else what is in force."""
        return self.versions[0]

    def has(self, words: str) -> bool:
        """Whether the draft, or what is in force, has the words."""
        return any(template_offers.has_words(one, words, self.template.language) for one in self.versions[:2])

    @property
    def is_for(self) -> str:
        """For which appeals it is."""
        return told_for(self.version, self.topics)

    @property
    def states(self) -> list[str]:
        """Where it stands, in words."""
        offered = _("withdrawn") if self.template.withdrawn_at else _("offered") if self.template.in_force_id else ""
        drafted = _("draft waits for approval") if self.version.approved_at is None else ""
        return [one for one in (offered, drafted) if one]


def told_for(version: TemplateVersion, titles: Mapping[str, str]) -> str:
    """The topics (by the titles of all) and kinds for which a template is, in words."""
    topics = [titles.get(code, code) for code in version.topics]
    kinds = [appeal_words.kind_title(kind) for kind in version.kinds]
    return "; ".join(filter(None, [", ".join(topics), ", ".join(kinds)]))


def topics_of(profile: Profile) -> dict[str, str]:
    """What the topics are called, by their codes."""
    return {one.code: one.title for one in conversations.topics(profile.id)}


def _heads() -> list[str]:
    return [
        _("Title"), _("For which appeals"), _("Language"), _("State"), _("Version"), _("Last changed by"), _("Changed"),
        _("Used in answers"), _("Of them in half a year"), _("Last used"),
    ]  # fmt: skip


def _line(row: Row) -> list[object]:
    one, last = row.template, house.local(row.template.last_used_at)
    changed = house.local(row.version.changed_at)
    return [
        row.version.title, row.is_for, wording.language_title(one.language), ", ".join(row.states), row.version.number,
        str(row.version.author), f"{changed:%Y-%m-%d}" if changed else "", one.used, one.used_lately,
        f"{last:%Y-%m-%d}" if last else "",
    ]  # fmt: skip


def rights_of(profile: Profile, request: HttpRequest) -> dict[str, bool]:
    """Whether who asks writes templates, and whether he approves them."""
    me = access.employee_of(request)
    return {
        "may_draft": rights.may(profile, answer_templates.DRAFT, me),
        "may_approve": rights.may(profile, answer_templates.APPROVE, me),
    }
