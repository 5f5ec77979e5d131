"""Who sends, as it is kept: a subscriber of IPv6 is one sender at every door of the site."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory

from kindline.site import senders, uploads
from kindline.site.account import session

ONE, OTHER_OF_HIS, NEIGHBOUR = "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"


def asked(address: str, token: str = "") -> Any:
    """A request from there, with the cookie of its forms."""
    request = RequestFactory().get("/ask/", REMOTE_ADDR=address)
    if token:
        request.COOKIES[settings.CSRF_COOKIE_NAME] = token
    return request


def test_a_subscriber_is_one_whatever_address_he_takes_and_his_browsers_are_told_apart() -> None:
    first, again, other = (
        senders.of(asked(ONE, "a")),
        senders.of(asked(OTHER_OF_HIS, "a")),
        senders.of(asked(ONE, "b")),
    )
    assert first == again
    assert (first.address, first.net) == (other.address, other.net)
    assert first.browser != other.browser
    neighbour = senders.of(asked(NEIGHBOUR, "a"))
    assert (neighbour.address == first.address, neighbour.net == first.net) == (False, True)


@pytest.mark.parametrize("of", [senders.address_of, session.sender, lambda request: uploads.giver_of(request).name])
def test_every_door_counts_the_subscriber(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "current", lambda request: None)
    assert of(asked(ONE)) == of(asked(OTHER_OF_HIS)) != of(asked(NEIGHBOUR))


def test_nothing_is_kept_of_an_address_that_is_not_known() -> None:
    nobody = senders.of(asked(""))
    assert (nobody.address, nobody.net) == ("", "")
    assert "2001" not in repr(senders.of(asked(ONE)))
