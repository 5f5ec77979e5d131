"""The registry's other screens: filters, saved views, many at once, exports and prints, incidents, limits anew."""

import datetime as dt
import io
import re
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kindline.appeals import incidents, linking, recomputing, saving
from kindline.appeals.models import Answer, Appeal, Incident, Recomputation, SavedView
from kindline.conversations.models import Topic
from kindline.desk import lists, navigation
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Unit
from tests.appeals.registry import SUBSTANCE, Registry
from tests.desk.test_registry import _as, _page, here

pytestmark = pytest.mark.db
__all__ = ["here"]


def _shown(page: str, *appeals: Appeal) -> set[str]:
    return {one.number for one in appeals if f">{one.number}<" in page}


def test_what_happened_names_the_topic_not_its_code(here: Registry) -> None:
    topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
    appeal = here.register(topic=topic)
    page = str(_as(here, "operator").get(f"/desk/appeals/{appeal.pk}/").content, "utf-8")
    told = page[page.index('<ol class="timeline">') :]
    assert "Отопление ·" in told
    assert "heat" not in told


class TestFilters:
    def test_by_unit_topic_channel_and_period(self, here: Registry) -> None:
        topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
        unit = Unit.objects.create(code="meters", name="Служба учёта")
        mine, other = here.register(topic=topic), here.register(channel="web")
        Appeal.objects.filter(pk=mine.pk).update(unit=unit, registered_at=here.now - dt.timedelta(days=40))
        day = (here.now - dt.timedelta(days=40)).astimezone(here.profile.zone).date()
        browser = _as(here, "operator")

        def shown(query: str) -> set[str]:
            return _shown(_page(browser, query), mine, other)

        assert shown(f"?topic={topic.pk}") == {mine.number}
        assert shown(f"?unit={unit.pk}") == {mine.number}
        assert shown("?channel=web") == {other.number}
        assert shown(f"?since={day}&until={day}") == {mine.number}
        assert shown(f"?since={day + dt.timedelta(days=1)}") == {other.number}
        assert shown("?since=nonsense&until=9999-12-31&unit=x&topic=²") == {mine.number, other.number}

    @pytest.mark.clause("krc-2-14")
    def test_by_who_applies_in_the_list_in_the_export_and_in_a_view(self, here: Registry) -> None:
        firm, person = here.register(), here.register()
        Appeal.objects.filter(pk=firm.pk).update(applicant_kind="firm", firm_name="ООО «Берёзка»")
        browser = _as(here, "supervisor")
        assert _shown(_page(browser, "?applicant_kind=firm"), firm, person) == {firm.number}
        assert _shown(_page(browser, "?applicant_kind=no_contact"), firm, person) == set()
        assert '<option value="firm" selected>' in _page(browser, "?applicant_kind=firm")
        said = {"format": "csv", "applicant_kind": "firm", "purpose": "service_control"}
        taken: Any = browser.get("/desk/appeals/", said)
        content = b"".join(taken.streaming_content).decode() if taken.streaming else taken.content.decode()
        assert (firm.number in content, person.number in content) == (True, False)
        saved = browser.post("/desk/appeals/views/", {"name": "Фирмы", "query": "applicant_kind=firm"})
        assert saved.headers["Location"] == "/desk/appeals/?applicant_kind=firm"
        assert '<a href="?applicant_kind=firm">Фирмы</a> <strong>1</strong>' in _page(browser, "")

    def test_a_search_goes_over_all_appeals_and_keeps_the_filters(self, here: Registry) -> None:
        closed = here.at("closed")
        page = _page(_as(here, "operator"), "?q=отоплению")
        assert _shown(page, closed) == {closed.number}
        assert 'name="q" value="отоплению"' in page
        assert _shown(_page(_as(here, "operator"), "?q=отоплению&state=open"), closed) == set()

    def test_pages_go_on_where_there_are_more_than_were_counted(
        self, here: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lists, "PAGE_ROWS", 2)
        monkeypatch.setattr(lists, "COUNT_MAX", 4)
        appeals = [here.register() for _ in range(9)]
        browser = _as(here, "operator")
        assert "1 of 3+" in " ".join(_page(browser, "").split()).replace("</span>", "").replace(" +", "+")
        seen: set[str] = set()
        for number in range(1, 6):
            seen |= _shown(_page(browser, f"?page={number}"), *appeals)
        assert seen == {one.number for one in appeals}
        assert _page(browser, "?page=99999999999")


