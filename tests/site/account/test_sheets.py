"""Readings by file from the account of a firm: for its own accounts, each line judged, each fault told."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Login
from kindline.clients.models import Client
from kindline.readings.lines import Line
from kindline.readings.models import Reading, ReadingState, Refused, Sending
from kindline.site.account import sheets
from tests.readings.conftest import Household, account_of, household, meter
from tests.site.account.conftest import seat

__all__ = ["household"]
pytestmark = pytest.mark.db
DAY = timezone.now().date()
PAGE = "/account/readings/file/"


@pytest.fixture
def manager(household: Household) -> Browser:
    """Who sends the readings of a firm's meters."""
    Client.objects.update(kind="firm", firm_name="ТСЖ «Лесное»")
    login = Login.objects.create(email="manager@example.com", made_at=timezone.now())
    login.accounts.add(household.account)
    browser = Browser(headers={"accept-language": "en"})
    seat(browser, login)
    return browser


def send(browser: Browser, *lines: str, name: str = "march.csv") -> Any:
    """A file of these lines."""
    content = "\n".join(lines).encode()
    return browser.post(PAGE, {"file": SimpleUploadedFile(name, content)}, follow=True)


def line(number: str, named: str, zone: str, value: str) -> str:
    """A line of the file."""
    return f"{number};{named};{zone};{value};{DAY.isoformat()}"


def test_a_file_sent_after_the_session_has_ended_is_asked_for_by_its_name(manager: Browser) -> None:
    manager.cookies.clear()
    answer = send(manager, line("1234567", "E-1", "day", "1100"))
    page = answer.content.decode()
    assert answer.status_code == 401
    assert "Attach the files once more: they do not stay on this page: march.csv</label>" in page
    assert 'type="file" name="file"' in page


def test_each_line_is_judged_and_each_fault_is_told(manager: Browser, household: Household) -> None:
    assert PAGE in manager.get("/account/readings/").content.decode()
    answer = send(
        manager, line("123-4567", "E-1", "day", "1100"), line("1234567", "E-1", "night", "5oo"),
        line("1234567", "W-1", "", "1"),
    )  # fmt: skip
    page = answer.content.decode()
    assert "march.csv" in page
    assert "2: 1234567 · E-1 · night · 5oo" in page
    assert "lower than the one before" in page
    made = Sending.objects.get(channel="file")
    assert (made.login_id, made.lines) == (Login.objects.get().pk, 3)
    states = dict(Reading.objects.filter(sending=made).values_list("line", "state"))
    assert states == {1: ReadingState.ACCEPTED, 3: ReadingState.ASKED_BACK}
    assert "march.csv" in manager.get(PAGE).content.decode()
    again = send(
        manager, line("123-4567", "E-1", "day", "1100"), line("1234567", "E-1", "night", "5oo"),
        line("1234567", "W-1", "", "1"),
    )  # fmt: skip
    assert again.redirect_chain == answer.redirect_chain, "the same file again is known"


def test_meters_of_others_are_not_touched_and_nothing_is_told_of_them(manager: Browser, household: Household) -> None:
    meter(account_of("7654321"), "S-1", "kWh", 5, [""])
    page = send(manager, line("7654321", "S-1", "", "50"), line("9999999", "S-1", "", "50")).content.decode()
    assert not Reading.objects.filter(taken_on=DAY).exists()
    told = list(Refused.objects.order_by("line").values_list("code", flat=True))
    assert len(told) == 2
    assert told[0] == told[1], "one that is there is answered like one that is not"
    assert "7654321" in page


def test_the_same_file_is_known_after_another_account_was_joined_and_its_lines_can_be_judged_again(
    manager: Browser, household: Household
) -> None:  # fmt: skip
    other = account_of("7654321")
    meter(other, "S-1", "kWh", 5, [""])
    lines = [line("1234567", "E-1", "day", "1100"), line("7654321", "S-1", "", "50")]
    first = send(manager, *lines)
    Login.objects.get().accounts.add(other)
    again = send(manager, *lines)
    assert again.redirect_chain == first.redirect_chain
    made = Sending.objects.get(channel="file")
    answer = manager.post(f"{PAGE}{made.pk}/again/", follow=True)
    assert answer.status_code == 200
    second = Sending.objects.filter(channel="file").latest("pk")
    assert answer.redirect_chain[-1][0] == f"{PAGE}{second.pk}/"
    assert Reading.objects.get(sending=second).meter.number == "S-1"
    assert Reading.objects.get(sending=second).line == 2


