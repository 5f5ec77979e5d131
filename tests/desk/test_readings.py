"""Readings on the desk: beside a call, those asked back, files of house managers."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.journal.models import Fact
from kindline.readings import filed, queries
from kindline.readings.errors import KeyReusedError
from kindline.readings.models import Meter, Reading, ReadingState, Refused, Sending, Upload
from kindline.site.account import sheets as account_files
from kindline.staff.models import Employee, Role
from tests.desk.conftest import Talk, employee, tell
from tests.readings.conftest import Household, account_of, household, meter
from tests.readings.test_sheets import torn

__all__ = ["household"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause
DAY = timezone.now().date()
FILE = (
    "лицевой счёт;счётчик;зона;показание;дата\n1234567;E-1;день;1100;{day}\n\n1234567;E-1;ночь;5oo;{day}\n"
    "1234567;W-1;;900;{day}\n"
)


@pytest.fixture
def clerk(db: None) -> Employee:
    """A specialist."""
    return employee("clerk", Role.SPECIALIST, surname="Иванова")


@pytest.fixture
def desk(clerk: Employee) -> Browser:
    """Her browser."""
    made = Browser()
    made.force_login(clerk)
    return made


@pytest.fixture
def metered(account: Account) -> Meter:
    """A meter of the client who calls."""
    return meter(account, "E-9", "kWh", 5, [""])


def send_file(desk: Browser, content: bytes, name: str = "march.csv") -> Any:
    """The form with a file, sent."""
    return desk.post("/desk/readings/upload", {"file": SimpleUploadedFile(name, content)}, follow=True)


@clause("yumek-9.1-04", "krc-5.5.2-02")
def test_a_reading_is_taken_during_a_call_and_stands_in_it(
    krc: Any, talk: Talk, account: Account, metered: Meter, as_operator: Browser
) -> None:
    contact = talk(client=account.client)
    field = f"m-{metered.pk}-"
    said = {"account": account.number, "readings": {field: "1 200"}}
    assert tell(as_operator, contact, "readings", **said).status_code == 422  # the account is shut
    tell(as_operator, contact, "identify", fields={"account_number": account.number, "address": "Лесная 12а кв 4"})
    tell(as_operator, contact, "show-account", account=str(account.pk))
    card = as_operator.get("/desk/state.json").json()["client"]["accounts"][0]
    assert [row["field"] for row in card["meters"]] == [field]
    answer = tell(as_operator, contact, "readings", **said)
    assert answer.status_code == 200, answer.content
    reading = Reading.objects.get()
    assert reading.value == 1200
    assert (reading.sending.channel, reading.sending.contact_id) == ("phone", contact.pk)
    assert Fact.objects.get(kind="readings_taken").subject_id == str(contact.pk)
    answer = tell(as_operator, contact, "readings", **(said | {"readings": {field: "12oo"}}))
    assert field in answer.content.decode()
    tell(as_operator, contact, "readings", **(said | {"readings": {field: "1300"}}))
    asked = Reading.objects.get(value=1300)
    assert asked.code == "differs_same_day"
    assert tell(as_operator, contact, "reading-confirm", account=account.number, reading=asked.pk).status_code == 200
    last = queries.last(metered.pk, "")
    assert last is not None
    assert last.value == 1300


def test_what_was_asked_back_is_accepted_corrected_or_declined(desk: Browser, krc: Any, household: Household) -> None:
    _, found = household.send(household.line("9000"), household.line("9000", zone="night"), household.line(
        "5", zone="", meter="W-1"))  # fmt: skip
    accepted, corrected, declined = (one.reading for one in found)
    page = desk.get("/desk/readings/").content.decode()
    assert "E-1" in page
    desk.post(f"/desk/readings/{accepted}/confirm")
    assert Reading.objects.get(pk=accepted or 0).state == ReadingState.ACCEPTED
    answer = desk.post(f"/desk/readings/{corrected}/correct", {"value": "6oo", "reason": "Опечатка"})
    assert answer.status_code == 422
    assert 'value="6oo"' in answer.content.decode()
    assert desk.post(f"/desk/readings/{corrected}/correct", {"value": "600", "reason": ""}).status_code == 422
    desk.post(f"/desk/readings/{corrected}/correct", {"value": "600", "reason": "Опечатка"})
    assert Reading.objects.get(value=600).state == ReadingState.ACCEPTED
    desk.post(f"/desk/readings/{declined}/decline", {"reason": "Не тот счётчик"})
    assert Reading.objects.get(pk=declined or 0).state == ReadingState.DECLINED
    assert desk.post(f"/desk/readings/{declined}/confirm").status_code == 422
    assert desk.post(f"/desk/readings/{declined}/else").status_code == 404


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_a_file_tells_every_fault_with_its_line(desk: Browser, krc: Any, household: Household, encoding: str) -> None:
    answer = send_file(desk, FILE.format(day=f"{DAY:%d.%m.%Y}").encode(encoding))
    page = answer.content.decode()
    assert Refused.objects.values_list("line", "typed__value").get() == (4, "5oo")
    assert "5oo" in page
    assert {(row.line, row.zone) for row in Reading.objects.filter(taken_on=DAY)} == {(2, "day"), (5, "")}
    again = send_file(desk, FILE.format(day=f"{DAY:%d.%m.%Y}").encode(encoding))
    assert again.redirect_chain == answer.redirect_chain
    assert "march.csv" in desk.get("/desk/readings/").content.decode()


def test_a_spreadsheet_is_read_too(desk: Browser, krc: Any, household: Household) -> None:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept)
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy"})
    for n, title in enumerate(("account", "meter", "zone", "value", "date")):
        sheet.write(0, n, title)
    sheet.write_row(2, 0, ["1234567", "E-1", "day", 1100])
    sheet.write_datetime(2, 4, dt.datetime.combine(DAY, dt.time()), day)
    sheet.write_row(3, 0, [1234567, "W-1", "", 80.125, DAY.isoformat()])
    book.close()
    send_file(desk, kept.getvalue(), "march.xlsx")
    rows = Reading.objects.filter(taken_on=DAY).order_by("line").values_list("line", "meter__number", "value")
    assert [(line, number, float(value)) for line, number, value in rows] == [(3, "E-1", 1100), (4, "W-1", 80.125)]


def test_a_large_file_is_gone_through_by_a_job_and_the_page_leads_to_what_came_of_it(
    desk: Browser, krc: Any, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(filed, "AT_ONCE", 10)
    answer = send_file(desk, FILE.format(day=f"{DAY:%d.%m.%Y}").encode())
    waiting = Upload.objects.get()
    assert answer.redirect_chain[-1][0] == f"/desk/readings/uploads/{waiting.pk}/"
    assert "<progress" in answer.content.decode()
    assert f"/desk/readings/uploads/{waiting.pk}/" in desk.get("/desk/readings/").content.decode()
    Upload.objects.update(done=2)
    part = desk.get(f"/desk/readings/uploads/{waiting.pk}/?part=1").content.decode()
    assert 'max="5" value="2"' in part
    assert "<h1" not in part
    filed.sweep(profile=household.profile, now=timezone.now())
    made = Sending.objects.get(channel="file")
    assert f"/desk/readings/files/{made.pk}/" in desk.get(answer.redirect_chain[-1][0]).content.decode()
    Upload.objects.update(fault="unreadable_file")
    assert 'role="alert"' in desk.get(answer.redirect_chain[-1][0]).content.decode()


def test_the_refused_lines_of_a_file_are_judged_again(desk: Browser, krc: Any, household: Household) -> None:
    content = f"1234567;N-1;;5;{DAY}\n1234567;E-1;day;1100;{DAY}".encode()
    page = send_file(desk, content).content.decode()
    first = Sending.objects.get(channel="file")
    assert f"/desk/readings/files/{first.pk}/again" in page
    meter(household.account, "N-1", "kWh", 5, [""])
    answer = desk.post(f"/desk/readings/files/{first.pk}/again", follow=True)
    second = Sending.objects.filter(channel="file").latest("pk")
    assert answer.redirect_chain[-1][0] == f"/desk/readings/files/{second.pk}/"
    assert Reading.objects.get(sending=second).meter.number == "N-1"
    assert f"/desk/readings/files/{second.pk}/again" not in answer.content.decode()


def test_very_many_refused_lines_are_judged_again_by_a_job(
    desk: Browser, krc: Any, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(filed, "AGAIN_AT_ONCE", 0)
    send_file(desk, f"1234567;N-1;;5;{DAY}".encode())
    first = Sending.objects.get(channel="file")
    meter(household.account, "N-1", "kWh", 5, [""])
    answer = desk.post(f"/desk/readings/files/{first.pk}/again", follow=True)
    laid = Upload.objects.get()
    assert answer.redirect_chain[-1][0] == f"/desk/readings/uploads/{laid.pk}/"
    filed.sweep(profile=household.profile, now=timezone.now())
    made = Sending.objects.filter(channel="file").latest("pk")
    assert f"/desk/readings/files/{made.pk}/" in desk.get(answer.redirect_chain[-1][0]).content.decode()
    assert Reading.objects.get(sending=made).meter.number == "N-1"


def test_a_refusal_to_judge_again_is_told(
    desk: Browser, krc: Any, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def reused(**_said: Any) -> Sending:
        raise KeyReusedError

    send_file(desk, f"1234567;N-1;;5;{DAY}".encode())
    first = Sending.objects.get(channel="file")
    monkeypatch.setattr(filed, "judge_again", reused)
    answer = desk.post(f"/desk/readings/files/{first.pk}/again", headers={"accept-language": "en"}, follow=True)
    assert answer.status_code == 200
    assert "Send them once more." in answer.content.decode()


def test_a_client_s_file_is_judged_again_at_the_desk_by_what_his_log_in_has_by_now(
    desk: Browser, krc: Any, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    login = Login.objects.create(email="manager@example.com", made_at=timezone.now())
    login.accounts.add(household.account)
    others = [account_of("7654321"), account_of("7654322")]
    for other in others:
        meter(other, "S-1", "kWh", 5, [""])
    content = "\n".join(f"{one.number};S-1;;50;{DAY}" for one in others).encode()
    told: dict[str, Any] = {"profile": household.profile, "login": login, "now": timezone.now()}
    first = account_files.send(name="march.csv", content=content, **told)
    login.reads.add(others[0])
    desk.post(f"/desk/readings/files/{first.pk}/again")
    second = Sending.objects.filter(channel="file").latest("pk")
    assert Reading.objects.get(sending=second).meter.account == others[0]
    assert Refused.objects.get(sending=second).typed["account"] == "?7654322", "one that is still not his"
    assert (second.login_id, bool(second.employee_id)) == (login.pk, True)
    monkeypatch.setattr(account_files, "FILES_A_DAY", 2)
    assert account_files.send(name="april.csv", content=content + b"\n", **told).pk, "the desk's does not count as his"


def test_a_torn_book_is_told_and_a_large_one_is_not_laid_by(
    desk: Browser, krc: Any, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    for at_once in (filed.AT_ONCE, 10):
        monkeypatch.setattr(filed, "AT_ONCE", at_once)
        answer = send_file(desk, torn(0), "march.xlsx")
        assert answer.redirect_chain[-1][0] == "/desk/readings/"
        assert answer.status_code == 200
    assert not Upload.objects.exists()


def test_the_form_says_how_large_a_file_may_be(desk: Browser, krc: Any, household: Household) -> None:
    page = desk.get("/desk/readings/", headers={"accept-language": "en"}).content.decode()
    assert "At most 20 MB" in page
    assert "more than 1 MB" in page
    assert "kindline readings load" in page


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04 no book", b"a;b;c\n", b"\xff\xfe" * 40])
def test_what_is_no_file_of_readings_is_told(desk: Browser, krc: Any, household: Household, content: bytes) -> None:
    page = send_file(desk, content).content.decode()
    assert "alert-" in page
    assert not Sending.objects.filter(channel="file").exists()


def test_only_those_who_work_with_readings_see_them(client: Browser, krc: Any) -> None:
    assert client.get("/desk/readings/").status_code == 302
    client.force_login(employee("site", Role.SITE_ADMINISTRATOR))
    assert client.get("/desk/readings/").status_code == 403