class TestQueries:
    """However much there is, a page asks the database so many times."""

    def _asked(self, browser: Browser, address: str) -> int:
        _page(browser, address)
        with CaptureQueriesContext(connection) as caught:
            _page(browser, address)
        return len(caught)

    def test_of_the_list_under_filters_and_of_the_card(self, here: Registry) -> None:
        topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
        browser, head = _as(here, "supervisor"), here.people["supervisor"]
        appeal, other = here.at("assigned", topic=topic), here.at("assigned", topic=topic)
        linking.relate(appeal=appeal, other=other, employee=head, now=here.now)
        saving.save_view(name="0", query="", employee=head, now=here.now)
        addresses = [f"?topic={topic.pk}&channel=paper&state=all", "?due=soon", f"{appeal.pk}/"]
        few = [self._asked(browser, one) for one in addresses]
        for n in range(6):
            more = here.at("assigned", topic=topic)
            linking.relate(appeal=appeal, other=more, employee=head, now=here.now)
            saving.save_view(name=f"{n + 1}", query="", employee=head, now=here.now)
        assert [self._asked(browser, one) for one in addresses] == few


class TestViews:
    def test_ones_own_and_those_shared_with_a_role(self, here: Registry) -> None:
        head, specialist = _as(here, "unit_head"), _as(here, "specialist")
        said = {"name": "Просроченные", "query": "due=overdue&state=open", "role": "specialist"}
        answer = head.post("/desk/appeals/views/", said)
        assert answer.headers["Location"] == "/desk/appeals/?due=overdue&state=open"
        specialist.post("/desk/appeals/views/", {"name": "Мои", "query": "executor=me", "role": "director"})
        assert 'href="?due=overdue&amp;state=open"' in _page(specialist, "")
        assert ">Мои<" in _page(specialist, "")
        assert ">Мои<" not in _page(_as(here, "director"), ""), "only those in charge share"
        view = SavedView.objects.get(name="Просроченные")
        assert specialist.post(f"/desk/appeals/views/{view.pk}/remove").status_code == 404
        head.post(f"/desk/appeals/views/{view.pk}/remove")
        assert not SavedView.objects.filter(pk=view.pk).exists()
        kept = Fact.objects.filter(subject_type="employee", kind__startswith="view_")
        assert set(kept.values_list("kind", flat=True)) == {"view_saved", "view_removed"}

    def test_the_same_name_replaces_and_no_name_keeps_nothing(self, here: Registry) -> None:
        browser = _as(here, "operator")
        for query in ("kind=complaint", "kind=proposal"):
            browser.post("/desk/appeals/views/", {"name": " Жалобы ", "query": query})
        browser.post("/desk/appeals/views/", {"name": " ", "query": "due=today"})
        assert SavedView.objects.get().query == "kind=proposal"


class TestManyAtOnce:
    def test_each_by_its_own_workflow_and_told_why_not(self, here: Registry) -> None:
        free, taken, closed = here.register(), here.at("assigned"), here.at("closed")
        executor = here.people["specialist"]
        said = {
            "verb": "assign",
            "executor": executor.pk,
            "chosen": [free.pk, taken.pk, closed.pk, "x"],
            "back": "due=today",
        }
        answer = _as(here, "unit_head").post("/desk/appeals/batch", said)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Done: 2." in page
        assert "Not done: 1." in page
        assert "state in which this cannot be done" in page
        assert "?due=today" in page
        free.refresh_from_db()
        assert (free.state, free.executor) == ("assigned", executor)
        assert facts_of("appeal", free.pk).filter(kind="appeal_assigned").exists()

    def test_an_act_that_is_not_given_is_refused_with_its_clause(self, here: Registry) -> None:
        appeal = here.register()
        said = {"verb": "assign", "executor": here.people["specialist"].pk, "chosen": [appeal.pk]}
        page = _as(here, "operator").post("/desk/appeals/batch", said).content.decode()
        assert "gives this to others" in page
        assert "krc-6.1-08" in page
        for verb in ("extend", "nonsense", ""):
            assert (
                "Done: 0." in _as(here, "unit_head").post("/desk/appeals/batch", said | {"verb": verb}).content.decode()
            )

    def test_nothing_ticked_says_what_to_do(self, here: Registry) -> None:
        assert "Tick appeals" in _as(here, "unit_head").post("/desk/appeals/batch", {"verb": "sign"}).content.decode()


