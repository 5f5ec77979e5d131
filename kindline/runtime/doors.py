"""Who comes in, and what stops him: what `kindline doctor` says of it."""

from __future__ import annotations

from pathlib import Path

from kindline.runtime import settings
from kindline.runtime.findings import FAIL, OK, WARN, Finding
from kindline.runtime.instance import Instance


def entry(instance: Instance | None) -> Finding:
    """What is demanded of employees who log in (ASVS 6.3.3), and which passwords are refused as leaked (ADR 66)."""
    demanded = [one for one in settings.SECOND_FACTOR_ROLES if one != "none"]
    leaked = settings.BREACHED_PASSWORDS or "no list (KINDLINE_BREACHED_PASSWORDS), only what they are made of"
    if settings.BREACHED_PASSWORDS and not Path(settings.BREACHED_PASSWORDS).is_file():
        return Finding("entry", FAIL, f"no list of leaked passwords at {leaked}", "correct KINDLINE_BREACHED_PASSWORDS")
    told = f"second factor demanded of {', '.join(demanded) or 'nobody'}; leaked passwords: {leaked}"
    cure = "set KINDLINE_SECOND_FACTOR_ROLES=all"
    if demanded or (instance and instance.is_demonstration):
        return Finding("entry", OK, told if demanded else f"a demonstration, the password alone lets in; {told}")
    return Finding("entry", WARN, told, cure)


def browsers() -> Finding:
    """Whether pages over HTTPS name places for their telephone and their news that a browser reaches from them."""
    wanted = {"socket_url": ("wss://", "KINDLINE_SOCKET_URL"), "live_url": ("https://", "KINDLINE_LIVE_URL")}
    lacking = [name for key, (way, name) in wanted.items() if not settings.KINDLINE[key].startswith(way)]
    if settings.SECURE_COOKIES and lacking:
        told = f"pages over HTTPS, and {' and '.join(lacking)} not set: no calls in browsers, news come late"
        cure = f"set {', '.join(lacking)} (docs/how-to/behind-nginx.md)"
        return Finding("browsers", WARN, told, cure)
    return Finding("browsers", OK, settings.KINDLINE["socket_url"] or "reach the engine and the news at own ports")


def people(instance: Instance) -> Finding:
    """Whether the folder is what it began as: a demonstration, or an organisation of its own (`--empty`)."""
    from kindline.runtime.demonstration import organisation

    invented, was_empty = organisation.invented().count(), instance.is_demonstration is False
    if invented and was_empty:
        told = f"it began with --empty, and {invented} invented employees of the demonstration may log in"
        cure = "disable them (administration, Employees: not active), and start with --empty always"
        return Finding("people", FAIL, told, cure)
    if instance.is_demonstration and not invented:
        told = "it began as a demonstration, and nobody invented may log in: no second factor is demanded of others"
        return Finding("people", WARN, told, "set KINDLINE_SECOND_FACTOR_ROLES=all, and start with --empty always")
    return Finding("people", OK, f"{invented} invented employees")


def wall() -> Finding:
    """Whether the database holds back what is not the client's own (ADR 77)."""
    from kindline.site.account import wall as walls

    if walls.is_built():
        return Finding("wall", OK, f"pages of the account read as {walls.ROLE}, which sees the client's own alone")
    return Finding("wall", WARN, "off: pages of the account are held by our own filters alone", _wall_cure(walls.ROLE))


def _wall_cure(role: str) -> str:
    """The role is the whole cluster's: another installation in it may have made it already."""
    from kindline.site.account import wall as walls

    grant = f"GRANT {role} TO our user WITH INHERIT FALSE, SET TRUE; start anew"
    cures = {
        "version": "it needs PostgreSQL 16 or newer",
        "role": f"CREATE ROLE {role} NOLOGIN; {grant}",
        "membership": grant,
    }
    return cures.get(walls.lacking(), "start anew: the step `wall` of the start makes it")
