"""Phrases, names and lexicons."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kindline.standard import lexicons, loader, names, phrases, placeholders
from kindline.standard.profile import Profile


def test_placeholders_are_filled_in() -> None:
    found = phrases.render(
        "{greeting}! {company}, оператор {operator_name}.",
        {"greeting": "Добрый день", "company": "Маяк", "operator_name": "Ольга"},
    )
    assert found == "Добрый день! Маяк, оператор Ольга."


def test_what_is_missing_is_left_to_the_operator() -> None:
    assert phrases.render("Перезвоню в течение {duration}.", {"duration": ""}) == "Перезвоню в течение …."
    with pytest.raises(phrases.UnknownPlaceholder, match=r"nothing is given for \{due\}"):
        phrases.render("До {due}", {})


@pytest.mark.parametrize(
    ("gender", "word"), [("male", "вынужден"), ("female", "вынуждена"), (None, "вынужден / вынуждена")]
)
def test_the_operators_gender(gender: str | None, word: str) -> None:
    assert phrases.render("Я {gender:вынужден|вынуждена}", {"gender": gender}) == f"Я {word}"


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ("03:59", "Добрый вечер"),
        ("04:00", "Доброе утро"),
        ("11:59", "Доброе утро"),
        ("12:00", "Добрый день"),
        ("23:59", "Добрый вечер"),
    ],
)
def test_the_greeting_of_the_part_of_the_day(mini: Profile, clock: str, said: str) -> None:
    now = dt.datetime.fromisoformat(f"2026-03-02T{clock}").replace(tzinfo=mini.zone)
    assert phrases.greeting(mini, now.astimezone(dt.UTC)) == said


def test_no_parts_of_the_day_no_greeting(mini: Profile) -> None:
    assert phrases.greeting(replace(mini, variables={}), dt.datetime(2026, 3, 2, tzinfo=dt.UTC)) is None


@settings(deadline=None)
@given(
    words=st.lists(st.text(st.characters(exclude_characters="{}"), max_size=8), min_size=1, max_size=6),
    used=st.lists(st.sampled_from(sorted(placeholders.NAMES)), max_size=5),
    value=st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), min_size=1, max_size=8),
)
def test_every_known_template_renders_without_a_trace_of_placeholders(
    words: list[str], used: list[str], value: str
) -> None:
    pieces = [piece for pair in zip(words, [f"{{{name}}}" for name in used], strict=False) for piece in pair] or words
    found = phrases.render("".join(pieces), dict.fromkeys(placeholders.NAMES, value))
    assert "{" not in found
    assert "}" not in found
    assert placeholders.names("".join(pieces)) == used[: len(words)]


# --- names ----------------------------------------------------------------------------------------

RUSSIAN = [
    ("Иванов Пётр Ильич", "Пётр Ильич", "Иванову Петру Ильичу", "male"),
    ("Черных Ольга Петровна", "Ольга Петровна", "Черных Ольге Петровне", "female"),
    ("ОЛЬГА ПЕТРОВНА ИВАНОВА", "Ольга Петровна", "Ивановой Ольге Петровне", "female"),
    ("Мамедов Али Гасан оглы", "Али Гасан оглы", "Мамедову Али Гасан оглы", "male"),
    ("Роман Абрамович", "Роман Абрамович", "Роману Абрамовичу", "male"),
    ("Глинка Михаил Иванович", "Михаил Иванович", "Глинке Михаилу Ивановичу", "male"),
    ("Мирошниченко Саша", "Саша", "Мирошниченко Саша", None),
]
UKRAINIAN = [
    ("Шевченко Тарас Григорович", "Тарасе Григоровичу", "Шевченку Тарасу Григоровичу", "male"),
    ("Коваль Юлія Андріївна", "Юліє Андріївно", "Коваль Юлії Андріївні", "female"),
    ("Ілля Ілліч", "Ілле Іллічу", "Іллі Іллічу", "male"),
    ("Нечуй-Левицький Іван Семенович", "Іване Семеновичу", "Нечую-Левицькому Івану Семеновичу", "male"),
    ("Балабуха Петро Іванович", "Петре Івановичу", "Балабусі Петру Івановичу", "male"),
    ("Богдан", "Богдане", "Богдану", "male"),
]


@pytest.mark.parametrize(("full", "called", "to_whom", "gender"), RUSSIAN)
def test_russian_names(full: str, called: str, to_whom: str, gender: str | None) -> None:
    parts = names.split(full, "ru")
    assert names.salutation("ru", full) == called
    assert names.dative("ru", full) == to_whom
    assert names.gender("ru", parts.given, parts.patronymic) == gender
    assert names.vocative("ru", parts) == str(parts)


@pytest.mark.parametrize(("full", "called", "to_whom", "gender"), UKRAINIAN)
def test_ukrainian_names(full: str, called: str, to_whom: str, gender: str) -> None:
    parts = names.split(full, "uk")
    assert names.salutation("uk", full) == called
    assert names.dative("uk", full) == to_whom
    assert names.gender("uk", parts.given, parts.patronymic) == gender


def test_gender_is_never_taken_from_the_surname() -> None:
    assert names.gender("ru") is None
    assert names.dative("ru", names.Name(surname="Иванова")) == "Иванова"
    assert names.dative("ru", names.Name(surname="Иванова"), "female") == "Ивановой"


def test_a_client_is_addressed_by_the_profiles_language(mini: Profile) -> None:
    assert names.address(mini, "Иванов", "Пётр", "Ильич") == "Пётр Ильич"
    assert names.address(replace(mini, languages=("uk",)), "Шевченко", "Тарас", "Григорович") == "Тарасе Григоровичу"
    assert names.address(mini, surname="Иванов") == "Иванов"


@settings(deadline=None, max_examples=60)
@given(full=st.text(max_size=30), language=st.sampled_from(["ru", "uk"]))
@example(full="\U00017000", language="ru")  # a letter that the tables of Unicode do not name
def test_any_text_may_be_a_name(full: str, language: str) -> None:
    parts = names.split(full, language)
    assert isinstance(names.salutation(language, parts), str)


# --- lexicons -------------------------------------------------------------------------------------


def hits(profile: Profile, text: str, position: str = "any", speaker: str = "operator") -> list[tuple[str, str]]:
    return [(hit.list, hit.word) for hit in lexicons.check(profile, text, speaker, "phone", position)]


def test_words_are_found_by_their_dictionary_form(mini: Profile) -> None:
    assert hits(mini, "С Вашими проблемами, увы, не к нам.") == [("irritants", "проблемами")]
    assert hits(mini, "Это не правильно!") == [("irritants", "не правильно")]


def test_places_are_those_of_the_text(mini: Profile) -> None:
    text = "Увы: ПРОБЛЕМА…"
    (hit,) = lexicons.check(mini, text, "operator")
    assert text[hit.start : hit.end] == "ПРОБЛЕМА"
    assert hit.clause == "mini-1-08"


def test_an_opening_is_only_the_beginning_of_the_first_words(mini: Profile) -> None:
    assert hits(mini, "Алло, слушаю", "opening") == [("opening", "Алло"), ("opening", "слушаю")]
    assert hits(mini, "Алло, слушаю") == []
    assert hits(mini, "Добрый день, компания Маяк, оператор Ольга, да", "opening") == []


def test_filler_words_count_by_their_rate(mini: Profile) -> None:
    assert hits(mini, "ну вот") == [("fillers", "ну"), ("fillers", "вот")]
    assert hits(mini, "ну " + "слово " * 30) == []


def test_a_clients_words_are_not_the_operators(mini: Profile) -> None:
    assert hits(mini, "проблема", speaker="client") == []


def test_prescribed_phrases_are_exempt(mini: Profile) -> None:
    clause = mini.clauses["mini-1-04"]
    phrase = replace(clause.phrases[0], text="Ваша проблема будет решена {due}")
    exempt = replace(mini, clauses={**mini.clauses, clause.id: replace(clause, phrases=(phrase,))})
    assert hits(exempt, "Ваша проблема будет решена завтра") == []
    assert hits(exempt, "Ваша проблема – не наша проблема") == [("irritants", "проблема"), ("irritants", "проблема")]


@pytest.mark.clause("krc-5.6.3-02", "krc-5.6.3-06", "krc-5.6.3-07", "krc-5.6.3-09", "krc-5.6.3-12")
@pytest.mark.parametrize(
    ("text", "position", "found"),
    [
        ("Алло, да!", "opening", ["call_opening", "call_opening"]),
        ("Да, конечно, я понимаю Вас", "any", []),
        ("Минуточку, я посмотрю справочку", "any", ["diminutives", "diminutives"]),
        ("Ваша карточка и счётчик на участке в понедельник", "any", []),
        ("Говорите громче!", "any", ["imperatives"]),
        ("Вы должны подождать", "any", ["obligation"]),
        ("Извините за ошибку", "any", []),
        ("Здравствуйте! Чем могу Вам помочь?", "opening", []),
    ],
)
def test_the_lists_of_krc(text: str, position: str, found: list[str]) -> None:
    assert [name for name, _ in hits(loader.load("krc"), text, position)] == found


@pytest.mark.clause("court-1-13")
def test_the_familiar_you_in_ukrainian() -> None:
    court = loader.load("court")
    assert [name for name, _ in hits(court, "Ти можеш зачекати?")] == ["ty_forms", "ty_forms"]
    assert hits(court, "Чи можете Ви зачекати, будь ласка, три хвилини?") == []


def test_letters_that_have_no_name_do_no_harm(mini: Profile) -> None:
    assert hits(mini, "𗀀 проблема") == [("irritants", "проблема")]
    assert isinstance(names.salutation("ru", names.split("𗀀 𗀁", "ru")), str)


@settings(deadline=None, max_examples=60)
@given(text=st.text(max_size=80))
def test_any_text_may_be_checked(mini: Profile, text: str) -> None:
    for hit in lexicons.check(mini, text, "operator", position="opening"):
        assert text[hit.start : hit.end] == hit.word