def _book(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


class TestTakenOut:
    def test_a_workbook_holds_texts_and_local_times_and_no_formulas(self, here: Registry) -> None:
        formula = here.register(fields={"surname": "=HYPERLINK(1)", "given_name": "+79210000001"})
        at = dt.datetime(2026, 3, 2, 21, 30, tzinfo=dt.UTC)
        Appeal.objects.filter(pk=formula.pk).update(registered_at=at)
        answer = _as(here, "operator").get("/desk/appeals/?format=xlsx&state=all&purpose=settlements")
        inside = _book(b"".join(answer))
        assert "=HYPERLINK(1) +79210000001" in inside
        assert "<f>" not in inside
        local = at.astimezone(here.profile.zone).replace(tzinfo=None)
        serial = (local - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)  # noqa: DTZ001 - as workbooks count
        assert f"<v>{serial:.6f}"[:-2] in inside
        fact = Fact.objects.get(kind="data_exported")
        assert fact.data.pop("employee") == Employee.objects.get(pk=int(fact.actor.removeprefix("employee:"))).pk
        asked = {"what": "appeals", "form": "xlsx", "query": "state=all", "purpose": "settlements"}
        assert fact.data == asked

    def test_what_is_taken_out_is_what_the_filters_leave(self, here: Registry) -> None:
        shown, hidden = here.register(kind="complaint"), here.register(kind="proposal")
        table = b"".join(
            _as(here, "operator").get("/desk/appeals/?format=csv&kind=complaint&purpose=settlements")
        ).decode()
        assert shown.number in table
        assert hidden.number not in table

    @pytest.mark.parametrize(
        "address", ["?format=pdf&state=all&purpose=settlements", "{pk}/card.pdf", "{pk}/label.pdf"]
    )
    def test_lists_cards_and_labels_are_printed(self, here: Registry, address: str) -> None:
        pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))  # type: ignore[arg-type]
        appeal = here.at("sent")
        answer = _as(here, "specialist").get(f"/desk/appeals/{address.format(pk=appeal.pk)}")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")

    def test_the_label_is_offered_where_there_is_paper_and_its_code_says_the_number(self, here: Registry) -> None:
        paper, mail = here.register(channel="paper"), here.register(channel="email")
        browser = _as(here, "counter")
        assert f"{paper.pk}/label.pdf" in _page(browser, f"{paper.pk}/")
        assert "label.pdf" not in _page(browser, f"{mail.pk}/")
        svg = browser.get(f"/desk/appeals/{paper.pk}/label.pdf?format=svg").content.decode()
        assert svg.startswith("<svg")


class TestLinks:
    def test_by_forms_alone(self, here: Registry) -> None:
        original, twin, other = (here.register(kind="proposal") for _ in range(3))
        head = _as(here, "unit_head")
        head.post(f"/desk/appeals/{other.pk}/", {"verb": "relate", "other": original.number.upper()})
        assert f">{other.number}<" in _page(head, f"{original.pk}/")
        wrong = head.post(f"/desk/appeals/{twin.pk}/", {"verb": "join", "original": "krc-1999/1"})
        assert wrong.status_code == 422
        assert 'value="krc-1999/1"' in wrong.content.decode()
        head.post(f"/desk/appeals/{twin.pk}/", {"verb": "join", "original": original.number})
        page = _page(head, f"{twin.pk}/")
        assert "Duplicate of" in page
        assert "Closed as a duplicate of" in page
        head.post(f"/desk/appeals/{original.pk}/", {"verb": "unrelate", "other": other.pk})
        assert "The link was undone" in _page(head, f"{original.pk}/")

    @pytest.mark.clause("krc-6.1-55")
    def test_the_applicants_other_appeals_with_their_answers(self, here: Registry) -> None:
        topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
        before, now = here.at("signed", topic=topic, kind="proposal"), here.register(topic=topic)
        here.perform("mark_sent", before, here.people["supervisor"])
        here.register()
        card = _page(_as(here, "specialist"), f"{now.pk}/")
        assert "Appeals in the year: 3." in " ".join(card.split())
        assert "Answered on this topic before" in card
        page = _page(_as(here, "specialist"), f"{now.pk}/applicant/")
        assert before.number in page
        assert "Отопление: 1" in page


