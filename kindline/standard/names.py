"""Names: how a person is addressed, in the dative and in the vocative; gender never by the surname alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from kindline.standard import tokens

if TYPE_CHECKING:
    from kindline.standard.profile import Profile

Gender = Literal["male", "female"]
Form = Literal["salutation", "dative", "vocative"]
MALE, FEMALE = "male", "female"
PATRONYMIC = {
    MALE: re.compile(r"(ович|евич|ьич|кич|мич|инич|йович|лліч|льїч|огли|оглы|оглу|улы)$", re.IGNORECASE),
    FEMALE: re.compile(r"(овна|евна|ична|инична|івна|ївна|кызы|кизи|гызы)$", re.IGNORECASE),
}
SON_OR_DAUGHTER = re.compile(r" (оглы|оглу|огли|кызы|кизи|гызы|улы)$", re.IGNORECASE)
SURNAME = re.compile(
    r"(енко|чук|юк|ський|цький|зький|ська|цька|зька|ский|ская|цкий|цкая|[ое]в[а]?|[иы]н[а]?|ых)$", re.IGNORECASE
)
SOFTENED = str.maketrans("хгкХГК", "сзцСЗЦ")


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name in its parts; any part may be empty."""

    surname: str = ""
    given: str = ""
    patronymic: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.surname, self.given, self.patronymic) if part)


def split(full: str, language: str) -> Name:
    """The parts of a name written in any order, to be confirmed by a person.

    The patronymic is known by its ending, the given name by the dictionary.
    """
    words = _words(full)
    patronymic = next((word for word in reversed(words) if _gender_of_patronymic(word) and len(words) > 1), "")
    if patronymic and len(words) == 2 and words[0] == patronymic:
        patronymic = ""
    rest = [word for word in words if word != patronymic]
    if not rest:
        return Name(given=patronymic)
    if len(rest) == 1:
        alone = rest[0]
        return (
            Name(surname=alone)
            if not patronymic and _is_surname(alone, language)
            else Name(given=alone, patronymic=patronymic)
        )
    given = next(
        (word for word in sorted(rest, key=lambda w: rest.index(w) == 0) if _is_given(word, language)), rest[-1]
    )
    surname = " ".join(word for word in rest if word != given)
    return Name(surname, given, patronymic)


def _words(full: str) -> list[str]:
    """The words of a name; "Гасан оглы" is one of them."""
    words = [_cased(word) for word in full.split()]
    if len(words) > 3 and SON_OR_DAUGHTER.search(f" {words[-1]}"):
        words[-2:] = [f"{words[-2]} {words[-1].lower()}"]
    return words


def _cased(word: str) -> str:
    if word.isupper() or word.islower():
        return "-".join(part.capitalize() for part in word.split("-"))
    return word


def gender(language: str, given: str = "", patronymic: str = "") -> Gender | None:
    """By the patronymic, else by the given name; None where neither tells."""
    found = _gender_of_patronymic(patronymic) if patronymic else None
    return found or (_gender_of_given(given, language) if given else None)


def _gender_of_patronymic(word: str) -> Gender | None:
    if PATRONYMIC[FEMALE].search(word):
        return "female"
    return "male" if PATRONYMIC[MALE].search(word) else None


def _gender_of_given(word: str, language: str) -> Gender | None:
    tags = [tag for tag in _tags(word, language) if "Name" in tag]
    genders = {"male" if "masc" in tag else "female" for tag in tags if {"masc", "femn"} & set(tag)}
    if len(genders) == 1:
        return "male" if "male" in genders else "female"
    return _ukrainian_gender(word) if language == "uk" and not genders else None


def _ukrainian_gender(word: str) -> Gender | None:
    import shevchenko  # noqa: PLC0415 - only where the dictionary does not know a Ukrainian name

    found = shevchenko.detect_gender({"givenName": word})["gender"]
    return None if found is None else "male" if found == shevchenko.GrammaticalGender.MASCULINE else "female"


def _is_given(word: str, language: str) -> bool:
    return any("Name" in tag for tag in _tags(word, language))


