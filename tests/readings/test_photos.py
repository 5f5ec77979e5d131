"""Photos of meters: with a reading on the site, in the account, on the desk; erased when their term is over."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.login_models import Login
from kindline.desk import access
from kindline.files import checking
from kindline.files.models import Attachment, FileState, StoredFile
from kindline.journal.queries import facts_of
from kindline.readings import actions, photos
from kindline.readings.lines import Sender
from kindline.readings.models import PhotoRemoval, Reading, ReadingState
from kindline.site import reading_tries
from kindline.site.account import actions as doors
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere
from tests.files import makers
from tests.files.conftest import place
from tests.readings.conftest import Household
from tests.site.test_readings import shown

__all__ = ["place"]
clause = pytest.mark.clause
PASSWORD = "зелена гора над річкою"
JPEG = makers.picture("JPEG")


@pytest.fixture(autouse=True)
def _files(place: Any) -> None:
    """A place for files."""


@pytest.fixture
def visitor() -> Browser:
    """Somebody who is not known to us."""
    return Browser(headers={"accept-language": "en"})


@pytest.fixture
def clerk(db: None) -> Browser:
    """An employee who works with readings."""
    who = Employee.objects.create(username="clerk", surname="Иванова", roles=[access.METERS[0]], language="en")
    browser = Browser()
    browser.force_login(who)
    return browser


def picture(name: str = "meter.jpg", content: bytes = JPEG) -> SimpleUploadedFile:
    """A photo as a browser gives it."""
    return SimpleUploadedFile(name, content)


def today(household: Household) -> str:
    """The organisation's day."""
    return timezone.now().astimezone(household.profile.zone).date().isoformat()


def sent(visitor: Browser, household: Household, value: str, **more: Any) -> Any:
    """The form of the site with a reading of the water meter."""
    typed = {
        "account": "1234567", "meter": "W-1", "zone": "", "value": value, "taken_on": today(household),
        "key": str(uuid.uuid4()),
    }  # fmt: skip
    return visitor.post("/readings/", typed | more)


