"""Striking out: nothing of the applicant survives, in whatever form it stands; what is nobody's stays."""

from __future__ import annotations

import itertools
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindline.appeals import mask_patterns, masking
from kindline.appeals.masking import Person
from kindline.clients import folding
from kindline.standard import loader, name_forms, names
from kindline.standard.profile import Profile

clause = pytest.mark.clause
MASKS = {name: f"[{name}]" for name in ("name", "phone", "email", "address", "account", "number")}
NAMES = {
    "ru": (
        (
            "Иванов Ёлкин Петрова Левицкий Мороз Кузнец Черных Гончарук Ким Живаго Лебедь Солнцева Хитрово Шмидт"
            " Бондаренко Заяц"
        ).split(),
        "Ольга Пётр Лев Павел Любовь Илья Фёдор Наталья Игорь Марья Юлия Никита Зоя Дарья".split(),
        "Петровна Семёнович Ильич Никитична Кузьмич Игоревна Львович Яковлевич".split(),
    ),
    "uk": (
        (
            "Коваль Балабуха Швець Лук’яненко Ткач Левицька Ґалаґан Ковальчук Грек Щур’як Чорновіл Мельник Дяк Їжак"
            " Жук Сірко"
        ).split(),
        "Ольга Ігор Лев Наталія Любов Микола Єва Ілля Мар’яна Олег Яків Ганна Василь Зінаїда".split(),
        "Петрівна Ігорович Іллівна Якович Миколаївна Григорович Лук’янівна Васильович".split(),
    ),
}
PHRASES = (
    "Уважаемый {}!",
    "звонил {}.",
    "по обращению {}, которое",
    "({})",
    "договор с «{}»",
    "{} – наш абонент",
    "Ответ {}",
)


@cache
def _profile(language: str) -> Profile:
    return loader.load("krc" if language == "ru" else "voe")


def _person(*said: str) -> Person:
    return masking.person(said)


def _masked(text: str, who: Person, language: str = "ru") -> str:
    return masking.struck(text, masking.find(text, who, _profile(language)), MASKS)


def _written(word: str, how: str) -> str:
    """The word as people write it: in capitals, small, with ё as е, with a stress, another apostrophe."""
    changed = {
        "capitals": word.upper(), "small": word.lower(), "plain": word.replace("ё", "е").replace("Ё", "Е"),
        "stress": f"{word[:2]}\u0301{word[2:]}", "apostrophe": word.replace("’", "'"), "bare": word.replace("’", ""),
    }  # fmt: skip
    return changed.get(how, word)


@st.composite
def _stories(draw: st.DrawFn) -> tuple[str, Person, list[str], str]:
    """A text in which an applicant is named in some form; the person; the words that must be gone; the language."""
    language = draw(st.sampled_from(["ru", "uk"]))
    said = [draw(st.sampled_from(words)) for words in NAMES[language]]
    shown = []
    for word in said:
        form = draw(st.sampled_from(sorted(name_forms.forms(word))))
        shown.append(_written(form.capitalize(), draw(st.sampled_from(["", "capitals", "small", "plain", "stress"]))))
    whole = draw(st.sampled_from([" ".join(shown), shown[0], " ".join(shown[1:]), "-".join(shown[:2])]))
    text = draw(st.sampled_from(PHRASES)).format(whole)
    return text, _person(*said), shown, language


@clause("krc-5.7.2-18")
@settings(max_examples=400, deadline=None)
@given(story=_stories())
def test_no_form_of_the_applicant_s_name_survives(story: tuple[str, Person, list[str], str]) -> None:
    text, who, shown, language = story
    left = set(folding.words(_masked(text, who, language).replace("\u0301", "")))
    gone = {part for word in shown for part in folding.words(word.replace("\u0301", "")) if len(part) > 1}
    assert not left & gone, text


@clause("krc-5.7.2-18")
@pytest.mark.parametrize("language", ["ru", "uk"])
@pytest.mark.parametrize("form", ["salutation", "dative", "vocative"])
def test_the_forms_of_our_own_letters_are_struck_out(language: str, form: str) -> None:
    for surname, given_name, patronymic in zip(*NAMES[language], strict=False):
        called = getattr(names, form)(language, names.Name(surname, given_name, patronymic))
        left = _masked(f"{called}! Ваш лист розглянуто.", _person(surname, given_name, patronymic), language)
        assert left.startswith("[name]!"), (called, left)


@clause("krc-5.7.2-18")
@settings(max_examples=200, deadline=None)
@given(
    digits=st.from_regex(r"9[0-9]{9}", fullmatch=True),
    style=st.sampled_from(
        ["+7{}", "8{}", "8 ({0:.3}) {1}-{2}-{3}", "+7 {0:.3} {1} {2} {3}", "{1}-{2}-{3}", "{1}{2}{3}"]
    ),
    around=st.sampled_from(["тел. {}", "звоните {}, спасибо", "({})", "{}", "мой {} или почта"]),
)
def test_no_digits_of_the_applicant_s_phone_survive(digits: str, style: str, around: str) -> None:
    written = style.format(digits, digits[3:6], digits[6:8], digits[8:])
    who = masking.person([], lines=[f"+7{digits}"])
    assert not folding.digits(_masked(around.format(written), who)), written


