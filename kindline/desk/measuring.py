"""Observed values and limits of measurements, as people read them."""

from __future__ import annotations

import datetime as dt
import re

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import house, telling, wording, words
from kindline.desk.clause_codes import CODES
from kindline.desk.clause_names import NAMES
from kindline.quality.models import Measurement
from kindline.standard.inspections import SINCE

UNITS = {
    "s": _("%(value)s s"),
    "s before": _("%(value)s s before"),
    "rings": _("%(value)s rings"),
    "times": _("%(value)s times"),
    "hits": _("%(value)s words"),
    "interruptions": _("%(value)s interruptions"),
    "level_db": _("%(value)s dB"),
    "tempo_ratio": _("%(value)s of the client's tempo"),
    "ty_forms": _("%(value)s familiar forms"),
    "cm": _("%(value)s cm"),
    "pcs": _("%(value)s pcs"),
    "branches_max": _("%(value)s branches"),
    "levels_max": _("%(value)s levels"),
}
FLAGS = {"true": _("yes"), "= true": _("yes"), "false": _("no"), "= false": _("no")}
SEEN = {"met": _("met"), "not_met": _("not met")}
TOKEN = re.compile(r"[a-z][a-z_0-9]+")


def observed(one: Measurement) -> str:
    """What was observed, with its unit; since when nobody has looked, where that is all."""
    if one.observed.startswith(SINCE):
        return gettext("not inspected since %(day)s") % {"day": _day(one.observed.removeprefix(SINCE))}
    if one.unit == "review" and one.observed in SEEN:
        return gettext(SEEN[one.observed])
    return _shown(one.observed, one.unit)


def bound(one: Measurement) -> str:
    """The limit, with its unit; nothing where a person judges."""
    return "" if one.unit == "review" else _shown(one.limit, one.unit)


def with_unit(value: str, unit: str) -> str:
    """A value with its unit."""
    return _shown(value, unit)


def _day(value: str) -> str:
    try:
        return formats.date_format(dt.date.fromisoformat(value), "SHORT_DATE_FORMAT")
    except ValueError:
        return value


def _shown(value: str, unit: str) -> str:
    if value in ("", "–"):
        return ""
    if value in FLAGS:
        return gettext(FLAGS[value])
    if unit in NAMED:
        return TOKEN.sub(lambda found: NAMED[unit](found.group()), value)
    if unit == "time":
        return _moment(value)
    if unit == "share":
        return re.sub(r"\d+(\.\d+)?", lambda found: f"{float(found.group()) * 100:g} %", value)
    return gettext(UNITS[unit]) % {"value": value} if unit in UNITS else value


def _step(name: str) -> str:
    return telling.guide_title("step", name)


def _leg(name: str) -> str:
    return gettext("months") if name == "months" else wording.leg_title(name)


NAMED = {"steps": _step, "fields": words.field_label, "recordings": _leg}


def _moment(value: str) -> str:
    try:
        here = house.local(dt.datetime.fromisoformat(value))
    except ValueError:
        return value
    return f"{formats.date_format(here, 'SHORT_DATE_FORMAT')} {here:%H:%M}" if here else value


SUFFIXES = {"s": _("%(value)s s"), "days": _("%(value)s days"), "months": _("%(value)s months")}
TERMS = {
    "calendar_days": _("%(value)s calendar days"),
    "working_days": _("%(value)s working days"),
    "months": SUFFIXES["months"],
}
TERM = re.compile(rf"(\d+) ({'|'.join(TERMS)})")
BOUNDS = {"max": _("at most %(value)s"), "min": _("at least %(value)s"), "target": _("aim %(value)s")}


def parameter_name(name: str) -> str:
    """The name of a clause's value: its bound and unit go with the value."""
    found = _split(name)[0]
    return gettext(NAMES[found]) if found in NAMES else found


def parameter_value(name: str, value: object) -> str:
    """A clause's value with its bound and unit."""
    _name, limit, unit = _split(name)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    text = ", ".join(map(_code, value)) if isinstance(value, list | tuple) else _code(value)
    text = gettext(SUFFIXES[unit]) % {"value": text} if unit else text
    return gettext(BOUNDS[limit]) % {"value": text} if limit else text


def _code(value: object) -> str:
    """A code in words; a term with its unit; what is neither (a figure, a day, a number) as it is."""
    text = str(value)
    if term := TERM.fullmatch(text):
        return gettext(TERMS[term[2]]) % {"value": term[1]}
    return gettext(CODES[text]) if text in CODES else text


def _split(name: str) -> tuple[str, str, str]:
    """Name, bound and unit: `hold_max_s` and `hold_s_max` are a hold, at most so many seconds; `call_days` are days."""
    parts = name.split("_")
    if " ".join(parts) in NAMES:
        return " ".join(parts), "", ""
    found = {"limit": "", "unit": ""}
    for _end in range(2):
        for kind, known in (("limit", BOUNDS), ("unit", SUFFIXES)):
            if len(parts) > 1 and parts[-1] in known and not found[kind]:
                found[kind] = parts.pop()
    return " ".join(parts), found["limit"], found["unit"]
