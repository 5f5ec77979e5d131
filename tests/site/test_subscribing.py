"""Notices by e-mail and SMS without an account: asked, confirmed by the owner of the address, told once, left."""

from __future__ import annotations

import datetime as dt
import email
import re
from collections.abc import Callable
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kindline.appeals import incidents, outages
from kindline.appeals.models import Incident
from kindline.clients import wishes
from kindline.clients.models import Client, ContactPoint
from kindline.conversations import barring
from kindline.conversations.models import Contact
from kindline.conversations.texting import Text
from kindline.correspondence import composing
from kindline.correspondence.models import Outgoing
from kindline.journal import strain
from kindline.journal.models import Fact
from kindline.notifications import receiving, topics
from kindline.notifications.models import Sms
from kindline.notifications.topic_models import NoticeSource, NoticeSubscription
from kindline.site import layout
from kindline.site.models import ItemPage, NewsPage
from kindline.site.subscribing import asking, pages, telling
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
clause = pytest.mark.clause
ASK = "/notices/ask/"
WISH = {"to": "elkin@example.com", "topics": ["outages", "news"], "consent": "on"}
NOON = dt.time(12)


@pytest.fixture
def krc(site: Callable[[str], Profile], settings: Any) -> Profile:
    """The site of krc, with a relay and a gateway."""
    settings.MAIL = {**settings.MAIL, "relay": {"class": "not.asked"}}
    settings.SMS = {"gateway": {"class": "not.asked"}}
    settings.SITE_URL = "https://site.example"
    return site("krc")


@pytest.fixture
def noon(krc: Profile) -> dt.datetime:
    """Noon of today by the clock of the standard, after all that was confirmed in the test."""
    today = timezone.now().astimezone(krc.zone).date() + dt.timedelta(days=1)
    return dt.datetime.combine(today, NOON, krc.zone)


@pytest.fixture
def head(db: None) -> Employee:
    """Who opens incidents."""
    return Employee.objects.create(username="head", surname="Орлова", roles=[Role.SUPERVISOR])


def link_in(text: str) -> str:
    """The path of the page that a letter names."""
    found = re.search(r"https://site\.example(\S+)", text)
    assert found is not None
    return found.group(1)


def asked(visitor: Browser, **more: Any) -> str:
    """Ask for notices; the path of the page that follows."""
    answer: Any = visitor.post(ASK, {**WISH, **more})
    return str(answer.url)


def kept() -> NoticeSubscription:
    """The only wish, as it stands."""
    return NoticeSubscription.objects.get()


def subscribed(visitor: Browser, **more: Any) -> NoticeSubscription:
    """Somebody who has asked by e-mail and confirmed it."""
    visitor.post(ASK, {**WISH, **more})
    letter = Outgoing.objects.latest("pk")
    path = link_in(letter.text)
    visitor.post(path, {"code": path.partition("code=")[2]})
    return NoticeSubscription.objects.latest("pk")


def outage(profile: Profile, head: Employee, now: dt.datetime, **more: Any) -> Incident:
    """An outage in Lesnaya street with a notice."""
    said: dict[str, Any] = {"title": "Нет воды", "topic": None, "area": "Лесная", "appeals": [], "begun_at": now}
    found = incidents.open_incident(profile=profile, **said | more, employee=head, now=now)
    return incidents.announce(incident=found, notice="Идёт ремонт.", expected_end=None, employee=head, now=now)


def written() -> list[str]:
    """To whom notices went."""
    rows = Outgoing.objects.filter(about__startswith="notice:").order_by("pk")
    return [row.recipient for row in rows]


@clause("krc-5.7.1-39", "krc-5.7.1-41")
def test_nothing_is_kept_as_wanted_until_the_link_of_the_letter_is_confirmed_by_a_press(
    visitor: Browser, krc: Profile
) -> None:
    page = visitor.get("/notices/").content.decode()
    assert 'action="/notices/ask/"' in page
    assert "Outages and accidents" in page
    follows = asked(visitor, to=" Elkin@Example.COM ", street="ул. Лесная", house="12")
    made = kept()
    assert follows == f"/notices/confirm/{made.key}/"
    assert (made.address, made.topics, made.street, made.house) == (
        "elkin@example.com", ["outages", "news"], "ул. Лесная", "12",
    )  # fmt: skip
    assert "A letter is on its way" in visitor.get(follows).content.decode()
    letter = Outgoing.objects.get()
    path = link_in(letter.text)
    assert "Confirm" in visitor.get(path).content.decode()
    assert kept().confirmed_at is None, "what only opens the link confirms nothing"
    assert visitor.post(path, {"code": "guessed"}).status_code == 422
    assert "Done" in visitor.post(path, {"code": path.partition("code=")[2]}).content.decode()
    assert kept().confirmed_at is not None
    assert [one.kind for one in Fact.objects.filter(subject_type="notice_subscription").order_by("pk")] == [
        "notices_asked", "notices_confirmed",
    ]  # fmt: skip
    assert "elkin" not in str(list(Fact.objects.values_list("data", flat=True)))


