"""A profile: one written standard, wholly read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kindline.standard.calendars import WorkingCalendar
from kindline.standard.clauses import Clause
from kindline.standard.deadlines import DeadlineRule
from kindline.standard.forms import Form
from kindline.standard.hours import Opening
from kindline.standard.inspections import Inspections
from kindline.standard.legal import LegalAct
from kindline.standard.lexicons import Lexicon
from kindline.standard.local_rules import LocalRule
from kindline.standard.menus import Menu
from kindline.standard.messages import Message
from kindline.standard.orders import Approval
from kindline.standard.passports import Passport
from kindline.standard.publication import Publication
from kindline.standard.scripts import Script
from kindline.standard.workflows import Workflow


@dataclass(frozen=True, eq=False, repr=False)
class Profile:
    """A written standard as data; absent parameters mean "no norm", never zero."""

    id: str
    title: str
    title_en: str
    body: str
    languages: tuple[str, ...]
    zone: ZoneInfo
    version: str
    approved: Approval
    valid_from: dt.date
    valid_to: dt.date | None
    calendar: WorkingCalendar
    hours: Mapping[str, Opening]
    variables: Mapping[str, Any]
    assumed: Mapping[str, str]
    texts: Mapping[str, Any]
    clauses: Mapping[str, Clause]
    scripts: Mapping[str, Script]
    menu: Menu | None
    deadlines: tuple[DeadlineRule, ...]
    lexicons: tuple[Lexicon, ...]
    forms: Mapping[str, Form]
    path: Path
    workflow: Workflow | None = None
    legal_sources: tuple[LegalAct, ...] = ()
    repealed_by: Approval | None = None
    local_rules: tuple[LocalRule, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, Message] = field(default_factory=dict)
    services: Mapping[str, Passport] = field(default_factory=dict)
    publication: Publication | None = None
    inspections: Inspections | None = None

    def __repr__(self) -> str:
        return f"Profile({self.id!r}, version={self.version!r})"

    @property
    def language(self) -> str:
        """The language in which the standard is written and spoken."""
        return self.languages[0]

    def variable(self, name: str, default: Any = None) -> Any:
        """A variable of the profile, or `default` where the profile does not have it."""
        return self.variables.get(name, default)

    @property
    def contacts(self) -> str:
        """Telephone and e-mail address, as they stand on what is printed; empty where the standard names neither."""
        return " · ".join(str(said) for name in ("phone", "email") if (said := self.variable(name)))

    def text(self, key: str) -> Any:
        """A text of the profile (`texts`, else `variables`). Raises: KeyError when it has none."""
        return self.texts[key] if key in self.texts else self.variables[key]

    def script(
        self, *, channel: str, direction: str, line: str | None = None, purpose: str | None = None
    ) -> Script | None:
        """The guide for a contact: one of that purpose before any other, one of that very line before a general one."""
        fits = [s for s in self.scripts.values() if (s.channel, s.direction) == (channel, direction)]
        meant = [script for script in fits if script.purpose is not None and script.purpose == purpose]
        fits = meant or [script for script in fits if script.purpose is None]
        own = [script for script in fits if script.line is not None and script.line == line]
        general = [script for script in fits if script.line is None]
        return (own or general or [None])[0]  # type: ignore[list-item]

    def form(self, channel: str) -> Form | None:
        """The checklist by which a contact of this channel is reviewed."""
        return next((form for form in self.forms.values() if form.fits(channel)), None)

    def cited(self, clause: Clause) -> tuple[LegalAct, ...]:
        """The legal acts on which a clause rests, of the register."""
        return tuple(one for one in self.legal_sources if one.id in clause.law or one.clause == clause.id)
