"""The figures of the wallboard in words: as screens and letters say them, in the language that is set."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext_noop as _

from kindline.switchboard.thresholds import SHARES

TITLES: Mapping[str, str] = {
    "waiting": _("Waiting"),
    "longest_wait_s": _("Longest wait"),
    "service_level": _("Service level"),
    "asa_s": _("Average answer (ASA)"),
    "abandonment": _("Abandoned"),
    "ready": _("Ready operators"),
}
"""Of what may have a threshold."""
LEVELS: Mapping[str, tuple[str, str]] = {
    "alarm": ("■", _("alarm")),
    "warn": ("▲", _("attention")),
    "ok": ("✓", _("within")),
    "none": ("", ""),
}
OF_TIME = ("occupancy", "utilisation", "shrinkage", "adherence")
"""Shares of time."""


def said(measure: str, value: float | None) -> str:
    """A figure in its own unit; a dash where there is no data."""
    if value is None:
        return "—"
    if measure.endswith("_s"):
        return seconds(value)
    if measure in SHARES or measure in OF_TIME:
        return f"{number_format(round(value, 1), 1)} %"
    return number_format(value, 0)


def seconds(value: float) -> str:
    """75 -> 1:15."""
    whole = round(value)
    return f"{whole // 60}:{whole % 60:02}"


def percent(share: float | None) -> str:
    """A share as it is shown."""
    return "—" if share is None else f"{number_format(round(100 * share, 1), 1)} %"
