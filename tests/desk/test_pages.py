"""Every other page: it opens for whom it may, shows what there is, and is accessible."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import actions as appeals
from kindline.appeals.models import Appeal, Body
from kindline.conversations.models import Callback, Contact
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role
from kindline.switchboard import figures, wallboard
from kindline.switchboard.dialling_models import Mobile
from kindline.switchboard.models import MenuSwitch, Recording
from tests.desk.conftest import Switchboard, Talk, employee

pytestmark = pytest.mark.db
PAGES = ["contacts", "standard", "callbacks", "voicemail", "appeals", "supervisor", "menu", "campaigns"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_opens_empty_in_three_languages(page: str, language: str, as_supervisor: Browser, krc: Any) -> None:
    as_supervisor.cookies["django_language"] = language
    answer = as_supervisor.get(f"/desk/{page}/")
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.content.decode()


@pytest.mark.parametrize("page", ["supervisor", "menu"])
def test_is_closed_to_operators(page: str, as_operator: Browser, krc: Any) -> None:
    assert as_operator.get(f"/desk/{page}/").status_code == 403


def test_a_stranger_is_asked_to_log_in(client: Browser, krc: Any) -> None:
    for page in PAGES:
        assert client.get(f"/desk/{page}/").headers["Location"].startswith("/login/?next=")


class TestContact:
    def test_shows_facts_verdicts_and_evidence(self, as_operator: Browser, judged: Contact) -> None:
        text = as_operator.get(f"/desk/contacts/{judged.pk}/").content.decode()
        fact = Fact.objects.get(subject_id=str(judged.pk), kind="call_answered")
        assert f'id="fact-{fact.id}"' in text
        assert f'href="#fact-{fact.id}"' in text
        assert "krc-5.6.4-25" in text

    def test_a_figure_of_the_wallboard_leads_to_the_calls_that_it_counts(
        self, as_supervisor: Browser, judged: Contact, talk: Talk
    ) -> None:
        others, earlier, now = talk(), talk(), timezone.now()
        for one, outcome, ago in ((judged, "abandoned", 0), (others, "answered", 0), (earlier, "abandoned", 3)):
            journal.record(
                kind="queue_left", subject_type="contact", subject_id=one.pk, at=now - dt.timedelta(days=ago),
                data={"queue": "general", "outcome": outcome, "wait_s": 5.0, "here_s": 5.0},
            )  # fmt: skip

        def shown(query: str) -> set[Any]:
            return {row["contact"].pk for row in as_supervisor.get(f"/desk/contacts/?{query}").context["rows"]}

        assert shown("left=abandoned&queue=general") == {judged.pk}
        assert shown("left=&queue=general") == {judged.pk, others.pk}
        assert shown("left=&queue=billing") == set()
        assert earlier.pk in shown(f"left=abandoned&from={now - dt.timedelta(days=4):%F}")

    def test_calls_are_led_to_as_the_wallboard_counts_them(
        self, as_supervisor: Browser, judged: Contact, talk: Talk
    ) -> None:
        """Served once and cut, or sent on and back: a client is what `first_service` makes of him, in the list, too."""
        served, sent_on, now = talk(), talk(), timezone.now()
        left = [
            (served, "general", "answered"), (served, "billing", "abandoned"), (sent_on, "general", "overflow"),
            (judged, "general", "overflow"), (judged, "billing", "overflow"), (judged, "general", "abandoned"),
        ]  # fmt: skip
        for n, (one, queue, outcome) in enumerate(left):
            data = {"queue": queue, "outcome": outcome, "wait_s": 5.0, "here_s": 5.0}
            at = now - dt.timedelta(seconds=len(left) - n)
            journal.record(kind="queue_left", subject_type="contact", subject_id=one.pk, at=at, data=data)

        def shown(query: str) -> set[Any]:
            day = f"from={now - dt.timedelta(days=1):%F}"  # whatever the time of day is
            return {row["contact"].pk for row in as_supervisor.get(f"/desk/contacts/?{query}&{day}").context["rows"]}

        stays = figures.first_service(stay for _id, stay in wallboard.read(now - dt.timedelta(days=1)))
        terms = figures.Terms(None, 0)
        of = {name: figures.of_queue(stays, name, terms) for name in ("general", "billing")}
        for name, found in of.items():
            counted = (len(shown(f"left=&queue={name}")), len(shown(f"left=answered&queue={name}")))
            assert counted == (found.offered, found.answered)
        assert shown("left=abandoned") == {judged.pk}
        assert figures.of_all(stays, terms).offered == len(shown("left=")) == 2
        assert shown("left=overflow&queue=billing") == {judged.pk}

    def test_list_filters_and_exports(self, as_operator: Browser, judged: Contact, talk: Talk) -> None:
        assert str(judged.pk) in as_operator.get("/desk/contacts/?q=Ёлкин").content.decode()
        assert str(judged.pk) not in as_operator.get("/desk/contacts/?channel=office").content.decode()
        assert str(judged.pk) in as_operator.get("/desk/contacts/?clause=krc-5.6.4-25&verdict=not_met").content.decode()
        lines = b"".join(as_operator.get("/desk/contacts/?format=csv&purpose=settlements")).decode().splitlines()
        assert len(lines) == 2
        assert "Ёлкин" in lines[1]

    def test_a_number_is_no_formula(self, as_operator: Browser, judged: Contact) -> None:
        Contact.objects.update(caller="=cmd|'/c calc'!A1")
        assert "'=cmd" in b"".join(as_operator.get("/desk/contacts/?format=csv&purpose=settlements")).decode()


class TestStandard:
    @pytest.mark.clause("krc-2-54")
    def test_counts_each_clause_and_filters(self, as_operator: Browser, judged: Contact, krc: Any) -> None:
        rows = as_operator.get("/desk/standard/?verdict=not_met").context["rows"]
        assert [row.clause.id for row in rows] == ["krc-5.6.4-25"]
        rows = as_operator.get("/desk/standard/?how=reviewed&channel=phone").context["rows"]
        assert rows
        assert {row.clause.how for row in rows} == {"reviewed"}
        assert not as_operator.get("/desk/standard/?q=нетакогослова").context["rows"]

    def test_a_clause_leads_to_the_call_and_its_moment(
        self, as_operator: Browser, as_supervisor: Browser, judged: Contact
    ) -> None:
        fact = Fact.objects.get(subject_id=str(judged.pk), kind="call_answered")
        text = as_operator.get("/desk/standard/krc-5.6.4-25/").content.decode()
        assert f"/desk/contacts/{judged.pk}/#fact-{fact.id}" in text
        assert as_supervisor.get("/desk/standard/krc-5.6.4-25/?verdict=met").context["row"].result.met == 0

    def test_others_calls_are_not_shown_to_an_operator(self, client: Browser, judged: Contact) -> None:
        client.force_login(employee("operator2", Role.OPERATOR, number=13))
        assert str(judged.pk) not in client.get("/desk/standard/krc-5.6.4-25/").content.decode()

    def test_exports(self, as_operator: Browser, judged: Contact, krc: Any) -> None:
        lines = b"".join(as_operator.get("/desk/standard.csv")).decode().splitlines()
        assert len(lines) >= len(krc.clauses) + 1

    def test_every_clause_has_a_page(self, as_operator: Browser, house: Any) -> None:
        for profile in ("krc", "court", "yumek", "voe"):
            clauses = list(house(profile).clauses)
            for clause in clauses[:: max(1, len(clauses) // 12)]:
                assert as_operator.get(f"/desk/standard/{clause}/").status_code == 200
        assert as_operator.get("/desk/standard/krc-0/").status_code == 404


class TestRecordings:
    @pytest.fixture
    def recording(self, judged: Contact, settings: Any) -> Recording:
        folder = settings.KINDLINE["paths"]["recordings"]
        from pathlib import Path

        (Path(folder) / "a.wav").write_bytes(bytes(range(256)) * 4)
        now = timezone.now()
        return Recording.objects.create(
            contact=judged,
            leg="client",
            name="a",
            path="a.wav",
            started_at=now,
            ended_at=now,
            duration_s=1,
            complete=True,
        )

    def _link(self, browser: Browser, contact: Contact) -> str:
        links = browser.get(f"/desk/contacts/{contact.pk}/").context["player"]["links"]
        [found] = browser.get(links).json().values()
        return str(found)

    def test_are_heard_by_their_link_and_that_is_a_fact(
        self, as_operator: Browser, judged: Contact, recording: Recording
    ) -> None:
        answer = as_operator.get(self._link(as_operator, judged))
        assert b"".join(answer) == bytes(range(256)) * 4
        assert answer["Cache-Control"] == "private, no-store"
        assert Fact.objects.filter(kind="recording_listened", subject_id=str(judged.pk)).count() == 1

    @pytest.mark.parametrize(
        ("asked", "status", "length"),
        [
            ("bytes=0-9", 206, 10),
            ("bytes=1000-", 206, 24),
            ("bytes=-4", 206, 4),
            ("bytes=2000-", 416, 0),
            ("bytes=9-2", 416, 0),
        ],
    )
    def test_are_sent_in_parts(
        self, asked: str, status: int, length: int, as_operator: Browser, judged: Contact, recording: Recording
    ) -> None:
        answer = as_operator.get(self._link(as_operator, judged), headers={"Range": asked})
        assert answer.status_code == status
        if status == 206:
            assert len(b"".join(answer)) == length
            assert answer["Content-Range"].endswith("/1024")

    def test_are_closed_to_whoever_got_the_link(
        self,
        as_operator: Browser,
        as_supervisor: Browser,
        client: Browser,
        judged: Contact,
        recording: Recording,
        settings: Any,
    ) -> None:
        link = self._link(as_operator, judged)
        assert as_supervisor.get(link).status_code == 403
        assert Browser().get(link).status_code == 302
        assert as_operator.get(link[:-3] + "abc").status_code == 403

    def test_grow_old(self, as_operator: Browser, judged: Contact, recording: Recording, monkeypatch: Any) -> None:
        link = self._link(as_operator, judged)
        monkeypatch.setattr("kindline.desk.recordings.LIFE_S", -1)
        assert as_operator.get(link).status_code == 403

    def test_never_leave_their_folder(self, as_operator: Browser, judged: Contact, recording: Recording) -> None:
        Recording.objects.update(path="../phone.json")
        assert as_operator.get(self._link(as_operator, judged)).status_code == 404


class TestReview:
    def test_a_judgement_is_a_fact(self, as_supervisor: Browser, judged: Contact, krc: Any) -> None:
        item = krc.forms["call_review"].items[0]
        answer = as_supervisor.post(
            f"/desk/review/{judged.pk}/", {item.id: "no", f"{item.id}-comment": "говорил монотонно"}
        )
        assert answer.status_code == 302
        fact = Fact.objects.get(kind="item_judged", subject_id=str(judged.pk))
        assert (fact.data["verdict"], fact.data["clause"]) == ("not_met", item.clause)
        again = as_supervisor.get(f"/desk/review/{judged.pk}/").content.decode()
        assert "говорил монотонно" in again

    def test_has_a_score_that_a_critical_error_makes_nothing(
        self, as_supervisor: Browser, judged: Contact, krc: Any
    ) -> None:
        link, form = f"/desk/review/{judged.pk}/", krc.forms["call_review"]
        assert 'id="score"' not in as_supervisor.get(link).content.decode(), "nothing was judged yet"
        easy = [item for item in form.items if not item.critical][:4]
        gross = next(item for item in form.items if item.critical)
        as_supervisor.post(link, {easy[0].id: "yes", easy[1].id: "yes", easy[2].id: "no", easy[3].id: "na"})
        page = as_supervisor.get(link)
        assert (page.context["score"].value, page.context["score"].applicable) == (pytest.approx(2 / 3), 3)
        as_supervisor.post(link, {gross.id: "no", f"{gross.id}-comment": "оскорбил"})
        page = as_supervisor.get(link)
        assert (page.context["score"].value, page.context["score"].points) == (0.0, 0.5)
        assert "critical errors: 1" in page.content.decode()

    def test_is_not_for_operators(self, as_operator: Browser, judged: Contact) -> None:
        assert as_operator.get(f"/desk/review/{judged.pk}/").status_code == 403


class TestCallbacks:
    @pytest.fixture(autouse=True)
    def at_any_hour(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """That nobody is called at night is tested elsewhere: here tests may run at night."""
        monkeypatch.setattr("kindline.switchboard.calling_hours.of", lambda _profile: None)

    @pytest.fixture
    def promised(self, talk: Talk, operator: Employee, krc: Any) -> Callback:
        contact, now = talk(), timezone.now()
        return Callback.objects.create(
            contact=contact, employee=operator, phone="+79271112233", name="Пётр Семёнович", promised_at=now,
            due_at=now - dt.timedelta(minutes=1),
        )  # fmt: skip

    def test_overdue_ones_are_marked_and_dialled_from_the_screen_with_the_phone(
        self, as_operator: Browser, promised: Callback, operator: Employee, switchboard: Switchboard
    ) -> None:
        assert as_operator.get("/desk/callbacks/").context["rows"][0]["late"]
        answer = as_operator.post(f"/desk/callbacks/{promised.pk}/dial")
        assert answer.headers["Location"] == "/desk/"
        assert not switchboard.asked, "the page that was left had no phone"
        asked = [as_operator.get("/desk/").context["config"]["dial"] for _ in range(2)]
        assert asked == [{"url": f"/desk/callbacks/{promised.pk}/call", "body": {}}, None]
        assert as_operator.post(f"/desk/callbacks/{promised.pk}/call").status_code == 200
        assert switchboard.last == (f"/callbacks/{promised.pk}/dial", {"employee": operator.pk})

    def test_a_number_is_called_from_the_screen_and_from_any_page_that_shows_it(
        self, as_operator: Browser, operator: Employee, switchboard: Switchboard, house: Callable[..., Any]
    ) -> None:
        house()
        answer = as_operator.post("/desk/call-out/asked", {"number": "+79001112233"})
        assert (answer.headers["Location"], switchboard.asked) == ("/desk/", [])
        waiting = as_operator.get("/desk/").context["config"]["dial"]
        assert waiting == {"url": "/desk/call-out/", "body": {"number": "+79001112233"}}
        answer = as_operator.post(waiting["url"], waiting["body"], content_type="application/json")
        assert answer.status_code == 200
        assert switchboard.last == ("/outgoing", {"employee": operator.pk, "number": "+79001112233"})
        switchboard.answers["/outgoing"] = (409, {"error": "abroad", "message": "no"})
        answer = as_operator.post(waiting["url"], {"number": "+1"}, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]) == (409, "abroad")

    def test_a_number_is_called_through_the_mobile_of_who_has_one(
        self, as_operator: Browser, operator: Employee, promised: Callback, switchboard: Switchboard
    ) -> None:
        contact = promised.contact
        page = f"/desk/contacts/{contact.pk}/"
        assert b'value="mobile"' not in as_operator.get(page).content
        Mobile.objects.create(employee=operator, number="+79169990003")
        assert b'value="mobile"' in as_operator.get(page).content
        asked = {"number": contact.number, "by": "mobile", "back": page}
        answer = as_operator.post("/desk/call-out/asked", asked, follow=True)
        assert switchboard.last == ("/outgoing", {"employee": operator.pk, "number": contact.number, "mobile": True})
        assert answer.redirect_chain == [(page, 302)]
        assert "press 1" in answer.content.decode()
        switchboard.answers["/outgoing"] = (409, {"error": "no_mobile", "message": "no"})
        answer = as_operator.post("/desk/call-out/asked", asked | {"back": "https://elsewhere.example/"}, follow=True)
        assert answer.redirect_chain == [("/desk/contacts/", 302)]
        assert "No mobile of yours" in answer.content.decode()

    def test_that_cannot_be_dialled_now_says_why(
        self, as_operator: Browser, promised: Callback, switchboard: Switchboard
    ) -> None:
        switchboard.answers[f"/callbacks/{promised.pk}/dial"] = (409, {"error": "no_phone", "message": "no phone"})
        answer = as_operator.post(f"/desk/callbacks/{promised.pk}/call")
        assert (answer.status_code, answer.json()["error"]) == (409, "no_phone")

    def test_made_by_hand_and_cancelled(self, as_operator: Browser, promised: Callback) -> None:
        as_operator.post(f"/desk/callbacks/{promised.pk}/cancel", {"reason": ""})
        promised.refresh_from_db()
        assert promised.state == "open"
        as_operator.post(f"/desk/callbacks/{promised.pk}/note", {"outcome": "reached"})
        promised.refresh_from_db()
        assert promised.state == "kept"

    @pytest.mark.parametrize("state", ["kept", "cancelled"])
    @pytest.mark.parametrize("verb", ["dial", "note", "cancel"])
    def test_one_that_is_done_with_is_left_as_it_is_and_the_list_says_so(
        self, as_operator: Browser, promised: Callback, verb: str, state: str
    ) -> None:
        Callback.objects.filter(pk=promised.pk).update(state=state, closed_at=promised.due_at)
        said = {"outcome": "no_answer", "reason": "no"}
        answer = as_operator.post(f"/desk/callbacks/{promised.pk}/{verb}", said, follow=True)
        assert answer.redirect_chain == [("/desk/callbacks/", 302)]
        assert "made or cancelled already" in answer.content.decode()
        after = Callback.objects.get(pk=promised.pk)
        assert (after.state, after.attempts, after.closed_at) == (state, 0, promised.due_at)
        assert not facts_of("contact", promised.contact_id).filter(kind="callback_made").exists()

    def test_of_others_are_not_mine(self, client: Browser, promised: Callback) -> None:
        client.force_login(employee("operator2", Role.OPERATOR, number=13))
        assert client.get("/desk/callbacks/").context["rows"] == []
        assert client.post(f"/desk/callbacks/{promised.pk}/note", {"outcome": "reached"}).status_code == 403

    @pytest.mark.parametrize(
        ("origin", "words"), [("queue", "keeps the place"), ("abandoned", "hung up while waiting")]
    )
    def test_those_from_the_queue_say_where_they_come_from_and_that_they_are_being_called(
        self, as_operator: Browser, promised: Callback, origin: str, words: str
    ) -> None:
        fields = {"origin": origin, "queue": "billing", "employee": None, "waits_since": promised.promised_at}
        Callback.objects.filter(pk=promised.pk).update(**fields)
        shown = as_operator.get("/desk/callbacks/", headers={"accept-language": "en"}).content.decode()
        assert words in shown
        assert "Charges and payment" in shown
        assert "Call now" in shown
        Callback.objects.filter(pk=promised.pk).update(call=promised.contact_id)
        shown = as_operator.get("/desk/callbacks/", headers={"accept-language": "en"}).content.decode()
        assert "being called" in shown
        assert "Call now" not in shown

    def test_a_kept_place_noted_by_hand_comes_up_again(self, as_operator: Browser, promised: Callback) -> None:
        Callback.objects.filter(pk=promised.pk).update(
            origin="queue", queue="general", waits_since=promised.promised_at
        )
        as_operator.post(f"/desk/callbacks/{promised.pk}/note", {"outcome": "busy"})
        promised.refresh_from_db()
        assert promised.waits_since == promised.promised_at
        assert promised.try_after is not None

    def test_the_kept_share_stands_on_the_list_and_on_the_floor(
        self, as_operator: Browser, as_supervisor: Browser, promised: Callback
    ) -> None:
        now = timezone.now()
        for closed_at, state in ((now, "kept"), (now - dt.timedelta(hours=1), "kept"), (now, "cancelled")):
            Callback.objects.create(
                contact=promised.contact, phone="+79270000000", promised_at=now - dt.timedelta(hours=2), state=state,
                due_at=now - dt.timedelta(minutes=30), closed_at=closed_at,
            )  # fmt: skip
        share = as_operator.get("/desk/callbacks/").context["kept"]
        assert (share.kept, share.due, share.cancelled, share.share) == (1, 4, 1, 0.25)
        assert "25.0 %" in as_supervisor.get("/desk/supervisor/?part=1").content.decode()


@pytest.mark.clause("court-1-35", "court-1-36")
def test_an_appeal_is_forwarded_and_told(as_operator: Browser, house: Any, talk: Talk, operator: Employee) -> None:
    house("court")
    contact = talk("court")
    appeal = appeals.register_appeal(
        contact=contact,
        kind="complaint",
        substance="…",
        fields={"surname": "Мельник", "given_name": "Олена", "residence": "Київ", "phone": "+380671112233"},
        none_fields=["patronymic", "email"],
        employee=operator,
        now=timezone.now(),
    )
    body = Body.objects.create(profile="court", name="Вища рада правосуддя", competence="дії суддів")
    page = as_operator.get(f"/desk/appeals/{appeal.pk}/").content.decode()
    assert appeal.derivation[0] in page.replace("&#x27;", "'").replace("&quot;", '"')
    as_operator.post(f"/desk/appeals/{appeal.pk}/", {"verb": "forward", "body": body.pk})
    as_operator.post(f"/desk/appeals/{appeal.pk}/", {"verb": "tell_forwarding"})
    appeal.refresh_from_db()
    assert appeal.forwarded_to == body
    assert appeal.forwarding_told_at
    assert Appeal.objects.get().number in as_operator.get("/desk/appeals/").content.decode()


class TestMenu:
    @pytest.mark.clause("krc-5.6.6-14")
    def test_an_option_is_switched_at_once(self, as_supervisor: Browser, krc: Any) -> None:
        node = krc.menu.root
        digit = next(option.digit for option in krc.menu.nodes[node].options.values() if option.action == "goto")
        before = as_supervisor.get("/desk/menu/").context["shape"]["branches_max"]
        as_supervisor.post("/desk/menu/switch", {"node": node, "digit": digit, "enabled": "0"})
        assert MenuSwitch.objects.get().enabled is False
        assert Fact.objects.filter(kind="menu_option_switched").count() == 1
        assert as_supervisor.get("/desk/menu/").context["shape"]["branches_max"] <= before
        assert as_supervisor.post("/desk/menu/switch", {"node": "none", "digit": "1"}).status_code == 404

    def test_every_profile_has_its_page(self, as_supervisor: Browser, house: Any) -> None:
        for profile in ("krc", "court", "yumek", "voe"):
            house(profile)
            assert as_supervisor.get("/desk/menu/").status_code == 200


class TestLogin:
    def test_leads_to_the_page_of_the_role(
        self, client: Browser, operator: Employee, supervisor: Employee, krc: Any
    ) -> None:
        from tests.desk.conftest import PASSWORD

        answer = client.post("/login/", {"username": "operator1", "password": PASSWORD})
        assert answer.headers["Location"] == "/desk/"
        assert answer.cookies["django_language"].value == "ru"
        assert client.post("/logout/").headers["Clear-Site-Data"] == '"cache"', "ASVS 14.3.1"
        answer = client.post("/login/", {"username": "supervisor", "password": PASSWORD})
        assert answer.headers["Location"] == "/desk/supervisor/"

    def test_a_wrong_password_keeps_the_name(self, client: Browser, operator: Employee, krc: Any) -> None:
        answer = client.post("/login/", {"username": "operator1", "password": "no"})
        assert 'value="operator1"' in answer.content.decode()
        assert 'role="alert"' in answer.content.decode()

    def test_the_language_is_kept_for_the_employee(self, as_operator: Browser, operator: Employee, krc: Any) -> None:
        answer = as_operator.post("/language/", {"language": "uk", "next": "https://elsewhere.example/"})
        assert answer.headers["Location"] == "/home/"
        operator.refresh_from_db()
        assert operator.language == "uk"


def test_the_floor_shows_operators_and_calls(
    as_supervisor: Browser, krc: Any, talk: Talk, operator: Employee, switchboard: Switchboard
) -> None:
    contact = talk()
    answer = as_supervisor.get("/desk/supervisor/?part=1")
    assert "<html" not in answer.content.decode()
    row = answer.context["operators"][0]
    assert (row["name"], row["state"], row["contact"]) == (str(operator), "talking", contact.pk)
    assert answer.context["calls"][0]["id"] == contact.pk


def test_unknown_contacts_are_not_found(as_supervisor: Browser, krc: Any) -> None:
    assert as_supervisor.get(f"/desk/contacts/{uuid.uuid4()}/").status_code == 404
