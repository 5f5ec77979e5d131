"""The registry's pages: filters, search in any inflection, export, intake, acts and refusals, control, signing."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kindline.appeals import lookup, publications
from kindline.appeals.models import Answer, Appeal, ClientNotice, Decision, ManagementNotice
from kindline.clients.models import Account
from kindline.desk import appeal_acts, template_choice
from kindline.staff.models import Role
from tests.appeals.registry import SUBSTANCE, Registry

clause = pytest.mark.clause
PAGES = ["", "new/", "control/", "signing/", "?due=overdue", "?executor=me&state=all&kind=complaint", "?q=котёл"]


@pytest.fixture
def here(krc: Any, db: None) -> Registry:
    """An organisation with one employee for each role."""
    made = Registry(krc, now=timezone.now())
    for person in made.people.values():
        person.language = "en"
        person.save()
    return made


def _as(here: Registry, role: str) -> Browser:
    browser = Browser()
    browser.force_login(here.people[role])
    return browser


def _page(browser: Browser, address: str) -> str:
    answer = browser.get(f"/desk/appeals/{address}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.db
class TestPages:
    @pytest.mark.parametrize("language", ["uk", "ru", "en"])
    @pytest.mark.parametrize("page", PAGES)
    def test_open_in_three_languages(self, here: Registry, page: str, language: str) -> None:
        here.people["unit_head"].language = language
        here.people["unit_head"].save()
        here.at("sign", kind="complaint")
        assert f'lang="{language}"' in _page(_as(here, "unit_head"), page)

    @pytest.mark.parametrize("profile", ["court", "yumek", "voe"])
    def test_open_under_every_profile(self, house: Any, here: Registry, profile: str) -> None:
        other = house(profile)
        browser = _as(here, "director")
        for page in PAGES:
            _page(browser, page)
        appeal = Appeal.objects.create(
            profile=other.id, version="1", number="1/1", kind="complaint", channel="paper", substance="x",
            received_at=here.now, registered_at=here.now, state="assigned",
        )  # fmt: skip
        assert "1/1" in _page(browser, f"{appeal.pk}/")

    def test_control_is_for_heads_and_all_is_closed_to_strangers(self, here: Registry) -> None:
        assert _as(here, "operator").get("/desk/appeals/control/").status_code == 403
        assert _as(here, "administrator").get("/desk/appeals/").status_code == 403
        assert Browser().get("/desk/appeals/new/").status_code == 302


@pytest.mark.db
class TestList:
    def test_filters(self, here: Registry) -> None:
        mine, overdue, closed = here.at("assigned"), here.register(kind="complaint"), here.at("closed")
        Appeal.objects.filter(pk=overdue.pk).update(limit_at=here.now - dt.timedelta(days=1))
        browser = _as(here, "specialist")

        def shown(query: str) -> set[str]:
            page = _page(browser, query)
            return {one.number for one in (mine, overdue, closed) if f">{one.number}<" in page}

        assert shown("") == {mine.number, overdue.number}
        assert shown("?state=all") == {mine.number, overdue.number, closed.number}
        assert shown("?state=closed") == {closed.number}
        assert shown("?executor=me") == {mine.number}
        assert shown("?executor=none") == {overdue.number}
        assert shown(f"?executor={here.people['specialist'].pk}") == {mine.number}
        assert shown("?kind=complaint") == {overdue.number}
        assert shown("?due=overdue") == {overdue.number}
        assert shown("?due=nonsense&state=nonsense") == set()

    @pytest.mark.parametrize(
        "asked",
        ["котлов", "КОТЁЛ", "сломался котлы", "Ковалю", "Коваль Ольга", "9210000001", "+7 921 000-00-01",
         "koval@example.org", "{number}"],
    )  # fmt: skip
    def test_search_by_number_name_phone_and_words_in_any_form(self, here: Registry, asked: str) -> None:
        found = here.register(substance="Сломались котлы в подвале")
        other = here.register(
            substance="Верните деньги", fields={"surname": "Иванов", "given_name": "Пётр", "phone": "+79990000000"}
        )
        page = _page(_as(here, "operator"), f"?q={asked.format(number=found.number)}".replace("+", "%2B"))
        assert f">{found.number}<" in page
        assert f">{other.number}<" not in page

    def test_search_by_account(self, here: Registry, account: Account) -> None:
        appeal = here.register()
        appeal.client = account.client
        appeal.save()
        lookup.index_all([appeal])
        here.register()
        assert [one.pk for one in lookup.find(Appeal.objects.all(), account.number, "krc")] == [appeal.pk]

    @pytest.mark.parametrize("odd", ["' | *", "\\", "((", "& !", ":*", "\u0000x", "-" * 300, "🙂"])
    def test_odd_searches_find_nothing_and_break_nothing(self, here: Registry, odd: str) -> None:
        here.register()
        assert _as(here, "operator").get("/desk/appeals/", {"q": odd}).status_code == 200

    def test_the_number_of_queries_does_not_grow(self, here: Registry) -> None:
        browser = _as(here, "operator")

        def queries(address: str) -> int:
            browser.get(address)
            with CaptureQueriesContext(
                connection,
            ) as caught:
                assert browser.get(address).status_code == 200
            return len(caught)

        here.at("assigned")
        addresses = ["/desk/appeals/", "/desk/appeals/?q=плату отопление"]
        few = [queries(one) for one in addresses]
        for _ in range(12):
            here.at("assigned")
        assert [queries(one) for one in addresses] == few

    def test_the_search_uses_its_index(self, here: Registry) -> None:
        rows = lookup.find(Appeal.objects.all(), "отопления", "krc")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "appeal_lookup" in rows.order_by().explain()

    def test_export_has_no_formulas(self, here: Registry) -> None:
        here.register(fields={"surname": "=HYPERLINK(1)", "given_name": "Ольга"})
        table = b"".join(_as(here, "operator").get("/desk/appeals/?format=csv&purpose=settlements")).decode()
        assert "'=HYPERLINK(1)" in table
        assert "\ufeffNumber,Registered" in table


@pytest.mark.db
class TestIntake:
    @clause("krc-6.1-02", "krc-5.8-03", "krc-6.1-35", "krc-5.8-02")
    @pytest.mark.parametrize("channel", ["paper", "office", "email", "web", "phone"])
    def test_whatever_the_channel_it_stands_in_one_registry(self, here: Registry, channel: str) -> None:
        said = {"channel": channel, "kind": "proposal", "substance": "Поставьте скамью", "surname": "Коваль"}
        said |= {"given_name": "Ольга", "phone": "+79210000001", "sent": "2026-01-05"}
        answer = _as(here, "counter").post("/desk/appeals/new/", said)
        made = Appeal.objects.get()
        assert answer.headers["Location"] == f"/desk/appeals/{made.pk}/"
        assert (made.channel, made.control_unit) == (channel, here.people["counter"].unit)
        assert made.limit_at
        assert made.contact is not None
        assert made.contact.closed_at
        assert made.sent_at is not None
        assert made.sent_at.date() < made.received_at.date()

    def test_what_is_wanting_is_marked_and_nothing_is_lost(self, here: Registry) -> None:
        said = {"channel": "paper", "kind": "complaint", "substance": " ", "residence": "ул. Лесная, 1"}
        answer = _as(here, "counter").post("/desk/appeals/new/", said)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="ул. Лесная, 1"' in page
        assert 'aria-invalid="true" aria-describedby="e-substance"' in page
        assert not Appeal.objects.exists()

    @pytest.mark.parametrize(
        ("more", "told"),
        [({"in_court": "on"}, "before a court"), ({"earlier": "krc-1999/1"}, "no appeal of that number"),
         ({"sent": "yesterday"}, "Write the day")],
    )  # fmt: skip
    def test_refusals_are_told(self, here: Registry, more: dict[str, str], told: str) -> None:
        said = {"channel": "paper", "kind": "complaint", "substance": "Жалоба", "surname": "Коваль"} | more
        answer = _as(here, "counter").post("/desk/appeals/new/", said)
        assert answer.status_code == 422
        assert told in answer.content.decode()
        assert not Appeal.objects.exists()

    def test_the_same_form_sent_twice_is_one_appeal(self, here: Registry) -> None:
        """W1: the answer was lost on the way, the button is pressed again."""
        browser = _as(here, "counter")
        page = browser.get("/desk/appeals/new/").content.decode()
        key = re.findall(r'name="uploads" value="([^"]+)"', page)[0]
        said = {"channel": "paper", "kind": "application", "substance": "Пересчитайте плату", "uploads": key}
        said |= {"surname": "Коваль", "given_name": "Ольга", "phone": "+79210000001", "sent": "2026-01-05"}
        first, again = (browser.post("/desk/appeals/new/", said).headers["Location"] for _ in range(2))
        assert first == again == f"/desk/appeals/{Appeal.objects.get().pk}/"
        other = browser.post("/desk/appeals/new/", said | {"substance": "Замените счётчик"}).headers["Location"]
        assert other != first, "gone back, and filled in with another letter"
        colleague = _as(here, "specialist").post("/desk/appeals/new/", said).headers["Location"]
        assert colleague not in (first, other)
        assert Appeal.objects.count() == 3

    def test_an_authority_names_its_day(self, here: Registry) -> None:
        day = (here.now + dt.timedelta(days=4)).date()
        said = {"channel": "paper", "kind": "authority_request", "substance": "Запрос", "named": day.isoformat()}
        _as(here, "counter").post("/desk/appeals/new/", said)
        made = Appeal.objects.get()
        assert made.limit_at is not None
        assert made.limit_at.astimezone(here.profile.zone).date() == day


@pytest.mark.db
class TestActs:
    def _do(self, here: Registry, role: str, appeal: Appeal, verb: str, **said: Any) -> Any:
        seen = {"revision": appeal.revision} if verb == "sign" else {}
        answer = _as(here, role).post(f"/desk/appeals/{appeal.pk}/", {"verb": verb, **seen, **said})
        appeal.refresh_from_db()
        return answer

    def test_the_whole_way_by_forms_alone(self, here: Registry) -> None:
        appeal = here.register(channel="web", kind="application")
        executor = here.people["specialist"]
        self._do(here, "unit_head", appeal, "assign", executor=executor.pk)
        assert appeal.executor == executor
        page = _page(_as(here, "specialist"), f"{appeal.pk}/")
        assert "Ольга Петровна!" in page, "a draft is proposed"
        text = f"Ольга Петровна!\n{SUBSTANCE}\n{executor}, {executor.phone}, {executor.email}"
        subject = f"{here.profile.variable('company')}. Ответ на обращение на сайт КРЦ"
        self._do(here, "specialist", appeal, "draft", subject=subject, text=text, submit="on")
        assert appeal.state == "check"
        self._do(here, "supervisor", appeal, "approve")
        assert appeal.number in _page(_as(here, "director"), "signing/")
        self._do(here, "director", appeal, "sign")
        self._do(here, "supervisor", appeal, "mark_sent", channel="email", proof="<1@example.org>")
        assert "SHA-256" in _page(_as(here, "specialist"), f"{appeal.pk}/")
        administrator = here.people["site_administrator"]
        publications.decline(appeal=appeal, reason="", employee=administrator, now=here.now)
        self._do(here, "specialist", appeal, "close")
        assert (appeal.state, appeal.end) == ("closed", "answered")

    def test_a_poor_letter_is_refused_with_places_and_clauses_and_not_lost(self, here: Registry) -> None:
        appeal = here.at("assigned")
        Answer.objects.filter(appeal=appeal).delete()
        answer = self._do(here, "specialist", appeal, "draft", subject="Ответ", text="Мой дорогой текст", submit="on")
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Мой дорогой текст" in page
        assert "at the end of the letter" in page
        assert "krc-6.1-43" in page
        assert not Answer.objects.exists(), "keeping and giving to check are one step: neither is done"

    @pytest.mark.parametrize("role", ["operator", "specialist", "director"])
    def test_the_page_offers_only_what_may_be_done(self, here: Registry, role: str) -> None:
        browser, person = _as(here, role), here.people[role]
        for state in here.flow.states:
            appeal = here.at(state, kind="complaint")
            page = _page(browser, f"{appeal.pk}/")
            mine = {
                one.act
                for one in here.flow.acts_from(state)
                if person.has_role(*one.by) or ("executor" in one.by and role == "specialist")
            }
            mine |= {
                act
                for act, right in here.flow.rights.items()
                if person.has_role(*right.by) or ("executor" in right.by and role == "specialist")
            }
            offered = set(re.findall(r'name="verb" value="(\w+)"', page)) - set(appeal_acts.LINKS)
            offered -= {template_choice.FIND}  # looks for words, does nothing to the appeal
            offered = {"name_client" if act == "make_card" else act for act in offered}  # by the same right
            assert offered <= mine, f"{role} in {state}"

    def test_what_is_not_given_to_a_role_is_refused_to_a_forged_form(self, here: Registry) -> None:
        appeal = here.at("sign")
        for verb in ("sign", "nonsense", "extend", ""):
            assert self._do(here, "operator", appeal, verb, until="2027-01-01").status_code == 422
        assert appeal.state == "sign"

    def test_decision_measure_extension_and_notice(self, here: Registry) -> None:
        appeal = here.at("assigned", kind="complaint")
        self._do(
            here, "specialist", appeal, "decide", grounded="yes", reasons="Прибор врёт", rights="Право", order="В марте"
        )
        assert Decision.objects.get(appeal=appeal).grounded
        due = (here.now + dt.timedelta(days=9)).date().isoformat()
        head = here.people["unit_head"]
        self._do(here, "unit_head", appeal, "plan_measure", title="Заменить", due_on=due, responsible=head.pk)
        measure = appeal.measures.get()
        self._do(here, "unit_head", appeal, "finish_measure", measure=measure.pk, result="заменён")
        self._do(here, "director", appeal, "check_measure", measure=measure.pk, good="yes")
        measure.refresh_from_db()
        assert measure.checked_by == here.people["director"]
        limit = appeal.limit_at
        assert limit is not None
        until = (limit + dt.timedelta(days=20)).astimezone(here.profile.zone).date()
        self._do(here, "unit_head", appeal, "extend", until=until.isoformat(), ground="экспертиза")
        assert "waits for the notice" in _page(_as(here, "unit_head"), f"{appeal.pk}/")

    def test_data_is_asked_for_and_a_notice_closes(self, here: Registry) -> None:
        appeal = here.at("assigned")
        self._do(here, "specialist", appeal, "request_data", text="Пришлите показания")
        assert appeal.data_due_at
        self._do(here, "specialist", appeal, "receive_data", what="показания")
        body = here.body()
        answer = self._do(here, "unit_head", appeal, "give_notice", end="outside_competence", text="Не к нам")
        assert "Name competent bodies" in answer.content.decode()
        self._do(here, "unit_head", appeal, "give_notice", end="outside_competence", text="Не к нам", bodies=[body.pk])
        notice = ClientNotice.objects.get(about="outside_competence")
        self._do(here, "unit_head", appeal, "mark_notified", notice=notice.pk, channel="paper", proof="RA")
        assert (appeal.state, appeal.end) == ("closed", "outside_competence")


@pytest.mark.db
class TestControl:
    @clause("krc-6.2-02", "krc-6.2-03")
    def test_a_head_sees_what_his_unit_received_by_the_limit_and_by_executor(self, here: Registry) -> None:
        overdue, today = here.at("assigned"), here.at("assigned")
        elsewhere = here.register()
        Appeal.objects.filter(pk=overdue.pk).update(limit_at=here.now - dt.timedelta(days=1))
        Appeal.objects.filter(pk=today.pk).update(limit_at=here.now + dt.timedelta(seconds=30))
        Appeal.objects.filter(pk=elsewhere.pk).update(control_unit=None, limit_at=here.now - dt.timedelta(days=1))
        page = _page(_as(here, "unit_head"), "control/")
        assert overdue.number in page
        assert elsewhere.number not in page
        assert "overdue: 1" in page
        assert "overdue: 2" in _page(_as(here, "director"), "control/")

    def test_notices_are_shown_until_the_appeal_is_opened(self, here: Registry) -> None:
        appeal = here.at("assigned")
        executor = here.people["specialist"]
        ManagementNotice.objects.create(appeal=appeal, employee=executor, reason="executor_before", made_at=here.now)
        browser = _as(here, "specialist")
        assert "Brought to your notice" in _page(browser, "")
        _page(browser, f"{appeal.pk}/")
        assert "Brought to your notice" not in _page(browser, "")
        assert executor.has_role(Role.SPECIALIST)
