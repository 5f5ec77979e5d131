"""The counter as data: who may open a visit, what it shows, what is refused, what is printed."""

import json
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import notices
from kindline.appeals.models import Appeal
from kindline.clients.models import Account
from kindline.conversations.models import Contact, DocumentSet, Topic
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from tests.desk.conftest import employee, tell
from tests.readings.bills import printed

pytestmark = pytest.mark.db
APPLICANT = {
    "surname": "Ёлкин",
    "given_name": "Пётр",
    "patronymic": "Семёнович",
    "residence": "Петрозаводск",
    "phone": "+79271112233",
}


@pytest.fixture
def counter(db: None) -> Employee:
    """An employee at the counter."""
    names = {"surname": "Лебедева", "given_name": "Ольга", "patronymic": "Петровна", "gender": "f"}
    return employee("counter1", Role.COUNTER, number=31, language="ru", position="специалист", **names)


@pytest.fixture
def at_counter(counter: Employee) -> Browser:
    """The browser at the counter."""
    made = Browser()
    made.force_login(counter)
    return made


def begun(browser: Browser) -> Contact:
    """A visit that was begun by the button."""
    answer = browser.post("/desk/visits/new")
    assert answer.status_code == 302
    return Contact.objects.get(pk=answer["Location"].rstrip("/").rsplit("/", 1)[-1])


def _state(browser: Browser, contact: Contact) -> dict[str, Any]:
    found: dict[str, Any] = browser.get(f"/desk/visits/{contact.pk}/state.json").json()
    return found


def _fact(contact: Contact, kind: str) -> Fact:
    return Fact.objects.get(subject_id=str(contact.pk), kind=kind)


def test_only_people_at_the_counter_see_visitors(client: Browser, krc: Any, at_counter: Browser) -> None:
    assert client.get("/desk/visits/").status_code == 302
    client.force_login(employee("site", Role.SITE_ADMINISTRATOR))
    assert client.get("/desk/visits/").status_code == 403
    assert client.post("/desk/visits/new").status_code == 403
    assert at_counter.get("/desk/visits/").status_code == 200
    assert at_counter.get("/home/")["Location"] == "/desk/visits/"


def test_a_visit_belongs_to_the_one_who_serves_it(at_counter: Browser, krc: Any) -> None:
    contact = begun(at_counter)
    stranger = Browser()
    stranger.force_login(employee("counter2", Role.COUNTER))
    assert stranger.get(f"/desk/visits/{contact.pk}/").status_code == 403
    assert stranger.get(f"/desk/visits/{contact.pk}/state.json").status_code == 403
    assert tell(stranger, contact, "step", step="greet").status_code == 403
    assert stranger.post(f"/desk/visits/{contact.pk}/memo").status_code == 403


@pytest.mark.clause("krc-5.4.3-01", "krc-5.4.3-04", "krc-5.4.3-06")
def test_the_guide_of_the_office_is_there_and_the_visit_is_not_over(at_counter: Browser, krc: Any) -> None:
    contact = begun(at_counter)
    state = _state(at_counter, contact)
    assert (state["call"]["channel"], state["call"]["ended_at"], state["call"]["closed"]) == ("office", None, False)
    greet, ask_name, purpose = state["guide"]["steps"][:3]
    assert "Здравствуйте!" in greet["phrases"]
    assert ask_name["phrases"] == ["Как я могу к Вам обращаться?"]
    assert purpose["phrases"] == ["Чем я могу Вам помочь?"]
    assert [timer["id"] for timer in state["guide"]["timers"]] == ["need"]


@pytest.mark.clause("krc-5.4.1-09", "krc-5.4.3-18")
def test_the_client_is_thanked_by_name_and_patronymic(at_counter: Browser, krc: Any, account: Account) -> None:
    contact = begun(at_counter)
    tell(at_counter, contact, "client", client=account.client_id, via="name")
    state = _state(at_counter, contact)
    thanks = next(step for step in state["guide"]["steps"] if step["id"] == "thanks")
    assert thanks["phrases"][0] == "Пётр Семёнович, спасибо, что обратились к нам..."
    assert state["client"]["address_as"] == "Пётр Семёнович"


@pytest.mark.clause("krc-5.4.3-10", "krc-5.4.3-11", "krc-5.4.3-28", "krc-5.4.3-29", "krc-5.4.3-33")
def test_each_duty_has_its_step_with_words_or_a_hint(at_counter: Browser, krc: Any) -> None:
    guide = _state(at_counter, begun(at_counter))["guide"]
    steps = [*guide["steps"], *(step for branch in guide["branches"] for step in branch["steps"])]
    for clause in ("krc-5.4.3-10", "krc-5.4.3-11", "krc-5.4.3-28", "krc-5.4.3-29", "krc-5.4.3-33"):
        found = [step for step in steps if clause in step["clauses"]]
        assert found, clause
        assert all(step["phrases"] or step["hint"] for step in found), clause


