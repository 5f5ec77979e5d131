"""Who may do what to whose appeal: scope x object x verb, the whole matrix (ASVS 8.2.2, fault W2)."""

from __future__ import annotations

from typing import Any

import pytest

from kindline.staff.models import Employee, Scope
from tests.api.calling import APPEALS, Program, program

pytestmark = pytest.mark.db
URL = "https://city.example/hook"
READING = {"account": "1", "meter": "1", "value": "1", "taken_on": "2026-03-20"}
OWN, OTHERS, ABSENT = "own", "others", "absent"
VERBS: dict[str, Any] = {
    "POST /appeals": lambda one, _key: one.post(),
    "GET /appeals": lambda one, _key: one.get(),
    "GET /appeals/{appeal}": lambda one, key: one.get(f"{APPEALS}/{key}"),
    "GET /appeals/{appeal}/status": lambda one, key: one.get(f"{APPEALS}/{key}/status"),
    "POST /appeals/{appeal}/messages": lambda one, key: one.post(f"{APPEALS}/{key}/messages", {"text": "x"}),
    "GET /appeals/{appeal}/attachments": lambda one, key: one.get(f"{APPEALS}/{key}/attachments"),
    "POST /appeals/{appeal}/attachments": lambda one, key: one.attach(key, b"text"),
    "POST /readings": lambda one, _key: one.post("/api/v1/readings", READING),
    "POST /readings/bulk": lambda one, _key: one.post("/api/v1/readings/bulk", {"readings": [READING]}),
    "POST /readings/{reading}/confirm": lambda one, key: one.post(f"/api/v1/readings/{key}/confirm"),
    "POST /readings/{reading}/photos": lambda one, key: one.photo(key, b"text"),
    "POST /webhooks": lambda one, _key: one.post("/api/v1/webhooks", {"url": URL, "events": ["closed"]}),
    "GET /webhooks": lambda one, _key: one.get("/api/v1/webhooks"),
    "DELETE /webhooks/{subscription}": lambda one, key: one.browser.delete(
        f"/api/v1/webhooks/{key}", headers={"Authorization": f"Bearer {one.text}"}
    ),
}
READ = ("GET /appeals/{appeal}", "GET /appeals/{appeal}/status", "GET /appeals/{appeal}/attachments")
C, R, W, H, M = (scope.value for scope in (Scope.CREATE, Scope.READ, Scope.WRITE, Scope.WEBHOOKS, Scope.READINGS))
SETS = [(C,), (R,), (W,), (H,), (M,), (C, R), (C, W), (R, W), (C, R, W, H)]


def expected(verb: str, scopes: tuple[str, ...], whose: str) -> int:
    """What the matrix says: written by hand from the rules, not from the program."""
    if "webhooks" in verb and H not in scopes:
        return 403
    if "webhooks" in verb:
        return 200 if verb.endswith("/webhooks") else 204 if whose == OWN else 404
    if "readings" in verb:
        return _of_readings(verb, scopes)
    if verb in ("POST /appeals", "GET /appeals"):
        may, good = ({C}, 201) if verb.startswith("POST") else ({C, R}, 200)
        return good if may & set(scopes) else 403
    good, every = (200, R) if verb in READ else (201, W)
    if not {C, every} & set(scopes):
        return 403
    return good if whose != ABSENT and (every in scopes or whose == OWN) else 404


def _of_readings(verb: str, scopes: tuple[str, ...]) -> int:
    """The meter is unknown: one reading of it is refused, many are told line by line, none waits for an answer."""
    if M not in scopes:
        return 403
    return 404 if verb.endswith(("confirm", "photos")) else 201 if verb.endswith("bulk") else 422


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("whose", [OWN, OTHERS, ABSENT])
@pytest.mark.parametrize("scopes", SETS, ids="+".join)
def test_the_matrix(verb: str, whose: str, scopes: tuple[str, ...], clerk: Employee, site: Program) -> None:
    asked = program(clerk, *scopes)
    others = site.post().json()["id"]
    own = _own(asked) or others
    if verb.startswith("DELETE"):
        others, own = _subscribed(site), _subscribed(asked) if H in scopes else 0
    key = {OWN: own, OTHERS: others, ABSENT: 999_999_999}[whose]
    answer = VERBS[verb](asked, key)
    wanted = expected(verb, scopes, whose if own != others or whose == ABSENT else OTHERS)
    assert answer.status_code == wanted, answer.content


def test_a_list_holds_nothing_of_others(clerk: Employee, site: Program) -> None:
    others = site.post().json()["id"]
    asked = program(clerk, C)
    own = _own(asked)
    assert [one["id"] for one in asked.get().json()["items"]] == [own]
    assert {one["id"] for one in program(clerk, R).get().json()["items"]} == {own, others}


@pytest.mark.parametrize("verb", VERBS)
def test_without_a_token_nothing(verb: str, site: Program) -> None:
    key = site.post().json()["id"]
    site.text = "kl_wrong"
    assert VERBS[verb](site, key).status_code == 401


def _subscribed(asked: Program) -> int:
    return int(asked.post("/api/v1/webhooks", {"url": URL, "events": ["closed"]}).json()["id"])


def _own(asked: Program) -> int | None:
    """An appeal that the program registered itself, where it may."""
    return int(asked.post().json()["id"]) if C in asked.token.scopes else None
