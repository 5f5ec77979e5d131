"""Inspection and review checklists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a checklist, standing for a clause."""

    id: str
    title: dict[str, str]
    clause: str | None
    scale: str = "yes_no_na"
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A checklist on one kind of subject."""

    id: str
    title: dict[str, str]
    subject: str
    items: tuple[Item, ...]
    channel: tuple[str, ...] = ()  # of contacts: for which channels it is; none = the telephone

    def fits(self, channel: str) -> bool:
        """Whether it is the checklist for contacts of this channel."""
        return self.subject == "contact" and channel in (self.channel or ("phone",))

    def cited(self) -> set[str]:
        """Every clause that an item stands for."""
        return {item.clause for item in self.items if item.clause}
