"""What the organisation does over the Internet, as its standard lists it, each with the page on which it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from kindline.site import here
from kindline.site.account import parts
from kindline.standard.profile import Profile


@dataclass(frozen=True, slots=True)
class Offer:
    """A service, what it is called in the language of the page, and where it is done."""

    id: str
    title: str
    address: str


def offers(profile: Profile) -> list[Offer]:
    """The services of the standard that have their page, in its order. Clause: krc-5.7.3-01."""
    return list(_offers(profile))


def _offers(profile: Profile) -> Iterator[Offer]:
    for one in profile.variable("internet_services") or ():
        if not parts.has_page(profile, one["page"]):
            continue
        try:
            address = reverse(one["page"])
        except NoReverseMatch:
            continue  # a page that this version does not have is not promised
        query = f"?{urlencode(one['query'])}" if one.get("query") else ""
        titles = one["title"]
        yield Offer(one["id"], titles.get(here.language()) or titles[profile.language], address + query)