def _is_surname(word: str, language: str) -> bool:
    """By the dictionary or the ending; a word that may be a given name is taken for one."""
    if _is_given(word, language):
        return False
    return bool(SURNAME.search(word)) or any("Surn" in tag for tag in _tags(word, language))


@cache
def _tags(word: str, language: str) -> tuple[frozenset[str], ...]:
    """The dictionary's readings of a word in the nominative."""
    readings = tokens.parses(word, language)
    return tuple(frozenset(parse.tag.grammemes) for parse in readings if "nomn" in parse.tag)


def address(
    profile: Profile, surname: str = "", given: str = "", patronymic: str = "", gender: Gender | None = None
) -> str:
    """How a client is called in a talk: ru name and patronymic, uk the same in the vocative; else what there is."""
    return salutation(profile.language, Name(surname, given, patronymic), gender)


def salutation(language: str, name: Name | str, gender: Gender | None = None) -> str:
    """Name and patronymic (uk: vocative); the given name alone without a patronymic; the surname last of all."""
    name = _parts(name, language)
    called = Name("", name.given, name.patronymic) if name.given else name
    return vocative(language, called, gender) if language == "uk" else str(called)


def dative(language: str, name: Name | str, gender: Gender | None = None) -> str:
    """To whom: Ивановой Ольге Петровне. Unchanged where the gender is not known."""
    return _declined(language, _parts(name, language), gender, "dative")


def vocative(language: str, name: Name | str, gender: Gender | None = None) -> str:
    """The form of calling: Іване Петровичу. Russian has none: unchanged."""
    parts = _parts(name, language)
    return str(parts) if language != "uk" else _declined(language, parts, gender, "vocative")


def _parts(name: Name | str, language: str) -> Name:
    return split(name, language) if isinstance(name, str) else name


def _declined(language: str, name: Name, given_gender: Gender | None, case: str) -> str:
    known = given_gender or gender(language, name.given, name.patronymic)
    if known is None:
        return str(name)
    if language == "uk":
        return str(_ukrainian(name, known, case))
    return str(_russian_dative(name, known))


def _russian_dative(name: Name, known: Gender) -> Name:
    from pytrovich.enums import Case, NamePart  # noqa: PLC0415 - only where Russian names are declined
    from pytrovich.enums import Gender as PetrovichGender  # noqa: PLC0415

    sex = PetrovichGender.MALE if known == "male" else PetrovichGender.FEMALE
    made: dict[str, str] = {}
    for field, part in (
        ("surname", NamePart.LASTNAME),
        ("given", NamePart.FIRSTNAME),
        ("patronymic", NamePart.MIDDLENAME),
    ):
        word = getattr(name, field)
        made[field] = russian_maker().make(part, sex, Case.DATIVE, word) if word else ""
    return replace(name, **made)


@cache
def russian_maker() -> Any:
    """The rules by which Russian names are declined, read once."""
    from pytrovich.maker import PetrovichDeclinationMaker  # noqa: PLC0415

    return PetrovichDeclinationMaker()


def _ukrainian(name: Name, known: Gender, case: str) -> Name:
    import shevchenko  # noqa: PLC0415 - only where Ukrainian names are declined

    sex = shevchenko.GrammaticalGender.MASCULINE if known == "male" else shevchenko.GrammaticalGender.FEMININE
    decline = getattr(shevchenko, f"in_{case}")
    keys = {"givenName": name.given, "patronymicName": name.patronymic}
    made = (
        decline({"gender": sex, **{key: value for key, value in keys.items() if value}}) if any(keys.values()) else {}
    )
    surname = "-".join(
        _mended(part, str(decline({"gender": sex, "familyName": part})["familyName"]), case)
        for part in name.surname.split("-")
        if part
    )
    return Name(surname, *(str(made.get(key) or "") for key in keys))


def _mended(word: str, declined: str, case: str) -> str:
    """Балабуха: Балабусі; Левицький: Левицькому; where the rules of the library give other forms."""
    if word.endswith("ий"):
        return f"{word[:-2]}ому" if case == "dative" else word
    if word.endswith("а") and declined == f"{word[:-1]}ій":
        return word[:-2] + word[-2].translate(SOFTENED) + "і"
    return declined
