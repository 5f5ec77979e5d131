"""What every profile's telephone offers: self-service by day and night, calls back to who gave up or asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kindline.site import calling_back
from kindline.standard import loader
from kindline.standard.menus import Menu
from kindline.switchboard import calling_hours, inquiries
from kindline.switchboard.self_service.told import Told
from tests.switchboard.people import at

METERED = ("krc", "voe", "yumek")
"""Profiles of organisations with accounts and meters; a court has neither."""


def menu_of(profile: str) -> Menu:
    found = loader.load(profile).menu
    assert found is not None
    return found


def services(menu: Menu, start: str | None) -> Iterator[str]:
    """The services that can be reached by keys from a level on."""
    seen, edge = set(), [start]
    while edge:
        node = edge.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        for option in menu.nodes[node].options.values():
            if option.action == "self":
                yield option.target or ""
            edge += [option.target] if option.action == "goto" else []


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_the_state_of_an_appeal_and_the_hours_are_told_by_day_and_by_night(profile: str) -> None:
    menu = menu_of(profile)
    assert menu.off_hours is not None
    for start in (menu.root, menu.off_hours.node):
        assert {"appeal_status", "hours"} <= set(services(menu, start))


@pytest.mark.clause("krc-2-56", "yumek-9.2-07", "yumek-9.2-08")
@pytest.mark.parametrize("profile", METERED)
def test_readings_balance_and_incidents_by_account_and_by_address_are_served_by_day_and_by_night(profile: str) -> None:
    menu = menu_of(profile)
    assert menu.off_hours is not None
    for start in (menu.root, menu.off_hours.node):
        assert {"readings", "balance", "outages", "outages_by_address"} <= set(services(menu, start))


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_the_hours_are_those_of_the_day_and_not_a_fixed_text(profile: str) -> None:
    """On Sunday, 8 March, voe alone works."""
    standard = loader.load(profile)
    sunday = inquiries._told(Told(standard, "hours", at(6 * 86400))).said
    weekday = inquiries._told(Told(standard, "hours", at(0))).said
    assert ("не работаем" in sunday or "не працюємо" in sunday) is (profile != "voe")
    assert "не " not in weekday.split(".")[0]
    assert ("Центры обслуживания" in weekday) is (profile == "krc"), "where the standard has hours of offices"


@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-09")
@pytest.mark.parametrize("profile", loader.profile_ids())
def test_who_gave_up_is_called_back_and_a_call_may_be_asked_for_on_the_site(profile: str) -> None:
    standard = loader.load(profile)
    menu, offer = menu_of(profile), calling_back.offer_of(standard)
    assert menu.abandoned_after_s == 20
    assert offer is not None
    assert offer.queue in menu.queues
    assert calling_hours.of(standard) is not None, "strangers' telephones are not rung at night"
    assert calling_back.spans(standard, offer, at(0))
