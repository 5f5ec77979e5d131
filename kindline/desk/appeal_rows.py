"""Rows of the registry: filters read from the address, a line of the export, what can be chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from kindline.appeals import lookup, queries
from kindline.appeals import wording as appeal_words
from kindline.appeals.models import Appeal, SavedView
from kindline.conversations import queries as conversations
from kindline.desk import access, house, wording
from kindline.staff.models import Employee, Unit
from kindline.standard.profile import Profile

VIEW_MAX = 99
"""So far the appeals of a saved view are counted."""
NAMED = ("surname", "given_name", "patronymic", "username", "is_active")
"""What a list of employees shows of each."""
FILTERS = ("q", "state", "unit", "executor", "kind", "applicant_kind", "topic", "channel", "due", "since", "until")


def asked(query: QueryDict, me: Employee, now: dt.datetime) -> QuerySet[Appeal]:
    """The appeals that the filters leave, each filter one condition: the number of queries is constant."""
    profile = house.profile()
    text = query.get("q", "").strip()
    found = _state(Appeal.objects.filter(profile=profile.id), query.get("state") or ("all" if text else "open"))
    for name in ("kind", "channel", "applicant_kind"):
        found = found.filter(**{name: query[name]}) if query.get(name) else found
    for name in ("unit", "topic"):
        found = found.filter(**{name: key}) if (key := key_in(query, name)) else found
    found = _period(_executor(found, query.get("executor", ""), me), query, profile)
    if (due := query.get("due", "")) in queries.DUE:
        found = queries.due_ones(found, due, now, profile).order_by("limit_at", "pk")
    return lookup.find(found, text, profile.id) if text else found


def filters_of(query: QueryDict) -> str:
    """The filters alone, as an address carries them: what a saved view keeps."""
    kept = QueryDict(mutable=True)
    kept.update({name: value for name in FILTERS if (value := query.get(name, ""))})
    return kept.urlencode()


def counted(views: Sequence[SavedView], me: Employee, now: dt.datetime) -> dict[int, str]:
    """How many appeals each view leaves, to VIEW_MAX, by its key: one query for all of them."""
    if not views:
        return {}
    parts = [_compiled(asked(QueryDict(one.query), me, now).values("pk")[: VIEW_MAX + 1]) for one in views]
    whole = ", ".join(f"(SELECT count(*) FROM ({sql}) AS of_one)" for sql, _ in parts)  # noqa: S608 - Django's own
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {whole}", [value for _, values in parts for value in values])
        [counts] = cursor.fetchall()
    return {one.pk: _capped(count) for one, count in zip(views, counts, strict=True)}


def _compiled(rows: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    """A query with its values apart: as a subquery it would be renamed, and the search names its table."""
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 1 WHERE false", ()
    return sql, values


def _capped(count: int) -> str:
    return str(count) if count <= VIEW_MAX else f"{VIEW_MAX}+"


def chosen(query: QueryDict) -> dict[str, str]:
    """What each filter is set to; empty where it is not."""
    return {name: query.get(name, "") for name in FILTERS}


def key_in(query: QueryDict, name: str) -> int:
    """A row's key in a filter; 0 where there is none."""
    raw = query.get(name, "")
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 18 else 0


def choices(profile: Profile) -> dict[str, Any]:
    """What the filters offer: states of the workflow, kinds, applicants, dues, channels, topics, units, executors."""
    states = profile.workflow.states.values() if profile.workflow else ()
    return {
        "states": [(state.id, house.titled(state.title)) for state in states],
        "kinds": [(code, appeal_words.kind_title(code)) for code in appeal_words.KINDS],
        "applicants": appeal_words.applicants(),
        "dues": [(code, wording.due_title(code)) for code in queries.DUE],
        "channels": [(code, wording.channel_title(code)) for code in wording.CHANNELS],
        "topics": list(conversations.topics(profile.id).values_list("pk", "title")),
        "units": list(Unit.objects.order_by("name").values_list("pk", "name")),
        **executors(),
    }


def executors() -> dict[str, list[tuple[int, str]]]:
    """Everybody who works with appeals, or did, and of them those who are still at work."""
    rows = Employee.objects.filter(roles__overlap=list(access.REGISTRY)).only(*NAMED)
    found = [(one, (one.pk, str(one))) for one in rows.order_by("surname", "given_name", "pk")]
    return {"executors": [pair for _, pair in found], "at_work": [pair for one, pair in found if one.is_active]}


def heads() -> list[str]:
    """The heads of the export's columns."""
    return [
        _("Number"), _("Registered"), _("Kind"), _("Topic"), _("State"), _("Own target"), _("Limit"), _("Executor"),
        _("Applicant"), _("Channel"), _("Unit"), _("Answered"), _("Who applies"), _("Contact person"), _("How it came"),
    ]  # fmt: skip


def line(one: Appeal) -> list[object]:
    """A row of the export."""
    return [
        one.number,
        house.local(one.registered_at),
        appeal_words.kind_title(one.kind),
        one.topic.title if one.topic else "",
        wording.appeal_state_title(one.state),
        house.local(one.target_at),
        house.local(one.limit_at),
        str(one.executor) if one.executor else "",
        one.applicant or str(one.client or ""),
        wording.channel_title(one.channel),
        str(one.unit) if one.unit else "",
        house.local(one.answered_at),
        appeal_words.applicant_title(one.applicant_kind),
        one.person_name if one.firm_name else "",
        appeal_words.came_by_title(one.came_by),
    ]


def _state(rows: QuerySet[Appeal], state: str) -> QuerySet[Appeal]:
    """The order is that of an index: open ones by their limit, all by their registration."""
    if state == "open":
        return rows.filter(closed_at=None).order_by("limit_at", "pk")
    rows = rows.order_by("-registered_at", "-pk")
    return rows if state == "all" else rows.filter(state=state)


def _executor(rows: QuerySet[Appeal], asked_for: str, me: Employee) -> QuerySet[Appeal]:
    if asked_for == "me":
        return rows.filter(executor=me)
    if asked_for == "none":
        return rows.filter(executor=None)
    return rows.filter(executor=int(asked_for)) if asked_for.isdecimal() and len(asked_for) < 18 else rows


def _period(rows: QuerySet[Appeal], query: QueryDict, profile: Profile) -> QuerySet[Appeal]:
    """Registered from a day to a day, both inclusive, on the organisation's calendar; what is no day is no filter."""
    for name, condition, ahead in (("since", "registered_at__gte", 0), ("until", "registered_at__lt", 1)):
        try:
            day = dt.date.fromisoformat(query.get(name, "")) + dt.timedelta(days=ahead)
        except (ValueError, OverflowError):
            continue
        rows = rows.filter(**{condition: dt.datetime.combine(day, dt.time(0), profile.zone)})
    return rows
