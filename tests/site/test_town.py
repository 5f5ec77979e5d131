"""A mobile network puts a whole town behind one address: one who does much there holds up nobody else of it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal
from kindline.notifications.topic_models import NoticeSubscription
from kindline.site import meetings, queries
from kindline.site.consultations import booking
from kindline.site.models import Consultation, Submission
from kindline.site.senders import Bounds, Senders
from kindline.site.subscribing import pages
from kindline.standard.profile import Profile
from tests.site import test_consultations
from tests.site.test_meetings import WHO
from tests.site.test_reception import TYPED, key_on

pytestmark = pytest.mark.db
ADDRESS = "203.0.113.9"
WISH = {"topics": ["outages"], "consent": "on"}
head = test_consultations.head


@pytest.fixture
def krc(site: Callable[[str], Profile], settings: Any) -> Profile:
    """The site of krc, where everything can be asked for."""
    settings.MAIL = {**settings.MAIL, "relay": {"class": "not.asked"}}
    settings.SITE_URL = "https://site.example"
    return site("krc")


def townsman(number: int) -> Browser:
    """One of many behind the address, without JavaScript; his forms have a cookie of their own."""
    browser = Browser(REMOTE_ADDR=ADDRESS, headers={"accept-language": "en"})
    browser.cookies[settings.CSRF_COOKIE_NAME] = f"{number:032d}"
    return browser


def meet(browser: Browser) -> Any:
    """Book the first free hour of the head."""
    page = browser.get("/meeting/")
    first = re.search(r'<option value="(2[^"]+)"', page.content.decode())
    assert first
    return browser.post("/meeting/", {**WHO, "key": key_on(page), "starts_at": first[1], "consent": "on"})


def test_more_people_of_a_town_than_one_may_book_meet_the_head(krc: Profile) -> None:
    town = [meet(townsman(number)).status_code for number in range(2 * meetings.A_DAY.of_browser)]
    assert set(town) == {302}
    one = townsman(99)
    answers = [meet(one) for _ in range(meetings.A_DAY.of_browser + 1)]
    assert [answer.status_code for answer in answers] == [302] * meetings.A_DAY.of_browser + [429]
    said = answers[-1].content.decode()
    assert "tomorrow" in said
    assert "hour" not in said.partition('class="faults"')[2].partition("</div>")[0]
    assert WHO["matter"] in said


def test_who_makes_up_cookies_does_not_take_all_hours_of_the_head(
    krc: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meetings, "A_DAY", Bounds(3, 5))
    assert [meet(townsman(number)).status_code for number in range(6)] == [302] * 5 + [429]


def test_more_people_of_a_town_than_one_may_book_are_consulted(krc: Profile, head: Any) -> None:
    test_consultations.hours(krc, head, test_consultations.specialist(), 0, 1, 2, 3, 4)
    for number in range(2 * booking.A_DAY.of_browser):
        test_consultations.book(krc, whose=Senders(f"browser {number}", "address", "net"))
    assert Consultation.objects.count() == 2 * booking.A_DAY.of_browser


def test_a_town_asks_more_questions_than_one_browser_without_work_shown(krc: Profile) -> None:
    """The first has sent all that one may; of the address it is far from all."""
    first = townsman(0)
    for _ in range(queries.MOST_AN_HOUR):
        assert first.post("/ask/", TYPED | {"key": str(uuid.uuid4())}).status_code == 302
    assert first.post("/ask/", TYPED | {"key": str(uuid.uuid4())}).status_code == 429
    for number in range(1, 4):
        assert townsman(number).post("/ask/", TYPED | {"key": str(uuid.uuid4())}).status_code == 302
    assert Appeal.objects.count() == queries.MOST_AN_HOUR + 3


def test_an_address_comes_to_its_bound_whatever_cookies_it_shows(krc: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_OF_ADDRESS", 3)
    answers = [townsman(number).post("/ask/", TYPED | {"key": str(uuid.uuid4())}).status_code for number in range(4)]
    assert answers == [302] * 3 + [429]


def test_a_town_subscribes_to_notices(krc: Profile) -> None:
    first = townsman(0)
    for number in range(pages.AN_HOUR.of_browser):
        assert first.post("/notices/ask/", {**WISH, "to": f"a{number}@example.com"}).status_code == 302
    assert first.post("/notices/ask/", {**WISH, "to": "b@example.com"}).status_code == 429
    assert townsman(1).post("/notices/ask/", {**WISH, "to": "b@example.com"}).status_code == 302
    assert NoticeSubscription.objects.count() == pages.AN_HOUR.of_browser + 1


def test_what_was_sent_before_browsers_were_kept_counts_for_the_address(krc: Profile) -> None:
    assert townsman(0).post("/ask/", TYPED | {"key": str(uuid.uuid4())}).status_code == 302
    made = Submission.objects.get()
    Submission.objects.update(browser="", made_at=timezone.now() - dt.timedelta(minutes=5))
    of = Senders(browser="x", address=made.sender, net="")
    before = queries.before(uuid.uuid4(), of, timezone.now())
    assert (before.of_browser, before.of_address) == (0, 1)
