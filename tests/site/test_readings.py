"""Readings on the site without log-in: accepted, asked back, refused, and nothing told to strangers."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from kindline.clients.login_models import Login
from kindline.journal.models import Fact
from kindline.readings import actions
from kindline.readings.models import Reading, ReadingState, Refused
from kindline.site import reading_tries
from kindline.site.account.session import DEVICE
from tests.readings.conftest import Household, household
from tests.site.test_pace import solved

__all__ = ["household"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause
DAY = timezone.now().date()


def sent(visitor: Browser, household: Household, typed_value: str = "80", /, **more: Any) -> Any:
    """The form, sent."""
    typed = {
        "account": "123 4567", "meter": "W-1", "zone": "", "value": typed_value, "taken_on": DAY.isoformat(),
        "key": str(uuid.uuid4()),
    }  # fmt: skip
    return visitor.post("/readings/", typed | more)


def text_of(answer: Any) -> str:
    """The page in words, with no blanks between them but one."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


@clause("krc-5.7.3-06")
def test_a_reading_is_accepted_at_once(visitor: Browser, household: Household) -> None:
    Reading.objects.update(taken_on=DAY - dt.timedelta(days=365))
    answer = sent(visitor, household, "80,125")
    assert answer.status_code == 200
    assert "The reading is accepted." in text_of(answer)
    kinds = list(Fact.objects.filter(kind__startswith="reading_").order_by("-id").values_list("kind", flat=True)[:2])
    assert kinds == ["reading_accepted", "reading_sent"]
    assert "We have this reading already." in text_of(sent(visitor, household, "80,125"))


def test_the_next_reading_keeps_the_account_and_no_address_has_its_number(
    visitor: Browser, household: Household
) -> None:
    told = sent(visitor, household, "80,125").content.decode()
    assert not re.search('(href|action)="[^"]*(123|account=)', told)
    assert 'value="another"' in told
    answer = visitor.post("/readings/", {"verb": "another", "account": "123 4567"})
    assert answer.status_code == 200
    assert 'name="account" value="123 4567"' in answer.content.decode()
    assert 'name="value" value=""' in answer.content.decode()
    assert not Refused.objects.exists()


def test_a_reading_is_asked_back_and_nothing_is_told_of_earlier_ones(visitor: Browser, household: Household) -> None:
    answer = sent(visitor, household, "5")
    told = answer.content.decode()
    assert "Is it right?" in told
    assert "77" not in text_of(answer)
    assert "lower" not in text_of(answer)
    assert 'value="5"' in told  # nothing typed is lost
    asked = re.search(r'name="asked" value="([^"]+)"', told)
    assert asked
    answer = visitor.post("/readings/", {"verb": "confirm", "asked": asked[1]})
    assert "The reading is accepted." in text_of(answer)
    assert Reading.objects.get(value=5).state == ReadingState.ACCEPTED


def test_only_the_sender_can_say_that_it_is_right(visitor: Browser, household: Household) -> None:
    sent(visitor, household, "5")
    visitor.post("/readings/", {"verb": "confirm", "asked": str(uuid.uuid4())})
    assert Reading.objects.get(value=5).state == ReadingState.ASKED_BACK


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"meter": "W-9"}, "There is no such meter in this account."),
        ({"account": "99"}, "There is no such meter in this account."),
        ({"value": "8o"}, "This is not a number."),
        ({"value": "1.2345"}, "fewer figures after the point"),
        ({"taken_on": "2999-01-01"}, "still to come"),
        ({"zone": "night"}, "no such zone"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    visitor: Browser, household: Household, told: dict[str, str], said: str
) -> None:
    answer = sent(visitor, household, "80", **told)
    assert answer.status_code == 422
    assert said in text_of(answer)
    for value in told.values():
        assert f'value="{value}"' in answer.content.decode()
    assert Refused.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "title"),
    [("account", "Account number"), ("meter", "Number of the meter"), ("value", "Reading"), ("taken_on", "Read on")],
)
def test_an_empty_field_is_to_be_filled_in_and_is_no_wrong_meter(
    visitor: Browser, household: Household, field: str, title: str
) -> None:
    before = Fact.objects.filter(kind="reading_sent").count()
    answer = sent(visitor, household, **{field: " "})
    assert answer.status_code == 422
    assert [(one["title"], one["text"]) for one in answer.context["faults"]] == [(title, "Please fill this in.")]
    assert list(answer.context["wrong"]) == [field]
    assert Fact.objects.filter(kind="reading_sent").count() == before