def hidden(answer: Any, name: str) -> str:
    """A hidden field of the page."""
    found = re.search(rf'name="{name}" value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


@pytest.mark.db
class TestSite:
    def test_an_implausible_reading_asks_for_one_and_it_comes_with_the_confirmation(
        self, visitor: Browser, household: Household
    ) -> None:
        asked = sent(visitor, household, "5")
        assert "A photo of the meter helps us" in asked.content.decode()
        typed = {"verb": "confirm", "asked": hidden(asked, "asked"), "photos": hidden(asked, "photos")}
        visitor.post("/readings/", {**typed, "photo": picture()})
        reading = Reading.objects.get(value=5)
        assert reading.state == ReadingState.ACCEPTED
        [kept] = photos.of(reading.pk)
        assert kept.file.media_type == "image/jpeg"
        fact = facts_of("readings", reading.sending_id).get(kind="reading_photo_added")
        assert fact.data["reading"] == reading.pk

    def test_one_that_came_with_the_reading_is_not_asked_for_again(
        self, visitor: Browser, household: Household
    ) -> None:
        page = sent(visitor, household, "5", photo=picture()).content.decode()
        assert "We have the photo of the meter." in page
        assert photos.of(Reading.objects.get(value=5).pk).count() == 1

    def test_a_reading_that_is_refused_keeps_its_photo_for_the_next_try(
        self, visitor: Browser, household: Household
    ) -> None:
        refused = sent(visitor, household, "8o", photo=picture())
        assert refused.status_code == 422
        assert "meter.jpg" in refused.content.decode()
        sent(visitor, household, "5", photos=hidden(refused, "photos"))
        assert photos.of(Reading.objects.get(value=5).pk).count() == 1

    def test_one_that_comes_while_work_is_asked_for_waits_for_the_next_press(
        self, visitor: Browser, household: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading_tries, "WORK", 6)
        monkeypatch.setattr(reading_tries, "MOST", 0)
        held = sent(visitor, household, "5", photo=picture())
        assert held.status_code == 429
        assert "meter.jpg" in held.content.decode()
        sent(visitor, household, "5", photos=hidden(held, "photos"), **shown(held))
        assert photos.of(Reading.objects.get(value=5).pk).count() == 1

    def test_of_one_that_is_no_picture_it_is_said_while_work_is_asked_for(
        self, visitor: Browser, household: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading_tries, "MOST", 0)
        held = sent(visitor, household, "5", photo=picture("meter.jpg", b"%PDF-1.7 words"))
        assert held.status_code == 429
        assert "files of this type are not taken" in held.content.decode()

    @pytest.mark.parametrize("content", [b"%PDF-1.7 words", makers.SVG, makers.HTML])
    def test_what_is_no_picture_is_refused_with_a_word_and_nothing_typed_is_lost(
        self, visitor: Browser, household: Household, content: bytes
    ) -> None:
        refused = sent(visitor, household, "5", photo=picture("meter.jpg", content))
        assert refused.status_code == 422
        assert "files of this type are not taken" in refused.content.decode()
        assert 'value="5"' in refused.content.decode()
        assert not Reading.objects.filter(value=5).exists()
        assert not StoredFile.objects.exists()

    def test_a_stranger_adds_nothing_to_a_reading_that_stands(self, visitor: Browser, household: Household) -> None:
        known = Reading.objects.filter(meter=household.water, state=ReadingState.ACCEPTED).latest("pk")
        Reading.objects.filter(pk=known.pk).update(taken_on=today(household))
        answer = sent(visitor, household, str(known.value), photo=picture())
        assert "We have this reading already." in answer.content.decode()
        assert not photos.of(known.pk)

    def test_the_quota_of_a_giver_holds_here_too(self, visitor: Browser, household: Household, settings: Any) -> None:
        client = {**settings.FILES["quotas"]["client"], "day_size": 0}
        settings.FILES = {**settings.FILES, "quotas": {**settings.FILES["quotas"], "client": client}}
        refused = sent(visitor, household, "5", photo=picture())
        assert refused.status_code == 422
        assert "As many files came from you" in refused.content.decode()


@pytest.mark.db
class TestAccount:
    def test_with_each_meter_and_with_the_answer(self, visitor: Browser, household: Household) -> None:
        login = _entered(visitor, household)
        water, day = f"m-{household.water.pk}-", f"m-{household.electricity.pk}-day"
        typed = {"taken_on": today(household), "key": str(uuid.uuid4()), "photos": str(uuid.uuid4())}
        visitor.post("/account/readings/", {**typed, water: "5", day: "9", f"photo-{water}": picture("water.jpg")})
        asked = Reading.objects.get(value=5)
        assert asked.sending.login_id == login.pk
        assert [one.file.name for one in photos.of(asked.pk)] == ["water.jpg"]
        page = visitor.get("/account/readings/").content.decode()
        assert page.count("We have the photo of the meter.") == 1
        other = Reading.objects.get(value=9)
        wrong = {"verb": "confirm", "reading": other.pk, f"photo-{other.pk}": picture("a.jpg", b"%PDF-1.7 words")}
        assert visitor.post("/account/readings/", wrong).status_code == 422
        other.refresh_from_db()
        assert other.state == ReadingState.ASKED_BACK, "first it is said that the photo was not taken"
        visitor.post("/account/readings/", {**wrong, f"photo-{other.pk}": picture("day.jpg")})
        other.refresh_from_db()
        assert (other.state, photos.of(other.pk).count()) == (ReadingState.ACCEPTED, 1)


@pytest.mark.db
class TestDesk:
    def test_an_employee_sees_it_beside_the_reading_and_adds_one(
        self, clerk: Browser, visitor: Browser, household: Household
    ) -> None:
        sent(visitor, household, "5", photo=picture())
        checking.check_waiting(scanner=None, now=timezone.now())
        reading, row = Reading.objects.get(value=5), Attachment.objects.get(owner_kind="reading")
        listed = clerk.get("/desk/readings/").content.decode()
        assert f'href="/desk/readings/{reading.pk}/"' in listed
        page = clerk.get(f"/desk/readings/{reading.pk}/").content.decode()
        assert f'src="/desk/files/{row.pk}?view=1"' in page
        opened = clerk.get(f"/desk/files/{row.pk}", {"view": "1"})
        assert (opened["Content-Type"], opened.getvalue()[:2]) == ("image/jpeg", b"\xff\xd8")
        png = picture("counter.jpg", makers.picture("PNG"))
        added = clerk.post(f"/desk/files/reading/{reading.pk}/", {"files": png})
        assert added.headers["Location"] == f"/desk/readings/{reading.pk}/"
        assert photos.of(reading.pk).count() == 2
        refused = clerk.post(f"/desk/files/reading/{reading.pk}/", {"files": picture("a.pdf", b"%PDF-1.7 words")})
        assert refused.status_code == 302
        assert photos.of(reading.pk).count() == 2

    def test_a_corrected_reading_shows_the_photo_of_the_one_before_it(
        self, clerk: Browser, visitor: Browser, household: Household
    ) -> None:
        sent(visitor, household, "5", photo=picture())
        checking.check_waiting(scanner=None, now=timezone.now())
        old = Reading.objects.get(value=5)
        address = f"/desk/readings/{old.pk}/correct"
        assert clerk.post(address, {"value": "80", "reason": "по фото"}).status_code == 302
        new = Reading.objects.get(replaces=old)
        row = Attachment.objects.get(owner_kind="reading")
        assert f'src="/desk/files/{row.pk}?view=1"' in clerk.get(f"/desk/readings/{new.pk}/").content.decode()

    def test_who_has_no_business_with_readings_sees_none(self, visitor: Browser, household: Household) -> None:
        sent(visitor, household, "5", photo=picture())
        other = Browser()
        other.force_login(Employee.objects.create(username="other", roles=["administrator"]))
        row = Attachment.objects.get(owner_kind="reading")
        assert other.get(f"/desk/files/{row.pk}").status_code == 403
        assert other.get(f"/desk/readings/{row.owner_key}/").status_code == 403


@pytest.mark.db
class TestTerm:
    @clause("krc-5.3-10")
    def test_they_go_when_their_term_after_the_settlement_is_over_with_a_receipt(
        self, visitor: Browser, household: Household
    ) -> None:
        sent(visitor, household, "5", photo=picture())
        reading, profile, now = Reading.objects.get(value=5), household.profile, timezone.now()
        late = now + dt.timedelta(days=200)
        assert photos.sweep(profile=profile, now=late) == 0, "one that is asked back waits for an answer"
        actions.confirm_reading(reading_id=reading.pk, sender=Sender("web"), now=now)
        assert photos.sweep(profile=profile, now=now + dt.timedelta(days=90)) == 0
        assert photos.sweep(profile=profile, now=now + dt.timedelta(days=91)) == 1
        assert photos.sweep(profile=profile, now=late) == 0
        removal = PhotoRemoval.objects.get()
        assert (removal.reading_id, removal.rule) == (reading.pk, "photo_retention: 90 days")
        assert removal.sha256 == [StoredFile.objects.get().sha256]
        assert StoredFile.objects.get().state == FileState.ERASED
        fact = facts_of("readings", reading.sending_id).get(kind="reading_photos_removed")
        assert fact.data["files"] == 1

    def test_where_a_standard_names_no_term_they_are_kept(self, visitor: Browser, household: Household) -> None:
        sent(visitor, household, "5", photo=picture())
        Reading.objects.update(state=ReadingState.DECLINED)
        late = timezone.now() + dt.timedelta(days=9999)
        assert photos.sweep(profile=_without_term(household.profile), now=late) == 0

    def test_those_of_a_person_who_is_erased_go_at_once(self, visitor: Browser, household: Household) -> None:
        sent(visitor, household, "5", photo=picture())
        client = household.account.client
        assert photos.erase_of(client=client, ground="по просьбе", now=timezone.now()) == 1
        assert not Attachment.objects.filter(owner_kind="reading").exists()


def _without_term(profile: Profile) -> Any:
    class Plain:
        zone, calendar = profile.zone, profile.calendar

        def variable(self, _name: str, default: Any = None) -> Any:
            return default

    return Plain()


def _entered(visitor: Browser, household: Household) -> Login:
    login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
    login.accounts.add(household.account)
    doors.set_password(login=login, password=PASSWORD, now=timezone.now())
    assert visitor.post("/account/enter/", {"email": login.email, "password": PASSWORD}).status_code == 302
    return login


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_a_photo_in_a_real_browser_from_the_site_to_the_desk(
    household: Household, browser: Chromium, live_server: LiveServer, settings: Any
) -> None:
    context = browser.new_context(base_url=live_server.url, locale="uk", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/readings/")
    page.locator("#f-account").fill("1234567")
    page.locator("#f-meter").fill("W-1")
    page.locator("#f-value").fill("5")
    page.locator("#f-value").press("Enter")
    expect(page.locator("button[value=confirm]")).to_be_visible()
    expect(page.locator("input[type=file]")).to_have_count(1)
    check_everywhere(page, "reading-photo-asked")
    page.locator("input[type=file]").set_input_files({"name": "m.jpg", "mimeType": "image/jpeg", "buffer": JPEG})
    page.locator("button[value=confirm]").press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    reading = Reading.objects.get(value=5)
    checking.check_waiting(scanner=None, now=timezone.now())
    who = Employee.objects.create(username="clerk", surname="Иванова", roles=["specialist"], language="uk")
    browsed = Browser()
    browsed.force_login(who)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": browsed.cookies[name].value, "url": live_server.url}])
    page.goto(f"/desk/readings/{reading.pk}/")
    expect(page.locator("img[src*=view]")).to_have_js_property("complete", value=True)
    check_everywhere(page, "reading-photo-desk")
    context.close()
