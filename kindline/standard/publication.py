"""What site and stands must carry (`publication.yaml`), and the texts with which a site begins (`content.yaml`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kindline.standard import consultation_data, notice_data, page_translations, published_data, schemes
from kindline.standard.acts import STAFF_ROLES
from kindline.standard.consultation_data import Availability, Consulting
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.notice_data import NoticePlan
from kindline.standard.page_translations import ROW, Piece, Translations
from kindline.standard.published_data import Monitoring, OpenTables, Reception, Telling
from kindline.standard.schemes import Scheme
from kindline.standard.shapes import Choice, Day, Flag, ListOf, MapOf, Number, Record, Text, Title, near

if TYPE_CHECKING:
    from kindline.standard.part_checks import Known

KEY = Text(pattern=r"[a-z][a-z0-9_]*", cure="write small Latin letters, digits and _, a letter first")
NEWS = ("organisation", "service_centre", "partners")
PAGES = (
    "ask", "faq", "status", "search", "meeting", "consultation", "readings", "account", "services", "outages",
    "reports", "callback",
)  # fmt: skip
"""Pages of the site that are there anyway; a slot may be one of them."""
SLOT = Record(
    {
        "key": KEY,
        "clauses": ListOf(Text(), least=1),
        "title": Text(),
        "obligation": Choice(("mandatory", "recommended")),
        "where": Choice(("site", "stand", "both")),
        "owner": Choice(STAFF_ROLES),
        "review_every_days": Number(whole=True, least=1),
    },
    {
        "section": KEY,
        "must_contain": ListOf(Text(), least=1),
        "news": Choice(NEWS),
        "page": Choice(PAGES),
        "text_of": KEY,
        "scheme": Flag(),
    },
)
PUBLICATION = Record(
    {
        "sections": ListOf(Record({"id": KEY, "title": Title()}, {"clauses": ListOf(Text(), least=1)})),
        "slots": ListOf(SLOT, least=1),
    },
    {
        "assumed": MapOf(Text()),
        "telling": published_data.TELLING,
        "open_data": published_data.OPEN_DATA,
        "monitoring": published_data.MONITORING,
        "reception": published_data.RECEPTION,
        "consultation": consultation_data.CONSULTATION,
        "availability": consultation_data.AVAILABILITY,
        notice_data.PART: notice_data.SUBSCRIPTION,
    },
)
NEWS_ITEM = Record({"kind": Choice(NEWS), "date": Day(), "title": Text(), "text": Text()})
CONTENT = Record(
    {"slots": MapOf(Record({}, {"text": Text(), "rows": ListOf(ROW, least=1)})), "as_of": Day()},
    {
        "news": ListOf(NEWS_ITEM),
        "schemes": MapOf(ListOf(schemes.SCHEME, least=1)),
        "translations": page_translations.TRANSLATIONS,
    },
)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the site that has its place in the menu."""

    id: str
    title: Mapping[str, str]
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """An item that the standard demands on the site, on the stands or on both; who answers for it, how often."""

    key: str
    clauses: tuple[str, ...]
    title: str
    obligation: str
    where: str
    owner: str
    review_every_days: int
    section: str = ""
    must_contain: tuple[str, ...] = ()
    news: str = ""
    page: str = ""
    text_of: str = ""
    scheme: bool = False  # the way to an office is drawn on it

    @property
    def on_site(self) -> bool:
        """Whether it is a part of a section of the site."""
        return self.where != "stand"

    @property
    def on_stand(self) -> bool:
        """Whether it hangs in the office."""
        return self.where != "site"

    @property
    def source(self) -> str:
        """The slot whose text it shows: its own, or the one that it repeats on the stand."""
        return self.text_of or self.key

    def lacking(self, text: str) -> list[str]:
        """What must stand in its text and does not; letter case does not matter."""
        return [word for word in self.must_contain if word.casefold() not in text.casefold()]


@dataclass(frozen=True, slots=True)
class NewsItem:
    """A piece of news with which a site begins."""

    kind: str
    date: dt.date
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Publication:
    """All slots by key, the sections in their order, and the first texts."""

    sections: tuple[Section, ...]
    slots: Mapping[str, Slot]
    pieces: Mapping[str, Piece]
    news: tuple[NewsItem, ...]
    as_of: dt.date | None = None
    telling: Telling | None = None
    open_data: OpenTables | None = None
    monitoring: Monitoring | None = None
    reception: Reception | None = None
    consultation: Consulting | None = None
    availability: Availability | None = None
    subscription: NoticePlan | None = None
    schemes: Mapping[str, tuple[Scheme, ...]] = field(default_factory=dict)  # by the slot on which they are drawn
    translations: Mapping[str, Translations] = field(default_factory=dict)  # by language

    def cited(self) -> Iterator[str]:
        """The clauses that stand behind slots, sections, and what goes with them."""
        told = (self.telling, self.open_data, self.monitoring, self.reception, self.consultation, self.availability)
        for part in (*told, self.subscription):
            yield from part.clauses if part is not None else ()
        for slot in self.slots.values():
            yield from slot.clauses
        for section in self.sections:
            yield from section.clauses

    def of_section(self, section: str) -> list[Slot]:
        """What a section of the site consists of."""
        return [slot for slot in self.slots.values() if slot.section == section and slot.on_site]

    def stands(self, obligation: str) -> list[Slot]:
        """What hangs in the office: all that is mandatory, or all that is recommended."""
        return [slot for slot in self.slots.values() if slot.on_stand and slot.obligation == obligation]