def test_all_that_is_wrong_is_told_at_once_with_the_photo(visitor: Browser, household: Household) -> None:
    photo = SimpleUploadedFile("run.exe", b"MZ\x90")
    answer = sent(visitor, household, "", account="", photo=photo)
    assert [one["field"] for one in answer.context["faults"]] == ["account", "value", "photo"]
    assert "Give it as a picture, such as JPEG or PNG." in answer.context["wrong"]["photo"]
    for field in ("account", "value", "photo"):
        assert f'href="#f-{field}"' in answer.content.decode()
        assert f'id="e-{field}"' in answer.content.decode()


def test_a_form_sent_twice_is_one_sending(visitor: Browser, household: Household) -> None:
    key = str(uuid.uuid4())
    first, second = (sent(visitor, household, "5", key=key) for _ in range(2))
    assert text_of(first) == text_of(second)
    assert Reading.objects.filter(value=5).count() == 1
    assert sent(visitor, household, "6", key=key).status_code == 422


def test_guessing_is_held_back(visitor: Browser, household: Household) -> None:
    visitor.get("/readings/")
    for n in range(actions.FROM_ONE_NETWORK):
        sent(visitor, household, "80", meter=f"W-{n + 5}")
    answer = sent(visitor, household, "80")
    assert answer.status_code == 429
    assert 'value="80"' in answer.content.decode()


def test_programs_that_fill_in_everything_and_other_standards(
    visitor: Browser, household: Household, settings: Any
) -> None:
    assert sent(visitor, household, "80", website="x").status_code == 422
    assert not Reading.objects.filter(value=80).exists()
    assert 'href="/readings/"' in visitor.get("/").content.decode()
    settings.KINDLINE = {**settings.KINDLINE, "profile": "court"}
    assert visitor.get("/readings/").status_code == 404
    assert 'href="/readings/"' not in visitor.get("/").content.decode()


def test_a_stranger_overwrites_nothing_and_an_employee_decides(visitor: Browser, household: Household) -> None:
    Reading.objects.update(taken_on=DAY - dt.timedelta(days=365))
    household.send(household.line("80", DAY.isoformat(), zone="", meter="W-1"), now=timezone.now())
    told = sent(visitor, household, "81").content.decode()
    asked = re.search(r'name="asked" value="([^"]+)"', told)
    assert asked
    answer = visitor.post("/readings/", {"verb": "confirm", "asked": asked[1]})
    assert "an employee looks at both" in text_of(answer)
    assert "accepted" not in text_of(answer)
    assert Reading.objects.get(value=80).state == ReadingState.ACCEPTED
    assert Reading.objects.get(value=81).state == ReadingState.ASKED_BACK


def test_a_yes_that_comes_too_late_is_told_so(visitor: Browser, household: Household) -> None:
    asked = re.search(r'name="asked" value="([^"]+)"', sent(visitor, household, "5").content.decode())
    assert asked
    Reading.objects.filter(value=5).update(state=ReadingState.DECLINED)
    answer = visitor.post("/readings/", {"verb": "confirm", "asked": asked[1]})
    assert answer.status_code == 422
    assert "Somebody has settled this reading meanwhile" in text_of(answer)


def telephone_of(name: str, settings: Any) -> Browser:
    """One of the many behind an address."""
    made = Browser(headers={"accept-language": "en"})
    made.cookies[settings.CSRF_COOKIE_NAME] = name
    return made


