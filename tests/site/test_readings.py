"""Readings on the site without log-in: accepted, asked back, refused, and nothing told to strangers."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.journal.models import Fact
from kindline.readings import actions
from kindline.readings.models import Reading, ReadingState, Refused
from kindline.site import readings
from tests.readings.conftest import Household, household

__all__ = ["household"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause
DAY = timezone.now().date()


def sent(visitor: Browser, household: Household, typed_value: str = "80", /, **more: str) -> Any:
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
    Reading.objects.update(taken_on=DAY.replace(year=DAY.year - 1))
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
    Reading.objects.update(taken_on=DAY.replace(year=DAY.year - 1))
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


def test_a_town_behind_one_address_is_not_held_and_one_account_is(
    visitor: Browser, household: Household, settings: Any
) -> None:
    for n in range(readings.OF_ACCOUNT):
        telephone = Browser(headers={"accept-language": "en"})
        telephone.cookies[settings.CSRF_COOKIE_NAME] = f"telephone-{n}"
        assert sent(telephone, household, "80", account="777", meter=f"W-{n}").status_code == 422
    telephone.cookies[settings.CSRF_COOKIE_NAME] = "one more"
    held = sent(telephone, household, "80", account="777")
    assert held.status_code == 429, "nobody guesses at one account"
    assert "Wait an hour" in text_of(held)
    assert sent(telephone, household, "80").status_code == 200


def test_who_sends_right_readings_of_an_account_is_not_held_and_his_yes_is_never_counted(
    visitor: Browser, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "OF_ACCOUNT", 2)
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
