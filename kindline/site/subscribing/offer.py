"""What this installation offers to those who have no account: the standard's plan, and the ways that are there."""

from __future__ import annotations

from django.conf import settings

from kindline.notifications import push_wires, wires
from kindline.notifications.topics import EMAIL, SMS
from kindline.standard.notice_data import PUSH, NoticePlan
from kindline.standard.profile import Profile


def plan_of(profile: Profile) -> NoticePlan | None:
    """What is offered without an account; None where nothing is."""
    plan = profile.publication.subscription if profile.publication else None
    return plan if plan and ways(plan) else None


def ways(plan: NoticePlan) -> list[str]:
    """The ways to an address of the standard for which this installation has a relay or a gateway."""
    there = {EMAIL: bool(settings.MAIL.get("relay")), SMS: wires.is_set()}
    return [way for way in plan.ways if there.get(way)]


def in_browsers(profile: Profile) -> NoticePlan | None:
    """What may be chosen in a browser; None where the standard or the installation tells nothing there by itself."""
    plan = profile.publication.subscription if profile.publication else None
    return plan if plan and PUSH in plan.ways and push_wires.is_set() else None
