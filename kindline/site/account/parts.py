"""Which parts the personal account has, in which order, and what can be done in it: the standard's variable says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseBase

from kindline.site import here
from kindline.standard.profile import Profile

PARTS = ("accounts", "money", "readings", "services", "questions", "bookings", "entries")
"""All that there are; a standard that names none has them all."""
PAGES = {
    "account_ask": "questions",
    "account_readings": "readings",
    "account_readings_file": "readings",
    "account_readings_sent": "readings",
    "account_readings_again": "readings",
    "account_bills": "money",
    "account_money": "money",
    "account_bill": "money",
    "account_money_of_old": "money",
    "account_bill_of_old": "money",
}
"""Pages that are there only with their part."""
View = Callable[..., HttpResponseBase]


def of(profile: Profile) -> tuple[str, ...]:
    """The parts in their order (`account_parts` of standard.yaml); what has no page of this version is left out.

    Clause: krc-5.7-10.
    """
    return tuple(one for one in profile.variable("account_parts") or PARTS if one in PARTS)


def has_page(profile: Profile, name: str) -> bool:
    """Whether a page belongs to a part that the account has, or to none."""
    return name not in PAGES or PAGES[name] in of(profile)


def part(name: str) -> Callable[[View], View]:
    """A page that is there only where the account has this part."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
            if name not in of(here.profile()):
                raise Http404(name)
            return view(request, *args, **named)

        return guarded

    return guard