@clause("krc-5.7.2-18")
@settings(max_examples=100, deadline=None)
@given(number=st.from_regex(r"[1-9][0-9]{5,11}", fullmatch=True), gap=st.sampled_from(["", " ", "-"]))
def test_no_digits_of_an_account_survive(number: str, gap: str) -> None:
    written = gap.join([number[:2], number[2:6], number[6:]]).strip(gap or None)
    assert not folding.digits(_masked(f"по л/с {written} начислено", masking.person([], accounts=[number])))


@clause("krc-5.7.2-18", "krc-6.1-05")
def test_every_field_of_the_standard_s_list_is_struck_out() -> None:
    """Name, surname, address, e-mail, phone and fax: the list of the clause, each as a letter holds it."""
    who = masking.person(
        ["Ёлкин", "Пётр", "Семёнович"], ["Петрозаводск, ул. Лесная, 12а, кв. 4"], ["+79271112233", "+78142550101"]
    )
    shown = {
        "name": "Петру", "surname": "Ёлкину", "address": "на Лесной, 12а, кв. 4", "email": "elkin@example.org",
        "phone": "8 (927) 111-22-33", "fax": "факс (8142) 55-01-01",
    }  # fmt: skip
    assert set(shown) == set(loader.load("krc").clauses["krc-6.1-05"].value["pd_fields"])
    gone = {"петру", "елкину", "леснои", "12а", "elkin", "example"}
    for field, text in shown.items():
        left = _masked(f"Сообщаем: {text}.", who)
        assert not gone & set(folding.words(left)), (field, left)
        assert not folding.digits(left), (field, left)


@pytest.mark.parametrize(
    "text",
    [
        "Ваш дом на ул. Мира, 40, корп. 2 отапливается.",
        "Живу: вулиця Лісова, буд. 7, кв. 15.",
        "Ответственный Сергей Кузнецов ждёт.",
        "Подпись: О. П. Сидорова",
        "Пишите: some.body+1@mail.example.org",
    ],
)
def test_everybody_s_data_are_struck_out_by_their_look(text: str) -> None:
    left = _masked(text, _person("Невстречаев"), "uk" if "вулиця" in text else "ru")
    assert left != text
    assert not {"мира", "лісова", "кузнецов", "сидорова", "mail"} & {word.lower() for word in left.split()}
    assert not folding.digits(left.replace("корп. 2", ""))


@pytest.mark.parametrize(
    "text",
    [
        "Ваше обращение от 12.03.2026 рассмотрено за период 01.01.2026-31.01.2026.",
        "Начислено 12 345 678,90 руб. и 1 250,40 руб. пени.",
        "По Постановлению № 354 и закону 59-ФЗ срок – 30 дней, норма 18 градусов.",
        "Расчётный центр пересчитал плату за отопление с учётом показаний прибора.",
    ],
)
def test_what_is_nobody_s_stays(text: str) -> None:
    assert _masked(text, _person("Ёлкин", "Пётр", "Семёнович")) == text


def test_a_name_in_latin_letters_that_look_like_ours_is_the_same_name() -> None:
    assert _masked("Звонил Ивaнoв.", _person("Иванов")) == "Звонил [name]."


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=120))
def test_any_text_is_read_and_hits_never_overlap(text: str) -> None:
    hits = masking.find(text, _person("Ёлкин"), _profile("ru"))
    assert all(0 <= one.start < one.end <= len(text) for one in hits)
    assert all(one.end <= other.start for one, other in itertools.pairwise(hits))


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "я" * MEGABYTE, "a" * MEGABYTE + "@" + "b" * MEGABYTE, "a@" * MEGABYTE, "a." * MEGABYTE, "ул. " * MEGABYTE,
        "лицевые " * 100_000 + "12345678, " * 100_000,
    ],
    ids=["letters", "no-dot", "ats", "dots", "streets", "numbers"],
)  # fmt: skip
def test_a_long_text_is_read_once_and_not_once_from_each_of_its_letters(text: str) -> None:
    """Anybody may send a letter of a megabyte: a search that goes back and forth would take hours over it."""
    assert len(list(mask_patterns.everybody_s(text))) < len(text)
    assert len(list(mask_patterns.numbers(text, "RU"))) < len(text)


@settings(max_examples=500, deadline=None)
@given(text=st.text(alphabet="aя1.@+-_ ", max_size=40))
def test_an_address_is_found_wherever_it_stands(text: str) -> None:
    """As by the plain pattern, which goes back and forth."""
    plain = re.finditer(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text)
    assert [one.span() for one in mask_patterns.emails(text)] == [one.span() for one in plain]


@pytest.mark.parametrize("words", ["л/с", "лицевой счёт №", "особового  рахунку N", "абонент: "])
def test_a_number_after_the_words_for_an_account_is_one(words: str) -> None:
    text = f"Мой {words} 12345678."
    assert [kind for _start, _end, kind in mask_patterns.numbers(text, "RU")] == ["account"]