@clause("krc-5.7.1-39", "krc-5.7.1-40")
def test_a_number_is_confirmed_by_the_code_of_a_short_message_and_few_guesses_are_taken(
    visitor: Browser, krc: Profile
) -> None:
    path = asked(visitor, to="8 927 111-22-33")
    said = Sms.objects.get()
    code = said.text[:6]
    assert (said.phone, code.isdecimal()) == ("+79271112233", True)
    assert 'autocomplete="one-time-code"' in visitor.get(path).content.decode()
    wrong = "000000" if code != "000000" else "000001"
    assert visitor.post(path, {"code": wrong}).status_code == 422
    assert visitor.post(path, {"code": code}).status_code == 200
    assert NoticeSubscription.objects.exclude(confirmed_at=None).count() == 1
    other = asked(visitor, to="+79271112234")
    for _ in range(topics.TRIES_MAX):
        visitor.post(other, {"code": "nothing"})
    right = Sms.objects.latest("pk").text[:6]
    assert visitor.post(other, {"code": right}).status_code != 200, "guessing has ended it"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"to": ""}, "to"),
        ({"to": "nobody@"}, "to"),
        ({"to": "112"}, "to"),
        ({"topics": []}, "topics"),
        ({"topics": ["unheard_of"]}, "topics"),
        ({"house": "5"}, "street"),
        ({"street": "ул."}, "street"),
        ({"consent": ""}, "consent"),
        ({"website": "http://x"}, "website"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    visitor: Browser, krc: Profile, typed: dict[str, Any], field: str
) -> None:
    answer = visitor.post(ASK, {**WISH, "street": "", **typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="e-{field}"' in page or f'href="#f-{field}"' in page
    if typed.get("to", WISH["to"]):
        assert f'value="{typed.get("to", WISH["to"])}"' in page
    assert not NoticeSubscription.objects.exists()
    assert not Outgoing.objects.exists()


def test_whether_an_address_was_known_the_page_never_tells(visitor: Browser, krc: Profile) -> None:
    subscribed(visitor)
    other = Browser(headers={"accept-language": "en"})
    pages = []
    for to in ("elkin@example.com", "stranger@example.com"):
        follows = asked(other, to=to)
        pages.append(other.get(follows).content.decode().replace(follows, "").replace(to, ""))
    strip = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|nonce-\S+')
    assert strip.sub("", pages[0]) == strip.sub("", pages[1])


def test_nobodys_mailbox_is_filled_and_one_sender_asks_so_often_only(visitor: Browser, krc: Profile) -> None:
    visitor.get("/notices/")  # which gives the cookie by which a browser is known
    answers = [visitor.post(ASK, WISH).status_code for _ in range(topics.TO_ONE_ADDRESS + 2)]
    assert set(answers) == {302}, "the page does not tell that no more letters go there"
    assert Outgoing.objects.count() == topics.TO_ONE_ADDRESS
    for number in range(pages.AN_HOUR.of_browser):
        last = visitor.post(ASK, {**WISH, "to": f"one{number}@example.com"})
    assert last.status_code == 429
    assert "one19@example.com" in last.content.decode(), "what was typed is kept"


@clause("krc-5.7.1-39")
def test_an_outage_is_told_once_to_those_of_its_place_who_had_confirmed(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    subscribed(visitor, to="house@example.com", street="Лесная", house="12")
    subscribed(visitor, to="street@example.com", street="ул. Лесная")
    subscribed(visitor, to="all@example.com")
    subscribed(visitor, to="other@example.com", street="Садовая")
    subscribed(visitor, to="news@example.com", topics=["news"])
    visitor.post(ASK, {**WISH, "to": "unconfirmed@example.com"})
    outage(krc, head, noon)
    assert telling.sweep(profile=krc, now=noon) == 3
    assert written() == ["house@example.com", "street@example.com", "all@example.com"]
    assert telling.sweep(profile=krc, now=noon + dt.timedelta(minutes=1)) == 0
    assert Fact.objects.get(kind="notices_told").data == {"topic": "outages", "told": 3}


def test_planned_works_are_told_too_and_what_is_over_is_not(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    subscribed(visitor)
    over = outage(krc, head, noon)
    incidents.end_incident(incident=over, employee=head, now=noon)
    assert telling.sweep(profile=krc, now=noon) == 0
    outage(krc, head, noon, begun_at=noon + dt.timedelta(days=2))
    assert telling.sweep(profile=krc, now=noon) == 1


def subjects_of(to: str) -> list[str]:
    """The notices that somebody got, the first first."""
    rows = Outgoing.objects.filter(about__startswith="notice:", recipient=to).order_by("pk")
    return [row.subject.partition(" [")[0] for row in rows]


@clause("krc-5.7.1-39")
def test_who_was_told_of_an_outage_is_told_once_that_it_is_over(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    subscribed(visitor, to="here@example.com", street="Лесная")
    subscribed(visitor, to="there@example.com", street="Садовая")
    gone = subscribed(visitor, to="gone@example.com")
    found = outage(krc, head, noon)
    assert telling.sweep(profile=krc, now=noon) == 2
    later = subscribed(visitor, to="later@example.com")
    NoticeSubscription.objects.filter(pk=later.pk).update(confirmed_at=noon + dt.timedelta(minutes=1))
    gone.delete()
    end = noon + dt.timedelta(hours=2)
    incidents.end_incident(incident=found, employee=head, now=end)
    assert [telling.sweep(profile=krc, now=end + dt.timedelta(minutes=n)) for n in range(3)] == [1, 0, 0]
    assert subjects_of("here@example.com") == ["Нет воды", "Over: Нет воды"]
    assert subjects_of("there@example.com") == subjects_of("later@example.com") == []
    letter = Outgoing.objects.filter(about__startswith="notice:").latest("pk")
    assert letter.text.startswith("It is over since ")


@clause("krc-5.7.1-39")
def test_who_was_told_hears_of_another_term_once_and_of_the_words_alone_not(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    subscribed(visitor, to="here@example.com")
    found = outage(krc, head, noon)
    telling.sweep(profile=krc, now=noon)

    def announced(notice: str, hours: int | None, now: dt.datetime) -> int:
        end = noon + dt.timedelta(hours=hours) if hours else None
        incidents.announce(incident=found, notice=notice, expected_end=end, employee=head, now=now)
        return sum(telling.sweep(profile=krc, now=now + dt.timedelta(seconds=n)) for n in (1, 2, 3))

    minutes = [noon + dt.timedelta(minutes=10 * n) for n in range(1, 6)]
    assert announced("Идёт ремонт трубы.", None, minutes[0]) == 0, "a mended word"
    assert announced("Идёт ремонт трубы.", 3, minutes[1]) == 1
    assert announced("Ремонт затянулся.", 5, minutes[2]) == 1
    assert announced("Ремонт.", 5, minutes[3]) == 0
    assert announced("Ремонт.", None, minutes[4]) == 1
    told = subjects_of("here@example.com")
    assert [one.partition(" ")[0] for one in told] == ["Нет", "Until", "Until", "Longer"]
    text = Outgoing.objects.filter(subject__startswith="Until").latest("pk").text
    assert "It is now expected to last until " in text
    assert "Ремонт затянулся." in text


def test_what_changed_twice_in_the_night_is_told_as_it_is_in_the_morning(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    subscribed(visitor, to="here@example.com")
    found = outage(krc, head, noon)
    telling.sweep(profile=krc, now=noon)
    by: dict[str, Any] = {"incident": found, "employee": head, "notice": "Идёт ремонт."}
    for hour, end in ((11, 24), (12, 25)):
        night = noon + dt.timedelta(hours=hour)
        incidents.announce(**by, expected_end=noon + dt.timedelta(hours=end), now=night)
        assert telling.sweep(profile=krc, now=night) == 0
    morning = noon + dt.timedelta(hours=21, minutes=30)
    assert [telling.sweep(profile=krc, now=morning + dt.timedelta(minutes=n)) for n in range(3)] == [1, 0, 0]
    assert "13:00" in subjects_of("here@example.com")[-1] or "1 p.m." in subjects_of("here@example.com")[-1]


def by_hour(krc: Profile, found: Incident, head: Employee, noon: dt.datetime) -> Callable[..., int]:
    """Announces another term, so many hours from noon, at a minute of this hour; how many are told by one round."""

    def announced(minute: int, hours: int | None) -> int:
        now, end = noon + dt.timedelta(minutes=minute), noon + dt.timedelta(hours=hours) if hours else None
        incidents.announce(incident=found, notice="Идёт ремонт.", expected_end=end, employee=head, now=now)
        return telling.sweep(profile=krc, now=now)

    return announced


def rounds(krc: Profile, noon: dt.datetime, *minutes: int) -> list[int]:
    """How many are told by each."""
    return [telling.sweep(profile=krc, now=noon + dt.timedelta(minutes=one)) for one in minutes]


@clause("krc-5.7.1-39")
def test_a_term_that_changes_while_the_outage_is_told_is_told_to_all_once_that_is_done(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        subscribed(visitor, to=f"{name}@example.com")
    monkeypatch.setattr(telling, "BATCH", 2)
    announced = by_hour(krc, outage(krc, head, noon), head, noon)
    assert telling.sweep(profile=krc, now=noon) == 2
    assert announced(1, 5) == 1, "the rest of the first telling"
    assert rounds(krc, noon, 2, 3, 4, 5) == [2, 1, 0, 0]
    for name in ("a", "b", "c"):
        assert [one.partition(" ")[0] for one in subjects_of(f"{name}@example.com")] == ["Нет", "Until"]


@clause("krc-5.7.1-39")
def test_a_term_that_goes_back_while_it_is_told_is_told_to_those_who_heard_the_other(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        subscribed(visitor, to=f"{name}@example.com")
    monkeypatch.setattr(telling, "BATCH", 2)
    announced = by_hour(krc, outage(krc, head, noon), head, noon)
    assert rounds(krc, noon, 0, 1, 2) == [2, 1, 0]
    assert announced(3, 5) == 2
    assert announced(4, None) == 2
    assert rounds(krc, noon, 5, 6, 7) == [1, 0, 0]
    assert [one.partition(" ")[0] for one in subjects_of("a@example.com")] == ["Нет", "Until", "Longer"]
    assert [one.partition(" ")[0] for one in subjects_of("c@example.com")] == ["Нет", "Longer"]


def test_a_term_that_changed_in_the_night_before_anybody_was_told_is_no_news_in_the_morning(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    subscribed(visitor, to="here@example.com")
    night = noon + dt.timedelta(hours=11)
    announced = by_hour(krc, outage(krc, head, night), head, noon)
    assert telling.sweep(profile=krc, now=night) == 0
    assert announced(12 * 60, 26) == 0
    assert rounds(krc, noon, 22 * 60, 22 * 60 + 1, 22 * 60 + 2) == [1, 0, 0]


def test_planned_work_that_was_called_off_is_told_and_an_end_only_to_those_who_had_been_told_so_far(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        subscribed(visitor, to=f"{name}@example.com")
    monkeypatch.setattr(telling, "BATCH", 2)
    found = outage(krc, head, noon, begun_at=noon + dt.timedelta(days=2))
    assert telling.sweep(profile=krc, now=noon) == 2
    incidents.end_incident(incident=found, employee=head, now=noon + dt.timedelta(minutes=1))
    later = [noon + dt.timedelta(minutes=n) for n in range(2, 5)]
    assert [telling.sweep(profile=krc, now=now) for now in later] == [2, 0, 0]
    assert subjects_of("a@example.com") == ["Нет воды", "Called off: Нет воды"]
    assert subjects_of("c@example.com") == []


def test_it_waits_for_the_hours_in_which_people_may_be_told(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    subscribed(visitor)
    night = noon + dt.timedelta(hours=11)
    outage(krc, head, night)
    assert telling.sweep(profile=krc, now=night) == 0
    assert telling.sweep(profile=krc, now=night + dt.timedelta(hours=10, minutes=30)) == 1


def test_news_wait_while_requests_wait_on_the_machine_an_outage_does_not(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime, settings: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    layout.lay_out(profile=krc)
    subscribed(visitor)
    telling.sweep(profile=krc, now=noon)
    settings.STRAIN_FOLDER = tmp_path / "strain"
    monkeypatch.setattr(strain, "clock", lambda: noon)
    strain.tell(60)
    page = NewsPage(title="Новый офис", date=noon.date(), live=False)
    ItemPage.objects.get(slot="news_organisation").add_child(instance=page)
    page.save_revision().publish()
    outage(krc, head, noon)
    assert telling.sweep(profile=krc, now=noon) == 1, "the outage"
    assert telling.sweep(profile=krc, now=noon + dt.timedelta(minutes=1)) == 0, "the machine's own clock says it"
    monkeypatch.setattr(strain, "clock", lambda: noon + dt.timedelta(minutes=1))
    assert telling.sweep(profile=krc, now=noon + dt.timedelta(minutes=1)) == 1


@clause("krc-5.7.1-39", "krc-5.7.1-08")
def test_news_and_pages_are_told_when_they_are_published(visitor: Browser, krc: Profile, noon: dt.datetime) -> None:
    layout.lay_out(profile=krc)
    holder = ItemPage.objects.get(slot="news_organisation")
    subscribed(visitor, topics=["news", "tariffs"])
    assert telling.sweep(profile=krc, now=noon) == 0, "with what a site begins nobody is written to"
    draft = NewsPage(title="Новый офис", date=noon.date(), live=False)
    holder.add_child(instance=draft)
    assert telling.sweep(profile=krc, now=noon) == 0
    draft.save_revision().publish()
    assert telling.sweep(profile=krc, now=noon) == 1
    draft.save_revision().publish()
    assert telling.sweep(profile=krc, now=noon) == 0, "a mended comma is no news"
    tariffs = ItemPage.objects.get(slot="tariffs")
    tariffs.save_revision().publish()
    assert telling.sweep(profile=krc, now=noon) == 1
    assert [row.subject.partition(" [")[0] for row in Outgoing.objects.filter(about__startswith="notice:")] == [
        "Новый офис", tariffs.title,
    ]  # fmt: skip


@clause("krc-5.7.1-39")
def test_every_letter_has_a_link_to_leave_and_the_mail_programs_own_click(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    subscribed(visitor)
    subscribed(visitor, street="Лесная")
    outage(krc, head, noon)
    telling.sweep(profile=krc, now=noon)
    letter = Outgoing.objects.filter(about__startswith="notice:").first()
    assert letter is not None
    raw = email.message_from_bytes(composing.composed(letter, krc, "info@center.example"), policy=default)
    assert raw["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(raw["List-Unsubscribe"]).strip("<>")
    assert address in letter.text
    path = address.removeprefix("https://site.example")
    assert "One press" in visitor.get(path).content.decode()
    assert NoticeSubscription.objects.count() == 2, "what only opens the link leaves nothing"
    program = Browser(enforce_csrf_checks=True)
    answer = program.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert not NoticeSubscription.objects.exists(), "no notices of any place, and nothing of the address is kept"
    assert program.post(path).status_code == 200
    assert Fact.objects.filter(kind="notices_left").count() == 2


def test_a_letter_that_is_no_notice_has_no_such_click(visitor: Browser, krc: Profile) -> None:
    visitor.post(ASK, WISH)
    raw = composing.composed(Outgoing.objects.get(), krc, "info@center.example")
    assert b"List-Unsubscribe" not in raw


def by_sms(visitor: Browser, to: str = "+79271112233") -> NoticeSubscription:
    """Somebody who is told by SMS."""
    path = asked(visitor, to=to)
    visitor.post(path, {"code": Sms.objects.latest("pk").text[:6]})
    return NoticeSubscription.objects.latest("pk")


@clause("krc-5.7.1-39", "krc-2-57")
def test_a_short_message_names_the_word_by_which_one_leaves_and_the_word_leaves(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    by_sms(visitor)
    outage(krc, head, noon)
    assert telling.sweep(profile=krc, now=noon) == 1
    said = Sms.objects.latest("pk")
    word = str(krc.variable("sms")["stop"][0])
    assert word in said.text
    assert "https://site.example/notices/leave/" in said.text
    contact = Contact(profile="krc", channel="sms")
    assert barring.answer(krc, Text("sms 1", word, "+79271112233", None, contact), noon)
    assert not NoticeSubscription.objects.exists()


def test_who_asked_not_to_be_contacted_is_not(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    by_sms(visitor)
    subscribed(visitor)
    now = timezone.now()
    wishes.bar_number(phone="+79271112233", country="RU", via="desk", employee_id=head.pk, actor="employee", now=now)
    client = Client.objects.create(surname="Ёлкин", do_not_call=True, created_at=now, changed_at=now)
    ContactPoint.objects.create(client=client, kind="email", value="elkin@example.com")
    outage(krc, head, noon)
    assert telling.sweep(profile=krc, now=noon) == 0


def test_a_bar_from_before_the_subscription_holds_it_back_no_more(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime
) -> None:
    wishes.bar_number(
        phone="+79271112233", country="RU", via="sms", employee_id=None, actor="client", now=timezone.now()
    )
    by_sms(visitor)
    outage(krc, head, noon)
    assert telling.sweep(profile=krc, now=noon) == 1


def test_what_nobody_confirms_is_forgotten_and_confirmed_no_more(visitor: Browser, krc: Profile) -> None:
    visitor.post(ASK, WISH)
    path = link_in(Outgoing.objects.get().text)
    NoticeSubscription.objects.update(made_at=timezone.now() - dt.timedelta(hours=25))
    assert visitor.post(path, {"code": path.partition("code=")[2]}).status_code == 422
    assert "subscribe anew" in visitor.get(path).content.decode()
    subscribed(visitor, to="other@example.com")
    assert asking.forget_unconfirmed(profile=krc, now=timezone.now()) == 1
    assert NoticeSubscription.objects.get().address == "other@example.com"
    assert visitor.get(path).status_code == 410


def test_an_erased_person_is_told_no_more(visitor: Browser, krc: Profile) -> None:
    by_sms(visitor)
    subscribed(visitor)
    receiving.forget(clients=[], phones_of=["+79271112233"])
    assert NoticeSubscription.objects.get().way == "email"
    assert topics.forget(["elkin@example.com"]) == 1


def test_without_relay_and_gateway_none_is_offered(visitor: Browser, krc: Profile, settings: Any) -> None:
    settings.SMS, settings.PUSH = {"gateway": {}}, {"poster": {}, "origins": []}
    assert "E-mail address" in visitor.get("/notices/").content.decode()
    link = 'href="/notices/"'
    assert visitor.get("/outages/").content.decode().count(link) == 2, "in the text and at the foot, without push too"
    assert visitor.post(ASK, {**WISH, "to": "+79271112233"}).status_code == 422
    settings.MAIL = {**settings.MAIL, "relay": {}}
    page = visitor.get("/notices/").content.decode()
    assert ASK not in page
    assert "no notices are sent from here" in page
    assert link not in visitor.get("/outages/").content.decode()
    assert visitor.post(ASK, WISH).status_code == 404


def test_many_subscribers_are_told_batch_by_batch_each_once(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        subscribed(visitor, to=f"{name}@example.com")
    monkeypatch.setattr(telling, "BATCH", 2)
    outage(krc, head, noon)
    assert [telling.sweep(profile=krc, now=noon) for _ in range(3)] == [2, 1, 0]
    assert written() == ["a@example.com", "b@example.com", "c@example.com"]
    assert NoticeSource.objects.get().told == 3


def test_the_area_is_read_once_and_the_database_asked_as_often_however_many_subscribers_there_are(
    visitor: Browser, krc: Profile, head: Employee, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, areas = outages._streets, list[str]()

    def streets(area: str) -> list[set[str]]:
        areas.append(area)
        return read(area)

    monkeypatch.setattr(outages, "_streets", streets)
    counts = []
    for many in (2, 8):
        for number in range(many):
            subscribed(visitor, to=f"{many}-{number}@example.com", street="Лесная", house="12")
        outage(krc, head, noon)
        with CaptureQueriesContext(connection) as asked_of:
            assert telling.sweep(profile=krc, now=noon) == NoticeSubscription.objects.count()
        counts.append(sum("barrednumber" in one["sql"] or "contactpoint" in one["sql"] for one in asked_of))
    assert counts == [2, 2]
    assert areas == ["Лесная", "Лесная"], "once an outage"


NAMES = st.sampled_from(["Лесная", "Садовая", "Новая", "Лесной переулок"])
HOUSES = st.integers(1, 99).map(str)


@given(street=NAMES, house=HOUSES)
def test_who_named_a_house_is_told_of_its_street_and_who_named_a_street_of_each_of_its_houses(
    street: str, house: str
) -> None:
    of_house, of_street = Incident(area=f"{street}, {house}"), Incident(area=street)
    assert outages.concerning(of_street)(street, house)
    assert outages.concerning(of_house)(street, "")
    assert outages.concerning(of_house)(street, house)
    assert outages.concerning(of_house)("", "")
    assert outages.concerning(Incident(area=""))(street, house)
    assert not outages.concerning(of_house)(street, str(int(house) + 100))
    assert not outages.concerning(of_street)("Полевая", house)
