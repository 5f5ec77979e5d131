"""Surveys at an operator's desk: the next person, the call with permission, the answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.campaigns.models import Campaign, Target
from kindline.clients import wishes
from kindline.clients.models import Account, Client
from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from tests.desk.conftest import Switchboard, Talk, employee, tell

pytestmark = pytest.mark.db


@pytest.fixture
def taken(as_operator: Browser, survey: Campaign) -> Target:
    """That client on the operator's screen."""
    listed = as_operator.get("/desk/surveys/").content.decode()
    assert "Качество" in listed
    answer = as_operator.post(f"/desk/surveys/{survey.pk}/next")
    target = Target.objects.get()
    assert answer.headers["Location"] == f"/desk/surveys/person/{target.pk}/"
    return target


@pytest.mark.clause("krc-5.5.2-08")
def test_the_purpose_is_shown_the_call_is_made_and_the_answers_are_kept(
    as_operator: Browser, taken: Target, operator: Employee, switchboard: Switchboard
) -> None:
    address = f"/desk/surveys/person/{taken.pk}/"
    text = as_operator.get(address).content.decode()
    assert "довольны ли Вы качеством нашего обслуживания" in text
    assert "krc-5.5.2-08" in text
    assert as_operator.post(f"{address}dial").headers["Location"] == address
    taken.refresh_from_db()
    path, body = switchboard.last
    assert path == "/outgoing"
    assert body == {"employee": operator.pk, "contact": str(taken.contact_id), "number": taken.phone}
    page = as_operator.get(address)
    assert [step.id for step in page.context["steps"]][:3] == ["greet", "right_person", "state_purpose"]
    assert not page.context["may_dial"]
    done = as_operator.post(address, {"answer-0": "да", "answer-1": "Ничего", "ending": "answered"})
    assert done.headers["Location"] == "/desk/surveys/"
    taken.refresh_from_db()
    assert (taken.state, taken.answers) == ("reached", {"0": "да", "1": "Ничего"})
    assert Fact.objects.get(kind="survey_answered").subject_id == str(taken.contact_id)


def test_what_was_typed_stays_when_something_is_missing(as_operator: Browser, taken: Target) -> None:
    answer = as_operator.post(f"/desk/surveys/person/{taken.pk}/", {"answer-0": "да", "answer-1": "Быстрее"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Быстрее" in text
    assert 'value="да" checked' in text
    assert 'role="alert"' in text


@pytest.mark.clause("krc-5.5.2-06", "krc-5.5.2-07", "krc-5.5.2-08")
def test_who_has_withdrawn_is_not_called(
    as_operator: Browser, taken: Target, account: Account, switchboard: Switchboard
) -> None:
    by: dict[str, Any] = {"via": "desk", "employee_id": None, "actor": "system", "now": timezone.now()}
    wishes.set_call_wishes(client=account.client, do_not_call=True, survey_consent=True, **by)
    answer = as_operator.post(f"/desk/surveys/person/{taken.pk}/dial", follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert switchboard.asked == []
    assert Fact.objects.filter(kind="action_refused").count() == 1
    assert Contact.objects.get().outcome == "refused"


def test_a_wish_not_to_be_called_is_kept_at_once(as_operator: Browser, taken: Target, account: Account) -> None:
    as_operator.post(f"/desk/surveys/person/{taken.pk}/", {"ending": "do_not_call"})
    assert Client.objects.get(pk=account.client.pk).do_not_call


def test_a_phone_that_is_not_there_gives_the_person_back(
    as_operator: Browser, taken: Target, switchboard: Switchboard
) -> None:
    switchboard.answers["/outgoing"] = (409, {"error": "no_phone", "message": "your phone is not there"})
    answer = as_operator.post(f"/desk/surveys/person/{taken.pk}/dial", follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["your phone is not there"]
    taken.refresh_from_db()
    assert (taken.state, taken.tries) == ("waiting", 0)
    assert Contact.objects.get().outcome == "not_placed"
    assert answer.context["may_dial"], "he stays on the screen"


def test_another_operator_s_person_is_not_mine(client: Browser, taken: Target, survey: Campaign) -> None:
    client.force_login(employee("operator2", Role.OPERATOR, number=13))
    assert client.get(f"/desk/surveys/person/{taken.pk}/").status_code == 403
    assert client.post(f"/desk/surveys/person/{taken.pk}/dial").status_code == 403
    answer = client.post(f"/desk/surveys/{survey.pk}/next", follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["info"]


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_pages_open_in_three_languages(as_operator: Browser, taken: Target, language: str) -> None:
    as_operator.cookies["django_language"] = language
    for page in ("/desk/surveys/", f"/desk/surveys/person/{taken.pk}/"):
        answer = as_operator.get(page)
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.content.decode()


@pytest.mark.clause("krc-5.5.2-08")
def test_wishes_about_calls_are_on_the_card_and_are_set_there(
    as_operator: Browser, talk: Talk, krc: Any, account: Account
) -> None:
    contact = talk(client=account.client)
    card = as_operator.get("/desk/state.json").json()["client"]
    assert (card["do_not_call"], card["survey_consent"]) == (False, False)
    assert tell(as_operator, contact, "call-wishes", do_not_call=False, survey_consent=True).status_code == 200
    assert as_operator.get("/desk/state.json").json()["client"]["survey_consent"] is True
    fact = Fact.objects.get(kind="call_wishes_changed")
    assert (fact.data["survey_consent"], fact.data["via"]) == (True, "desk")
    unknown = talk(client=None)
    assert tell(as_operator, unknown, "call-wishes", do_not_call=True).status_code in (409, 422)
    late = tell(as_operator, contact, "call-wishes", do_not_call=True, client=0)
    assert late.status_code in (409, 422), "another client was taken for the caller before it arrived"


def test_the_order_of_ways_is_on_the_card_and_is_set_there(
    as_operator: Browser, talk: Talk, krc: Any, account: Account
) -> None:
    contact = talk(client=account.client)
    account.client.notices = ["sms"]
    account.client.save()
    card = as_operator.get("/desk/state.json").json()["client"]
    assert (card["ways"], [code for code, _ in card["ways_known"]]) == ([], ["voice", "sms", "email", "push"])
    assert tell(as_operator, contact, "ways", ways=["email", "pigeon", "sms"]).status_code == 200
    assert as_operator.get("/desk/state.json").json()["client"]["ways"] == ["email", "sms"]
    fact = Fact.objects.get(kind="ways_changed")
    assert (fact.data["ways"], fact.data["notices"], fact.data["via"]) == (["email", "sms"], ["sms"], "desk")
    assert tell(as_operator, talk(client=None), "ways", ways=["sms"]).status_code in (409, 422)
