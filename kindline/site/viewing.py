"""The version for people with low vision: size and spacing of letters, colours, pictures; all without a script.

As GOST R 52872 has it: three sizes, colour schemes, spacing, pictures shown or not, one press back to the usual page.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

COOKIE, USUAL, LARGE = "kindline_view", "usual", "large"
"""`large`: what was chosen before there was more to choose, and how the version begins."""
SIZES = {"1": _("large"), "2": _("larger"), "3": _("largest")}
COLOURS = {
    "white": _("black on white"),
    "black": _("white on black"),
    "blue": _("dark blue on light blue"),
    "beige": _("brown on beige"),
    "green": _("green on dark brown"),
}
SPACINGS = {"1": _("usual"), "2": _("wide"), "3": _("very wide")}
PICTURES = {"1": _("shown"), "0": _("hidden")}


@dataclass(frozen=True, slots=True)
class View:
    """What somebody with low vision has chosen; `code` is kept in the cookie."""

    size: str = "2"
    colours: str = "white"
    spacing: str = "1"
    pictures: str = "1"

    @property
    def code(self) -> str:
        """Size, colours, spacing, pictures: `2-black-1-1`."""
        return f"{self.size}-{self.colours}-{self.spacing}-{self.pictures}"

    @property
    def marks(self) -> str:
        """The classes of the page."""
        hidden = "" if self.pictures == "1" else " no-pictures"
        return f"large size-{self.size} {self.colours} spacing-{self.spacing}{hidden}"

    @property
    def groups(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """What can be chosen: the group's field and title, and each choice with the code of the view that it makes."""
        for field, title, choices in GROUPS:
            several = [
                {"name": name, "title": str(said), "code": replace(self, **{field: name}).code,
                 "present": getattr(self, field) == name}
                for name, said in choices.items()
            ]  # fmt: skip
            yield field, str(title), several


GROUPS = (
    ("size", _("Size of letters"), SIZES),
    ("colours", _("Colours"), COLOURS),
    ("spacing", _("Spacing of letters"), SPACINGS),
    ("pictures", _("Pictures"), PICTURES),
)
VIEWS = {one.code: one for one in itertools.starmap(View, itertools.product(SIZES, COLOURS, SPACINGS, PICTURES))}
VIEWS[LARGE] = View()
CHOICES = frozenset({USUAL, *VIEWS})


def of(request: HttpRequest) -> View | None:
    """The version that was chosen; None for the usual page."""
    return VIEWS.get(request.COOKIES.get(COOKIE, ""))


def code_of(request: HttpRequest) -> str:
    """By what pages for everybody differ; empty for the usual page."""
    found = of(request)
    return found.code if found else ""
