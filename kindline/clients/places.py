"""Premises as people name them: a street by its words, a house in it, however either is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from kindline.clients import folding
from kindline.clients.models import Premise

Fits = Callable[[str, str, str], bool]
"""Whether a city, a street and a house are meant."""


def named(street: str, house: str = "") -> QuerySet[Premise]:
    """The premises of a street, or of a house in it: «Лесная» is «ул. Лесная», and not «Лесная Поляна».

    The city may be named with the street.
    """
    wanted, number = frozenset(folding.address_words(street)), folding.address_words(house)

    def fits(city: str, here: str, which: str) -> bool:
        words = frozenset(folding.address_words(here))
        is_street = bool(words) and words in (wanted, wanted - frozenset(folding.address_words(city)))
        return is_street and (not number or folding.address_words(which) == number)

    return of(fits)


def of(fits: Fits) -> QuerySet[Premise]:
    """The premises of the houses that are meant; each house is asked about once."""
    found: dict[tuple[str, str], list[str]] = {}
    for city, street, house in Premise.objects.order_by().values_list("city", "street", "house").distinct():
        if fits(city, street, house):
            found.setdefault((city, street), []).append(house)
    if not found:
        return Premise.objects.none()
    each = (Q(city=city, street=street, house__in=houses) for (city, street), houses in found.items())
    return Premise.objects.filter(reduce(or_, each))
