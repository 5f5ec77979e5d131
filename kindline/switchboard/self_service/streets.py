"""Incidents at a place that is typed: the first letters of its street, one key a letter, then the house.

Places of supply and the areas of incidents say which streets there are; towns are not asked for: an incident in the
street of that name in any of them is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kindline.clients import folding, queries
from kindline.clients.models import Premise
from kindline.standard import numerals
from kindline.switchboard.self_service import struck
from kindline.switchboard.self_service.told import Reply, Told

KEYS = {
    "2": "абвгґabc", "3": "деёєжзdef", "4": "иіїйклghi", "5": "мнопjkl",
    "6": "рстуmno", "7": "фхцчpqrs", "8": "шщъыtuv", "9": "ьэюяwxyz",
}  # fmt: skip
"""The letters of each key, as telephones print them: Russian and Ukrainian, which do not disagree, and Latin."""
KEY_OF = {letter: key for key, letters in KEYS.items() for letter in letters} | {
    str(one): str(one) for one in range(10)
}
MOST = 5
"""So many streets are read out to choose from."""
HOUSES_MOST = 50
CHOICES, BETWEEN = "choices", "|"
"""The answer that keeps which streets were read out, and what stands between them."""
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Street:
    """A street as it is said, and the places in which it lies: city and name as written there."""

    name: str
    places: tuple[tuple[str, str], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """What may be pressed for it: its name from the first word on, or from any other one."""
        words = [pressed(word) for word in WORD.findall(self.name)]
        return tuple("".join(words[start:]) for start in range(len(words)))


def pressed(word: str) -> str:
    """A word as it is typed, one key a letter."""
    return "".join(KEY_OF.get(letter, "") for letter in word.casefold())


def street(told: Told) -> Reply | None:
    """The street: as many letters as tell it from others, then one of a few by its number."""
    if "street" not in told.answers:
        return told.asks("street")
    typed, found = _typed(told), [] if CHOICES in told.answers else _found(told)
    names = _names(told, found)
    if not names:
        return told.wrong(told.words("no_street"), "street", but=("letters", "which"))
    if len(found) > MOST and not any(typed in one.keys for one in found):
        return Reply(told.words("many_streets"), "letters", {"street": typed})
    if len(names) > 1 and "which" not in told.answers:
        return Reply(_choices(told, names), "which", {"street": typed, CHOICES: BETWEEN.join(names)})
    if not 1 <= int(told.answers.get("which", "1")) <= len(names):
        return told.wrong(_choices(told, names), "which")
    return None


def building(told: Told) -> Reply | None:
    """The house, once the street is known and named."""
    if "building" in told.answers:
        return None
    name = _chosen(told).name
    answers = {key: value for key, value in told.answers.items() if key != "which"} | {CHOICES: name}
    return Reply(told.words("this_street", street=_spoken(told, name)), "building", answers)


def tell(told: Told) -> Reply:
    """The incidents that cover the house, as for an account there; houses that figures cannot tell apart are one."""
    house = told.answers["building"].lstrip("0")
    chosen = _chosen(told)
    places = [Premise(city=city, street=name, house=house) for city, name in chosen.places]
    places += _houses(chosen, house)
    found = dict.fromkeys(struck.at(told.profile, places, told.now))
    return Reply(" ".join(found) or told.words("no_outages"), done=True)


def known(told: Told) -> list[Street]:
    """Every street once, by its name."""
    written = [*queries.streets(), *(("", name) for name in struck.streets(told.profile, told.now))]
    found: dict[str, list[tuple[str, str]]] = {}
    for city, name in written:
        found.setdefault(" ".join(folding.address_words(name)), []).append((city, name))
    return [Street(_name(places[0][1]), tuple(places)) for words, places in sorted(found.items()) if words]


def _name(written: str) -> str:
    """A street without the words that every address has: «ул. Лесная» -> «Лесная»."""
    ignored = folding.street_words()
    kept = [word for word in WORD.findall(written) if not set(folding.words(word)) <= ignored]
    return " ".join(kept)


def _typed(told: Told) -> str:
    return told.answers["street"] + told.answers.get("letters", "")


def _found(told: Told) -> list[Street]:
    """The streets that begin so, those whose whole name was typed first."""
    typed = _typed(told)
    fit = [one for one in known(told) if any(keys.startswith(typed) for keys in one.keys)]
    return sorted(fit, key=lambda one: typed not in one.keys)


def _names(told: Told, found: Sequence[Street]) -> list[str]:
    """The names to choose from: those that were read out, whatever has become known since."""
    kept = told.answers.get(CHOICES, "")
    return kept.split(BETWEEN) if kept else [one.name for one in found[:MOST]]


def _chosen(told: Told) -> Street:
    names = _names(told, () if CHOICES in told.answers else _found(told))
    name = names[int(told.answers.get("which", "1")) - 1]
    return next((one for one in known(told) if one.name == name), Street(name, (("", name),)))


def _choices(told: Told, several: Iterable[str]) -> str:
    numbers = (numerals.figures(str(key), told.language) for key in range(1, MOST + 1))
    pairs = zip(several, numbers, strict=False)
    return " ".join(told.words("street", street=_spoken(told, one), key=key) for one, key in pairs)


def _spoken(told: Told, name: str) -> str:
    said = numerals.spelled(name, told.language)
    return said[:1].upper() + said[1:]


def _houses(chosen: Street, house: str) -> list[Premise]:
    """The known houses of the street whose number is typed so: «12/3» and «12-А» for 12."""
    cities, names = ({place[part] for place in chosen.places} for part in (0, 1))
    rows = Premise.objects.filter(city__in=cities, street__in=names, house__startswith=house)
    places = rows.order_by().values_list("city", "street", "house").distinct()[:HOUSES_MOST]
    written = [Premise(city=city, street=name, house=one) for city, name, one in places]
    return [one for one in written if house in folding.house_figures(one.house)]
