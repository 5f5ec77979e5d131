"""Own data: shown with care, corrected and erased by a request of the registry; wishes are the client's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal
from kindline.clients.login_models import Login
from kindline.clients.models import Account, Client
from kindline.journal.queries import facts_of
from kindline.quality import erasure
from kindline.site.account import own
from kindline.site.models import Submission
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.site.account.test_account import entered

pytestmark = pytest.mark.db
clause = pytest.mark.clause
Site = Callable[..., Profile]
PAGE = "/account/data/"


@pytest.fixture
def client(site: Site, visitor: Browser, account: Account) -> Browser:
    """Somebody who is in his account."""
    site("krc")
    return entered(visitor)


def test_what_is_known_is_shown_but_for_the_middle_of_numbers(client: Browser) -> None:
    page = client.get(PAGE).content.decode()
    assert "Ёлкин" in page
    assert "+79…33" in page
    assert "+79271112233" not in page


@pytest.mark.parametrize(("value", "shown"), [("+79271112233", "+79…33"), ("elkin@example.com", "e…@example.com")])
def test_both_ends_are_shown(value: str, shown: str) -> None:
    assert own.hidden(value) == shown


@clause("krc-5.7.1-40", "krc-5.7.1-41")
def test_the_client_subscribes_to_notices_by_sms_and_e_mail(client: Browser, account: Account) -> None:
    told: dict[str, Any] = {"verb": "ways", "client": account.client_id}
    client.post(PAGE, told | {"notices": ["sms", "email", "pigeon"], "way_1": "email", "way_2": "sms", "way_3": ""})
    kept = Client.objects.get()
    assert (kept.notices, kept.ways) == (["email", "sms"], ["email", "sms"])
    page = client.get(PAGE).content.decode()
    assert page.count('value="sms" checked') == 1
    assert "no e-mail address on your card" in page
    client.post(PAGE, told | {"way_1": "email", "way_2": "sms"})
    assert Client.objects.get().notices == []
    client.post(PAGE, {**told, "client": account.client_id + 1, "notices": "sms"})
    assert Client.objects.get().notices == [], "another's card is not his"
    facts = [fact for fact in facts_of("client", account.client_id) if fact.kind == "ways_changed"]
    assert [fact.data["notices"] for fact in facts] == [["email", "sms"], []]


@clause("krc-5.5.2-06", "krc-5.5.2-07", "krc-5.5.2-08")
def test_the_client_agrees_to_surveys_and_takes_it_back(client: Browser, account: Account) -> None:
    told: dict[str, Any] = {"verb": "wishes", "client": account.client_id}
    client.post(PAGE, told | {"survey_consent": "on"})
    assert Client.objects.get().survey_consent
    assert "Your wishes are kept." in client.get(PAGE).content.decode()
    client.post(PAGE, told | {"do_not_call": "on"})
    kept = Client.objects.get()
    assert (kept.survey_consent, kept.do_not_call) == (False, True)
    facts = [fact for fact in facts_of("client", account.client_id) if fact.kind == "call_wishes_changed"]
    assert [fact.data["via"] for fact in facts] == ["account", "account"]


def test_nobody_sets_the_wishes_of_another(client: Browser) -> None:
    now = timezone.now()
    other = Client.objects.create(surname="Другой", created_at=now, changed_at=now)
    client.post(PAGE, {"verb": "wishes", "client": other.pk, "do_not_call": "on"})
    assert not Client.objects.filter(do_not_call=True).exists()


def test_a_correction_is_a_request_of_the_registry(client: Browser, account: Account) -> None:
    empty = client.post(PAGE, {"verb": "correction", "said": " "})
    assert (empty.status_code, empty.context["faults"][0]["title"]) == (422, "What is wrong, and how should it be?")
    answer = client.post(PAGE, {"verb": "correction", "said": "Фамилия: Елкин"})
    assert answer.status_code == 302
    appeal = Appeal.objects.get()
    assert "Фамилия: Елкин" in appeal.substance
    assert account.number in appeal.substance
    assert appeal.limit_at is not None
    assert Submission.objects.get().about == own.CORRECTION


@pytest.mark.fault("W1")
def test_back_and_another_request_is_neither_lost_nor_sent_unseen(client: Browser, account: Account) -> None:
    key = client.get(PAGE).context["key"]
    first = {"verb": "correction", "said": "Фамилия: Елкин", "key": key}
    assert client.post(PAGE, first).status_code == client.post(PAGE, first).status_code == 302
    answer = client.post(PAGE, first | {"said": "Отчество: Петрович"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Отчество: Петрович</textarea>" in page
    assert Appeal.objects.get().number in page
    again = first | {"said": "Отчество: Петрович", "key": answer.context["key"]}
    assert client.post(PAGE, again).status_code == 302
    assert Appeal.objects.count() == 2


def test_an_erasure_after_a_correction_on_one_page_is_a_request_of_its_own(client: Browser, account: Account) -> None:
    page = client.get(PAGE).context
    assert client.post(PAGE, {"verb": "correction", "said": "Фамилия: Елкин", "key": page["key"]}).status_code == 302
    erased = {"verb": "erasure", "sure": "on", "key": page["erasure_key"]}
    assert client.post(PAGE, erased).status_code == 302
    assert Submission.objects.filter(about=own.ERASURE).count() == 1
    assert f'value="{page["erasure_key"]}"' not in client.get(PAGE).content.decode()


def test_an_erasure_is_asked_for_once_and_done_by_whom_the_standard_names(client: Browser, account: Account) -> None:
    page = client.post(PAGE, {"verb": "erasure"})
    assert page.status_code == 422
    assert "cannot be brought back" in page.content.decode()
    for _ in range(2):
        assert client.post(PAGE, {"verb": "erasure", "sure": "on"}).status_code == 302
    appeal = Appeal.objects.get()
    assert "удалить мои персональные данные" in appeal.substance
    assert appeal.number in client.get(PAGE).content.decode()
    director = Employee.objects.create(username="director", number=1, roles=["director"])
    told: dict[str, Any] = {
        "client": account.client,
        "ground": appeal.number,
        "employee": director,
        "now": timezone.now(),
    }
    with pytest.raises(erasure.StillNeededError, match="appeals"):  # it is answered first
        erasure.erase_client(profile=loader.load("krc"), **told)
    Appeal.objects.update(closed_at=timezone.now(), state="closed", end="answered")
    erasure.erase_client(profile=loader.load("krc"), **told)
    assert not Login.objects.exists()
    assert client.get(PAGE).headers["Location"] == "/account/enter/"


def test_consents_to_the_work_with_questions_are_listed(client: Browser, account: Account) -> None:
    asked = {"account": account.number, "kind": "complaint", "substance": "Пломба"}
    assert client.post("/account/ask/", asked).status_code == 422, "it is not kept that he agreed before he does"
    client.post("/account/ask/", asked | {"consent": "on"})
    page = client.get(PAGE).content.decode()
    assert "When I agreed" in page
    assert Appeal.objects.get().number in page