def build(raw: Mapping[str, Any], content: Mapping[str, Any]) -> Publication:
    """The slots of checked files; without texts they are empty."""
    made = [_slot_of(one) for one in raw["slots"]]
    return Publication(
        sections=tuple(Section(one["id"], one["title"], tuple(one.get("clauses") or ())) for one in raw["sections"]),
        slots={slot.key: slot for slot in made},
        pieces={key: page_translations.piece(one) for key, one in (content.get("slots") or {}).items()},
        news=tuple(NewsItem(**one) for one in content.get("news") or ()),
        as_of=content.get("as_of"),
        telling=published_data.telling(raw.get("telling")),
        open_data=published_data.open_data(raw.get("open_data")),
        monitoring=published_data.monitoring(raw.get("monitoring")),
        reception=published_data.reception(raw.get("reception")),
        consultation=consultation_data.consulting(raw.get("consultation")),
        availability=consultation_data.availability(raw.get("availability")),
        subscription=notice_data.plan(raw.get(notice_data.PART)),
        schemes={key: tuple(map(schemes.build, several)) for key, several in (content.get("schemes") or {}).items()},
        translations=page_translations.build(content.get("translations") or {}),
    )


def _slot_of(raw: Mapping[str, Any]) -> Slot:
    several: dict[str, Any] = {key: tuple(raw.get(key) or ()) for key in ("clauses", "must_contain")}
    return Slot(**{**raw, **several})


def check(raw: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    """Own keys, sections and clauses that there are, a section for what is on the site, texts that can be repeated."""
    yield from published_data.check(raw, place, known)
    yield from consultation_data.check(raw, place, known)
    yield from notice_data.check(raw, place, known)
    sections, slots = [one["id"] for one in raw["sections"]], [one["key"] for one in raw["slots"]]
    yield from _unique(sections, place.child("sections"), "id")
    yield from _unique(slots, place.child("slots"), "key")
    for part in ("sections", "slots"):
        for index, one in enumerate(raw[part]):
            yield from _clauses(one, place.child(part).child(index), known)
    for index, slot in enumerate(raw["slots"]):
        yield from _slot(slot, place.child("slots").child(index), sections, slots)


def _clauses(entry: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    for index, clause in enumerate(entry.get("clauses") or ()):
        if clause not in known.clauses:
            yield place.child("clauses").child(index).fault(f"no clause {clause!r}", near(clause, known.clauses))


def _slot(slot: Mapping[str, Any], place: Place, sections: list[str], slots: list[str]) -> Iterator[Fault]:
    section, source = slot.get("section"), slot.get("text_of")
    if section is None and slot["where"] != "stand":
        yield place.child("section").fault("'section' is missing", "what is on the site stands in a section: name it")
    if section is not None and section not in sections:
        yield place.child("section").fault(f"no section {section!r}", near(section, sections))
    if source is not None and source not in slots:
        yield place.child("text_of").fault(f"no slot {source!r}", near(source, slots))
    if source == slot["key"]:
        yield place.child("text_of").fault("a slot cannot repeat itself", "name another slot, or remove the line")


def _unique(names: list[str], place: Place, key: str) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield place.child(index).child(key).fault(f"{name!r} is there twice", "give each its own")


def check_content(raw: Mapping[str, Any], place: Place, publication: Mapping[str, Any]) -> Iterator[Fault]:
    """Texts only for slots that there are, each with what its slot must contain; a slot without text is a warning."""
    slots = {one["key"]: one for one in publication.get("slots") or ()}
    yield from schemes.check(raw.get("schemes") or {}, place.child("schemes"), slots)
    texts = {key: raw["slots"].get(key) or {} for key in slots}
    at = place.child("translations")
    yield from page_translations.check(raw.get("translations") or {}, at, texts, raw.get("news") or ())
    for key, one in raw["slots"].items():
        if key not in slots:
            yield place.child("slots").child(key).fault(f"no slot {key!r}", near(key, slots))
            continue
        words = page_translations.piece(one).words.casefold()
        for word in slots[key].get("must_contain") or ():
            if word.casefold() not in words:
                at = place.child("slots").child(key)
                yield at.fault(f"{word!r} is not in the text", "the slot demands it (must_contain): write it in")
