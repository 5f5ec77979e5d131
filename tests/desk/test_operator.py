"""The operator's screen as data: what it shows and what it does."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal
from kindline.clients.models import Account, Client
from kindline.conversations.models import Callback, Contact, Topic
from kindline.desk import leaving
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, EmployeeSession, Role
from kindline.switchboard.models import Call, Operator
from tests.desk.conftest import Switchboard, Talk, employee, tell, with_colleague

pytestmark = pytest.mark.db


def _state(browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = browser.get("/desk/state.json").json()
    return found


def _kinds(contact: Contact) -> list[str]:
    return list(Fact.objects.filter(subject_id=str(contact.pk)).values_list("kind", flat=True))


def test_only_people_at_the_phone_see_it(client: Browser, krc: Any) -> None:
    assert client.get("/desk/").status_code == 302
    assert client.get("/desk/state.json").status_code == 401
    client.force_login(employee("director", Role.DIRECTOR))
    assert client.get("/desk/").status_code == 403


def test_without_a_call_it_says_so(as_operator: Browser, krc: Any) -> None:
    state = _state(as_operator)
    assert state["call"] is None
    assert state["operator"]["state"] == "offline"
    assert state["phone"] == {"up": True, "reason": ""}


@pytest.mark.parametrize("state", ["ready", "paused", "wrap_up", "talking"])
def test_who_logs_out_of_his_last_session_is_at_the_telephone_no_more(
    as_operator: Browser, operator: Employee, krc: Any, switchboard: Switchboard, state: str
) -> None:
    Operator.objects.update_or_create(employee=operator, defaults={"state": state, "since": timezone.now()})
    there = Browser()
    there.force_login(operator)
    there.post("/logout/")
    assert not switchboard.asked, "he is still logged in elsewhere"
    as_operator.post("/logout/")
    path, said = switchboard.last
    assert (path, said) == (f"/operators/{operator.pk}/state", {"state": "offline", "reason": "logged_out"})


def test_who_is_not_at_the_telephone_asks_nothing_of_it_as_he_logs_out(
    as_operator: Browser, krc: Any, switchboard: Switchboard
) -> None:
    as_operator.post("/logout/")
    assert not switchboard.asked


@pytest.mark.clause("krc-2-51")
@pytest.mark.parametrize(
    ("state", "registered", "idle_min", "leaves"),
    [
        ("paused", False, 61, True), ("wrap_up", False, 61, True), ("paused", False, 59, False),
        ("paused", True, 61, False), ("talking", False, 61, False), ("offline", False, 61, False),
    ],
)  # fmt: skip
def test_who_closed_his_page_in_a_pause_is_off_the_line_once_his_session_is_over(
    as_operator: Browser, operator: Employee, krc: Any, switchboard: Switchboard, state: str, registered: bool,
    idle_min: int, leaves: bool,
) -> None:  # fmt: skip
    now = timezone.now()
    Operator.objects.update_or_create(
        employee=operator, defaults={"state": state, "since": now, "registered": registered}
    )
    EmployeeSession.objects.filter(employee=operator).update(seen_at=now - dt.timedelta(minutes=idle_min))
    leaving.find_gone(now)
    put_off = (f"/operators/{operator.pk}/state", {"state": "offline", "reason": "session_over"})
    assert switchboard.asked == [put_off] * leaves


def test_a_phone_that_is_off_says_why(as_operator: Browser, house: Any) -> None:
    house("krc", phone=False)
    assert "not found" in _state(as_operator)["phone"]["reason"]


def test_nothing_new_costs_nothing(as_operator: Browser, krc: Any, talk: Talk) -> None:
    talk()
    first = as_operator.get("/desk/state.json")
    second = as_operator.get("/desk/state.json", headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 304
    assert second["X-Kindline-Now"] > first["X-Kindline-Now"]


@pytest.mark.clause("krc-2-53", "krc-5.6.4-04")
def test_the_call_its_guide_and_its_client_are_there_at_once(
    as_operator: Browser, krc: Any, talk: Talk, account: Account
) -> None:
    contact = talk(client=account.client)
    state = _state(as_operator)
    assert state["call"]["contact"] == str(contact.pk)
    assert state["call"]["queue_title"]
    greeting = state["guide"]["steps"][0]
    assert "Анна" in greeting["phrases"][0]
    assert "{" not in greeting["phrases"][0]
    assert state["client"]["name"] == "Ёлкин Пётр Семёнович"
    assert {timer["id"] for timer in state["guide"]["timers"]} >= {"ring"}


def test_every_look_at_a_card_is_one_fact(as_operator: Browser, krc: Any, talk: Talk, account: Account) -> None:
    contact = talk(client=account.client)
    _state(as_operator)
    _state(as_operator)
    seen = Fact.objects.filter(kind="client_viewed", subject_id=str(account.client_id))
    assert [fact.data["contact"] for fact in seen] == [str(contact.pk)]


class TestAccounts:
    @pytest.mark.clause("krc-5.6.4-08")
    def test_are_hidden_until_identified_and_shown(
        self, as_operator: Browser, krc: Any, talk: Talk, account: Account
    ) -> None:
        contact = talk(client=account.client)
        state = _state(as_operator)
        assert "5500123456" not in str(state)
        assert "1250" not in str(state)
        assert state["lock"]["open"] is False
        assert state["lock"]["clauses"]
        refused = tell(as_operator, contact, "show-account", account=str(account.pk))
        assert refused.status_code == 422

        said = {"account_number": "5500 123456", "address": "Лесная 12а кв 4"}
        tell(as_operator, contact, "branch", branch="account")
        assert tell(as_operator, contact, "identify", fields=said).status_code == 200
        assert tell(as_operator, contact, "show-account", account=str(account.pk)).status_code == 200
        shown = _state(as_operator)["client"]["accounts"][0]
        assert (shown["number"], shown["shown"]) == ("5500123456", True)

    def test_a_wrong_number_opens_nothing(self, as_operator: Browser, krc: Any, talk: Talk, account: Account) -> None:
        contact = talk()
        answer = tell(as_operator, contact, "identify", fields={"account_number": "1", "address": "Лесная 12а кв 4"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "account_number"


def test_a_step_is_done_and_a_field_kept(as_operator: Browser, krc: Any, talk: Talk) -> None:
    contact = talk()
    assert tell(as_operator, contact, "step", step="greet", phrase="…", by="key").status_code == 200
    assert tell(as_operator, contact, "field", field="matter", value="Почему вырос счёт").status_code == 200
    state = _state(as_operator)
    assert state["guide"]["steps"][0]["done_at"]
    assert state["guide"]["fields"]["matter"] == "Почему вырос счёт"
    assert Fact.objects.get(kind="step_done", subject_id=str(contact.pk)).data["by"] == "key"


def test_what_the_guide_refuses_is_said_in_the_operators_language(as_operator: Browser, krc: Any, talk: Talk) -> None:
    answer = tell(as_operator, talk(), "skip", step="greet", reason="")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "reason"


class TestSwitchboard:
    @pytest.mark.parametrize("verb", ["hold", "resume", "mute", "unmute", "hangup", "decline", "dtmf"])
    def test_is_asked_with_the_operators_number(
        self, verb: str, as_operator: Browser, krc: Any, talk: Talk, operator: Employee, switchboard: Switchboard
    ) -> None:
        contact = talk()
        assert tell(as_operator, contact, verb, digits="5", announced=True).status_code == 200
        path, body = switchboard.last
        assert path == f"/calls/{contact.pk}/{verb}"
        assert body["employee"] == operator.pk
        assert switchboard.tokens[-1].startswith("Bearer ")

    def test_that_says_no_is_heard(self, as_operator: Browser, krc: Any, talk: Talk, switchboard: Switchboard) -> None:
        contact = talk()
        switchboard.answers[f"/calls/{contact.pk}/resume"] = (409, {"error": "not_held", "message": "not on hold"})
        answer = tell(as_operator, contact, "resume")
        assert answer.status_code == 409
        assert answer.json()["message"] == "not on hold"

    def test_that_is_dead_does_not_hang_the_page(
        self, as_operator: Browser, krc: Any, talk: Talk, settings: Any
    ) -> None:
        contact = talk()
        ports = {**settings.KINDLINE["ports"], "switchboard": 9}
        settings.KINDLINE = {**settings.KINDLINE, "ports": ports}
        answer = tell(as_operator, contact, "hold")
        assert answer.status_code == 503
        assert answer.json()["error"] == "unreachable"

    def test_takes_the_operators_state(
        self, as_operator: Browser, krc: Any, operator: Employee, switchboard: Switchboard
    ) -> None:
        as_operator.post(
            "/desk/operator/state", '{"state": "paused", "reason": "lunch"}', content_type="application/json"
        )
        assert switchboard.last == (f"/operators/{operator.pk}/state", {"state": "paused", "reason": "lunch"})
        wrong = as_operator.post("/desk/operator/state", '{"state": "asleep"}', content_type="application/json")
        assert wrong.status_code == 422

    @pytest.mark.clause("krc-5.6.5-25", "krc-5.6.5-26")
    def test_ends_a_talk_only_after_the_warning(
        self, as_operator: Browser, krc: Any, talk: Talk, switchboard: Switchboard
    ) -> None:
        contact = talk()
        tell(as_operator, contact, "branch", branch="abuse")
        refused = tell(as_operator, contact, "terminate", ground="insult")
        assert refused.status_code == 422
        assert not switchboard.asked
        tell(as_operator, contact, "step", step="abuse_warning", by="click")
        assert tell(as_operator, contact, "terminate", ground="insult").status_code == 200
        assert switchboard.last[1]["ground"] == "insult"


class TestConference:
    @pytest.fixture
    def colleague(self) -> Employee:
        return employee("specialist", Role.SPECIALIST, number=20, surname="Петрова", given_name="Алла", language="uk")

    @pytest.mark.clause("krc-5.5.3-07")
    def test_is_asked_of_the_switchboard(
        self, as_operator: Browser, krc: Any, talk: Talk, operator: Employee, switchboard: Switchboard
    ) -> None:
        contact = talk()
        assert tell(as_operator, contact, "transfer-conference").status_code == 200
        assert switchboard.last == (f"/calls/{contact.pk}/transfer/conference", {"employee": operator.pk})

    def test_is_on_the_screens_of_both(
        self, as_operator: Browser, client: Browser, krc: Any, talk: Talk, colleague: Employee
    ) -> None:
        contact = talk()
        with_colleague(contact, colleague)
        assert _state(as_operator)["call"]["conference_since"] is None
        with_colleague(contact, colleague, together=True)
        call = _state(as_operator)["call"]
        assert (call["state"], call["role"], call["transfer"]["target"]) == ("conference", "operator", str(colleague))
        assert call["conference_since"]
        client.force_login(colleague)
        call = _state(client)["call"]
        assert (call["state"], call["role"], call["transfer"]["from"]) == (
            "conference", "specialist", "Соколова Анна Игоревна",
        )  # fmt: skip
        assert call["conference_since"]

    @pytest.mark.parametrize(
        ("profile", "lacks"), [("krc", "introduced"), ("yumek", "accepted"), ("court", ""), ("voe", "")]
    )
    @pytest.mark.clause("krc-5.6.4-16", "yumek-9.4-23")
    def test_whom_the_standard_lets_connect_at_once_may(
        self, as_operator: Browser, house: Any, talk: Talk, colleague: Employee, profile: str, lacks: str
    ) -> None:
        house(profile)
        contact = talk(profile)
        with_colleague(contact, colleague)
        assert _state(as_operator)["call"]["transfer"]["lacks"] == lacks
        with_colleague(contact, colleague, introduced=True)
        assert _state(as_operator)["call"]["transfer"]["lacks"] == (lacks if lacks == "accepted" else "")

    @pytest.mark.parametrize(("verb", "code"), [("hold", "not_now"), ("hangup", "conference_open")])
    def test_what_it_does_not_have_is_refused_in_the_employee_s_language(
        self, verb: str, code: str, as_operator: Browser, krc: Any, talk: Talk, switchboard: Switchboard
    ) -> None:
        as_operator.cookies["django_language"] = "uk"
        contact = talk()
        switchboard.answers[f"/calls/{contact.pk}/{verb}"] = (409, {"error": code, "message": "in English"})
        answer = tell(as_operator, contact, verb)
        assert answer.status_code == 409
        assert answer.json()["error"] == code
        assert re.match("[А-Я]", answer.json()["message"])


class TestResult:
    def test_an_appeal_has_a_number_a_limit_and_its_derivation(
        self, as_operator: Browser, krc: Any, talk: Talk, account: Account
    ) -> None:
        contact = talk(client=account.client)
        said = {"surname": "Ёлкин", "given_name": "Пётр", "patronymic": "Семёнович", "residence": "Лесная 12а"}
        said |= {"phone": "+79271112233", "substance": "Холодно в квартире", "subject": "", "email": ""}
        answer = tell(as_operator, contact, "appeal", kinds=["complaint"], none_fields=["email"], **said)
        assert answer.status_code == 200, answer.json()
        shown = _state(as_operator)["result"]["appeals"][0]
        assert shown["number"]
        assert shown["limit"]
        assert shown["derivation"]

    def test_an_appeal_whose_answer_was_lost_is_not_registered_again(
        self, as_operator: Browser, krc: Any, talk: Talk, account: Account
    ) -> None:
        """W1 in a call."""
        contact = talk(client=account.client)
        said = {"surname": "Ёлкин", "given_name": "Пётр", "patronymic": "Семёнович", "residence": "Лесная 12а"}
        said |= {"phone": "+79271112233", "substance": "Холодно в квартире", "email": "p@example.org"}

        def register(**more: str) -> str:
            answer = tell(as_operator, contact, "appeal", kinds=["complaint"], **said | more)
            assert answer.status_code == 200, answer.json()
            return str(answer.json()["appeal"]["number"])

        first = register()
        assert register() == first
        assert register(substance="И нет горячей воды") != first
        assert Appeal.objects.count() == 2

    @pytest.mark.clause("court-1-21", "court-1-24")
    def test_missing_fields_are_named_with_their_clauses(self, as_operator: Browser, house: Any, talk: Talk) -> None:
        house("court")
        contact = talk("court")
        answer = tell(as_operator, contact, "appeal", kinds=["complaint"], substance="Не відповідають")
        assert answer.status_code == 422
        found = {error["field"]: error["clause"] for error in answer.json()["errors"]}
        assert found["surname"].startswith("court-1-")
        assert found["residence"].startswith("court-1-")

    def test_a_callback_becomes_a_task(self, as_operator: Browser, krc: Any, talk: Talk) -> None:
        contact = talk()
        answer = tell(as_operator, contact, "callback", phone="+79271112233", name="Пётр", matter="перерасчёт")
        assert answer.status_code == 200, answer.content
        assert Callback.objects.get().contact_id == contact.pk

    @pytest.mark.fault("T8")
    def test_a_callback_that_is_sent_again_because_its_answer_was_lost_is_promised_once(
        self, as_operator: Browser, krc: Any, talk: Talk
    ) -> None:
        contact = talk()
        said = {"phone": "+79271112233", "name": "Пётр", "matter": "перерасчёт"}
        first, again = (tell(as_operator, contact, "callback", **said).json()["callback"] for _ in range(2))
        assert first == again
        assert tell(as_operator, contact, "callback", **said | {"matter": "счётчик"}).json()["callback"] != first
        assert facts_of("contact", contact.pk).filter(kind="callback_promised").count() == 2
        Callback.objects.filter(pk=first).update(state="kept")
        assert tell(as_operator, contact, "callback", **said).json()["callback"] != first, "a new one, once it was kept"

    @pytest.mark.parametrize(("language", "said"), [("uk", "минув"), ("ru", "прошло"), ("en", "has passed")])
    def test_a_callback_in_the_past_is_refused_in_words_beside_its_time(
        self, as_operator: Browser, krc: Any, talk: Talk, language: str, said: str
    ) -> None:
        as_operator.cookies["django_language"] = language
        answer = tell(as_operator, talk(), "callback", phone="+79271112233", matter="x", due_at="2020-01-01T10:00")
        assert answer.status_code == 422
        [told] = answer.json()["errors"]
        assert told["field"] == "due_at"
        assert said in told["message"]
        assert not Callback.objects.exists()

    def test_closing_says_all_that_is_missing(self, as_operator: Browser, krc: Any, talk: Talk, topic: Topic) -> None:
        contact = talk(ended=True)
        answer = tell(as_operator, contact, "close", outcome="answered", topic=topic.pk, summary="")
        assert answer.status_code == 422
        assert {"greet", "farewell"} <= {error["field"] for error in answer.json()["errors"]}
        closed = tell(
            as_operator,
            contact,
            "close",
            outcome="answered",
            topic=topic.pk,
            summary="ответили",
            skip_reason="client_hung_up",
        )
        assert closed.status_code == 200
        assert Contact.objects.get(pk=contact.pk).closed_at
        assert "contact_closed" in _kinds(contact)


class TestPassedOn:
    """A call that a colleague has taken over."""

    @pytest.fixture
    def passed(self, krc: Any, talk: Talk, operator: Employee) -> Contact:
        contact, other = talk(), employee("operator2", Role.OPERATOR, number=13, surname="Белова")
        call = Call.objects.get()
        call.data["operator"]["employee"] = other.pk
        call.data["served_by"] = [operator.pk, other.pk]
        call.save()
        now = timezone.now()
        Operator.objects.create(employee=other, state="talking", contact_id=contact.pk, since=now, registered=True)
        Operator.objects.filter(employee=operator).update(state="wrap_up")
        return contact

    def test_is_said_to_be_the_colleague_s_and_holds_nobody_back(
        self, as_operator: Browser, passed: Contact, switchboard: Switchboard
    ) -> None:
        assert _state(as_operator)["call"]["handed_to"] == "Белова"
        ready = as_operator.post("/desk/operator/state", '{"state": "ready"}', content_type="application/json")
        assert ready.status_code == 200
        assert switchboard.last[1]["state"] == "ready"

    def test_is_closed_by_the_colleague(self, as_operator: Browser, passed: Contact, operator: Employee) -> None:
        Contact.objects.update(ended_at=timezone.now())
        Operator.objects.filter(employee=operator).update(state="ready", contact_id=None)
        assert _state(as_operator)["call"] is None
        Operator.objects.exclude(employee=operator).update(state="offline", contact_id=None)
        assert _state(as_operator)["call"]["contact"] == str(passed.pk), "nobody else will close it"


def test_a_call_to_a_client_shows_his_number_and_card(
    as_operator: Browser, krc: Any, talk: Talk, account: Account
) -> None:
    contact = talk()
    Contact.objects.update(direction="out", called=contact.caller, caller="")
    state = _state(as_operator)
    assert state["call"]["caller"] == contact.caller
    assert state["client"]["name"] == "Ёлкин Пётр Семёнович"


def test_the_colleague_who_was_chosen_is_named_to_the_client(as_operator: Browser, krc: Any, talk: Talk) -> None:
    contact = talk()
    said = {"employee": 1, "target": "Белова Ольга", "target_employee": 2, "mode": "attended"}
    journal.record(kind="transfer_started", subject_type="contact", subject_id=contact.pk, data=said)
    steps = {step["id"]: step for branch in _state(as_operator)["guide"]["branches"] for step in branch["steps"]}
    assert "Белова Ольга" in steps["transfer_where"]["phrases"][0]


def test_a_clock_that_opens_the_end_of_the_talk_says_so(as_operator: Browser, house: Any, talk: Talk) -> None:
    house("court")
    contact = talk("court")
    journal.record(kind="bad_line_flagged", subject_type="contact", subject_id=contact.pk)
    assert {timer["id"]: timer["unlocks"] for timer in _state(as_operator)["guide"]["timers"]} == {"bad_line": True}


def test_anothers_call_is_not_mine(as_supervisor: Browser, client: Browser, krc: Any, talk: Talk) -> None:
    contact = talk()
    other = employee("operator2", Role.OPERATOR, number=13)
    client.force_login(other)
    assert tell(client, contact, "hangup").status_code == 403
    assert client.get(f"/desk/contacts/{contact.pk}/").status_code == 403
    assert as_supervisor.get(f"/desk/contacts/{contact.pk}/").status_code == 200


def test_a_new_card_is_made_from_what_was_said(as_operator: Browser, krc: Any, talk: Talk) -> None:
    contact = talk()
    for name, value in (("surname", "Новиков"), ("given_name", "Лев")):
        tell(as_operator, contact, "field", field=name, value=value)
    assert tell(as_operator, contact, "new-client").status_code == 200
    assert _state(as_operator)["client"]["name"] == "Новиков Лев"


@pytest.mark.fault("T8")
def test_a_new_card_that_is_sent_again_because_its_answer_was_lost_is_made_once(
    as_operator: Browser, krc: Any, talk: Talk
) -> None:
    contact = talk()
    tell(as_operator, contact, "field", field="surname", value="Новиков")
    for _ in range(2):
        assert tell(as_operator, contact, "new-client").status_code == 200
    assert Client.objects.filter(surname="Новиков").count() == 1
    tell(as_operator, contact, "field", field="given_name", value="Лев")
    assert tell(as_operator, contact, "new-client").status_code == 200
    assert _state(as_operator)["client"]["name"] == "Новиков Лев", "another one is another one"


def test_searching_starts_the_clock_once(as_operator: Browser, krc: Any, talk: Talk, account: Account) -> None:
    contact = talk()
    Operator.objects.update(contact_id=contact.pk)
    for _ in range(2):
        found = as_operator.get("/desk/clients/search", {"q": "лесная 12", "contact": str(contact.pk)}).json()[
            "clients"
        ]
        assert [one["name"] for one in found] == ["Ёлкин Пётр Семёнович"]
    assert _kinds(contact).count("client_search_started") == 1