def test_what_the_step_refuses_is_said_with_its_clause(at_counter: Browser, krc: Any) -> None:
    contact = begun(at_counter)
    answer = tell(at_counter, contact, "skip", step="purpose", reason="спешит")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["clause"] == "krc-5.4.3-06"


class TestDocuments:
    @pytest.mark.clause("voe-3-12", "voe-3-23")
    def test_are_marked_and_awaited_until_the_day(self, at_counter: Browser, house: Any) -> None:
        house("voe")
        contact = begun(at_counter)
        marks = {"application": "there", "identity": "there", "receipt": "missing"}
        asked = {"service": "meter_check", "marks": marks}
        refused = tell(at_counter, contact, "check-documents", **asked)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "due_on")
        assert refused.json()["errors"][0]["clause"] == "voe-3-23"
        assert tell(at_counter, contact, "check-documents", **asked, due_on="31.12").status_code == 422
        assert tell(at_counter, contact, "check-documents", **asked, due_on="2099-01-31").status_code == 200
        assert _state(at_counter, contact)["documents"][0]["due_on"] == "2099-01-31"
        page = at_counter.get("/desk/visits/").content.decode()
        assert "Receipt of payment" in page
        assert tell(at_counter, contact, "accept-documents").json()["number"] == DocumentSet.objects.get().number

    @pytest.mark.clause("voe-3-14")
    def test_a_result_is_handed_over(self, at_counter: Browser, house: Any) -> None:
        house("voe")
        contact = begun(at_counter)
        assert tell(at_counter, contact, "hand-over", fields={"result_what": "протокол"}).status_code == 422
        said = {"result_what": "протокол", "result_to": "Коваль О. І."}
        assert tell(at_counter, contact, "hand-over", fields=said).status_code == 200
        assert _fact(contact, "result_handed_over").data["to"] == "Коваль О. І."


@pytest.mark.clause("voe-3-25")
def test_contact_data_come_onto_the_card(at_counter: Browser, house: Any, account: Account) -> None:
    house("voe")
    contact = begun(at_counter)
    assert tell(at_counter, contact, "contact-data", fields={"phone": "+380671112233"}).status_code == 422
    tell(at_counter, contact, "client", client=account.client_id, via="name")
    assert tell(at_counter, contact, "contact-data", fields={"phone": "abc"}).status_code == 422
    assert tell(at_counter, contact, "contact-data", fields={"phone": "+380671112233"}).status_code == 200
    assert _fact(contact, "contact_data_confirmed").data["changed"] == ["phone"]


class TestAppeal:
    def _register(self, browser: Browser, contact: Contact, **body: Any) -> Appeal:
        answer = tell(
            browser, contact, "appeal", kinds=["complaint"], substance="Холодно в квартире", **APPLICANT, **body
        )
        assert answer.status_code == 200, answer.content
        return Appeal.objects.get(number=answer.json()["appeal"]["number"])

    @pytest.mark.clause("krc-6.1-34", "krc-6.1-35")
    def test_in_writing_closes_only_with_its_blank_printed(self, at_counter: Browser, krc: Any, topic: Topic) -> None:
        contact = begun(at_counter)
        appeal = self._register(at_counter, contact, form="written")
        assert (appeal.form, appeal.channel) == ("written", "office")
        close = {"outcome": "written_appeal", "topic": topic.pk, "skip_reason": "visitor_left"}
        refused = tell(at_counter, contact, "close", **close)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "blank_printed")
        printed = at_counter.post(f"/desk/visits/{contact.pk}/blank/{appeal.pk}")
        assert (printed["Content-Type"], printed.content[:5]) == ("application/pdf", b"%PDF-")
        assert _fact(contact, "blank_printed").data["number"] == appeal.number
        assert tell(at_counter, contact, "close", **close).status_code == 200

    @pytest.mark.clause("court-1-29")
    def test_reaches_those_in_charge_as_soon_as_the_visitor_has_gone(
        self, at_counter: Browser, house: Any, supervisor: Employee
    ) -> None:
        house("court")
        matter = Topic.objects.create(profile="court", code="matter", title="Робота суду")
        contact = begun(at_counter)
        appeal = self._register(at_counter, contact, email="elkin@example.org")
        assert not notices.unseen(supervisor).exists()
        close = {"outcome": "appeal", "topic": matter.pk, "skip_reason": "visitor_left"}
        assert tell(at_counter, contact, "close", **close).status_code == 200
        notices.sweep(now=timezone.now())
        assert [one.appeal for one in notices.unseen(supervisor)] == [appeal]
        assert _fact(contact, "management_notified").data["delay_s"] < 60

    def test_orally_stays_oral(self, at_counter: Browser, krc: Any) -> None:
        assert self._register(at_counter, begun(at_counter)).form == "oral_office"

    def test_of_another_visit_is_not_printed(self, at_counter: Browser, krc: Any) -> None:
        appeal = self._register(at_counter, begun(at_counter))
        assert at_counter.post(f"/desk/visits/{begun(at_counter).pk}/blank/{appeal.pk}").status_code == 404


