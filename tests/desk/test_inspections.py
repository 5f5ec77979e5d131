"""The pages of inspections: the plan, the walk, the frozen result, objects; who may, and what is never lost."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.files import checking
from kindline.files.models import Attachment, FileState
from kindline.quality import inspecting, inspection_planning, places
from kindline.quality.inspection_models import Correction, InspectedPlace, Inspection
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from tests.desk.conftest import PASSWORD, employee
from tests.files import makers

pytestmark = pytest.mark.db
KRC = loader.load("krc")
assert KRC.inspections is not None
PLAN, OBJECTS = "/desk/inspections/", "/desk/inspections/objects/"


@pytest.fixture
def people(krc: Any, settings: Any) -> dict[str, Employee]:
    """Somebody of each role that matters."""
    settings.FILES = {**settings.FILES, "scanner": {}}
    roles = (Role.SUPERVISOR, Role.UNIT_HEAD, Role.DIRECTOR, Role.ADMINISTRATOR, Role.OPERATOR, Role.COUNTER)
    return {role: employee(str(role), role, surname=str(role)) for role in roles}


@pytest.fixture
def site(people: dict[str, Employee]) -> InspectedPlace:
    """The site, for which the head of the unit answers."""
    fields = {"name": "Сайт", "head": people[Role.UNIT_HEAD]}
    return places.enter(
        profile=KRC, kind="site", fields=fields, employee=people[Role.ADMINISTRATOR], now=timezone.now()
    )


@pytest.fixture
def planned(site: InspectedPlace) -> Inspection:
    """An inspection of the site, due today."""
    now = timezone.now()
    assert KRC.inspections is not None
    checklist, today = KRC.inspections.checklists["site"], now.astimezone(KRC.zone).date()
    return inspection_planning.plan(profile=KRC, checklist=checklist, scope=site, due_on=today, now=now)[0]


def entered(role: str) -> Browser:
    """A browser of somebody in that role."""
    browser = Browser()
    assert browser.login(username=role, password=PASSWORD)
    return browser


def photo() -> SimpleUploadedFile:
    """A picture of a telephone's camera."""
    return SimpleUploadedFile("IMG_1.png", makers.picture(), "image/png")


GOOD = {"v-style": "met", "c-style": "", "v-tasks": "met", "c-tasks": "", "v-questions": "met", "c-questions": ""}


class TestRights:
    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.COUNTER])
    def test_others_see_nothing(self, planned: Inspection, role: str) -> None:
        browser = entered(role)
        for page in (PLAN, OBJECTS, f"{OBJECTS}{planned.place_id}/", f"{PLAN}{planned.pk}/"):
            assert browser.get(page).status_code == 403
            assert browser.post(page, {"verb": "begin"}).status_code == 403
        assert "Inspections" not in browser.get("/desk/standard/").content.decode()

    def test_a_guest_is_asked_to_log_in(self, planned: Inspection) -> None:
        assert Browser().get(f"{PLAN}{planned.pk}/").status_code == 302

    def test_a_supervisor_sees_the_site_and_does_not_inspect_it(self, planned: Inspection) -> None:
        answer = entered(Role.SUPERVISOR).post(f"{PLAN}{planned.pk}/", {"verb": "begin"})
        assert answer.status_code == 422
        assert "The standard gives this inspection to others" in answer.content.decode()
        assert Inspection.objects.get().inspector is None

    def test_an_administrator_enters_objects_and_sees_no_results(self, planned: Inspection) -> None:
        browser = entered(Role.ADMINISTRATOR)
        assert browser.get(PLAN).headers["Location"] == OBJECTS
        assert f"{PLAN}{planned.pk}/" not in browser.get(f"{OBJECTS}{planned.place_id}/").content.decode()
        assert browser.get(f"{PLAN}{planned.pk}/").status_code == 403

    def test_a_supervisor_enters_no_objects(self, site: InspectedPlace) -> None:
        browser = entered(Role.SUPERVISOR)
        assert "New object" not in browser.get(OBJECTS).content.decode()
        answer = browser.post(OBJECTS, {"verb": "enter", "kind": "site", "name": "Другой", "head": str(site.head_id)})
        assert answer.status_code == 422
        assert InspectedPlace.objects.count() == 1

    def test_a_photo_is_seen_by_those_who_see_the_inspection(self, planned: Inspection) -> None:
        browser = entered(Role.DIRECTOR)
        browser.post(f"{PLAN}{planned.pk}/", {"verb": "begin"})
        browser.post(f"{PLAN}{planned.pk}/", {"verb": "keep", "photo-style": photo()})
        row = Attachment.objects.get()
        checking.decide(file=row.file, state=FileState.CLEAN, reason="", now=timezone.now())
        assert entered(Role.OPERATOR).get(f"/desk/files/{row.pk}?view=1").status_code == 403
        shown = entered(Role.SUPERVISOR).get(f"/desk/files/{row.pk}?view=1")
        assert shown.status_code == 200
        shown.close()