def shown(answer: Any) -> dict[str, str]:
    """The work that a page asks for, done as a browser does it, with the key of its form."""
    page = answer.content.decode()
    puzzle, key = re.search(r'data-puzzle="([^"]+)"', page), re.search(r'name="key" value="([^"]+)"', page)
    assert puzzle
    assert key
    return {"proof": solved(puzzle[1]), "key": key[1]}


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less work, and sooner."""
    monkeypatch.setattr(reading_tries, "WORK", 6)
    monkeypatch.setattr(reading_tries, "MOST", 3)


@pytest.mark.fault("X1")
def test_a_town_behind_one_address_is_not_held_and_who_guesses_at_one_account_works_for_each_try(
    light: None, household: Household, settings: Any
) -> None:
    for n in range(reading_tries.MOST):
        stranger = telephone_of(f"telephone-{n}", settings)
        assert sent(stranger, household, "80", account="777", meter=f"W-{n}").status_code == 422
    stranger = telephone_of("one more", settings)
    held = sent(stranger, household, "80", account="77-7")
    assert held.status_code == 429, "nobody guesses at one account, however its number is grouped"
    assert "shows some work first" in text_of(held)
    assert 'value="80"' in held.content.decode(), "nothing typed is lost"
    assert sent(stranger, household, "80").status_code == 200
    again = sent(stranger, household, "80", account="777", **shown(held))
    assert again.status_code == 422, "taken, and there is no such meter"
    assert 'data-puzzle="' in again.content.decode(), "the next try is work again"
    assert sent(stranger, household, "80", account="777").status_code == 429


@pytest.mark.fault("X1")
def test_by_trying_nobody_shuts_the_form_to_a_neighbour(light: None, household: Household, settings: Any) -> None:
    Reading.objects.update(taken_on=DAY - dt.timedelta(days=200))
    owner = telephone_of("owner", settings)
    assert "accepted" in text_of(sent(owner, household, "80", taken_on=(DAY - dt.timedelta(days=30)).isoformat()))
    for n in range(4 * reading_tries.MOST):
        stranger = telephone_of(f"stranger-{n}", settings)
        held = sent(stranger, household, "80", meter="W-9")
    assert held.status_code == 429
    assert "accepted" in text_of(sent(owner, household, "81", taken_on=(DAY - dt.timedelta(days=20)).isoformat()))
    new = telephone_of("the owner's new telephone", settings)
    asked = sent(new, household, "82")
    assert asked.status_code == 429
    assert "accepted" in text_of(sent(new, household, "82", **shown(asked))), "some work, and he is served"


@pytest.mark.fault("X1")
def test_who_has_entered_here_as_the_owner_is_held_by_his_own_tries_alone(
    light: None, household: Household, settings: Any
) -> None:
    login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
    login.accounts.add(household.account)
    owner, answer = telephone_of("owner", settings), HttpResponse()
    DEVICE.remember(RequestFactory().get("/"), answer, login.pk)
    owner.cookies.update(answer.cookies)
    for n in range(reading_tries.MOST):
        sent(telephone_of(f"stranger-{n}", settings), household, "80", meter="W-9")
    for _ in range(reading_tries.MOST):
        assert sent(owner, household, "8o").status_code == 422
    held = sent(owner, household, "80")
    assert held.status_code == 429
    assert "Wait an hour" in text_of(held)


@pytest.mark.fault("X1")
def test_a_cookie_of_a_known_browser_that_is_used_from_many_addresses_pays_and_shuts_nothing(
    light: None, visitor: Browser, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_tries, "MOST_KNOWN", 4)
    Reading.objects.update(taken_on=DAY - dt.timedelta(days=200))
    sent(visitor, household, "80", taken_on=(DAY - dt.timedelta(days=30)).isoformat())
    for n in range(4):
        thief = Browser(headers={"accept-language": "en"}, REMOTE_ADDR=f"192.0.2.{n}")
        thief.cookies.update(visitor.cookies)
        assert sent(thief, household, "8o").status_code == 422
    asked = sent(visitor, household, "81")
    assert asked.status_code == 429
    assert "shows some work first" in text_of(asked)
    assert "accepted" in text_of(sent(visitor, household, "81", **shown(asked))), "some work, and he is served"


def test_who_sends_right_readings_of_an_account_is_not_held_and_his_yes_is_never_counted(
    visitor: Browser, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_tries, "MOST", 2)
    Reading.objects.update(taken_on=DAY - dt.timedelta(days=200))
    for days, value in ((30, "80"), (20, "81"), (10, "82")):
        day = (DAY - dt.timedelta(days=days)).isoformat()
        assert "accepted" in text_of(sent(visitor, household, value, taken_on=day))
    asked = re.search(r'name="asked" value="([^"]+)"', sent(visitor, household, "5").content.decode())
    assert asked
    assert sent(visitor, household, "8o").status_code == 422
    assert sent(visitor, household, "83").status_code == 429, "two tries were not accepted"
    answer = visitor.post("/readings/", {"verb": "confirm", "asked": asked[1], "account": "1234567"})
    assert "The reading is accepted." in text_of(answer)
