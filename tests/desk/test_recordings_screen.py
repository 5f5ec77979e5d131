"""Pages of recordings in a real browser: found by keyboard, heard, hopped through, commented; a button for secrets."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
from kindline.recordings import keeping, troubles
from kindline.recordings.models import Remark, Seal
from kindline.staff.models import Employee
from kindline.switchboard import sounds
from kindline.switchboard.machine.secret import Secrecy
from kindline.switchboard.machine.state import as_json, from_json
from kindline.switchboard.models import Call, Recording
from tests.desk.conftest import Switchboard, Talk
from tests.desk.looking import check_axe, check_everywhere, eventually, shoot
from tests.desk.test_screen import open_as, window

__all__ = ["open_as", "window"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]


@pytest.fixture
def tapes(judged: Contact, settings: Any, tmp_path: Path) -> list[Recording]:
    """Both sides of the talk, sealed; a pause in the midst."""
    from kindline.journal import actions as journal

    paths = {**settings.KINDLINE["paths"], "vault": str(tmp_path / "vault"), "keys": str(tmp_path / "keys")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    settings.RECORDINGS = {"far": {}}
    began, found = judged.answered_at or timezone.now(), []
    for leg in ("client", "operator"):
        path = Path(paths["recordings"]) / f"{leg}.wav"
        turns = leg == "client"
        loud = [6000 if (n // 8000) % 2 == turns else 300 for n in range(160_000)]
        sounds.write(path, [peak if n // 20 % 2 else -peak for n, peak in enumerate(loud)])
        found.append(
            Recording.objects.create(
                contact=judged, leg=leg, name=leg, path=f"{leg}.wav", started_at=began, complete=leg == "client",
                ended_at=began + dt.timedelta(seconds=20), duration_s=20.0, retention_until=dt.date(2027, 3, 2),
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            )
        )  # fmt: skip
    keeping.seal_waiting(now=timezone.now())
    subject: dict[str, Any] = {"subject_type": "contact", "subject_id": judged.pk}
    at = began + dt.timedelta(seconds=5)
    journal.record(kind="recording_paused", data={"employee": 1, "reason": "card"}, at=at, **subject)
    said = {"employee": 1, "reason": "card", "duration_s": 4.0, "by": "operator"}
    journal.record(kind="recording_resumed", data=said, at=at + dt.timedelta(seconds=4), **subject)
    return found


def test_a_talk_is_found_heard_and_remarked_on_by_keyboard(
    open_as: Callable[[Employee], Page], supervisor: Employee, judged: Contact, tapes: list[Recording]
) -> None:
    troubles.open_trouble(kind="stalled", subject="x", contact=judged, gap_s=12.0, now=timezone.now())
    page = open_as(supervisor)
    page.goto("/desk/recordings/")
    expect(page.get_by_role("alert")).to_contain_text("0:12")
    expect(page.locator("tbody tr")).to_have_count(1)
    check_everywhere(page, "recordings")
    page.locator("#f-clause").fill("krc-5.6.4-25")
    page.locator("#f-clause").press("Enter")
    page.wait_for_url("**/desk/recordings/?**")
    page.locator("tbody a").press("Enter")
    expect(page.locator(".player[data-ready]")).to_be_visible()
    check_everywhere(page, "recording-talk")
    page.locator(".player button").focus()
    page.keyboard.press("k")
    expect(page.locator(".player button")).to_have_text("Pause")
    page.keyboard.press("k")
    expect(page.locator(".player button")).to_have_text("Play")
    page.locator(".player input[type=range]").press("Home")
    page.locator(".player button").focus()
    page.keyboard.press("n")
    expect(page.locator(".player-said")).to_contain_text("Recording was paused")
    expect(page.locator("[data-remark-shown]")).to_have_text("0:05")
    page.keyboard.press(".")
    expect(page.locator(".player select")).to_have_value("1.25")
    page.keyboard.press("c")
    expect(page.locator("#remark-text")).to_be_focused()
    page.keyboard.type("the card is said")
    page.get_by_role("button", name="Keep the comment").press("Enter")
    expect(page.locator("#recording li", has_text="the card is said")).to_be_visible()
    expect(page.locator(".player[data-ready]")).to_be_visible()
    assert abs((Remark.objects.get().moment - tapes[0].started_at).total_seconds() - 5) < 0.2
    page.locator("summary", has_text="Hold beyond the time").press("Enter")
    page.locator("#hold-ground").fill("court request 7")
    page.locator("#hold-ground").press("Enter")
    expect(page.locator("#recording p", has_text="court request 7")).to_be_visible()
    expect(page.locator(".player[data-ready]")).to_be_visible()
    check_axe(page)
    shoot(page, "recording-held")


def test_a_side_that_cannot_be_had_is_named_and_the_other_is_heard_once_for_the_listening(
    open_as: Callable[[Employee], Page], supervisor: Employee, judged: Contact, tapes: list[Recording], settings: Any
) -> None:
    spoilt = Seal.objects.get(recording=tapes[1])
    (lost,) = Path(settings.KINDLINE["paths"]["vault"]).rglob(spoilt.sha256)
    sound = lost.read_bytes()
    lost.write_bytes(b"x" * len(sound))

    def listened() -> list[str]:
        told = facts_of("contact", judged.pk).filter(kind="recording_listened")
        return list(told.values_list("data__name", flat=True))

    page = open_as(supervisor)
    page.goto(f"/desk/contacts/{judged.pk}/")
    expect(page.locator(".player[data-ready]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert listened() == [], "who has opened the page has not heard it"
    expect(page.locator(".player-missing")).to_be_hidden()
    page.locator(".player button").click()
    expect(page.locator(".player-missing")).to_contain_text("operator (0:00)")
    expect(page.locator(".player button")).to_have_text("Pause")
    expect(page.locator(".player-said")).to_contain_text("Keys")
    assert listened() == ["client"]
    check_everywhere(page, "recording-side-missing")
    page.locator(".player button").click()
    page.locator(".player button").click()
    assert listened() == ["client"], "it goes on: that is the same listening"
    page.route("**/links", lambda route: route.abort())
    page.reload()
    page.locator(".player button").click()
    expect(page.locator(".player-missing")).to_contain_text("Play tries again")
    page.unroute("**/links")
    page.locator(".player button").click()
    expect(page.locator(".player button")).to_have_text("Pause")
    assert listened() == ["client", "client"]
    lost.write_bytes(sound)
    page.locator(".player button").click()
    expect(page.locator(".player button")).to_have_text("Play")
    page.locator(".player button").click()
    expect(page.locator(".player-missing")).to_be_hidden()
    expect(page.locator(".player button")).to_have_text("Pause")
    assert listened() == ["client", "client", "operator"], "only what was missing is fetched again"


def test_both_sides_of_a_talk_are_listened_to_once(
    open_as: Callable[[Employee], Page], supervisor: Employee, judged: Contact, tapes: list[Recording]
) -> None:
    page = open_as(supervisor)
    page.goto(f"/desk/contacts/{judged.pk}/")
    page.locator(".player button").click()
    expect(page.locator(".player button")).to_have_text("Pause")
    expect(page.locator(".player-missing")).to_be_hidden()
    assert facts_of("contact", judged.pk).filter(kind="recording_listened").count() == 1
    shoot(page, "recording-played")


def test_the_operator_pauses_the_recording_while_a_secret_is_said(
    open_as: Callable[[Employee], Page], operator: Employee, talk: Talk, krc: Any, switchboard: Switchboard
) -> None:
    contact = talk()

    def secret(path: str, body: dict[str, Any]) -> None:
        row = Call.objects.get(pk=contact.pk)
        state = from_json(row.data)
        state.secrecy = Secrecy(timezone.now(), operator.pk, "card") if path.endswith("/pause") else None
        Call.objects.filter(pk=row.pk).update(data=as_json(state))
        connection.close()

    switchboard.effects.append(secret)
    page = open_as(operator)
    expect(page.locator("#secret")).to_have_text("Называют секрет: приостановить записьAlt+P")
    page.keyboard.press("Alt+P")
    pause = (f"/calls/{contact.pk}/recording/pause", {"employee": operator.pk, "reason": "card"})
    eventually(page, lambda: pause in switchboard.asked)
    expect(page.locator(".call-flag", has_text="Сейчас не записывается")).to_be_visible()
    check_axe(page)
    shoot(page, "recording-secret")
    page.locator("#secret").click()
    resume = (f"/calls/{contact.pk}/recording/resume", {"employee": operator.pk})
    eventually(page, lambda: resume in switchboard.asked)
    expect(page.locator(".call-flag", has_text="Сейчас не записывается")).to_have_count(0)