class TestWalking:
    @pytest.fixture
    def walk(self, planned: Inspection) -> Callable[..., Any]:
        """The director walks; posts of the page."""
        browser = entered(Role.DIRECTOR)
        browser.post(f"{PLAN}{planned.pk}/", {"verb": "begin"})

        def post(verb: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
            data = {"verb": verb, **{name.replace("_", "-", 1): value for name, value in more.items()}}
            return browser.post(f"{PLAN}{planned.pk}/", data, headers=headers)

        return post

    def test_the_page_asks_in_the_words_of_the_standard_or_in_english(self, planned: Inspection) -> None:
        browser = entered(Role.DIRECTOR)
        browser.post(f"{PLAN}{planned.pk}/", {"verb": "begin"})
        page = browser.get(f"{PLAN}{planned.pk}/").content.decode()
        assert "The colours, fonts and elements of the site are corporate." in page
        assert 'capture="environment"' in page
        browser.cookies["django_language"] = "uk"
        assert "Цвета, шрифты и элементы сайта фирменные." in browser.get(f"{PLAN}{planned.pk}/").content.decode()

    def test_every_answer_is_kept_at_once(self, planned: Inspection, walk: Callable[..., Any]) -> None:
        answer = walk("keep", {"X-Part": "1"}, v_style="not_met", c_style="чужой шрифт")
        assert set(answer.json()) == {"kept"}
        kept = inspecting.answers_of(Inspection.objects.get())["style"]
        assert (kept.value, kept.comment) == ("not_met", "чужой шрифт")

    def test_a_refusal_loses_nothing_and_marks_what_is_missing(self, walk: Callable[..., Any]) -> None:
        answer = walk("finish", v_style="not_met", c_style="чужой шрифт", v_tasks="not_met", c_tasks="")
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "чужой шрифт" in page
        assert page.count('role="alert" id="w-') == 3
        for said in ("Add a photo of it.", "Say what is not in order.", "Say what you see."):
            assert said in page
        assert Inspection.objects.get().finished_at is None

    def test_finished_it_is_shown_and_printed_and_changes_no_more(self, walk: Callable[..., Any]) -> None:
        more = {**GOOD, "v-tasks": "not_met", "c-tasks": "тарифы не нашёл"}
        assert walk("finish", **{name.replace("-", "_", 1): value for name, value in more.items()}).status_code == 302
        row, browser = Inspection.objects.get(repeats=None), entered(Role.UNIT_HEAD)
        page = browser.get(f"{PLAN}{row.pk}/").content.decode()
        assert "finished" in page
        assert "тарифы не нашёл" in page
        assert 'name="v-style"' not in page
        act = browser.get(f"{PLAN}{row.pk}/act.pdf")
        assert (act.headers["Content-Type"], act.content[:5]) == ("application/pdf", b"%PDF-")
        late = walk("keep", {"X-Part": "1"}, v_style="not_met", c_style="")
        assert (late.status_code, set(late.json())) == (409, {"said"})
        correction = Correction.objects.get()
        browser.post(PLAN, {"verb": "done", "correction": str(correction.pk), "result": "переставили ссылку"})
        correction.refresh_from_db()
        assert correction.result == "переставили ссылку"

    def test_what_is_no_picture_is_refused_and_the_rest_is_kept(self, walk: Callable[..., Any]) -> None:
        bad = SimpleUploadedFile("a.png", b"#!/bin/sh\necho", "image/png")
        answer = walk("keep", v_style="met", c_style="видно", **{"photo-style": bad})
        assert answer.status_code == 422
        assert inspecting.answers_of(Inspection.objects.get())["style"].comment == "видно"
        assert not Attachment.objects.exists()

    def test_another_takes_it_over(self, planned: Inspection, walk: Callable[..., Any]) -> None:
        browser = entered(Role.UNIT_HEAD)
        assert "Take it over" in browser.get(f"{PLAN}{planned.pk}/").content.decode()
        browser.post(f"{PLAN}{planned.pk}/", {"verb": "begin"})
        assert walk("keep", {"X-Part": "1"}, v_style="met", c_style="").status_code == 409


class TestPlan:
    def test_what_is_due_what_comes_and_since_when_nobody_looked(self, planned: Inspection) -> None:
        page = entered(Role.DIRECTOR).get(PLAN).content.decode()
        assert f'href="{PLAN}{planned.pk}/"' in page
        assert "overdue" not in page
        Inspection.objects.update(due_on="2026-01-15", since="2025-07-19")
        page = entered(Role.DIRECTOR).get(PLAN).content.decode()
        assert "overdue" in page
        assert "not inspected since" in page

    def test_an_object_is_entered_changed_and_given_up(self, people: dict[str, Employee]) -> None:
        browser, head = entered(Role.ADMINISTRATOR), str(people[Role.UNIT_HEAD].pk)
        refused = browser.post(OBJECTS, {"verb": "enter", "kind": "stand", "name": "Стенд у входа", "head": head})
        assert refused.status_code == 422
        assert "Стенд у входа" in refused.content.decode()
        office = {"kind": "office", "name": "Офис", "head": head, "windows": "4", "address": "Садовая, 3"}
        page = browser.post(OBJECTS, {"verb": "enter", **office}).headers["Location"]
        browser.post(page, {**office, "verb": "change", "address": "Садовая, 5"})
        made = InspectedPlace.objects.get()
        assert (made.address, made.windows, made.head_id) == ("Садовая, 5", 4, int(head))
        browser.post(page, {"verb": "leave"})
        assert InspectedPlace.objects.get().left_at is not None

    @pytest.mark.parametrize(("language", "word"), [("uk", "Стенд"), ("ru", "Стенд"), ("en", "Information stand")])
    def test_a_kind_of_object_is_called_by_its_name(self, site: InspectedPlace, language: str, word: str) -> None:
        """The word of the table of readings ("they stand") was shown for a stand."""
        browser = entered(Role.ADMINISTRATOR)
        browser.cookies["django_language"] = language
        assert f">{word}</option>" in browser.get(OBJECTS).content.decode()

    def test_what_is_put_right_names_the_item_and_the_remark(self, planned: Inspection) -> None:
        browser = entered(Role.DIRECTOR)
        more = {**GOOD, "v-tasks": "not_met", "c-tasks": "тарифы не нашёл"}
        browser.post(f"{PLAN}{planned.pk}/", {"verb": "begin"})
        browser.post(f"{PLAN}{planned.pk}/", {"verb": "finish", **more})
        assert KRC.inspections is not None
        item = next(one for one in KRC.inspections.checklists["site"].items if one.id == "tasks")
        page = html.unescape(browser.get(PLAN).content.decode())
        assert item.words("en") in page
        assert "тарифы не нашёл" in page
        page = browser.get(f"{PLAN}{planned.pk}/").content.decode()
        assert "In order: 2 · Not in order: 1" in page
        assert page.index("To be put right") < page.index("What was looked at")

    def test_a_standard_without_inspections_has_no_page(self, house: Any) -> None:
        house("court")
        employee("director", Role.DIRECTOR)
        browser = entered("director")
        assert browser.get(PLAN).status_code == 404
        assert "Inspections" not in browser.get("/desk/standard/").content.decode()