def test_lines_of_others_stay_unknown_when_they_are_judged_again(manager: Browser, household: Household) -> None:
    meter(account_of("7654321"), "S-1", "kWh", 5, [""])
    send(manager, line("7654321", "S-1", "", "50"))
    made = Sending.objects.get(channel="file")
    manager.post(f"{PAGE}{made.pk}/again/")
    typed = list(Refused.objects.values_list("typed__account", flat=True))
    assert typed == ["?7654321"] * 2
    assert not Reading.objects.filter(taken_on=DAY).exists()


def test_what_was_asked_back_of_accounts_of_others_is_answered_on_the_page_of_the_file(
    manager: Browser, household: Household
) -> None:
    given, taken = account_of("7654321"), account_of("7654322")
    login = Login.objects.get()
    for one in (given, taken):
        household.send(Line(one.number, meter(one, "S-1", "kWh", 5, [""]).number, "", "100", "2026-02-20"))
        login.reads.add(one)
    send(manager, *(line(one.number, "S-1", "", value) for one, value in ((given, "5"), (taken, "6"))))
    made = Sending.objects.get(channel="file")
    login.reads.remove(taken)
    page = manager.get(f"{PAGE}{made.pk}/").content.decode()
    assert page.count('value="confirm"') == 1, "of an account that it lost nothing is answered"
    assert ("1: 7654321 · S-1 · 5" in page, "2: S-1 · 6" in page) == (True, True), "it sees what it has sent"
    rows = {int(one.value): one for one in Reading.objects.filter(sending=made)}
    answers = [
        manager.post(f"{PAGE}{made.pk}/", {"verb": "confirm", "reading": str(rows[value].pk)}) for value in (5, 5, 6)
    ]
    assert [one.status_code for one in answers] == [302, 422, 404]
    assert "Somebody has settled this reading meanwhile" in answers[1].content.decode()
    assert Reading.objects.get(pk=rows[5].pk).state == ReadingState.ACCEPTED
    assert Reading.objects.get(pk=rows[6].pk).state == ReadingState.ASKED_BACK


def test_only_a_firm_sends_files_and_sees_its_own(manager: Browser, household: Household) -> None:
    send(manager, line("1234567", "E-1", "day", "1100"))
    made = Sending.objects.get(channel="file")
    other = Login.objects.create(email="other@example.com", made_at=timezone.now())
    other.accounts.add(household.account)
    stranger = Browser()
    seat(stranger, other)
    assert stranger.get(f"{PAGE}{made.pk}/").status_code == 404
    assert manager.get(f"{PAGE}{made.pk}/").status_code == 200
    Client.objects.update(kind="person")
    assert manager.get(PAGE).status_code == 404
    assert PAGE not in manager.get("/account/readings/").content.decode()


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"PK\x03\x04 no book", b"a;b;c\n", b"1;" + b"a" * 200_000, b"7" * 2_200_000]
)
def test_what_cannot_be_read_is_said(manager: Browser, content: bytes) -> None:
    answer = manager.post(PAGE, {"file": SimpleUploadedFile("march.csv", content)})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Sending.objects.filter(channel="file").exists()


def test_too_many_lines_and_too_many_files_are_not_taken(manager: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LINES_MAX", 1)
    two = [line("1234567", "E-1", "day", "1100"), line("1234567", "E-1", "night", "600")]
    assert "too large" in send(manager, *two).content.decode()
    monkeypatch.setattr(sheets, "FILES_A_DAY", 1)
    assert send(manager, two[0]).status_code == 200
    assert "Many files" in send(manager, two[1]).content.decode()
    assert send(manager, two[0]).redirect_chain, "one that is known is told of again"
