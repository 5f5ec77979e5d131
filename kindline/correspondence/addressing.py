"""How the person is called in a letter: salutation and dative in the letter's language, with his own wish first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kindline.clients.models import Client
from kindline.standard import names

INITIALS = re.compile(r"^([A-ZА-ЯЁІЇЄҐ]\.?\s*){1,2}$")


@dataclass(frozen=True, slots=True)
class Person:
    """To whom a letter goes: a person by parts of the name, or a firm with who speaks for it, where he is known."""

    surname: str = ""
    given_name: str = ""
    patronymic: str = ""
    gender: str = "u"  # f, m, u
    firm_name: str = ""
    address_as: str = ""  # the person's own wish, or a correction by hand
    dative_as: str = ""  # the same for "to whom"

    def __str__(self) -> str:
        return self.firm_name or str(self.name)

    @property
    def name(self) -> names.Name:
        """The parts of the name."""
        return names.Name(self.surname, self.given_name, self.patronymic)

    @property
    def known_gender(self) -> names.Gender | None:
        """The gender, where it is written on the card."""
        return {"f": "female", "m": "male"}.get(self.gender)  # type: ignore[return-value]

    @property
    def only_initials(self) -> bool:
        """Whether name and patronymic are not given in full (krc-5.7.2-32)."""
        return not self.given_name or bool(INITIALS.match(self.given_name))


NOBODY = Person()


def of_client(client: Client) -> Person:
    """The person or the firm of a client's card."""
    return Person(
        client.surname, client.given_name, client.patronymic, client.gender, client.firm_name, client.address_as,
        client.dative_as,
    )  # fmt: skip


def salutation(language: str, person: Person) -> str:
    """Иван Петрович; Іване Петровичу; the firm's or the person's name as far as it is known.

    Who speaks for a firm is addressed as any person is (krc-5.8-12 names no firms).
    """
    if person.address_as:
        return person.address_as
    if person.only_initials:
        return str(person)
    patronymic = "" if INITIALS.match(person.patronymic) else person.patronymic
    return names.salutation(language, names.Name("", person.given_name, patronymic), person.known_gender)


def dative(language: str, person: Person) -> str:
    """To whom; as corrected by hand, else unchanged for a firm, and where the gender is not known."""
    if person.dative_as:
        return person.dative_as
    return ", ".join(_addressed(language, person))


def addressee(language: str, person: Person) -> str:
    """To whom, on the lines of the letterhead: the firm, below it who speaks for it."""
    return person.dative_as or "\n".join(_addressed(language, person))


def _addressed(language: str, person: Person) -> list[str]:
    called = str(person.name) if person.only_initials else names.dative(language, person.name, person.known_gender)
    return [part for part in (person.firm_name, called) if part]
