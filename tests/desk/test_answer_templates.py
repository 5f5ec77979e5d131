"""Templates of answers by pages: written and approved, looked for, taken into a draft; nothing typed is lost."""

import json
from typing import Any

import pytest
from django.conf import settings

from kindline.appeals import answer_templates
from kindline.appeals import template_offers as offers
from kindline.appeals.models import Answer, Appeal
from kindline.appeals.template_models import AnswerTemplate, TemplateUse
from kindline.conversations.models import Topic
from tests.appeals.registry import Registry
from tests.appeals.test_answer_templates import WHOLE, _content, _offered
from tests.desk.test_registry import _as, here

__all__ = ["here"]
pytestmark = pytest.mark.db
LIST = "/desk/templates/"
TYPED = {"title": "Осмотр", "text": WHOLE, "form": "whole", "language": "ru"}


@pytest.fixture
def mine(here: Registry) -> Appeal:
    """An appeal that its executor answers, without a word written yet."""
    appeal = here.at("assigned")
    Answer.objects.filter(appeal=appeal).delete()
    return appeal


def _drafted(appeal: Appeal, **typed: Any) -> dict[str, Any]:
    """The draft's form as a page sends it."""
    return {"revision": appeal.revision, "subject": "Ответ", "text": "", **typed}


class TestWriting:
    def test_from_a_new_one_to_the_offer_and_back(self, here: Registry) -> None:
        specialist, head = _as(here, "specialist"), _as(here, "unit_head")
        Topic.objects.create(profile="krc", code="quality", title="Качество")
        made = specialist.post(f"{LIST}new/", {**TYPED, "verb": "save", "topics": ["quality", "nonsense"]})
        one = AnswerTemplate.objects.get()
        assert made.url == f"{LIST}{one.pk}/"  # type: ignore[attr-defined]
        assert one.versions.get().topics == ["quality"], "topics that there are"
        assert "Keep and approve" not in specialist.get(made.url).content.decode()  # type: ignore[attr-defined]
        assert "draft waits for approval" in head.get(f"{LIST}?show=draft").content.decode()
        approved = {**TYPED, "verb": "approve", "revision": "1", "topics": "quality"}
        assert head.post(made.url, approved).status_code == 302  # type: ignore[attr-defined]
        version = one.versions.get()
        assert (version.approved_by, version.author) == (here.people["unit_head"], here.people["specialist"])
        assert head.post(made.url, {"verb": "withdraw", "reason": ""}).status_code == 422  # type: ignore[attr-defined]
        assert head.post(made.url, {"verb": "withdraw", "reason": "устарел"}).status_code == 302  # type: ignore[attr-defined]
        assert not offers.in_force("krc")
        assert "устарел" in specialist.get(made.url).content.decode()  # type: ignore[attr-defined]
        assert head.post(made.url, {**TYPED, "verb": "approve", "revision": "0"}).status_code == 302  # type: ignore[attr-defined]
        assert offers.in_force("krc").get() == one, "offered again, unchanged"

    def test_what_is_refused_says_why_and_loses_nothing(self, here: Registry) -> None:
        one = _offered(here, _content())
        bad = {**TYPED, "title": "Другое", "text": "Добрый день, {clent_name}!", "verb": "approve", "revision": "0"}
        page = _as(here, "unit_head").post(f"{LIST}{one.pk}/", bad)
        text = page.content.decode()
        assert page.status_code == 422
        assert "Not approved yet" in text
        assert "Line 1: There is no variable {clent_name}: did you mean {client_name}?" in text
        assert "krc-6.1-42" in text
        assert "Добрый день, {clent_name}!" in text
        assert 'value="Другое"' in text
        assert one.versions.count() == 1, "nothing is kept of what was refused"

    def test_nothing_is_approved_where_nothing_was_changed(self, here: Registry) -> None:
        one = _offered(here, _content())
        page = _as(here, "unit_head").post(f"{LIST}{one.pk}/", {**TYPED, "verb": "approve", "revision": "0"})
        assert page.status_code == 422
        assert "nothing was changed" in page.content.decode()
        assert _as(here, "unit_head").post(f"{LIST}{one.pk}/", {**TYPED, "verb": "nonsense"}).status_code == 422

    def test_a_draft_begun_by_another_meanwhile_is_not_overwritten(self, here: Registry) -> None:
        one = _offered(here, _content())
        specialist = _as(here, "specialist")
        assert 'name="revision" value="0"' in specialist.get(f"{LIST}{one.pk}/").content.decode()
        answer_templates.draft_template(
            template=one, content=_content(title="Чужой"), revision=0, employee=here.people["counter"], now=here.now
        )
        page = specialist.post(f"{LIST}{one.pk}/", {**TYPED, "title": "Мой", "verb": "save", "revision": "0"})
        assert page.status_code == 422
        assert "Somebody has changed this draft meanwhile" in page.content.decode()
        assert 'value="Мой"' in page.content.decode()
        assert sorted(one.versions.values_list("title", flat=True)) == ["Осмотр", "Чужой"]

    def test_the_preview_shows_an_invented_or_a_real_appeal_and_marks_what_is_open(self, here: Registry) -> None:
        browser, appeal = _as(here, "specialist"), here.at("assigned")
        shown = browser.post(f"{LIST}preview/", TYPED).content.decode()
        assert "Иван Сергеевич!" in shown
        assert "<mark>[[день прихода]]</mark>" in shown
        assert "invented" in shown
        real = browser.post(f"{LIST}preview/", {**TYPED, "sample": appeal.number}).content.decode()
        assert "Ольга Петровна!" in real
        assert f"№ {appeal.number} " in real
        assert (
            "no appeal of that number" in browser.post(f"{LIST}preview/", {**TYPED, "sample": "9/9"}).content.decode()
        )
        danger = browser.post(f"{LIST}preview/", {**TYPED, "text": "<b>[[<i>]]"}).content.decode()
        assert "&lt;b&gt;<mark>[[&lt;i&gt;]]</mark>" in danger
        whole = browser.post(f"{LIST}new/", {**TYPED, "verb": "preview"})
        assert whole.status_code == 200
        assert "Иван Сергеевич!" in whole.content.decode()
        assert not AnswerTemplate.objects.exists()

    def test_it_is_not_everybody_s(self, here: Registry) -> None:
        one = _offered(here, _content())
        operator = _as(here, "operator")
        assert operator.get(f"{LIST}{one.pk}/").status_code == 200
        assert operator.get(f"{LIST}new/").status_code == 403
        assert operator.post(f"{LIST}{one.pk}/", {**TYPED, "title": "x", "verb": "save"}).status_code == 422
        assert _as(here, "administrator").get(LIST).status_code == 403
        AnswerTemplate.objects.filter(pk=one.pk).update(profile="court")
        assert operator.get(f"{LIST}{one.pk}/").status_code == 404

    @pytest.mark.parametrize("language", ["uk", "ru", "en"])
    def test_pages_open_in_three_languages(self, here: Registry, language: str) -> None:
        one = _offered(here, _content(kinds=("complaint",)))
        browser = _as(here, "unit_head")
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for page in ("", "new/", f"new/?like={one.in_force_id}", f"{one.pk}/", "?show=dead&order=used&words=осмотра"):
            assert f'<html lang="{language}">' in browser.get(f"{LIST}{page}").content.decode()


