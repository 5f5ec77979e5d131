"""Facts told in the employee's language: what happened, with what, when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from kindline.appeals import wording as appeal_words
from kindline.conversations import queries
from kindline.desk import file_words, house, menu_words, wording, words
from kindline.desk.fact_words import FACTS
from kindline.desk.value_words import COUNTS, TICKS, TIMES, VALUES
from kindline.desk.wording import titled
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Unit

TOPICS, UNIT, EMPLOYEE, DEPUTISED = ("topic", "old_topic"), "unit", "employee", "signed_for"
GIVEN_TO = frozenset({"appeal_assigned"})
"""Of these the employee in the data is somebody else than who did it."""
HIDDEN = frozenset(
    """original duplicate other incident letter answer_template
    employee target_employee reviewer client task appeal file owner campaign about purpose version sha256
    switchboard profile script name prompt by
    received_at registered_at form based_on revision emptying stage rung former taken_by
    stood stood_subject stood_earlier signed_by listening""".split()
)


def fact_title(kind: str) -> str:
    """What happened, in words."""
    return gettext(FACTS[kind]) if kind in FACTS else kind.replace("_", " ")


def value_title(value: str) -> str:
    """A code of the data in words; whatever is no code stays as it is."""
    return gettext(VALUES[value]) if value in VALUES else value


@dataclass(frozen=True, slots=True)
class Names:
    """What people, topics and units of a time line are called: read once for a page, as they are called now."""

    people: Mapping[str, str]
    topics: Mapping[str, str]
    units: Mapping[str, str]


def told(fact: Fact, began: dt.datetime) -> dict[str, Any]:
    """A fact as the time line shows it; several: `all_told`."""
    return _told(fact, began, _names([fact]))


def all_told(facts: Iterable[Fact], began: dt.datetime | None) -> list[dict[str, Any]]:
    """The facts of a time line, counted from when it began (None: each from itself); names are asked for once."""
    rows = list(facts)
    names = _names(rows)
    return [_told(one, began or one.at, names) for one in rows]


def _told(fact: Fact, began: dt.datetime, names: Names) -> dict[str, Any]:
    return {
        "id": fact.id,
        "at": fact.at,
        "since_s": max(0.0, (fact.at - began).total_seconds()),
        "kind": fact.kind,
        "title": fact_title(fact.kind),
        "data": _parts(fact, names),
        "actor": names.people.get(fact.actor, ""),
        "clauses": list(fact.clauses),
    }


def _parts(fact: Fact, names: Names) -> list[str]:
    parts = [_part(name, value, names) for name, value in fact.data.items()]
    given_to = names.people.get(f"employee:{fact.data.get(EMPLOYEE)}", "") if fact.kind in GIVEN_TO else ""
    return [part for part in (*parts, given_to) if part]


def _part(name: str, value: Any, names: Names) -> str:
    if value in (None, "", [], {}, False) or name in HIDDEN or isinstance(value, dict):
        return ""
    if value is True:
        return gettext(TICKS[name]) if name in TICKS else ""
    if name in {"step", "branch"}:
        return guide_title(name, str(value))
    return _listed(name, value, names) if isinstance(value, list) else _single(name, value, names)


def _listed(name: str, values: list[Any], names: Names) -> str:
    return ", ".join(_plain(name.removesuffix("s"), str(value), names) for value in values)


def _single(name: str, value: Any, names: Names) -> str:
    if isinstance(value, int | float):
        return _number(name, value, names)
    return _plain(name, str(value), names)


def _number(name: str, value: float, names: Names) -> str:
    if name in TIMES:
        return f"{gettext(TIMES[name])} {wording.in_seconds(value)}"
    if name == UNIT:
        return names.units.get(str(value), "")
    if name == DEPUTISED:
        who = names.people.get(f"employee:{value}", "")
        return gettext("in place of %(who)s") % {"who": who} if who else ""
    return gettext(COUNTS[name]) % {"n": f"{value:g}"} if name in COUNTS else ""


def _plain(name: str, value: str, names: Names) -> str:
    if name in TOPICS:
        return _was(name, names.topics.get(value, value))
    told = TOLD.get(name, _moment if name.endswith("_at") else value_title)
    return _was(name, told(value))


def _was(name: str, said: str) -> str:
    """What stood there before is told apart from what stands there now."""
    return gettext("was: %(what)s") % {"what": said} if name.startswith("old_") else said


def _moment(value: str) -> str:
    try:
        here = house.local(dt.datetime.fromisoformat(value))
    except ValueError:
        return value
    return f"{here:%d.%m.%Y %H:%M}" if here else ""


def _menu_title(value: str) -> str:
    """The title of a line, queue or level of the menu."""
    menu = house.profile().menu
    if menu is None:
        return value
    for known in (menu.lines, menu.queues, menu.nodes):
        found = known.get(value)
        if found is not None and found.title:
            return house.titled(found.title)
    return value


def _service_title(service: str) -> str:
    """A service of the standard by its passport, or one of the menu."""
    found = house.profile().services.get(service)
    return house.titled(dict(found.title)) if found else menu_words.service_title(service)


def _end_title(end: str) -> str:
    """On which end an appeal left, as the standard calls it."""
    flow = house.profile().workflow
    found = flow.ends.get(end) if flow else None
    return house.titled(found.title) if found else value_title(end)


TOLD: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(("line", "queue", "node", "target", "box"), _menu_title),
    **dict.fromkeys(("field", "none_field"), words.field_label),
    **dict.fromkeys(("appeal_kind", "old_kind"), appeal_words.kind_title),
    **dict.fromkeys(("subject", "old_subject"), appeal_words.subject_title),
    **dict.fromkeys(("answer_by", "old_answer_by"), wording.channel_title),
    "end": _end_title,
    **dict.fromkeys(("applicant", "old_applicant"), appeal_words.applicant_title),
    "came_by": appeal_words.came_by_title,
    "channel": wording.channel_title,
    "service": _service_title,
    "media_type": file_words.type_title,
    "role": lambda role: titled(file_words.ROLES, role) if role in file_words.ROLES else "",
    "way": wording.channel_title,
    "changed": lambda key: menu_words.place(key, house.profile().menu),
    "verdict": wording.verdict_title,
}


def guide_title(part: str, value: str) -> str:
    """The title of a step or branch of any guide of the profile."""
    for script in house.profile().scripts.values():
        named = script.all_steps() if part == "step" else script.branches
        for found in named:
            if found.id == value:
                return house.titled(found.title)
    return value


def _names(facts: Sequence[Fact]) -> Names:
    """Who did what is told, and the topics and units that it speaks of."""
    codes = {str(code) for one in facts for name in TOPICS if (code := one.data.get(name))}
    topics = queries.topics(house.profile().id).filter(code__in=codes) if codes else []
    units = {int(key) for one in facts if (key := str(one.data.get(UNIT, ""))).isdecimal()}
    named = Unit.objects.only("name").in_bulk(units) if units else {}
    return Names(
        _people(facts),
        {one.code: one.title for one in topics},
        {str(key): found.name for key, found in named.items()},
    )


def _people(facts: Sequence[Fact]) -> dict[str, str]:
    """Who acted, and to whom it was given, by `employee:KEY`."""
    actors = {key for one in facts for kind, _sep, key in (one.actor.partition(":"),) if kind == "employee"}
    given = {str(one.data[EMPLOYEE]) for one in facts if one.kind in GIVEN_TO and one.data.get(EMPLOYEE)}
    given |= {str(one.data[DEPUTISED]) for one in facts if one.data.get(DEPUTISED)}
    named = Employee.objects.only("username", "surname", "given_name", "patronymic")
    people = named.in_bulk({int(key) for key in actors | given if key.isdecimal()})
    return {f"employee:{key}": str(found) for key, found in people.items()}
