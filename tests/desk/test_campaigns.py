"""Campaigns on the pages of those in charge: made, filled, started, watched, reported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Incident
from kindline.campaigns.models import Campaign, Target
from kindline.clients import wishes
from kindline.clients.models import Account
from kindline.journal.models import Fact

pytestmark = pytest.mark.db
TYPED = {
    "kind": "message", "message_purpose": "service_notices", "way_1": "voice",
    "title": "Отключение воды", "text": "Завтра не будет воды.", "confirm_key": "1",
    "operator_key": "9", "at_once": "2", "tries": "3", "pause_s": "30", "hours_from": "09:00", "hours_until": "20:00",
    "ring_limit_s": "", "purpose": "", "questions": "",
}  # fmt: skip
SURVEY = {
    **TYPED, "kind": "survey", "text": "", "purpose": "survey_satisfaction",
    "questions": "Довольны ли Вы? | да | нет\n\nЧто улучшить?",
}  # fmt: skip
Made = Callable[..., Campaign]


@pytest.fixture
def campaign(as_supervisor: Browser, krc: Any) -> Made:
    """A campaign made on the page, with these numbers."""

    def made(*numbers: str, start: bool = False, **typed: str) -> Campaign:
        answer = as_supervisor.post("/desk/campaigns/new/", {**TYPED, **typed})
        assert answer.status_code == 302, answer.context["faults"]
        address = answer.headers["Location"]
        if numbers:
            as_supervisor.post(address, {"verb": "add", "numbers": "\n".join(numbers)})
        if start:
            as_supervisor.post(f"{address}start")
        return Campaign.objects.latest("pk")

    return made


@pytest.mark.clause("krc-2-02", "krc-2-42")
def test_from_the_form_to_a_running_campaign(as_supervisor: Browser, campaign: Made) -> None:
    made = campaign("+79270000001", "89270000002", start=True)
    assert (made.state, made.pause_s, made.ring_limit_s) == ("running", 1800, None)
    listed = as_supervisor.get("/desk/campaigns/").content.decode()
    assert "Отключение воды" in listed
    assert '<progress max="2" value="0"' in listed
    part = as_supervisor.get("/desk/campaigns/?part=1").content.decode()
    assert "<html" not in part
    assert "Отключение воды" in part
    page = as_supervisor.get(f"/desk/campaigns/{made.pk}/")
    assert page.context["verbs"] == ("pause", "stop")
    as_supervisor.post(f"/desk/campaigns/{made.pk}/pause")
    as_supervisor.post(f"/desk/campaigns/{made.pk}/start")
    as_supervisor.post(f"/desk/campaigns/{made.pk}/stop")
    made.refresh_from_db()
    assert made.state == "stopped"
    assert Fact.objects.filter(subject_type="campaign", actor__startswith="employee:").count() == 6
    again = as_supervisor.post(f"/desk/campaigns/{made.pk}/start", follow=True)
    assert [message.level_tag for message in again.context["messages"]] == ["error"]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"title": ""}, "title"),
        ({"text": " "}, "text"),
        ({"kind": "letter"}, "kind"),
        ({"confirm_key": "x"}, "confirm_key"),
        ({"operator_key": "1"}, "operator_key"),
        ({"at_once": "0"}, "at_once"),
        ({"at_once": "два"}, "at_once"),
        ({"tries": "99"}, "tries"),
        ({"pause_s": ""}, "pause_s"),
        ({"ring_limit_s": "1"}, "ring_limit_s"),
        ({"hours_from": "25:00"}, "hours_from"),
        ({"hours_until": "08:00"}, "hours_until"),
        ({"hours_from": "00:00", "hours_until": "10:00"}, "hours_from"),
        ({"hours_until": "23:59"}, "hours_until"),
        ({**SURVEY, "purpose": "survey_weather"}, "purpose"),
        ({**SURVEY, "questions": "\n"}, "questions"),
    ],
)
def test_what_cannot_stand_is_said_at_its_field_and_nothing_is_lost(
    as_supervisor: Browser, krc: Any, typed: dict[str, str], wrong: str
) -> None:
    answer = as_supervisor.post("/desk/campaigns/new/", {**TYPED, "title": "Вода", **typed})
    assert answer.status_code == 422
    assert wrong in answer.context["faults"]
    text = answer.content.decode()
    assert answer.context["faults"][wrong] in text.replace("&#x27;", "'")
    assert wrong == "title" or 'value="Вода"' in text or 'value="Отключение воды"' in text
    assert not Campaign.objects.exists()


@pytest.mark.clause("krc-2-02")
def test_a_campaign_that_waits_says_until_when(as_supervisor: Browser, campaign: Made) -> None:
    made = campaign("+79270000001", "+79270000002", start=True)
    address = f"/desk/campaigns/{made.pk}/?part=progress"
    assert as_supervisor.get(address).context["goes_on_at"] is None
    tomorrow = timezone.now().replace(microsecond=0) + dt.timedelta(days=1)
    made.targets.update(next_at=tomorrow)
    assert "it goes on at" in as_supervisor.get(address).content.decode()
    as_supervisor.post(f"/desk/campaigns/{made.pk}/pause")
    assert as_supervisor.get(address).context["goes_on_at"] is None


def test_the_form_says_when_clients_may_be_called(as_supervisor: Browser, krc: Any) -> None:
    text = as_supervisor.get("/desk/campaigns/new/").content.decode()
    assert "before 09:00 or after 20:00" in text


@pytest.mark.clause("krc-5.5.2-06", "krc-5.5.2-07", "krc-5.5.2-08")
def test_a_survey_is_offered_only_where_the_standard_names_its_purposes(
    as_supervisor: Browser, campaign: Made, house: Any
) -> None:
    made = campaign(**SURVEY)
    assert made.questions == [
        {"text": "Довольны ли Вы?", "choices": ["да", "нет"]}, {"text": "Что улучшить?", "choices": []},
    ]  # fmt: skip
    text = as_supervisor.get("/desk/campaigns/new/").content.decode()
    assert "krc-5.5.2-07" in text
    house("court")
    assert 'value="survey"' not in as_supervisor.get("/desk/campaigns/new/").content.decode()


class TestAudience:
    def test_the_preview_says_who_is_left_out_and_adds_nobody(
        self, as_supervisor: Browser, campaign: Made, account: Account
    ) -> None:
        made = campaign(**SURVEY)
        asked = {"verb": "preview", "street": "Лесная", "numbers": "+79270000009\n15"}
        page = as_supervisor.post(f"/desk/campaigns/{made.pk}/", asked)
        assert page.context["preview"].reasons == {"no_consent": 2}
        text = page.content.decode()
        assert 'value="Лесная"' in text, "what was typed stays"
        assert "+79270000009" in text
        assert not Target.objects.exists()
        by: dict[str, Any] = {"via": "desk", "employee_id": None, "actor": "system", "now": timezone.now()}
        wishes.set_call_wishes(client=account.client, do_not_call=False, survey_consent=True, **by)
        as_supervisor.post(f"/desk/campaigns/{made.pk}/", {**asked, "verb": "add"})
        assert [target.client for target in Target.objects.all()] == [account.client]

    def test_a_list_is_uploaded(self, as_supervisor: Browser, campaign: Made) -> None:
        made = campaign()
        content = "Телефон;Имя\n+79270000001;Пётр\n8 927 000-00-02;Анна\n123456;Никто\n".encode("cp1251")
        upload = SimpleUploadedFile("list.csv", content)
        page = as_supervisor.post(f"/desk/campaigns/{made.pk}/", {"verb": "preview", "file": upload})
        assert len(page.context["preview"].people) == 2
        assert page.context["preview"].reasons == {"invalid_number": 1}
        assert "8 927 000-00-02" in page.content.decode(), "to be added without a second upload"

    @pytest.mark.parametrize(
        ("typed", "wrong"),
        [
            ({"house": "5"}, "house"),
            ({"debt": "много"}, "debt"),
            ({"file": SimpleUploadedFile("l.csv", b"+79270000001\n" * 400_000)}, "file"),
            ({"file": SimpleUploadedFile("l.csv", b"+79270000001\n" * 50_001)}, "file"),
        ],
    )
    @pytest.mark.parametrize("verb", ["preview", "add"])
    def test_what_cannot_be_read_is_said_at_its_field(
        self, as_supervisor: Browser, campaign: Made, verb: str, typed: dict[str, Any], wrong: str
    ) -> None:
        made = campaign()
        if wrong == "file":
            typed["file"].seek(0)
        answer = as_supervisor.post(f"/desk/campaigns/{made.pk}/", {"verb": verb, "accounts": "77", **typed})
        assert answer.status_code == 422
        assert list(answer.context["faults"]) == [wrong]
        text = answer.content.decode()
        assert f'id="e-{wrong}"' in text
        assert ">77</textarea>" in text, "what was typed stays"
        assert not Target.objects.exists()

    def test_a_finished_campaign_takes_nobody_more(self, as_supervisor: Browser, campaign: Made) -> None:
        made = campaign("+79270000001")
        as_supervisor.post(f"/desk/campaigns/{made.pk}/stop")
        answer = as_supervisor.post(
            f"/desk/campaigns/{made.pk}/", {"verb": "add", "numbers": "+79270000002"}, follow=True
        )
        assert [message.level_tag for message in answer.context["messages"]][-1] == "error"
        assert Target.objects.count() == 1

    def test_nobody_is_no_campaign(self, as_supervisor: Browser, campaign: Made) -> None:
        made = campaign()
        answer = as_supervisor.post(f"/desk/campaigns/{made.pk}/start", follow=True)
        assert [message.level_tag for message in answer.context["messages"]] == ["error"]


class TestReport:
    def test_says_who_was_reached_and_how(self, as_supervisor: Browser, campaign: Made) -> None:
        made = campaign("+79270000001", "+79270000002", "+79270000003", start=True)
        Target.objects.filter(phone__endswith="1").update(state="confirmed", outcome="confirmed", tries=1)
        Target.objects.filter(phone__endswith="2").update(state="not_reached", outcome="busy", tries=3)
        page = as_supervisor.get(f"/desk/campaigns/{made.pk}/")
        assert page.context["row"]["progress"].done == 2
        only = as_supervisor.get(f"/desk/campaigns/{made.pk}/?state=confirmed").content.decode()
        assert "+79270000001" in only
        assert "+79270000002" not in only

    def test_exports_and_no_answer_is_a_formula(self, as_supervisor: Browser, campaign: Made, account: Account) -> None:
        made = campaign("+79270000001", "+79270000002", **SURVEY)
        Target.objects.create(
            campaign=made, phone="+79270000001", state="reached", answers={"1": "=1+cmd|'/c calc'!A1"}
        )
        Target.objects.create(campaign=made, phone="+79270000002", state="reached", answers={"1": "-2+3|x"})
        answer = as_supervisor.get(f"/desk/campaigns/{made.pk}/?format=csv&purpose=settlements")
        lines = b"".join(answer).decode().splitlines()
        assert len(lines) == 3
        assert "Что улучшить?" in lines[0]
        assert "'=1+cmd" in lines[1]
        assert "'-2+3|x" in lines[2]
        assert lines[1].startswith("+79270000001"), "a number stays a number"


@pytest.mark.parametrize("page", ["/desk/campaigns/", "/desk/campaigns/new/"])
def test_operators_do_not_make_campaigns(as_operator: Browser, krc: Any, page: str) -> None:
    assert as_operator.get(page).status_code == 403


def test_what_is_not_there_is_not_found(as_supervisor: Browser, campaign: Made) -> None:
    made = campaign()
    assert as_supervisor.get("/desk/campaigns/999999/").status_code == 404
    assert as_supervisor.post(f"/desk/campaigns/{made.pk}/sing").status_code == 404
    assert as_supervisor.get(f"/desk/campaigns/{made.pk}/start").status_code == 405


def test_a_draft_is_changed_until_it_is_started(as_supervisor: Browser, campaign: Made) -> None:
    made = campaign("+79270000001", way_1="sms", way_2="voice")
    assert made.ways == ["sms", "voice"]
    address = f"/desk/campaigns/{made.pk}/edit/"
    typed = as_supervisor.get(address).context["typed"]
    assert (typed["title"], typed["way_1"], typed["way_2"], typed["pause_s"]) == (TYPED["title"], "sms", "voice", "30")
    assert as_supervisor.post(address, {**TYPED, "text": ""}).status_code == 422
    as_supervisor.post(address, {**TYPED, "way_1": "sms", "way_2": "voice", "text": "Завтра не будет тепла."})
    made.refresh_from_db()
    assert made.text == "Завтра не будет тепла."
    as_supervisor.post(f"/desk/campaigns/{made.pk}/start")
    assert as_supervisor.get(address).status_code == 302
    as_supervisor.post(address, {**TYPED, "text": "Другое."})
    made.refresh_from_db()
    assert made.text == "Завтра не будет тепла."


def test_without_a_gateway_the_pages_say_so(as_supervisor: Browser, campaign: Made) -> None:
    made = campaign("+79270000001", way_1="sms")
    for address in ("/desk/campaigns/new/", f"/desk/campaigns/{made.pk}/", "/desk/sms/", "/desk/sms/outgoing/"):
        assert "KINDLINE_SMS_URL" in as_supervisor.get(address).content.decode(), address


def test_a_long_text_is_no_short_message(as_supervisor: Browser) -> None:
    answer = as_supervisor.post("/desk/campaigns/new/", {**TYPED, "way_1": "sms", "text": "Вода. " * 100})
    assert answer.status_code == 422
    assert "text" in answer.context["faults"]


def test_from_an_incident_to_who_was_told_of_it(as_supervisor: Browser, krc: Any, account: Account) -> None:
    as_supervisor.post("/desk/appeals/incidents/new/", {"title": "Авария", "area": account.premise.street})
    incident = Incident.objects.get()
    page = f"/desk/appeals/incidents/{incident.pk}/"
    as_supervisor.post(page, {"verb": "announce", "notice": "Воды не будет до вечера."})
    form = as_supervisor.get(f"/desk/campaigns/new/?incident={incident.pk}")
    typed = form.context["typed"]
    assert (typed["title"], typed["text"]) == ("Авария", "Воды не будет до вечера.")
    assert f'name="incident" value="{incident.pk}"' in form.content.decode()
    as_supervisor.post("/desk/campaigns/new/", {**TYPED, "incident": str(incident.pk)})
    made = Campaign.objects.get()
    assert made.incident == incident
    assert [target.client for target in made.targets.all()] == [account.client], "whom it concerns is in it at once"
    assert incident.title in as_supervisor.get(f"/desk/campaigns/{made.pk}/").content.decode()
    as_supervisor.post(f"/desk/campaigns/{made.pk}/start")
    made.targets.update(state="confirmed", outcome="confirmed")
    shown = as_supervisor.get(page)
    assert [one["progress"].reached for one in shown.context["campaigns"]] == [1]
    assert "confirmed by a key" in shown.content.decode()
    as_supervisor.post(page, {"verb": "end"})
    assert as_supervisor.get(f"/desk/campaigns/new/?incident={incident.pk}").context["typed"].get("incident") is None
    for wrong in ("x", "99999999999999999999", "7777"):
        assert as_supervisor.get(f"/desk/campaigns/new/?incident={wrong}").status_code == 200


def test_an_incident_that_ended_while_the_form_was_open_is_said_at_its_field(as_supervisor: Browser, krc: Any) -> None:
    as_supervisor.post("/desk/appeals/incidents/new/", {"title": "Авария", "area": ""})
    incident = Incident.objects.get()
    typed = {**TYPED, "incident": str(incident.pk)}
    as_supervisor.post("/desk/campaigns/new/", typed)
    draft = Campaign.objects.get()
    as_supervisor.post(f"/desk/campaigns/{draft.pk}/", {"verb": "add", "numbers": "+79270000001"})
    as_supervisor.post(f"/desk/appeals/incidents/{incident.pk}/", {"verb": "end"})
    refused = as_supervisor.post("/desk/campaigns/new/", typed)
    assert (refused.status_code, list(refused.context["faults"])) == (422, ["incident"])
    page = refused.content.decode()
    assert "The incident is over meanwhile" in page
    assert TYPED["text"] in page
    assert as_supervisor.post("/desk/campaigns/new/", TYPED).status_code == 302
    told = as_supervisor.post(f"/desk/campaigns/{draft.pk}/start", follow=True)
    assert [str(one) for one in told.context["messages"]] == [
        "The incident that it tells of is over: it can be stopped, not started."
    ]
    draft.refresh_from_db()
    assert draft.state == "draft"


@pytest.mark.parametrize(("way", "trunk", "told"), [("voice", 1, True), ("voice", 2, False), ("email", 1, False)])
def test_it_is_said_where_a_campaign_takes_the_only_line(
    as_supervisor: Browser, campaign: Made, settings: Any, way: str, trunk: int, told: bool
) -> None:
    settings.LINES = {**settings.LINES, "trunk": trunk}
    made = campaign(way_1=way)
    page = as_supervisor.get(f"/desk/campaigns/{made.pk}/").content.decode()
    assert ("nobody else gets through" in page) is told


def test_the_living_parts_are_told_alone(as_supervisor: Browser, campaign: Made) -> None:
    made = campaign("+79270000001", start=True)
    address = f"/desk/campaigns/{made.pk}/"
    assert as_supervisor.get(address).content.decode().count("data-live=") == 2
    told = {part: as_supervisor.get(f"{address}?part={part}").content.decode() for part in ("progress", "acts")}
    assert '<progress max="1" value="0"' in told["progress"]
    assert f"{address}pause" in told["acts"]
    assert "<html" not in told["progress"] + told["acts"]