class TestList:
    def test_shows_what_is_used_and_what_is_dead(self, here: Registry) -> None:
        for title in ("Живой", "Пустой"):
            made = _offered(here, _content(title=title))
        used = AnswerTemplate.objects.exclude(pk=made.pk).get()
        answer_templates.note_uses(
            appeal=here.at("assigned"), templates=[used.pk], employee=here.people["executor"], now=here.now
        )
        browser = _as(here, "director")
        page = browser.get(f"{LIST}?order=used").content.decode()
        assert page.index("Пустой") < page.index("Живой")
        assert "Пустой" not in browser.get(f"{LIST}?words=живые").content.decode()
        lines = b"".join(browser.get(f"{LIST}?format=csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert [line.split(",")[0] for line in lines[1:]] == ["Живой", "Пустой"]
        assert ",1,1," in lines[1]


class TestTaking:
    def test_what_fits_is_offered_and_one_click_fills_an_untouched_draft(self, here: Registry, mine: Appeal) -> None:
        one, browser = _offered(here, _content()), _as(here, "executor")
        address = f"/desk/appeals/{mine.pk}/"
        page = browser.get(address).content.decode()
        assert f'name="take" value="{one.pk}"' in page
        proposed = page.split('id="a-text"')[1].split(">", 1)[1].split("</textarea>")[0]
        answer = browser.post(address, _drafted(mine, text=proposed.replace("\n", "\r\n"), take=one.pk))
        text = answer.content.decode()
        assert answer.status_code == 200
        assert f"По обращению № {mine.number} придём [[день прихода]]." in text
        assert "день прихода (line 3)" in text
        assert "It is not kept yet" in text
        assert f'type="hidden" name="template" value="{one.pk}"' in text
        assert not Answer.objects.filter(appeal=mine).exists()

    def test_what_was_typed_goes_only_when_that_is_said(self, here: Registry, mine: Appeal) -> None:
        one, browser, address = _offered(here, _content()), _as(here, "executor"), f"/desk/appeals/{mine.pk}/"
        phone = here.people["executor"].phone
        written = f"Ольга Петровна!\r\n\r\nЯ написал своё.\r\n\r\nАнна\r\n{phone}"
        asked = browser.post(address, _drafted(mine, text=written, take=one.pk)).content.decode()
        assert "Я написал своё." in asked
        assert "придём [[день прихода]]" not in asked.split('id="a-text"')[1].split("</textarea>")[0]
        assert f'value="{one.pk}:insert"' in asked
        put = browser.post(address, _drafted(mine, text=written, take=f"{one.pk}:insert")).content.decode()
        draft = put.split('id="a-text"')[1].split(">", 1)[1].split("</textarea>")[0]
        middle = f"По обращению № {mine.number} придём [[день прихода]]."
        assert draft == f"Ольга Петровна!\n\nЯ написал своё.\n\n{middle}\n\nАнна\n{phone}"
        replaced = browser.post(address, _drafted(mine, text=written, take=f"{one.pk}:replace")).content.decode()
        assert "Я написал своё." not in replaced

    def test_a_passage_is_put_in_without_a_question(self, here: Registry, mine: Appeal) -> None:
        one = _offered(here, _content("Показания ждём до 25-го.", title="Показания", is_whole=False))
        page = _as(here, "executor").post(
            f"/desk/appeals/{mine.pk}/", _drafted(mine, text="Начало.", take=one.pk)
        ).content.decode()  # fmt: skip
        assert "Начало.\n\nПоказания ждём до 25-го.</textarea>" in page

    def test_looking_for_words_keeps_what_was_typed(self, here: Registry, mine: Appeal) -> None:
        _offered(here, _content(title="Поверка", topics=("meters",)))
        typed = _drafted(mine, text="Пишу.", verb="find_template", words="поверкой", template="77")
        page = _as(here, "executor").post(f"/desk/appeals/{mine.pk}/", typed).content.decode()
        assert "Take: Поверка" in page
        assert "Пишу.</textarea>" in page
        assert 'name="template" value="77"' in page
        nothing = _as(here, "executor").post(f"/desk/appeals/{mine.pk}/", {**typed, "words": "насос"})
        assert "No template has these words." in nothing.content.decode()

    def test_keeping_the_draft_counts_the_use_and_a_gap_holds_it_back(self, here: Registry, mine: Appeal) -> None:
        one, browser, address = _offered(here, _content()), _as(here, "executor"), f"/desk/appeals/{mine.pk}/"
        typed = _drafted(mine, text=WHOLE, verb="draft", template=[one.pk, "x"], submit="on")
        refused = browser.post(address, typed)
        text = refused.content.decode()
        assert refused.status_code == 422
        assert "a place that is still to be filled in, in line 3 of the text: «день прихода»" in text
        assert f'name="template" value="{one.pk}"' in text
        assert not TemplateUse.objects.exists(), "nothing was kept"
        assert browser.post(address, {**typed, "submit": ""}).status_code == 302
        assert TemplateUse.objects.get().template_id == one.pk
        assert "The draft was made of a template" in browser.get(address).content.decode()

    def test_somebody_else_s_change_is_shown_and_what_was_typed_stays(self, here: Registry, mine: Appeal) -> None:
        one = _offered(here, _content())
        typed = _drafted(mine, text="Пишу.", take=one.pk)
        Appeal.objects.filter(pk=mine.pk).update(revision=mine.revision + 1)
        page = _as(here, "executor").post(f"/desk/appeals/{mine.pk}/", typed)
        assert page.status_code == 409
        assert "Пишу.</textarea>" in page.content.decode()

    def test_who_does_not_write_the_answer_is_offered_none(self, here: Registry, mine: Appeal) -> None:
        _offered(here, _content())
        assert 'name="take"' not in _as(here, "director").get(f"/desk/appeals/{mine.pk}/").content.decode()

    def test_parts_for_a_page_that_is_open(self, here: Registry, mine: Appeal) -> None:
        one, browser = _offered(here, _content()), _as(here, "executor")
        address = f"/desk/appeals/{mine.pk}/templates/"
        assert "Take: Осмотр" in browser.get(f"{address}?words=осмотра").content.decode()
        filled = json.loads(browser.get(f"{address}{one.pk}/").content)
        assert filled["whole"] is True
        assert filled["text"].startswith("Ольга Петровна!")
        assert filled["passage"] == f"По обращению № {mine.number} придём [[день прихода]]."
        assert browser.get(f"{address}999/").status_code == 404
        Appeal.objects.filter(pk=mine.pk).update(profile="court")
        assert browser.get(address).status_code == 404
