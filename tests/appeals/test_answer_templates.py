"""Templates of answers: who writes and approves them, what is refused and where, what fits, what is counted."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kindline.appeals import answer_templates, answering, letters, moves, template_faults, template_filling
from kindline.appeals import template_offers as offers
from kindline.appeals.answer_templates import FaultyTemplateError, NoDraftError, TemplateChangedError
from kindline.appeals.models import Answer, Appeal
from kindline.appeals.template_faults import Content
from kindline.appeals.template_models import AnswerTemplate, TemplateUse
from kindline.conversations.models import Topic
from kindline.journal.queries import facts_of
from kindline.standard import gaps, loader
from tests.appeals.registry import DAY, NOW, SUBSTANCE, Registry

clause = pytest.mark.clause
SIGNED = "{executor_name}\n{executor_phone}\n{executor_email}"
WHOLE = f"{{salutation}}!\n\nПо обращению № {{appeal_number}} придём [[день прихода]].\n\n{SIGNED}"


def _content(text: str = WHOLE, title: str = "Осмотр", **more: Any) -> Content:
    return Content(title=title, text=text, language=more.pop("language", "ru"), **more)


def _offered(krc: Registry, content: Content, now: dt.datetime = NOW) -> AnswerTemplate:
    """A template that is offered."""
    row = answer_templates.begin_template(
        profile=krc.profile, content=content, employee=krc.people["specialist"], now=now
    )
    answer_templates.approve_template(
        template=row.template, revision=row.revision, employee=krc.people["unit_head"], now=now
    )
    return AnswerTemplate.objects.get(pk=row.template_id)


def _codes(krc: Registry, text: str, **more: Any) -> set[str]:
    return {one.code for one in template_faults.find(krc.profile, _content(text, **more))}


@pytest.mark.db
class TestFaults:
    def test_a_good_one_has_none(self, krc: Registry) -> None:
        assert template_faults.find(krc.profile, _content()) == []

    def test_a_variable_that_is_none_is_named_with_its_line_and_what_was_meant(self, krc: Registry) -> None:
        found = template_faults.find(krc.profile, _content(WHOLE.replace("{appeal_number}", "{apeal_number}")))
        assert [(one.code, one.line, one.what, one.near) for one in found] == [
            ("unknown_variable", 3, "{apeal_number}", "{appeal_number}")
        ]

    @pytest.mark.parametrize(
        ("was", "becomes", "code"),
        [
            ("№ {appeal_number}", "№ {appeal_number", "brace"),
            ("[[день прихода]]", "[[ ]]", "gap"),
            ("[[день прихода]]", "[[день прихода", "gap"),
            ("{salutation}!", "Добрый день!", "no_salutation"),
            ("{executor_phone}", "телефон", "missing"),
        ],
    )
    def test_what_nobody_could_use_is_named(self, krc: Registry, was: str, becomes: str, code: str) -> None:
        assert was in WHOLE
        assert _codes(krc, WHOLE.replace(was, becomes)) == {code}

    def test_the_gender_of_who_writes_is_no_variable_of_the_list(self, krc: Registry) -> None:
        assert _codes(krc, WHOLE.replace("придём", "{gender:готов|готова} прийти")) == set()
        assert _codes(krc, WHOLE.replace("придём", "{gender:готов}")) == {"unknown_variable"}

    @clause("krc-6.1-42", "krc-5.8-11", "krc-5.8-12")
    def test_what_is_missing_names_its_clauses(self, krc: Registry) -> None:
        found = template_faults.find(krc.profile, _content("Добрый день!\n\nВсё верно."))
        assert {"{salutation}", "{executor_name}", "{executor_phone}", "{executor_email}"} == {
            one.what for one in found
        }
        assert {"krc-6.1-42", "krc-5.8-11", "krc-5.8-12"} <= {clause for one in found for clause in one.clauses}

    def test_a_passage_need_not_have_what_a_letter_must(self, krc: Registry) -> None:
        assert _codes(krc, "Показания ждём до 25-го.", is_whole=False) == set()

    def test_what_is_empty_or_too_long_says_so(self, krc: Registry) -> None:
        assert _codes(krc, "", title=" ") == {"no_title", "no_text"}
        assert {"long_title", "long_text"} <= _codes(krc, "я" * 20_001, title="я" * 201)

    def test_another_standard_demands_other_things(self, court: Registry) -> None:
        assert template_faults.find(court.profile, _content("Роз'яснюємо порядок.", language="uk")) == []


@pytest.mark.db
class TestFilling:
    @clause("krc-5.8-12", "krc-6.1-41", "krc-6.1-42", "krc-6.1-43")
    def test_a_letter_has_what_the_standard_demands_and_only_the_gap_is_open(self, krc: Registry) -> None:
        appeal, executor = krc.at("assigned"), krc.people["executor"]
        whole = WHOLE.replace("придём", "мы осмотрим приборы учёта и батареи: придём")
        text = template_filling.filled(whole, appeal, "ru", NOW, krc.profile)
        assert text.startswith("Ольга Петровна!\n")
        assert f"№ {appeal.number} мы осмотрим приборы учёта и батареи: придём [[день прихода]]." in text
        assert text.endswith(f"{executor}\n{executor.phone}\n{executor.email}")
        subject = letters.subject(krc.profile, appeal)
        lacks = letters.lacking(krc.profile, appeal, Answer(subject=subject, text=text))
        assert [(one.what, one.where, one.expected, one.line) for one in lacks] == [("gap", "text", "день прихода", 3)]

    def test_what_is_not_known_is_a_gap_with_its_name_in_the_letter_s_language(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        Appeal.objects.filter(pk=appeal.pk).update(limit_at=None)
        appeal.refresh_from_db()
        said = template_filling.filled("{deadline}, {reasons}, {no_such}", appeal, "ru", NOW, krc.profile)
        assert said == "[[последний день срока]], [[причины решения]], [[no_such]]"

    def test_every_variable_has_a_value_of_an_appeal_that_has_all(self, krc: Registry) -> None:
        topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
        appeal = krc.at("assigned", kind="complaint", topic=topic)
        krc.decide(appeal)
        krc.perform("plan_measure", appeal, krc.people["unit_head"])
        known = template_filling.values(krc.profile, appeal, "ru", NOW)
        assert set(known) == set(template_filling.VARIABLES)
        assert [name for name, value in known.items() if not value] == []
        assert known["planned_dates"] == "Поверить прибор: 07.03.2026"

    def test_the_executor_s_gender_chooses_the_form(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        for gender, form in (("f", "готова"), ("m", "готов"), ("u", "готов / готова")):
            assert appeal.executor is not None
            appeal.executor.gender = gender
            assert template_filling.filled("{gender:готов|готова}", appeal, "ru", NOW, krc.profile) == form

    def test_an_invented_appeal_fills_a_preview_and_is_kept_nowhere(self, krc: Registry) -> None:
        made = template_filling.sample(krc.profile, "ru", None, krc.people["specialist"], NOW)
        text = template_filling.filled(WHOLE, made, "ru", NOW, krc.profile)
        assert text.startswith("Иван Сергеевич!")
        assert [one.words for one in gaps.find(text)] == ["день прихода"]
        assert not Appeal.objects.exists()

    def test_of_a_whole_letter_only_the_middle_goes_into_another(self) -> None:
        assert template_filling.passage(WHOLE) == "По обращению № {appeal_number} придём [[день прихода]]."
        one_block = "{salutation}, сообщаем, что по вашему обращению всё сделано."
        assert template_filling.passage(one_block) == one_block
        called = "Исполнитель {executor_name} позвонит вам.\n\nЖдите звонка."
        assert template_filling.passage(called) == called


@pytest.mark.db
class TestTheWay:
    def test_from_the_draft_to_the_next_version(self, krc: Registry) -> None:
        specialist, head = krc.people["specialist"], krc.people["unit_head"]
        first = _offered(krc, _content())
        assert [one.pk for one in offers.in_force("krc")] == [first.pk]
        draft = answer_templates.draft_template(
            template=first, content=_content(WHOLE + "\nДо свидания"), revision=0, employee=specialist, now=NOW + DAY
        )
        assert draft.number == 2
        shown = offers.in_force("krc").get()
        assert shown.in_force is not None
        assert shown.in_force.number == 1, "what is in force is offered until the next is approved"
        answer_templates.approve_template(template=first, revision=1, employee=head, now=NOW + DAY)
        shown = offers.in_force("krc").get()
        assert shown.in_force is not None
        assert (shown.in_force.number, shown.in_force.approved_by) == (2, head)
        told = facts_of("answer_template", first.pk)
        assert [one.kind.removeprefix("answer_template_") for one in told] == [
            "drafted", "approved", "drafted", "approved",
        ]  # fmt: skip
        assert [one.data["version"] for one in told] == [1, 1, 2, 2]

    def test_a_faulty_one_is_kept_as_a_draft_and_not_approved(self, krc: Registry) -> None:
        row = answer_templates.begin_template(
            profile=krc.profile, content=_content("Привет, {name}"), employee=krc.people["specialist"], now=NOW
        )
        with pytest.raises(FaultyTemplateError) as refused:
            answer_templates.approve_template(
                template=row.template, revision=1, employee=krc.people["unit_head"], now=NOW
            )
        assert {one.code for one in refused.value.faults} == {"unknown_variable", "no_salutation", "missing"}
        assert "krc-5.8-12" in refused.value.clauses
        assert not offers.in_force("krc")

    def test_two_at_one_draft_overwrite_nothing(self, krc: Registry) -> None:
        row = answer_templates.begin_template(
            profile=krc.profile, content=_content(), employee=krc.people["specialist"], now=NOW
        )
        answer_templates.draft_template(
            template=row.template, content=_content(title="Иной"), revision=1, employee=krc.people["counter"], now=NOW
        )
        with pytest.raises(TemplateChangedError):
            answer_templates.draft_template(
                template=row.template, content=_content(), revision=1, employee=krc.people["specialist"], now=NOW
            )
        with pytest.raises(TemplateChangedError):
            answer_templates.approve_template(
                template=row.template, revision=1, employee=krc.people["unit_head"], now=NOW
            )
        assert row.template.versions.get().title == "Иной"

    def test_withdrawn_it_is_offered_no_more_until_a_new_version(self, krc: Registry) -> None:
        one, head = _offered(krc, _content()), krc.people["unit_head"]
        with pytest.raises(answering.EmptyTextError):
            answer_templates.withdraw_template(template=one, reason=" ", employee=head, now=NOW)
        answer_templates.withdraw_template(template=one, reason="новый порядок", employee=head, now=NOW)
        assert not offers.in_force("krc")
        assert (
            facts_of("answer_template", one.pk).get(kind="answer_template_withdrawn").data["reason"] == "новый порядок"
        )
        with pytest.raises(NoDraftError):
            answer_templates.withdraw_template(template=one, reason="ещё раз", employee=head, now=NOW)
        row = answer_templates.draft_template(template=one, content=_content(), revision=0, employee=head, now=NOW)
        answer_templates.approve_template(template=one, revision=row.revision, employee=head, now=NOW)
        assert offers.in_force("krc").get().withdrawn_at is None

    @pytest.mark.parametrize("role", ["operator", "security", "administrator"])
    def test_others_write_none(self, krc: Registry, role: str) -> None:
        with pytest.raises(moves.NotYoursError):
            answer_templates.begin_template(profile=krc.profile, content=_content(), employee=krc.people[role], now=NOW)

    @pytest.mark.parametrize("role", ["specialist", "counter", "supervisor", "site_administrator"])
    def test_who_writes_does_not_approve_or_withdraw(self, krc: Registry, role: str) -> None:
        one, who = _offered(krc, _content()), krc.people[role]
        row = answer_templates.draft_template(template=one, content=_content(), revision=0, employee=who, now=NOW)
        with pytest.raises(moves.NotYoursError):
            answer_templates.approve_template(template=one, revision=row.revision, employee=who, now=NOW)
        with pytest.raises(moves.NotYoursError):
            answer_templates.withdraw_template(template=one, reason="x", employee=who, now=NOW)

    @pytest.mark.parametrize("profile_id", ["krc", "court", "yumek", "voe"])
    def test_every_standard_says_who_writes_and_who_approves(self, profile_id: str) -> None:
        flow = loader.load(profile_id).workflow
        assert flow is not None
        assert {"specialist", "unit_head"} <= set(flow.rights["draft_template"].by)
        assert set(flow.rights["approve_template"].by) == {"unit_head", "director"}

    def test_the_database_knows_one_draft_a_template(self, krc: Registry) -> None:
        row = answer_templates.begin_template(
            profile=krc.profile, content=_content(), employee=krc.people["specialist"], now=NOW
        )
        row.pk, row.number = None, 2
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


@pytest.mark.db
class TestOffered:
    def _titles(self, appeal: Appeal, words: str = "", now: dt.datetime = NOW) -> list[str]:
        return [str(one.in_force) for one in offers.offered(appeal, now, words)]

    def test_the_closest_first_then_the_most_used(self, krc: Registry) -> None:
        above = Topic.objects.create(profile="krc", code="charges", title="Начисления")
        topic = Topic.objects.create(profile="krc", code="debt", title="Долг", parent=above)
        appeal = krc.at("assigned", topic=topic)
        for title, topics, kinds in (
            ("для всех", (), ()), ("для всех, часто", (), ()), ("для вида", (), ("application",)),
            ("для темы выше", ("charges",), ()), ("для темы", ("debt", "quality"), ()),
            ("для темы и вида", ("debt",), ("application",)), ("чужой вид", ("debt",), ("complaint",)),
            ("чужая тема", ("quality",), ()),
        ):  # fmt: skip
            made = _offered(krc, _content(title=title, topics=topics, kinds=kinds))
            if title == "для всех, часто":
                other = krc.at("assigned")
                answer_templates.note_uses(appeal=other, templates=[made.pk], employee=krc.people["executor"], now=NOW)
        assert self._titles(appeal) == [
            "для темы и вида", "для темы", "для темы выше", "для вида", "для всех, часто", "для всех",
        ]  # fmt: skip
        assert self._titles(krc.at("assigned", kind="complaint")) == ["для всех, часто", "для всех"]

    def test_words_find_what_is_for_others_too_in_any_inflection(self, krc: Registry) -> None:
        _offered(krc, _content(title="Поверка счётчика", topics=("meters",)))
        _offered(krc, _content(title="Осмотр"))
        appeal = krc.at("assigned")
        assert self._titles(appeal) == ["Осмотр"]
        for words in ("счётчиков", "поверку счетчика", "повер", "придём поверка"):
            assert self._titles(appeal, words) == ["Поверка счётчика"], words
        assert self._titles(appeal, "поверка насоса") == []
        first = offers.offered(appeal, NOW, "поверка")[0].in_force
        assert first is not None
        assert first.text == WHOLE

    def test_drafts_and_other_standards_are_not_offered(self, krc: Registry) -> None:
        answer_templates.begin_template(
            profile=krc.profile, content=_content(), employee=krc.people["specialist"], now=NOW
        )
        AnswerTemplate.objects.filter(pk=_offered(krc, _content(title="чужой")).pk).update(profile="court")
        assert self._titles(krc.at("assigned")) == []


@pytest.mark.db
class TestUse:
    def test_is_counted_once_an_appeal_with_a_fact(self, krc: Registry) -> None:
        one, appeal, who = _offered(krc, _content()), krc.at("assigned"), krc.people["executor"]
        for _again in range(2):
            answer_templates.note_uses(appeal=appeal, templates=[one.pk, one.pk], employee=who, now=NOW)
        use = TemplateUse.objects.get()
        assert (use.template_id, use.version_id, use.appeal_id) == (one.pk, one.in_force_id, appeal.pk)
        fact = facts_of("appeal", appeal.pk).get(kind="answer_template_used")
        assert fact.data == {"answer_template": one.pk, "version": 1, "title": "Осмотр"}

    def test_keys_that_are_none_of_ours_count_nothing(self, krc: Registry) -> None:
        other = _offered(krc, _content())
        AnswerTemplate.objects.filter(pk=other.pk).update(profile="court")
        appeal, who = krc.at("assigned"), krc.people["executor"]
        assert answer_templates.note_uses(appeal=appeal, templates=[other.pk, 10**9], employee=who, now=NOW) == 0
        assert not TemplateUse.objects.exists()

    def test_what_nobody_uses_for_half_a_year_is_dead(self, krc: Registry) -> None:
        long_ago = NOW - 200 * DAY
        used, unused = (_offered(krc, _content(title=title), long_ago) for title in ("живой", "мёртвый"))
        _offered(krc, _content(title="новый"), NOW - DAY)
        appeal, who = krc.at("assigned"), krc.people["executor"]
        answer_templates.note_uses(appeal=appeal, templates=[used.pk], employee=who, now=NOW - 100 * DAY)
        answer_templates.note_uses(appeal=appeal, templates=[unused.pk], employee=who, now=NOW - 190 * DAY)

        def dead(now: dt.datetime) -> list[int]:
            return [one.pk for one in offers.dead(offers.counted(offers.in_force("krc"), now), now)]

        assert dead(NOW) == [unused.pk]
        assert used.pk in dead(NOW + 100 * DAY)
        row = offers.counted(offers.in_force("krc"), NOW).get(pk=used.pk)
        assert (row.used, row.used_lately, row.last_used_at) == (1, 1, NOW - 100 * DAY)  # type: ignore[attr-defined]


@pytest.mark.db
class TestGapsOfAnswers:
    @pytest.mark.parametrize("act", ["submit", "sign"])
    @pytest.mark.parametrize("profile_id", ["krc", "court"])
    def test_an_answer_with_a_gap_is_not_passed_on(self, request: Any, profile_id: str, act: str) -> None:
        here: Registry = request.getfixturevalue(profile_id)
        appeal = here.at({"submit": "draft", "sign": "sign"}[act])
        answer = Answer.objects.get(appeal=appeal)
        whole = answer.text
        Answer.objects.filter(pk=answer.pk).update(
            text=f"{whole}\nПридём [[день]].", subject=f"{answer.subject} [[о чём]]"
        )
        who = here.people["executor"] if act == "submit" else here.people["director"]
        with pytest.raises(moves.IncompleteLetterError) as refused:
            here.perform(act, appeal, who)
        told = [(one.where, one.expected, one.line) for one in refused.value.lacking if one.what == "gap"]
        line = len(whole.splitlines()) + 1
        assert told == [("subject", "о чём", 0), ("text", "день", line)]
        Answer.objects.filter(pk=answer.pk).update(text=f"{whole}\nПридём в среду.", subject=answer.subject)
        here.perform(act, appeal, who)

    def test_a_standard_that_asks_for_nothing_lets_no_gap_through(
        self, krc: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        appeal = krc.at("draft")
        Answer.objects.filter(appeal=appeal).update(text=f"{SUBSTANCE} [[день]]")
        monkeypatch.setattr(moves, "_check", lambda *_: None)
        with pytest.raises(moves.IncompleteLetterError):
            krc.perform("submit", appeal, krc.people["executor"])
