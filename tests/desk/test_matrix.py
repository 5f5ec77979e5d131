"""Who may open or do what on the desk: every page x every role x both verbs (ASVS 8.2.1, 8.2.2, fault W2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import URLPattern

from kindline.appeals.models import Appeal
from kindline.desk import urls
from kindline.staff.models import Role
from tests.appeals.registry import Registry

pytestmark = [pytest.mark.db, pytest.mark.timeout(300)]
ABSENT = {
    "int": "999999999",
    "slug": "none",
    "str": "none",
    "uuid": "6d1f6f0e-8a2b-4e59-9f0b-3f1f6f3a7c11",
    "path": "none",
}
REGISTRY = {
    "operator",
    "counter",
    "specialist",
    "site_administrator",
    "supervisor",
    "unit_head",
    "director",
    "security",
}
HEADS = {"supervisor", "unit_head", "director"}
LETTERS = {"counter", "specialist", "site_administrator"} | HEADS
MATRIX: dict[str, set[str]] = {
    "appeals/": REGISTRY,
    "appeals/new/": REGISTRY,
    "appeals/signing/": REGISTRY,
    "appeals/control/": HEADS,
    "appeals/{appeal}/": REGISTRY,
    "appeals/{appeal}/card.pdf": REGISTRY,
    "mine/": REGISTRY,
    "letters/": LETTERS,
    "letters/new/": LETTERS,
    "mail/": LETTERS,
    "erasures/": {"director"},
}
"""Written by hand from who works with the registry and with letters under krc, not from the program."""


def patterns() -> Iterator[tuple[str, str]]:
    """Every address of the desk, with keys of things that are not there."""
    for one in urls.urlpatterns:
        if isinstance(one, URLPattern):
            yield (
                str(one.name),
                "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: ABSENT[found[1] or "str"], str(one.pattern)),
            )


@pytest.fixture
def here(krc: Any) -> Registry:
    """An organisation with one employee for each role."""
    return Registry(krc)


def _as(here: Registry, role: str) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(here.people[role])
    return browser


@pytest.mark.parametrize("role", [*Role.values, None])
def test_no_page_breaks_and_a_stranger_sees_none(here: Registry, role: str | None) -> None:
    for name, address in patterns():
        for verb in ("get", "post"):
            browser = _as(here, role) if role else Browser(raise_request_exception=False)
            answer = getattr(browser, verb)(address)
            assert answer.status_code < 500, (name, verb, role)
            if role is None and name not in OPEN:
                assert answer.status_code in (302, 401, 403, 404, 405), (name, verb)


OPEN = {"login", "passkey-enter", "passkey-alone"}
"""What a stranger may see."""


@pytest.mark.parametrize("page", MATRIX)
def test_the_registry_s_pages_open_to_whom_they_are_given_and_to_nobody_else(here: Registry, page: str) -> None:
    appeal: Appeal = here.at("assigned")
    address = f"/desk/{page.format(appeal=appeal.pk)}"
    opened = {role for role in Role.values if _as(here, role).get(address).status_code == 200}
    refused = {role for role in Role.values if _as(here, role).get(address).status_code == 403}
    assert opened == MATRIX[page]
    assert refused == set(Role.values) - MATRIX[page]
    assert Browser().get(address).status_code == 302
