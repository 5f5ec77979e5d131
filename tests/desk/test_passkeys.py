"""Passkeys of employees: alone or after the password, once, from the right address, never backwards (ASVS 6.3.3)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from kindline.journal.queries import facts_of
from kindline.staff import actions, challenges, factors, guessing, passkey_entry
from kindline.staff.entry_models import RefusedEntry
from kindline.staff.models import Employee, EmployeeFactor, EmployeePasskey, EmployeeSession, SpentChallenge
from kindline.staff.passkeys import MOST, PasskeyRefusedError, Place
from tests.desk.conftest import PASSWORD
from tests.desk.test_second_factor import OWN, QR, SECOND, WISHES, by_password, figures, is_in, set_up
from tests.staff.authenticator import Authenticator

pytestmark = pytest.mark.db
ENTER = "/login/passkey/"


@pytest.fixture
def anna(krc: Any) -> Employee:
    """An employee with a password and no factor."""
    fields = {"roles": ["operator"], "language": "en"}
    return actions.create_employee(username="anna", password=PASSWORD, fields=fields)


@pytest.fixture
def mine(anna: Employee) -> Browser:
    """Her browser, in which she is logged in."""
    browser = Browser()
    by_password(browser)
    return browser


@pytest.fixture
def device(mine: Browser) -> Authenticator:
    """Her telephone, with a passkey that she has made."""
    made = Authenticator()
    assert prove(mine).status_code == 200
    assert add(mine, made).status_code == 200
    return made


def prove(browser: Browser, **typed: str) -> Any:
    """The answer to a proof, by the password if nothing else is told."""
    return browser.post(OWN, {"verb": "prove", "password": PASSWORD} | typed)


def add(browser: Browser, device: Authenticator, name: str = "Telephone") -> Any:
    """The answer to a passkey that was made."""
    asked = browser.post(f"{OWN}add.json").json()
    return browser.post(OWN, {"verb": "add", "name": name, "credential": device.make(asked)})


def shown(browser: Browser, device: Authenticator, purpose: str = "enter") -> str:
    """What the device signs for the challenge that the browser was given."""
    device.counter += 1
    where = f"{OWN}prove.json" if purpose == "prove" else f"{ENTER}{purpose}.json"
    return device.show(browser.post(where).json())


def enter(browser: Browser, device: Authenticator, **more: str) -> Any:
    """The answer to a passkey alone."""
    return browser.post(ENTER, {"credential": shown(browser, device)} | more)


def kinds(employee: Employee) -> list[tuple[str, Any]]:
    """The facts of an employee, with what tells them apart."""
    return [(one.kind, one.data.get("way") or one.data.get("what") or one.data.get("how"))
            for one in facts_of("employee", employee.pk)]  # fmt: skip


def test_it_lets_in_alone_and_the_journal_tells_it(device: Authenticator, anna: Employee) -> None:
    fresh = Browser()
    assert enter(fresh, device, next=WISHES).headers["Location"] == WISHES
    assert is_in(fresh)
    assert EmployeeSession.objects.filter(employee=anna).count() == 2
    assert kinds(anna)[-3:] == [
        ("employee_factor_changed", "passkey_added"), ("passkey_used", "alone"), ("session_opened", None),
    ]  # fmt: skip
    row = EmployeePasskey.objects.get()
    assert (row.name, row.host, row.counter, row.used_at is not None) == ("Telephone", "testserver", 1, True)
    assert guessing.KNOWN.cookie in fresh.cookies


def test_a_page_of_somebody_else_is_not_led_to(device: Authenticator) -> None:
    assert enter(Browser(), device, next="https://elsewhere.example/").headers["Location"].startswith("/desk/")


def test_after_the_password_it_is_asked_for_and_need_not_verify(device: Authenticator, anna: Employee) -> None:
    fresh = Browser()
    assert by_password(fresh).headers["Location"] == SECOND
    page = fresh.get(SECOND).content.decode()
    assert "data-passkey" in page
    assert 'name="code"' not in page
    assert not is_in(fresh)
    device.verifies = False
    assert fresh.post(SECOND, {"credential": shown(fresh, device, "second")}).status_code == 302
    assert is_in(fresh)
    assert ("passkey_used", "after_password") in kinds(anna)


def test_the_door_of_the_administration_asks_for_it_and_takes_it(device: Authenticator) -> None:
    Employee.objects.update(is_staff=True, is_superuser=True)
    fresh = Browser()
    assert by_password(fresh, door="/admin/login/?next=/admin/").headers["Location"] == SECOND
    assert enter(fresh, device, next="/admin/").headers["Location"] == "/admin/"
    assert fresh.get("/admin/").status_code == 200


def test_one_that_did_not_verify_its_user_does_not_let_in_alone(device: Authenticator) -> None:
    fresh, device.verifies = Browser(), False
    answer = enter(fresh, device)
    assert answer.status_code == 422
    assert "did not make sure" in answer.content.decode()
    assert not is_in(fresh)


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("origin", "https://testserver"), ("origin", "http://testserver.example"), ("origin", "http://testserver:81"),
        ("host", "example.org"), ("key", None), ("handle", "b3RoZXI"), ("handle", None), ("credential", b"another"),
    ],
)  # fmt: skip
def test_an_answer_for_another_address_or_of_another_key_is_refused(
    device: Authenticator, what: str, value: Any
) -> None:
    if what == "key":
        value = Authenticator().key
    setattr(device, what, value)
    fresh = Browser()
    assert enter(fresh, device).status_code == 422
    assert not is_in(fresh)
    assert RefusedEntry.objects.get().way == "passkey"


def test_behind_a_proxy_the_origins_of_the_settings_count(device: Authenticator, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://testserver", "https://other.example"]
    device.origin = "https://other.example"
    assert enter(Browser(), device).status_code == 422
    device.origin = "https://testserver"
    assert enter(Browser(), device).status_code == 302


def test_over_https_the_challenge_stays_with_this_very_host(anna: Employee, settings: Any) -> None:
    settings.HOST_ONLY = "__Host-"
    mine, device = Browser(), Authenticator(origin="https://testserver")
    mine.post("/login/", {"username": "anna", "password": PASSWORD}, secure=True)
    mine.post(OWN, {"verb": "prove", "password": PASSWORD}, secure=True)
    made = device.make(mine.post(f"{OWN}add.json", secure=True).json())
    kept = mine.cookies["__Host-kindline_passkey"]
    assert (kept["secure"], kept["httponly"], kept["samesite"], kept["path"]) == (True, True, "Strict", "/")
    assert kept["domain"] == ""
    assert mine.post(OWN, {"verb": "add", "credential": made}, secure=True).status_code == 200
    fresh, device.counter = Browser(), 1
    said = device.show(fresh.post(f"{ENTER}enter.json", secure=True).json())
    assert fresh.post(ENTER, {"credential": said}, secure=True).status_code == 302


def test_an_answer_is_good_once_and_for_its_own_browser_and_purpose(device: Authenticator, mine: Browser) -> None:
    fresh, other = Browser(), Browser()
    said = shown(fresh, device)
    kept = fresh.cookies[challenges.cookie()].value
    assert fresh.post(ENTER, {"credential": said}).status_code == 302
    for stolen in (True, False):  # with the cookie of the first, and without
        if stolen:
            other.cookies[challenges.cookie()] = kept
        answer = other.post(ENTER, {"credential": said})
        assert answer.status_code == 422
        assert "This attempt is over" in answer.content.decode()
        other.cookies.clear()
    by_password(other)
    assert other.post(SECOND, {"credential": shown(other, device)}).status_code == 422, "made for another purpose"
    said = shown(other, device, "second")
    third = Browser()
    by_password(third)
    third.cookies[challenges.cookie()] = other.cookies[challenges.cookie()].value
    assert third.post(SECOND, {"credential": said}).status_code == 422, "made in another session"


def test_a_wrong_answer_spends_its_challenge_too(device: Authenticator) -> None:
    fresh = Browser()
    said = shown(fresh, device)
    kept = fresh.cookies[challenges.cookie()].value
    assert fresh.post(ENTER, {"credential": "{}"}).status_code == 422
    fresh.cookies[challenges.cookie()] = kept
    assert fresh.post(ENTER, {"credential": said}).status_code == 422
    assert challenges.sweep(now=timezone.now()) == 0
    assert challenges.sweep(now=timezone.now() + dt.timedelta(hours=2)) == SpentChallenge.objects.count() + 2


def test_a_challenge_lives_for_five_minutes(device: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, now = Browser(), timezone.now()
    said = shown(fresh, device)
    monkeypatch.setattr(timezone, "now", lambda: now + dt.timedelta(seconds=challenges.LIFE_S + 1))
    assert fresh.post(ENTER, {"credential": said}).status_code == 422


@pytest.mark.parametrize(
    ("before", "then", "taken"), [(7, 7, False), (7, 6, False), (7, 0, False), (7, 9, True), (0, 0, True)]
)
def test_a_counter_that_goes_back_is_refused_told_and_shown(
    device: Authenticator, anna: Employee, mine: Browser, before: int, then: int, taken: bool
) -> None:
    EmployeePasskey.objects.update(counter=before)
    fresh, device.counter = Browser(), then - 1
    if then == 0:  # an authenticator that keeps none
        said = dataclasses.replace(device, counter=0).show(fresh.post(f"{ENTER}enter.json").json())
        answer = fresh.post(ENTER, {"credential": said})
    else:
        answer = enter(fresh, device)
    assert is_in(fresh) is taken
    told = [one for one in facts_of("employee", anna.pk) if one.kind == "passkey_doubted"]
    assert [one.data["passkey"] for one in told] == ([] if taken else [EmployeePasskey.objects.get().pk])
    assert EmployeePasskey.objects.get().counter == (then if taken else before)
    assert ("counted backwards" in mine.get(OWN).content.decode()) is not taken
    assert ("counted backwards" in answer.content.decode()) is not taken


def test_a_disabled_employee_is_refused_at_every_step(device: Authenticator, anna: Employee) -> None:
    fresh = Browser()
    by_password(fresh)
    Employee.objects.update(is_active=False)
    assert fresh.post(f"{ENTER}second.json").status_code == 401
    assert enter(fresh, device).status_code == 422
    assert not is_in(fresh)
    assert kinds(anna)[-1] == ("session_refused", "passkey")


def test_several_are_told_apart_and_taken_away_after_a_proof(
    device: Authenticator, mine: Browser, anna: Employee
) -> None:
    key = Authenticator()
    assert mine.post(f"{OWN}add.json").status_code == 403, "the proof is used up"
    assert prove(mine).status_code == 422, "the password alone adds nothing where there is a passkey"
    assert prove(mine, password="", credential=shown(mine, device, "prove")).status_code == 200
    assert add(mine, device).status_code == 422, "it is known"
    assert add(mine, key, name=" The key\x00 on my ring ").status_code == 200
    page = mine.get(OWN).content.decode()
    assert "Telephone" in page
    assert "The key on my ring" in page
    other, row = Browser(), EmployeePasskey.objects.get(name="Telephone")
    assert enter(other, key).status_code == 302
    take = {"verb": "take", "passkey": row.pk}
    assert mine.post(OWN, take).status_code == 422
    prove(mine, password="", credential=shown(mine, key, "prove"))
    assert mine.post(OWN, take).status_code == 200
    assert [one.name for one in EmployeePasskey.objects.all()] == ["The key on my ring"]
    assert (is_in(mine), is_in(other)) == (True, False), "the other sessions end"
    assert enter(Browser(), device).status_code == 422
    assert ("employee_factor_changed", "passkey_taken_away") in kinds(anna)


def test_a_proof_takes_both_factors_or_a_passkey_that_verifies(device: Authenticator, mine: Browser) -> None:
    device.verifies = False
    assert prove(mine, password="", credential=shown(mine, device, "prove")).status_code == 422
    assert prove(mine, password="another").status_code == 422
    assert prove(mine, password="another", credential=shown(mine, device, "prove")).status_code == 422
    assert mine.post(f"{OWN}add.json").status_code == 403
    assert mine.post(OWN, {"verb": "begin", "password": PASSWORD}).status_code == 422, "an app beside it needs one too"
    assert prove(mine, credential=shown(mine, device, "prove")).status_code == 200
    assert QR in mine.post(OWN, {"verb": "begin"}).content.decode()


def test_an_app_that_was_begun_before_a_passkey_is_neither_shown_nor_confirmed_without_a_proof(
    mine: Browser, anna: Employee
) -> None:
    device = Authenticator()
    mine.post(OWN, {"verb": "begin", "password": PASSWORD})
    prove(mine)
    add(mine, device)
    page = mine.get(OWN).content.decode()
    assert factors.FACTORS.spelled(EmployeeFactor.objects.get()) not in page
    assert QR not in page
    assert "Show above, by a passkey, that it is you" in page
    assert mine.post(OWN, {"verb": "confirm", "code": figures()}).status_code == 422
    assert factors.FACTORS.of(anna) is None
    prove(mine, password="", credential=shown(mine, device, "prove"))
    assert QR in mine.post(OWN, {"verb": "begin"}).content.decode()
    assert QR in mine.get(OWN).content.decode()
    assert mine.post(OWN, {"verb": "confirm", "code": figures()}).status_code == 200
    assert mine.post(f"{OWN}add.json").status_code == 403, "begun and confirmed it is one change"


def test_beside_an_app_its_figures_are_the_proof(mine: Browser, anna: Employee) -> None:
    set_up(mine)
    assert prove(mine).status_code == 422
    assert prove(mine, code=figures()).status_code == 200
    assert add(mine, Authenticator()).status_code == 200
    page = Browser()
    by_password(page)
    assert 'name="code"' in page.get(SECOND).content.decode()


def test_an_administrator_takes_passkeys_away_with_the_app(
    device: Authenticator, mine: Browser, anna: Employee
) -> None:
    assert factors.reset(employee=anna, by=None, now=timezone.now())
    assert not EmployeePasskey.objects.exists()
    assert not is_in(mine)
    assert by_password(mine).headers["Location"] != SECOND
    assert not factors.reset(employee=anna, by=None, now=timezone.now())


def test_at_the_machine_itself_they_are_taken_away_by_a_command(
    device: Authenticator, mine: Browser, anna: Employee, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in ("has no second factor any more", "nothing was changed"):
        call_command("reset_second_factor", "anna")
        assert words in capsys.readouterr().out
    assert not is_in(mine)
    assert kinds(anna)[-2:] == [("employee_factor_changed", "reset"), ("employee_sessions_ended", None)]
    with pytest.raises(CommandError, match="nobody logs in as nobody"):
        call_command("reset_second_factor", "nobody")


def test_it_is_the_second_factor_that_a_role_needs(anna: Employee, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["operator"]
    mine = Browser()
    by_password(mine)
    assert mine.get(WISHES).headers["Location"] == OWN
    prove(mine)
    assert add(mine, Authenticator()).status_code == 200
    assert is_in(mine)


def test_an_address_in_figures_is_told_to_be_none(mine: Browser) -> None:
    for host in ("127.0.0.1:8000", "[::1]:8000"):
        answer = mine.post(f"{ENTER}enter.json", headers={"host": host})
        assert (answer.status_code, answer.json()) == (400, {"error": "host"})


def test_a_stranger_is_asked_to_log_in_and_nobody_gets_a_passkey_of_the_second_step(anna: Employee) -> None:
    fresh = Browser()
    assert fresh.post(f"{OWN}prove.json").status_code == 401
    assert fresh.post(f"{ENTER}second.json").json() == {"error": "over"}
    assert fresh.get(ENTER).status_code == 302


def test_who_has_passkeys_by_another_name_is_told_so(device: Authenticator, mine: Browser) -> None:
    EmployeePasskey.objects.update(host="desk.example.org")
    assert mine.post(f"{OWN}prove.json").json() == {"error": "elsewhere"}


def test_a_flood_of_one_address_is_held_back_and_a_known_browser_is_not(
    device: Authenticator, mine: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "FAILED_FROM_ONE_ADDRESS", 2)
    stranger = Browser()
    for status in (422, 422, 429):
        assert enter(stranger, Authenticator()).status_code == status
    assert enter(Browser(), device).status_code == 429
    assert enter(Browser(REMOTE_ADDR="192.0.2.9"), device).status_code == 302
    mine.post("/logout/")
    assert enter(mine, device).status_code == 302
    assert not RefusedEntry.objects.exclude(way="passkey").exists(), "figures and passwords are not held back by it"


def test_who_is_held_back_within_is_told_what_to_take_instead_of_the_passkey(
    device: Authenticator, mine: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = Browser()
    by_password(fresh)
    monkeypatch.setattr(guessing, "FAILED_FROM_ONE_ADDRESS", 0)
    monkeypatch.setattr(passkey_entry, "_is_known", lambda _request, _employee: False)
    for answer in (
        fresh.post(SECOND, {"credential": shown(fresh, device, "second")}),
        prove(mine, password="", credential=shown(mine, device, "prove")),
    ):
        page = answer.content.decode()
        assert answer.status_code == 429
        assert "for an hour no passkey is looked at. Type the figures of the app" in page
        assert "a quarter of an hour" not in page


def test_one_that_is_gone_is_told_to_be_and_the_proof_stays(device: Authenticator, mine: Browser) -> None:
    prove(mine, password="", credential=shown(mine, device, "prove"))
    answer = mine.post(OWN, {"verb": "take", "passkey": EmployeePasskey.objects.get().pk + 1})
    assert answer.status_code == 422
    assert "was taken away already" in answer.content.decode()
    assert "lets in no more" not in answer.content.decode()
    assert mine.post(OWN, {"verb": "take", "passkey": EmployeePasskey.objects.get().pk}).status_code == 200


@pytest.mark.parametrize("said", ["[" * 20_000, '{"a":' * 3_000, "1" * 20_000, "", "\x00", "null"])
def test_nobody_breaks_the_door_by_what_is_no_answer(anna: Employee, said: str) -> None:
    fresh = Browser()
    fresh.post(f"{ENTER}enter.json")
    assert fresh.post(ENTER, {"credential": said}).status_code == 422
    assert RefusedEntry.objects.get().way == "passkey", "it is counted as refused"


def test_a_key_longer_than_is_kept_is_refused(mine: Browser) -> None:
    prove(mine)
    answer = add(mine, Authenticator(credential=b"k" * 1051))
    assert answer.status_code == 422
    assert not EmployeePasskey.objects.exists()


def test_so_many_and_no_more(anna: Employee) -> None:
    rows = [
        EmployeePasskey(
            employee=anna, credential=f"key{one:05}", public_key=b"", host="testserver", made_at=timezone.now()
        )
        for one in range(MOST)
    ]
    EmployeePasskey.objects.bulk_create(rows)
    place, challenge = Place("testserver", ["http://testserver"]), challenges.made()
    asked = passkey_entry.PASSKEYS.to_add(anna, place=place, challenge=challenge, name="anna", issuer="Kindline")
    said = Authenticator().make(json.loads(asked))
    with pytest.raises(PasskeyRefusedError, match="many"):
        passkey_entry.PASSKEYS.add(anna, said=said, name="", place=place, challenge=challenge, now=timezone.now())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary().map(lambda one: one.hex()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "attestationObject")


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    damage=st.lists(st.tuples(st.sampled_from(NAMES), JSON | st.text("AZaz09-_", max_size=40)), min_size=1, max_size=3)
)
def test_whatever_is_sent_is_refused_and_breaks_nothing(anna: Employee, damage: list[tuple[str, Any]]) -> None:
    place, challenge, device = Place("testserver", ["http://testserver"]), challenges.made(), Authenticator()
    ours, now = passkey_entry.PASSKEYS, timezone.now()
    EmployeePasskey.objects.all().delete()
    asked = json.loads(ours.to_add(anna, place=place, challenge=challenge, name="anna", issuer="Kindline"))
    made = device.make(asked)
    ours.add(anna, said=made, name="x", place=place, challenge=challenge, now=now)
    for good in (made, device.show(json.loads(ours.to_show(place=place, challenge=challenge)))):
        bad = json.loads(good)
        for name, value in damage:
            (bad["response"] if isinstance(bad["response"], dict) and name in bad["response"] else bad)[name] = value
        act: Callable[..., Any] = ours.add if good == made else ours.shown
        more = {"owner": anna, "name": "x"} if good == made else {}
        try:
            act(**more, said=json.dumps(bad), place=place, challenge=challenge, now=now)
        except PasskeyRefusedError:
            continue