@pytest.mark.clause("krc-6.1-32", "krc-6.1-33")
@pytest.mark.parametrize(
    ("branch", "step"), [("cannot_answer", "offer_written"), ("complaint_study", "offer_written_complaint")]
)
def test_a_written_appeal_is_offered_where_no_answer_is_given(
    at_counter: Browser, krc: Any, topic: Topic, branch: str, step: str
) -> None:
    contact = begun(at_counter)
    close = {"outcome": "will_write", "topic": topic.pk, "skip_reason": "visitor_left"}
    assert tell(at_counter, contact, "close", **close).status_code == 422
    tell(at_counter, contact, "branch", branch=branch)
    tell(at_counter, contact, "field", field="reason", value="нужен разбор материалов")
    assert tell(at_counter, contact, "step", step=step).status_code == 200
    assert _fact(contact, "written_appeal_offered").data == {"reason": "нужен разбор материалов"}
    assert tell(at_counter, contact, "close", **close).status_code == 200


@pytest.mark.clause("krc-5.4.3-15", "krc-5.4.3-16")
def test_a_question_for_an_absent_specialist_becomes_a_task(at_counter: Browser, krc: Any) -> None:
    contact = begun(at_counter)
    tell(at_counter, contact, "branch", branch="specialist_absent")
    refused = tell(at_counter, contact, "callback", phone="+79271112233")
    assert {error["field"] for error in refused.json()["errors"]} == {"surname", "given_name", "matter"}
    said = {"surname": "Ёлкин", "given_name": "Пётр", "matter": "перерасчёт"}
    answer = tell(at_counter, contact, "callback", phone="+79271112233", matter="перерасчёт", fields=said)
    assert answer.status_code == 200, answer.content
    assert contact.callbacks.get().matter == "перерасчёт"


@pytest.mark.clause("krc-5.4.1-20", "krc-5.4.3-27", "krc-5.4.3-28", "voe-3-21", "voe-3-27")
def test_the_sheet_to_take_along_is_printed(at_counter: Browser, krc: Any) -> None:
    contact = begun(at_counter)
    tell(at_counter, contact, "field", field="next_steps", value="Принести акт до пятницы")
    tell(at_counter, contact, "field", field="service", value="recalculation")
    answer = at_counter.post(f"/desk/visits/{contact.pk}/memo")
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
    here = contact.started_at.astimezone(loader.load("krc").zone)
    assert f"memo-{here:%Y%m%d-%H%M}" in answer.headers["Content-Disposition"]
    assert loader.load("krc").contacts in printed.words(answer.content), "how we are reached stands on it"
    assert {"next_steps", "needed", "sources"} <= set(_fact(contact, "memo_given").data["parts"])


@pytest.mark.clause("krc-5.4.1-04", "krc-5.4.3-02", "voe-3-02")
@pytest.mark.parametrize(("profile", "clause"), [("krc", "krc-5.4.1-04"), ("voe", "voe-3-02")])
def test_a_visit_is_reviewed_by_the_form_of_the_office(
    at_counter: Browser, house: Any, as_supervisor: Browser, profile: str, clause: str
) -> None:
    form = house(profile).form("office")
    contact = begun(at_counter)
    item = next(one for one in form.items if one.clause == clause)
    page = as_supervisor.get(f"/desk/review/{contact.pk}/").content.decode()
    assert clause in page
    answer = {item.id: "no", f"{item.id}-comment": "крик"}
    assert as_supervisor.post(f"/desk/review/{contact.pk}/", answer).status_code == 302
    judged = _fact(contact, "item_judged").data
    assert (judged["form"], judged["clause"], judged["verdict"]) == ("visit_review", clause, "not_met")
    assert as_supervisor.get(f"/desk/contacts/{contact.pk}/").status_code == 200


def test_a_visit_has_no_phone(at_counter: Browser, krc: Any) -> None:
    page = at_counter.get(f"/desk/visits/{begun(at_counter).pk}/").content.decode()
    config = json.loads(page.split('id="desk-config" type="application/json">')[1].split("</script>")[0])
    assert config["phone"] is None
    assert config["services"]
