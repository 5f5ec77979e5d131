"""What the standard demands of a letter: its subject, how it begins, and texts of its own."""

from typing import Any

import pytest

from kindline.correspondence import norms, wording
from kindline.correspondence.addressing import Person, dative, salutation
from kindline.correspondence.errors import UnknownTemplateError
from kindline.correspondence.norms import Draft
from kindline.standard import loader
from kindline.standard.profile import Profile

IVAN = Person("Петров", "Иван", "Сергеевич", "m")
COMPANY = "Расчётный центр «Северный дом»"
EXECUTOR = {
    "executor_name": "Соколова Анна Игоревна",
    "executor_phone": "+7 900",
    "executor_email": "a@b.c",
    "text": "Суть.",
}


def fails(krc: Profile, subject: str, text: str, origin: str = "email", person: Person = IVAN) -> set[str]:
    """The clauses that a letter breaks."""
    found = norms.breaches(krc, Draft(subject, text, "ru", origin=origin, person=person))
    return {clause for breach in found for clause in breach.clauses}


@pytest.mark.clause("krc-5.8-13", "krc-6.1-46")
def test_the_subject_names_the_company_and_the_phrase(krc: Profile) -> None:
    text = "Иван Сергеевич!"
    assert fails(krc, f"{COMPANY}: Ответ на обращение", text) == set()
    assert fails(krc, "Ответ на обращение", text) == {"krc-5.8-13", "krc-6.1-46"}
    assert fails(krc, COMPANY, text) == {"krc-5.8-13", "krc-6.1-46"}


@pytest.mark.clause("krc-5.7.2-30")
def test_an_answer_to_the_website_has_its_own_phrase(krc: Profile) -> None:
    text = "Иван Сергеевич!"
    assert fails(krc, f"{COMPANY}: Ответ на обращение на сайт КРЦ", text, "web") == set()
    assert fails(krc, f"{COMPANY}: Ответ на обращение", text, "web") == {"krc-5.7.2-30"}


@pytest.mark.clause("krc-5.7.2-31", "krc-5.8-12", "krc-6.1-45")
def test_a_letter_begins_with_name_and_patronymic(krc: Profile) -> None:
    subject = f"{COMPANY}: Ответ на обращение на сайт КРЦ"
    assert fails(krc, subject, "Уважаемый Иван Сергеевич!\n\nСуть.") == set()
    assert fails(krc, subject, "Здравствуйте!\n\nИван Сергеевич, суть.") == {"krc-5.8-12", "krc-6.1-45"}
    assert fails(krc, subject, "Здравствуйте!", "web") == {"krc-5.7.2-31"}
    assert fails(krc, "", "Здравствуйте!", "paper") == {"krc-5.8-12", "krc-6.1-45"}


@pytest.mark.clause("krc-5.7.2-32")
@pytest.mark.parametrize("given", ["И.", "И. С.", "И.С.", ""])
def test_only_initials_free_of_the_salutation(given: str, krc: Profile) -> None:
    assert fails(krc, f"{COMPANY}: Ответ на обращение", "Здравствуйте!", person=Person("Петров", given)) == set()


def test_letters_that_answer_nobody_are_free(krc: Profile) -> None:
    assert norms.breaches(krc, Draft("x", "y", "ru")) == []


def test_a_standard_without_such_norms_demands_nothing() -> None:
    draft = Draft("x", "y", "uk", origin="email", person=IVAN)
    assert norms.breaches(loader.load("voe"), draft) == []
    assert norms.prescribed_subject(loader.load("voe"), "email") == ""


def test_forms_of_names() -> None:
    olha = Person("Шевченко", "Ольга", "Іванівна")
    assert salutation("uk", olha) == "Ольго Іванівно"
    assert dative("ru", IVAN) == "Петрову Ивану Сергеевичу"
    assert dative("uk", Person(firm_name="ТОВ «Лан»")) == "ТОВ «Лан»"
    assert salutation("ru", Person("Петров", "Иван", address_as="пан Иван")) == "пан Иван"


@pytest.mark.parametrize("name", ["krc", "court", "yumek", "voe"])
def test_the_texts_of_each_standard_can_be_shown_and_keep_its_norms(name: str) -> None:
    profile = loader.load(name)
    language = profile.language
    for message in profile.messages:
        shown = wording.preview(profile, message, language)
        assert shown.subject or profile.messages[message].way in ("web", "sms"), "only these have no subject line"
        assert "{" not in shown.subject + shown.text
    person = wording.EXAMPLE[language]
    occasion = wording.Occasion(language, person, "email", EXECUTOR)
    draft = wording.written(profile, "answer_email", occasion)
    assert norms.breaches(profile, draft) == []
    assert "Суть." in draft.text
    assert draft.template_version == "1"


def test_a_text_that_is_not_there_or_lacks_a_value(krc: Profile) -> None:
    for name, language, values in (
        ("none", "ru", EXECUTOR),
        ("answer_email", "en", EXECUTOR),
        ("answer_email", "ru", {}),
    ):
        given: Any = values
        with pytest.raises(UnknownTemplateError):
            wording.written(krc, name, wording.Occasion(language, IVAN, "email", given))
