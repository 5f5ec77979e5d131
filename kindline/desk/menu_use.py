"""The use of the voice menu over a period: every branch, who hung up, and what belongs on the first level."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kindline.desk import access, house, menu_versions, menu_words
from kindline.standard import menus
from kindline.standard.menus import Menu
from kindline.switchboard import in_force, menu_use
from kindline.switchboard.menu_use import MenuUse, TopicUse

DAYS, DAYS_MAX = 30, 400


@require_safe
@access.for_roles(*menu_versions.ROLES)
def show(request: HttpRequest) -> HttpResponseBase:
    """How the menu was used, by the keys of the version in force (krc-5.6.6-02, krc-5.6.6-12, krc-5.6.6-17)."""
    profile, now = house.profile(), timezone.now()
    first, last = _days(request, now)
    found = in_force.menu_in_force(profile, now)
    context: dict[str, Any] = {"tab": "use", "first": first, "last": last, "menu": found.menu if found else None}
    if found:
        use = menu_use.use_of(profile, found.menu, _midnight(first), _midnight(last + dt.timedelta(days=1)))
        context |= {"use": use, "levels": _levels(found.menu, use), "proposed": _proposed(found.menu, use)}
        context |= {"topics": [_topic(found.menu, one) for one in use.topics[:10]], "gone": _gone(found.menu, use)}
    return render(request, "desk/menu_use.html", context)


def _days(request: HttpRequest, now: dt.datetime) -> tuple[dt.date, dt.date]:
    """The period that was asked for, else the last thirty days; turned round where it ends before it begins."""
    today = now.astimezone(house.profile().zone).date()
    last = _day(request.GET.get("until", "")) or today
    first = _day(request.GET.get("since", "")) or last - dt.timedelta(days=DAYS - 1)
    first, last = min(first, last), max(first, last)
    return max(first, last - dt.timedelta(days=DAYS_MAX)), last


def _day(raw: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(raw)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), house.profile().zone)


def _levels(menu: Menu, use: MenuUse) -> list[dict[str, Any]]:
    """The levels in the order in which callers come to them, each with its keys."""
    depths = menus.levels(menu)
    off = menu.off_hours.node if menu.off_hours else None
    names = [*depths, *([off] if off in menu.nodes and off not in depths else [])]
    return [
        {
            "title": house.titled(menu.nodes[name].title) or name,
            "depth": depths.get(name),
            "use": use.levels[name],
            "options": [
                {"digit": one.digit, "title": menu_words.option_title(menu, one), "use": use.options[name, one.digit]}
                for one in menu.nodes[name].options.values()
            ],
        }
        for name in names
        if name
    ]


def _topic(menu: Menu, one: TopicUse) -> dict[str, Any]:
    way = ""
    if one.place:
        node, digit = one.place
        level = menu.nodes[node]
        way = f"{house.titled(level.title) or node} → {menu_words.option_title(menu, level.options[digit])}"
    return {"topic": one, "way": way}


def _proposed(menu: Menu, use: MenuUse) -> list[dict[str, Any]]:
    return [_topic(menu, one) for one in menu_use.proposed(use, menu)]


def _gone(menu: Menu, use: MenuUse) -> list[dict[str, Any]]:
    return [
        {"place": menu_words.place(f"nodes.{node}.options.{digit}", menu), "led": led, "count": count}
        for node, digit, led, count in sorted(use.gone, key=lambda one: -one[3])[:20]
    ]
