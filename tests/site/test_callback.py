"""The form by which a client asks to be called: spans that can be kept, nothing lost, no tool against others."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from kindline.conversations import actions as contacts
from kindline.conversations.models import Callback, Topic
from kindline.site import calling_back
from kindline.site.calling_back import SOON, Asked
from kindline.site.errors import NotAcceptedError, OftenTodayError
from kindline.site.senders import Bounds, Senders
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)  # a Monday, noon in Moscow
KRC = loader.load("krc")
OFFER = calling_back.offer_of(KRC)
assert OFFER is not None
PHONE = "+7 927 111-22-33"
TYPED = {"phone": PHONE, "name": "Пётр", "when": SOON, "consent": "on"}


def ask(phone: str = PHONE, now: dt.datetime = NOW, **more: Any) -> tuple[Callback, bool]:
    """`sender`: the address, `browser`: one of those behind it; all of them are one unless named."""
    how: dict[str, Any] = {name: more.pop(name) for name in ("is_proven", "key") if name in more}
    sender = more.pop("sender", "")
    whose = Senders(more.pop("browser", f"of {sender}"), sender, "")
    asked = replace(Asked(phone, "Пётр", SOON, consented=True), **more)
    given: dict[str, Any] = {"key": uuid.uuid4(), "whose": whose} | how
    assert OFFER is not None
    return calling_back.ask(profile=KRC, offer=OFFER, asked=asked, now=now, **given)


def faults(**more: Any) -> dict[str, str]:
    with pytest.raises(NotAcceptedError) as wrong:
        ask(**more)
    return wrong.value.faults


def test_spans_lie_within_the_permitted_hours_and_those_of_the_line() -> None:
    assert OFFER is not None
    found = [
        (start.astimezone(KRC.zone), end.astimezone(KRC.zone)) for start, end in calling_back.spans(KRC, OFFER, NOW)
    ]
    assert {end - start for start, end in found} == {dt.timedelta(hours=2)}
    assert all(start > NOW for start, _end in found)
    assert all(start.hour >= 9 and end.hour < 20 for start, end in found)
    assert f"{found[0][0]:%d.%m %H:%M}" == "02.03 13:00"
    assert {start.date().day for start, _end in found} <= {2, 3, 4, 5}


@pytest.mark.db
def test_what_is_wrong_is_said_at_once() -> None:
    assert faults(phone="", name="", when="", consented=False) == {
        "phone": "needed", "name": "needed", "when": "needed", "consent": "consent_call",
    }  # fmt: skip
    assert faults(phone="позвоните") == {"phone": "not_number"}
    assert faults(phone="+44 20 7946 0000") == {"phone": "not_callable"}
    assert faults(phone="8 809 123-45-67") == {"phone": "not_callable"}
    assert faults(when=(NOW - dt.timedelta(hours=1)).isoformat(), name="Я" * 101) == {
        "when": "span_over", "name": "too_long_here",
    }  # fmt: skip
    assert not Callback.objects.exists()


@pytest.mark.db
def test_nobody_has_telephones_of_strangers_rung_again_and_again() -> None:
    for number in range(calling_back.A_DAY.of_browser):
        ask(f"+7927111000{number}", sender="one")
    with pytest.raises(OftenTodayError):
        ask(sender="one")
    assert ask(sender="one", is_proven=True)[1]
    with pytest.raises(OftenTodayError):
        ask("+79271110000", sender="one")
    for _ in range(calling_back.MOST_FOR_A_NUMBER - 1):
        Callback.objects.filter(phone="+79271112233").update(state="cancelled")
        ask(sender="another")
    Callback.objects.filter(phone="+79271112233").update(state="kept")
    assert faults(sender="third") == {"phone": "called_often"}
    assert ask(sender="third", now=NOW + dt.timedelta(days=2))[1]


@pytest.mark.db
def test_a_town_behind_one_address_asks_for_calls_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling_back, "A_DAY", Bounds(3, 9))
    for number in range(9):
        assert ask(f"+7927111000{number}", sender="town", browser=f"telephone {number // 3}")[1]
    with pytest.raises(OftenTodayError):
        ask(sender="town", browser="one more")
    assert ask(sender="town", browser="one more", is_proven=True)[1]


@pytest.mark.db
def test_a_form_whose_call_was_cancelled_asks_for_another(site: Callable[[str], Profile], visitor: Browser) -> None:
    site("krc")
    post: Any = visitor.post
    typed = {**TYPED, "key": str(uuid.uuid4())}
    page = post("/callback/", typed).url
    post(page)
    assert "data-over" in visitor.get(page).content.decode(), "the browser sends it under another key"
    other = post("/callback/", typed).url
    assert other != page
    assert sorted(Callback.objects.values_list("state", flat=True)) == ["cancelled", "open"]


def waiting() -> list[str]:
    """The numbers that are to be called."""
    return sorted(Callback.objects.filter(state="open").values_list("phone", flat=True))


@pytest.mark.db
def test_a_form_whose_answer_was_lost_and_that_comes_with_another_number_has_that_one_called(
    site: Callable[[str], Profile], visitor: Browser
) -> None:
    site("krc")
    post: Any = visitor.post
    typed = {**TYPED, "key": str(uuid.uuid4())}
    first = post("/callback/", {**typed, "phone": "+7 927 111-22-34"}).url
    assert post("/callback/", {**typed, "phone": "12"}).status_code == 422, "what is no number is said"
    mended = post("/callback/", typed).url
    assert waiting() == ["+79271112233"]
    assert "+79271112233" in visitor.get(mended).content.decode()
    assert "data-over" in visitor.get(first).content.decode(), "the number typed wrongly is a stranger's"
    assert post("/callback/", typed).url == mended, "sent once more it is that one"
    back = post("/callback/", {**typed, "phone": "+7 927 111-22-34"}).url
    assert back not in (first, mended)
    assert waiting() == ["+79271112234"]


@pytest.mark.db
def test_a_form_gives_up_its_own_call_alone_and_keeps_it_where_the_other_number_may_not_be_called() -> None:
    other, _is_own = ask("+79271112299", sender="somebody else")
    key = uuid.uuid4()
    assert ask("+79271112299", key=key) == (other, False)
    assert ask(key=key)[1]
    assert waiting() == ["+79271112233", "+79271112299"], "a stranger's call is not ours to give up"
    assert ask("+79271112299", key=key) == (other, False)
    assert waiting() == ["+79271112299"]
    assert ask(key=key)[1]
    with pytest.raises(NotAcceptedError):
        ask("8 809 123-45-67", key=key)
    assert waiting() == ["+79271112233", "+79271112299"]


@pytest.mark.db
@pytest.mark.parametrize("relies", ["place", "call", "form"])
def test_a_form_that_comes_with_another_number_leaves_the_earlier_one_s_call_where_others_rely_on_it(
    relies: str,
) -> None:
    key = uuid.uuid4()
    first, _is_own = ask("+79271112299", key=key)
    if relies == "place":  # its owner has called himself, and keeps a place
        place: dict[str, Any] = {"queue": "general", "priority": 0, "since": NOW, "now": NOW + dt.timedelta(minutes=1)}
        contacts.keep_place(profile=KRC, contact=first.contact_id, phone=first.phone, **place)
    elif relies == "call":
        Callback.objects.update(call=uuid.uuid4())
    else:
        ask("+79271112299", sender="its owner")
    assert ask(key=key)[1]
    assert waiting() == ["+79271112233", "+79271112299"]


@pytest.mark.db
def test_a_form_that_comes_back_after_days_has_the_earlier_number_called_no_more() -> None:
    key, later = uuid.uuid4(), NOW + dt.timedelta(days=2)
    ask("+79271112299", key=key)
    assert ask(key=key, now=later)[1]
    assert waiting() == ["+79271112233"]


@pytest.mark.db
def test_nobody_takes_back_on_his_page_a_call_that_was_asked_for_elsewhere_too(
    site: Callable[[str], Profile], visitor: Browser
) -> None:
    site("krc")
    now = timezone.now()
    made, _is_own = ask(now=now, sender="one")
    ask(now=now, sender="one")
    page, post = f"/callback/{made.contact_id}/", visitor.post
    assert post(page)["Location"] == page, "his own second form is no other's wish"
    made, _is_own = ask("+79271112299", now=now, sender="one")
    ask("+79271112299", now=now, sender="another")
    answer = post(f"/callback/{made.contact_id}/")
    assert answer.status_code == 409
    assert "asked for from elsewhere too" in answer.content.decode()
    made.refresh_from_db()
    assert made.state == "open"


@pytest.mark.db
def test_a_number_that_does_not_answer_is_not_called_once_more_by_each_form() -> None:
    """A row whose tries are used up stays open: whoever asks again counts."""
    made, _is_own = ask(sender="0")
    for number in range(1, calling_back.MOST_FOR_A_NUMBER):
        contacts.note_attempt(callback=made, outcome="no_answer", employee=None, now=NOW)
        assert ask(sender=str(number)) == (made, False)
    contacts.note_attempt(callback=made, outcome="no_answer", employee=None, now=NOW)
    assert faults(sender="9") == {"phone": "called_often"}
    made.refresh_from_db()
    assert made.waits_since is None, "nobody calls it by itself"


@pytest.mark.db
def test_forms_for_numbers_that_wait_count_for_their_address() -> None:
    for number in range(calling_back.A_DAY.of_browser):
        ask(f"+7927111000{number}", sender="others")
        ask(f"+7927111000{number}", sender="one", is_proven=True)
    with pytest.raises(OftenTodayError):
        ask(sender="one")


@pytest.mark.db(transaction=True)
def test_forms_at_the_same_moment_do_not_pass_the_bound_together() -> None:
    together = threading.Barrier(2 * calling_back.A_DAY.of_browser)

    def is_kept(number: int) -> bool:
        together.wait(timeout=30)
        try:
            return ask(f"+7927111000{number}", sender="one")[1]
        except OftenTodayError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(together.parties) as pool:
        kept = list(pool.map(is_kept, range(together.parties)))
    assert sum(kept) == Callback.objects.count() == calling_back.A_DAY.of_browser


@pytest.mark.db
def test_a_form_whose_number_got_another_s_call_meanwhile_is_sent_again() -> None:
    key = uuid.uuid4()
    contacts.open_contact(profile=KRC, channel="web", caller="+79271112233", contact_id=key, now=NOW)
    made, is_own = ask(key=key)
    assert is_own
    assert made.contact_id != key


@pytest.mark.db
def test_a_key_that_another_took_at_the_same_moment_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    keep, key, tries = contacts.ask_for_call, uuid.uuid4(), iter([True])

    def quicker(**said: Any) -> tuple[Callback, bool]:
        if next(tries, False):
            raise IntegrityError
        return keep(**said)

    monkeypatch.setattr(contacts, "ask_for_call", quicker)
    _made, is_own = ask(key=key)
    assert is_own
    assert Callback.objects.count() == 1


@pytest.mark.db
def test_his_page_stays_his_when_he_also_calls_and_keeps_a_place(
    site: Callable[[str], Profile], visitor: Browser
) -> None:
    site("krc")
    made, _is_own = ask(now=timezone.now())
    since = timezone.now()
    contacts.keep_place(
        profile=KRC, contact=made.contact_id, phone=made.phone, queue="general", priority=0, since=since, now=since
    )
    page = f"/callback/{made.contact_id}/"
    assert "We will call you" in visitor.get(page).content.decode()


@pytest.mark.db
def test_the_page_keeps_a_wish_tells_it_and_takes_it_back(site: Callable[[str], Profile], visitor: Browser) -> None:
    post: Any = visitor.post
    site("krc")
    topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
    page = visitor.get("/callback/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    refused = post("/callback/", {**TYPED, "key": key[1], "phone": "12", "name": "Марфа"})
    assert refused.status_code == 422
    assert 'value="Марфа"' in refused.content.decode()
    typed = {**TYPED, "key": key[1], "topic": str(topic.pk)}
    kept = post("/callback/", typed)
    assert kept.url == f"/callback/{key[1]}/"
    assert post("/callback/", typed).url == kept.url, "sent twice"
    made = Callback.objects.get()
    assert (made.phone, made.name, made.matter, made.origin) == ("+79271112233", "Пётр", "Отопление", "site")
    told = visitor.get(kept.url).content.decode()
    assert "We will call you" in told
    other = post("/callback/", {**TYPED, "key": str(uuid.uuid4()), "name": "Кто-то"})
    assert other.status_code == 200
    said = other.content.decode()
    assert "We will call you" in said
    assert "At the latest" not in said, "a stranger does not learn whether the number waits, and until when"
    assert "Пётр" not in said, "of whose call it is nothing is told"
    assert Callback.objects.count() == 1
    assert post(kept.url).url == kept.url
    made.refresh_from_db()
    assert made.state == "cancelled"
    assert "not waiting any more" in visitor.get(kept.url).content.decode()


@pytest.mark.db
def test_programs_that_fill_in_everything_are_refused(site: Callable[[str], Profile], visitor: Browser) -> None:
    site("krc")
    assert visitor.post("/callback/", {**TYPED, "key": str(uuid.uuid4()), "website": "x"}).status_code == 422
    assert not Callback.objects.exists()


@pytest.mark.db
def test_it_is_offered_where_the_menu_says_so(
    site: Callable[[str], Profile], visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for profile in ("krc", "court"):
        site(profile)
        assert 'href="/callback/"' in visitor.get("/").content.decode()
    monkeypatch.setattr(calling_back, "offer_of", lambda _profile: None)
    assert 'href="/callback/"' not in visitor.get("/").content.decode()
    assert visitor.get("/callback/").status_code == 404


BUTTONS = {"en": "Call me", "ru": "Позвоните мне", "uk": "Зателефонуйте мені"}


@pytest.mark.browser
@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("language", list(BUTTONS))
def test_somebody_asks_by_keyboard_without_javascript(
    browser: Chromium, live_server: LiveServer, site: Callable[..., Profile], language: str
) -> None:
    site("krc")
    context = browser.new_context(base_url=live_server.url, locale=language, java_script_enabled=False)
    page = context.new_page()
    page.goto("/callback/")
    page.locator("#f-phone").focus()
    page.keyboard.type(PHONE)
    page.locator("#f-name").focus()
    page.keyboard.type("Peter")
    page.locator("#f-consent").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name=BUTTONS[language]).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/callback/[0-9a-f-]{36}/"))
    expect(page.locator("dl.facts")).to_contain_text("+79271112233")
    assert Callback.objects.get().due_at > timezone.now()
    context.close()


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_the_pages_are_for_everybody_wide_and_narrow(
    browser: Chromium, live_server: LiveServer, site: Callable[..., Profile]
) -> None:
    site("krc")
    context = browser.new_context(base_url=live_server.url, locale="en")
    page = context.new_page()
    page.goto("/callback/")
    check_everywhere(page, "callback")
    page.get_by_role("button", name="Call me").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    check_everywhere(page, "callback-faults")
    page.locator("#f-phone").fill(PHONE)
    page.locator("#f-name").fill("Peter")
    page.locator("#f-consent").check()
    page.get_by_role("button", name="Call me").click()
    expect(page.get_by_role("heading", name="We will call you")).to_be_visible()
    check_everywhere(page, "callback-asked")
    context.close()
