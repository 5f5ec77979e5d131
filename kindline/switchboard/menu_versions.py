"""The voice menu's life: drafted, changed, approved, put into force from a moment, rolled back (krc-5.6.6-05..20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import menu_changes, menu_drafts, menu_faults
from kindline.standard.faults import Fault, errors
from kindline.standard.menu_drafts import Content
from kindline.standard.profile import Profile
from kindline.switchboard import in_force
from kindline.switchboard.in_force import FIRST
from kindline.switchboard.models import MenuSound, MenuState, MenuTurn, MenuVersion

LATE_S = 60
"""A moment that has just gone by counts as now: a form takes a while to be sent."""
TITLE_MAX = 120


class MenuVersionError(Exception):
    """The step cannot be taken; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class MenuChangedError(MenuVersionError):
    """Somebody else has changed the draft meanwhile; `version` is how it stands now."""

    def __init__(self, version: MenuVersion) -> None:
        super().__init__("changed")
        self.version = version


class MenuFaultsError(MenuVersionError):
    """The draft breaks what the standard demands of menus; `faults` says where, with the clauses."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("faults")
        self.faults = faults


@transaction.atomic
def draft_menu(
    *,
    profile: Profile,
    based_on: int,
    employee: Employee,
    now: dt.datetime,
    content: Content | None = None,
    title: str = "",
) -> MenuVersion:
    """Begin a new version out of another, or out of a content that somebody wants to keep beside it.

    Raises: MenuVersionError (no_menu, no_version).
    """
    if profile.menu is None:
        raise MenuVersionError("no_menu")
    first = _first(profile, now)
    base = MenuVersion.objects.filter(profile=profile.id, number=based_on).first()
    menu = in_force.menu_of_version(profile, based_on)
    if base is None or menu is None:
        raise MenuVersionError("no_version")
    MenuVersion.objects.select_for_update().get(pk=first.pk)  # one number at a time
    last = MenuVersion.objects.filter(profile=profile.id).aggregate(last=Max("number"))["last"]
    made = MenuVersion.objects.create(
        profile=profile.id, number=last + 1, title=title.strip()[:TITLE_MAX], based_on=base, made_by=employee,
        content=content or menu_drafts.content_of(menu), made_at=now, changed_by=employee, changed_at=now,
    )  # fmt: skip
    _keep("menu_drafted", made, employee, now, based_on=base.number)
    return made


def _first(profile: Profile, now: dt.datetime) -> MenuVersion:
    row, _ = MenuVersion.objects.get_or_create(
        profile=profile.id,
        number=FIRST,
        defaults={"state": MenuState.APPROVED, "made_at": now, "changed_at": now, "approved_at": now},
    )
    return row


@transaction.atomic
def save_menu_draft(
    *,
    version: MenuVersion,
    profile: Profile,
    content: Content,
    revision: int,
    employee: Employee,
    now: dt.datetime,
    title: str | None = None,
) -> MenuVersion:
    """Keep a draft as somebody has it on his page; `revision` is the one that he began with.

    Raises: MenuChangedError when another has changed it since; MenuVersionError (not_draft, no_sound).
    """
    row = _locked(version)
    if row.state != MenuState.DRAFT:
        raise MenuVersionError("not_draft")
    if row.revision != revision:
        raise MenuChangedError(row)
    _check_sounds(content)
    changed = menu_changes.differences(in_force.content_of_version(profile, row), content)
    named = row.title if title is None else title.strip()[:TITLE_MAX]
    if not changed and named == row.title:
        return row
    row.content, row.revision, row.title = content, revision + 1, named
    row.changed_by, row.changed_at = employee, now
    row.save(update_fields=["content", "revision", "title", "changed_by", "changed_at"])
    places = list(dict.fromkeys(one.key for one in changed))[:50]
    _keep("menu_draft_changed", row, employee, now, revision=row.revision, changed=places)
    return row


def _check_sounds(content: Content) -> None:
    asked = {prompt["sound"] for _, prompt in menu_drafts.prompts_of(content) if prompt["sound"]}
    if MenuSound.objects.filter(pk__in=asked).count() < len(asked):
        raise MenuVersionError("no_sound")


@transaction.atomic
def approve_menu(
    *,
    version: MenuVersion,
    profile: Profile,
    durations: Mapping[str, float],
    revision: int,
    employee: Employee,
    now: dt.datetime,
) -> MenuVersion:
    """Approve a draft as it was read (`revision`), its messages measured in seconds by their keys.

    Clause: krc-5.6.6-05..20.

    Raises: MenuFaultsError, MenuChangedError, MenuVersionError (not_draft, not_yours, another).
    """
    row = _locked(version)
    if row.state != MenuState.DRAFT:
        raise MenuVersionError("not_draft")
    if row.revision != revision:
        raise MenuChangedError(row)
    _check_right(profile, row, employee)
    found = menu_faults.faults(row.content, profile, durations)
    if errors(found):
        raise MenuFaultsError(errors(found))
    row.state, row.approved_by, row.approved_at = MenuState.APPROVED, employee, now
    row.save(update_fields=["state", "approved_by", "approved_at"])
    advice = sorted({one.clause for one in found if one.clause})
    _keep("menu_approved", row, employee, now, advice=advice)
    return row


def may_approve(profile: Profile, version: MenuVersion, employee: Employee) -> str:
    """Why an employee may not approve a version (not_yours, another); empty where he may."""
    rule = profile.menu.approval if profile.menu else None
    if rule is None:
        return "not_yours"
    if rule.roles and not employee.has_role(*rule.roles):
        return "not_yours"
    return "another" if rule.another and employee.pk in (version.made_by_id, version.changed_by_id) else ""


def _check_right(profile: Profile, row: MenuVersion, employee: Employee) -> None:
    if refused := may_approve(profile, row, employee):
        raise MenuVersionError(refused)


@transaction.atomic
def discard_menu(*, version: MenuVersion, employee: Employee, now: dt.datetime) -> MenuVersion:
    """Throw a draft away; it is kept, but no longer shown. Raises: MenuVersionError (not_draft)."""
    row = _locked(version)
    if row.state != MenuState.DRAFT:
        raise MenuVersionError("not_draft")
    row.state = MenuState.DISCARDED
    row.save(update_fields=["state"])
    _keep("menu_draft_discarded", row, employee, now)
    return row


@transaction.atomic
def turn_to_menu(
    *, profile: Profile, number: int, from_at: dt.datetime, employee: Employee, now: dt.datetime
) -> MenuTurn:
    """Let callers hear an approved version from a moment on; an earlier version that way comes back.

    Calls that are in the menu keep the version with which they began. Raises: MenuVersionError (no_version,
    not_approved, past, in_force).
    """
    _first(profile, now)
    row = MenuVersion.objects.select_for_update().filter(profile=profile.id, number=number).first()
    if row is None:
        raise MenuVersionError("no_version")
    if row.state != MenuState.APPROVED:
        raise MenuVersionError("not_approved")
    if from_at < now - dt.timedelta(seconds=LATE_S):
        raise MenuVersionError("past")
    from_at = max(from_at, now)
    if from_at == now and in_force.number_now(profile, now) == number:
        raise MenuVersionError("in_force")
    back = number == FIRST or row.turns.filter(from_at__lte=now, called_off_at=None).exists()
    made = MenuTurn.objects.create(version=row, from_at=from_at, set_by=employee, set_at=now)
    _keep("menu_turn_set", row, employee, now, from_at=from_at.isoformat(), back=back)
    return made


@transaction.atomic
def call_off_turn(*, turn: MenuTurn, employee: Employee, now: dt.datetime) -> MenuTurn:
    """A turn that has not come yet does not come. Raises: MenuVersionError (past)."""
    row = MenuTurn.objects.select_for_update().select_related("version").get(pk=turn.pk)
    if row.called_off_at is not None:
        return row
    if row.from_at <= now:
        raise MenuVersionError("past")
    row.called_off_at = now
    row.save(update_fields=["called_off_at"])
    _keep("menu_turn_called_off", row.version, employee, now, from_at=row.from_at.isoformat())
    return row


def _locked(version: MenuVersion) -> MenuVersion:
    return MenuVersion.objects.select_for_update().get(pk=version.pk)


def _keep(kind: str, row: MenuVersion, employee: Employee, now: dt.datetime, **data: Any) -> None:
    said = {"version": row.number, "employee": employee.pk, **data}
    by, subject = actor(employee), row.profile
    journal.record(kind=kind, subject_type="menu", subject_id=subject, actor=by, data=said, at=now)