class TestIncidents:
    def test_from_the_suggestion_to_one_answer(self, here: Registry) -> None:
        topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
        appeals = [here.register(topic=topic, kind="proposal") for _ in range(3)]
        head = _as(here, "supervisor")
        page = head.get("/desk/appeals/incidents/").content.decode()
        assert "Perhaps one event" in page
        assert "3 appeals" in page
        asked = "&".join(f"appeal={one.pk}" for one in appeals)
        assert head.get(f"/desk/appeals/incidents/new/?{asked}&area=лесная").content.decode().count("checked") == 3
        said = {"title": "", "area": "Лесная", "topic": topic.pk, "appeal": [one.pk for one in appeals]}
        assert head.post("/desk/appeals/incidents/new/", said).status_code == 422
        head.post("/desk/appeals/incidents/new/", said | {"title": "Авария на теплотрассе"})
        made = Incident.objects.get()
        assert made.appeals.count() == 3
        executor = here.people["specialist"]
        said = {"verb": "assign", "executor": executor.pk, "chosen": [one.pk for one in appeals]}
        assert head.post("/desk/appeals/batch", said).status_code == 200
        answer = _as(here, "specialist").post(
            f"/desk/appeals/incidents/{made.pk}/", {"verb": "answer", "text": SUBSTANCE}
        )
        assert "Done: 3." in answer.content.decode()
        assert Answer.objects.filter(text__contains=SUBSTANCE).count() == 3
        assert made.title in _page(head, f"{appeals[0].pk}/")
        assert head.post(f"/desk/appeals/incidents/{made.pk}/", {"verb": "answer", "text": " "}).status_code == 422
        late = here.register()
        head.post(f"/desk/appeals/incidents/{made.pk}/", {"verb": "attach", "numbers": f"{late.number}, krc-1/1"})
        head.post(f"/desk/appeals/{late.pk}/", {"verb": "detach"})
        head.post(f"/desk/appeals/{late.pk}/", {"verb": "attach", "incident": made.pk})
        late.refresh_from_db()
        assert late.incident == made
        head.post(f"/desk/appeals/incidents/{made.pk}/", {"verb": "end"})
        made.refresh_from_db()
        assert made.ended_at
        assert _as(here, "operator").get("/desk/appeals/incidents/new/").status_code == 403

    def test_suggestions_are_those_of_the_profile(self, here: Registry) -> None:
        assert incidents.suggested(here.profile, timezone.now()) == []


class TestLimitsAnew:
    @pytest.mark.clause("krc-6.1-09")
    def test_are_asked_for_and_done_from_where_they_stood(
        self, here: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        appeals = [here.register() for _ in range(5)]
        Appeal.objects.filter(pk__in=[one.pk for one in appeals[:3]]).update(limit_at=here.now)
        head = _as(here, "director")
        head.post("/desk/appeals/control/limits", {"why": "приказ № 9"})
        assert "0 of 5" in _page(head, "control/limits")
        head.post("/desk/appeals/control/limits", {"why": "ещё раз"})
        assert Recomputation.objects.count() == 1
        monkeypatch.setattr(recomputing, "ROUNDS_MAX", 1)
        assert recomputing.sweep(now=timezone.now(), batch=2) == 2
        assert "2 of 5" in _page(head, "control/limits")
        monkeypatch.setattr(recomputing, "ROUNDS_MAX", 100)
        assert recomputing.sweep(now=timezone.now(), batch=2) == 3
        page = _page(head, "control/limits")
        assert "5 of 5" in page
        assert "limits changed: 3" in page
        fact = facts_of("appeal", appeals[0].pk).get(kind="appeal_recomputed")
        assert (fact.data["why"], fact.actor) == ("приказ № 9", f"employee:{here.people['director'].pk}")
        assert [one.kind for one in facts_of("registry", "krc")] == ["limits_asked", "limits_computed"]
        assert recomputing.sweep(now=timezone.now()) == 0
        assert _as(here, "operator").get("/desk/appeals/control/limits").status_code == 403

    def test_a_reason_is_needed(self, here: Registry) -> None:
        _as(here, "director").post("/desk/appeals/control/limits", {"why": " "})
        assert not Recomputation.objects.exists()


class TestNavigation:
    @pytest.mark.parametrize(("role", "most"), [("supervisor", 7), ("operator", 6), ("specialist", 6)])
    def test_the_row_stays_short_and_holds_every_page(self, here: Registry, role: str, most: int) -> None:
        page = _page(_as(here, role), "")
        row = page[page.index("<nav ") : page.index("</nav>")]
        assert (
            row.count("<summary") + len(re.sub(r"<details.*?</details>", "", row, flags=re.S).split("<a ")) - 1 <= most
        )
        allowed = [name for name, _, roles, _ in navigation.PAGES if here.people[role].has_role(*roles)]
        assert row.count("<a ") == len(allowed)


def test_a_stranger_sees_nothing(here: Registry) -> None:
    for address in ("/desk/appeals/incidents/", "/desk/appeals/1/card.pdf", "/desk/appeals/1/applicant/"):
        assert Browser().get(address).status_code == 302
    posted: Any = Browser().post("/desk/appeals/batch", {"verb": "sign"})
    assert posted.status_code == 302
