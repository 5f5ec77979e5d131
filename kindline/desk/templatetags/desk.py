"""Small things that the desk's templates say: built files, times on the organisation's clock, addresses of lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kindline.appeals import wording as appeal_words
from kindline.desk import access, assets, house, inspection_words, measuring, navigation, wording, words
from kindline.quality.models import Measurement
from kindline.switchboard import extensions

register = template.Library()
SELECTED = SafeString(" selected")


@register.simple_tag
def built(source: str) -> str:
    """The address of a built file of the frontend, by its source."""
    return static(assets.static_path(source))


@register.simple_tag(takes_context=True)
def menu_of_pages(context: dict[str, Any]) -> SafeString:
    """The row of the pages that the employee may open, the present one marked."""
    request: HttpRequest = context["request"]
    return navigation.row(request)


@register.inclusion_tag("desk/_call_out.html", takes_context=True)
def call_out(context: dict[str, Any], number: str) -> dict[str, Any]:
    """The button that calls a number, for who has a place at the telephone while the telephone is on."""
    request: HttpRequest = context["request"]
    may = bool(number) and access.employee_of(request).has_role(*access.AT_THE_PHONE) and house.phone_state().up
    shown = {"number": number if may else "", "csrf_token": context.get("csrf_token"), "back": request.path}
    return shown | {"has_mobile": may and bool(extensions.own_mobile(access.employee_of(request).pk))}


@register.simple_tag
def options(pairs: Iterable[tuple[object, str]], chosen: str = "") -> SafeString:
    """What a list offers to choose from, code and title each, with the chosen one marked."""
    marked = ((code, SELECTED if str(code) == chosen else "", title) for code, title in pairs)
    return format_html_join("", '<option value="{}"{}>{}</option>', marked)


@register.simple_block_tag
def for_each_row(content: str, rows: Iterable[Mapping[str, object]]) -> SafeString:
    """The block once for every row: made once, then each row's cells are put, escaped, where `{their name}` stands."""
    return format_html_join("", content, rows)


@register.filter
def moment(value: dt.datetime | None) -> str:
    """Date and time on the organisation's clock."""
    here = house.local(value)
    return f"{formats.date_format(here, 'SHORT_DATE_FORMAT')} {here:%H:%M}" if here else ""


@register.filter
def stamp(value: dt.datetime | None) -> str:
    """Like `moment`, but the day alone at midnight: of what came on paper no hour is known."""
    here = house.local(value)
    return day(value) if here and here.time() == dt.time.min else moment(value)


@register.filter
def day(value: dt.datetime | dt.date | None) -> str:
    """The date, on the organisation's clock where it is a moment."""
    here = house.local(value) if isinstance(value, dt.datetime) else value
    return formats.date_format(here, "SHORT_DATE_FORMAT") if here else ""


@register.filter
def printed(value: object) -> str:
    """A cell of a printed list: moments short, nothing where there is nothing."""
    return moment(value) if isinstance(value, dt.datetime) else "" if value is None else str(value)


@register.filter
def seconds(value: float | None) -> str:
    """A length of time: 75 -> 1:15."""
    if value is None:
        return ""
    whole = int(value)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


@register.filter
def titled(title: dict[str, str] | None) -> str:
    """A title of the profile in the interface's language."""
    return house.titled(title)


@register.filter
def field_label(field: str) -> str:
    """What a field is called."""
    return words.field_label(field)


@register.filter
def applicant_kind(code: str) -> str:
    """Who applies, in words."""
    return appeal_words.applicant_title(code)


@register.filter
def came_by(code: str) -> str:
    """How a letter on paper came, in words."""
    return appeal_words.came_by_title(code)


@register.filter
def verdict(value: str) -> SafeString:
    """A verdict as a coloured word."""
    return format_html('<span class="badge v-{}">{}</span>', value, wording.verdict_title(value))


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: object) -> str:
    """The present address's query with some parameters changed (None takes one away)."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.filter
def place_kind(code: str) -> str:
    """A kind of object of inspections in words."""
    return wording.titled(inspection_words.KINDS, code)


@register.filter
def channel(code: str) -> str:
    """A channel in words."""
    return wording.channel_title(code)


@register.filter
def direction(code: str) -> str:
    """Incoming or outgoing."""
    return wording.direction_title(code)


@register.filter
def leg(code: str) -> str:
    """Whose voice a recording holds."""
    return wording.leg_title(code)


@register.filter
def how(code: str) -> str:
    """How a clause is carried."""
    return wording.how_title(code)


@register.filter
def appeal_kind(code: str) -> str:
    """A kind of appeal."""
    return appeal_words.kind_title(code)


@register.filter
def appeal_subject(code: str) -> str:
    """What an appeal is about."""
    return appeal_words.subject_title(code)


@register.filter
def appeal_state(code: str) -> str:
    """The state of an appeal."""
    return wording.appeal_state_title(code)


@register.filter
def role_name(code: str) -> str:
    """People of a role."""
    return wording.role_title(code)


@register.filter
def publication_state(code: str) -> str:
    """Where a publication stands."""
    return wording.publication_title(code)


@register.filter
def told_of(reason: str) -> str:
    """Why an appeal was brought to somebody's notice."""
    return wording.told_of_title(reason)


@register.filter
def notice_about(code: str) -> str:
    """What a notice to the applicant is about."""
    return wording.notice_title(code)


@register.filter
def split_words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


@register.filter
def obligation(code: str) -> str:
    """How binding a clause is."""
    return wording.obligation_title(code)


@register.filter
def percent(value: float) -> str:
    """A share as a number of hundredths with one decimal."""
    return formats.number_format(round(100 * value, 1), 1)


@register.filter
def unlocalise(value: float) -> str:
    """A number as style sheets write it."""
    return f"{value:.2f}"


@register.filter
def observed(one: Measurement) -> str:
    """What was observed, with its unit."""
    return measuring.observed(one)


@register.filter
def bound(one: Measurement) -> str:
    """The limit, with its unit."""
    return measuring.bound(one)


@register.filter
def parameter(name: str) -> str:
    """The name of a clause's value without its unit."""
    return measuring.parameter_name(name)


@register.filter
def parameter_value(value: object, name: str) -> str:
    """A clause's value with its unit."""
    return measuring.parameter_value(name, value)


@register.filter
def in_seconds(value: float) -> str:
    """A short time with one decimal and its unit."""
    return wording.in_seconds(value)
