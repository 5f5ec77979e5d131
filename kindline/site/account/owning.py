"""What shows that somebody's account is his: the code of a bill, the owner's name, or the address of the premises."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from kindline.clients import folding
from kindline.clients.models import Account
from kindline.readings import billcodes

POSTCODE = (5, 6)
"""So many digits in a row are a post code: they are left out of an address, as no house or flat has such a number."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was typed beside the account's number; any one of them is enough."""

    surname: str = ""
    bill_code: str = ""
    address: str = ""


def is_owner(account: Account, shown: Shown, today: dt.date) -> bool:
    """Whether any of them is right."""
    is_named = bool(shown.surname.strip()) and _plain(shown.surname) in _names(account)
    return billcodes.is_of(account, shown.bill_code, today) or is_named or is_place(account, shown.address)


def is_place(account: Account, typed: str) -> bool:
    """Whether street, house and flat were all named, in this order of their numbers; the town may be left out.

    Nothing else may stand there: who could type many houses and flats at once would guess among them with one form.
    """
    premise = account.premise
    place = folding.address_words(f"{premise.street} {premise.house} {premise.flat}")
    town = set(folding.address_words(premise.city)) - set(place)
    said = [word for word in folding.address_words(typed) if word not in town and not _is_postcode(word)]
    return bool(place) and Counter(said) == Counter(place) and _numbers(said) == _numbers(place)


def _is_postcode(word: str) -> bool:
    return word.isdecimal() and len(word) in POSTCODE


def _numbers(words: list[str]) -> list[str]:
    return [word for word in words if word.isdecimal()]


def _names(account: Account) -> set[str]:
    owner = account.client
    return {_plain(name) for name in (owner.surname, owner.firm_name) if name.strip()}


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").split())
