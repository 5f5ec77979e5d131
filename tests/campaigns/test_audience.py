"""Whom a campaign is for, and who is left out with which reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from kindline.campaigns import actions, audience, errors, lists
from kindline.campaigns.audience import Asked
from kindline.campaigns.models import Campaign, Target
from kindline.clients import actions as clients
from kindline.clients import wishes, zones
from kindline.clients.models import Account, BarredNumber, Client, ContactPoint, Premise
from kindline.conversations.models import Contact, Topic
from kindline.journal.queries import facts_of
from kindline.notifications.push_models import PushAddress, PushSubscription
from kindline.staff.models import Employee
from tests.campaigns.conftest import NOW, states

pytestmark = pytest.mark.db
Person = Callable[..., Client]
Made = Callable[..., Campaign]


@pytest.mark.clause("krc-5.5.2-06", "krc-5.5.2-07", "krc-5.5.2-08")
def test_a_survey_asks_only_who_has_agreed(person: Person, survey: Made) -> None:
    agreed = person("+79270000001", survey_consent=True)
    person("+79270000002")
    person("+79270000003", survey_consent=True, do_not_call=True)
    person("")
    draft = survey(start=False)
    assert states(draft) == {"+79270000001": "waiting"}
    assert Target.objects.get().client == agreed
    found = audience.gather(campaign=draft, asked=Asked(street="лесная"), country="RU")
    assert found.reasons == {"no_consent": 1, "do_not_call": 1, "no_number": 1, "duplicate": 1}


@pytest.mark.clause("krc-2-02", "krc-2-42")
def test_a_message_needs_no_consent_but_respects_the_wish_not_to_be_called(person: Person, message: Made) -> None:
    person("+79270000001")
    person("+79270000002", do_not_call=True)
    bar = {"country": "RU", "via": "desk", "employee_id": None, "actor": "system", "now": NOW}
    wishes.bar_number(phone="8 927 000-00-04", **bar)  # type: ignore[arg-type]
    draft = message("+7 927 000 00 01", "8 (927) 000-00-02", "9270000003", "+79270000004", "112", "нет", start=False)
    assert states(draft) == {"+79270000001": "waiting", "+79270000003": "waiting"}
    assert Target.objects.get(phone="+79270000001").client is not None


def test_by_house_and_by_account(person: Person, message: Made) -> None:
    person("+79270000001", house="1", number="100")
    person("+79270000002", house="2", number="200")
    draft = message(start=False)

    def gather(**asked: str) -> audience.Audience:
        return audience.gather(campaign=draft, asked=Asked(**asked), country="RU")

    assert [one.phone for one in gather(street="Лесная", house="2").people] == ["+79270000002"]
    assert len(gather(street="Лесная").people) == 2
    with pytest.raises(ValidationError, match="street"):
        gather(house="2")
    by_account = gather(accounts="100, 999")
    assert [one.phone for one in by_account.people] == ["+79270000001"]
    assert by_account.reasons == {"unknown_account": 1}


def test_one_number_is_called_once(person: Person, message: Made, supervisor: Employee, now: dt.datetime) -> None:
    campaign = message("+79270000001", "89270000001", "+7 927 000 00 02")
    assert len(states(campaign)) == 2
    again = actions.fill(
        campaign=campaign, asked=Asked(numbers="+79270000002\n+79270000003"), country="RU", employee=supervisor, now=now
    )
    assert again.reasons == {"duplicate": 1}
    assert len(states(campaign)) == 3
    filled = facts_of("campaign", campaign.pk).filter(kind="campaign_filled")
    assert [(fact.data["added"], fact.data["left_out"]) for fact in filled] == [(2, 1), (1, 1)]


def test_people_are_looked_for_before_the_campaign_is_held(
    message: Made, supervisor: Employee, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, gather = message(start=False), audience.gather
    meanwhile: list[Callable[[], object]] = []

    def gathered(**asked: Any) -> audience.Audience:
        found = gather(**asked)
        meanwhile.pop()()
        return found

    def fill(*numbers: str) -> audience.Audience:
        asked = Asked(numbers="\n".join(numbers))
        return actions.fill(campaign=draft, asked=asked, country="RU", employee=supervisor, now=now)

    monkeypatch.setattr(actions, "gather", gathered)
    meanwhile += [lambda: None, lambda: fill("+79270000001")]
    assert len(fill("+79270000001", "+79270000002").people) == 1, "somebody else was quicker with one of them"
    assert len(states(draft)) == 2
    meanwhile.append(lambda: Campaign.objects.update(ways=["sms"]))
    with pytest.raises(errors.WrongStateError):
        fill("+79270000003")
    assert len(states(draft)) == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Телефон;Имя\n+79270000001;Пётр\n8 927 000-00-02;Анна", ["+79270000001", "8 927 000-00-02"]),
        ("Пётр\t+79270000001\n\n", ["+79270000001"]),
        ('"Ёлкин, Пётр","+79270000001"', ["+79270000001"]),
        ("Почта;Имя\nelkin@example.com;Пётр", ["elkin@example.com"]),
        ("Счёт;Телефон;Почта\n100200;8 927 000-00-02;a@b.ru", ["№100200;8 927 000-00-02;a@b.ru"]),
        ("Телефон;О/р\n+79270000001;5500012345", ["+79270000001;№5500012345"]),
        ("12", []),
        ("", []),
    ],
)
def test_lists_as_people_paste_them(text: str, found: list[str]) -> None:
    assert lists.listed(text) == found


def test_an_uploaded_list_in_any_usual_encoding() -> None:
    for encoding in ("utf-8-sig", "utf-8", "cp1251"):
        assert lists.text_of("Пётр;+79270000001".encode(encoding)) == "Пётр;+79270000001"
    assert lists.listed(lists.text_of(b"\x00\xff\x98+79270000001")), "what cannot be read breaks nothing"


def test_who_may_be_called_again_is_not_barred_any_more(person: Person) -> None:
    client = person("+79270000001", do_not_call=True)
    by = {"via": "desk", "employee_id": None, "actor": "system", "now": NOW}
    wishes.bar_number(phone="+79270000001", country="RU", **by)  # type: ignore[arg-type]
    wishes.set_call_wishes(client=client, do_not_call=False, survey_consent=True, **by)  # type: ignore[arg-type]
    wishes.set_call_wishes(client=client, do_not_call=False, survey_consent=True, **by)  # type: ignore[arg-type]
    assert not BarredNumber.objects.exists()
    assert wishes.hindrances(["+79270000001"], needs_consent=True) == {}
    kinds = [fact.kind for fact in facts_of("client", client.pk)]
    assert kinds.count("call_wishes_changed") == 2, "once barred, once freed; the same again is no fact"


def test_each_person_is_reached_by_the_ways_that_he_prefers(
    person: Person, message: Callable[..., Campaign]
) -> None:  # fmt: skip
    mobile, landline, mailed = person("+79270000001"), person("+78142555555", house="2"), person("", house="3")
    by = {"via": "desk", "employee_id": None, "actor": "system", "now": NOW}
    wishes.set_ways(client=mobile, ways=["email", "voice"], notices=["sms"], **by)  # type: ignore[arg-type]
    for client in (mobile, mailed):
        point = {"kind": "email", "value": f"c{client.pk}@example.com", "country": "RU", "employee_id": None}
        clients.add_point(client=client, actor="system", now=NOW, **point)  # type: ignore[arg-type]
    campaign = message(start=False, ways=["sms", "voice", "email"])
    found = audience.gather(campaign=campaign, asked=Asked(street="Лесная"), country="RU")
    ways = {one.client: one.ways for one in found.people}
    assert ways == {
        mobile.pk: ("email", "voice", "sms"),
        landline.pk: ("voice",),
        mailed.pk: ("email",),
    }
    subscribed = audience.gather(campaign=campaign, asked=Asked(subscribed="1"), country="RU")
    assert [(one.client, one.ways) for one in subscribed.people] == [(mobile.pk, ("sms",))]
    only_sms = message(start=False, ways=["sms"])
    left = audience.gather(campaign=only_sms, asked=Asked(street="Лесная"), country="RU").reasons
    assert left == {"no_way": 2}


def test_by_debt_by_topic_and_by_address_of_a_list(person: Person, message: Callable[..., Campaign]) -> None:
    debtor, other = person("+79270000001"), person("+79270000002")
    Account.objects.filter(client=debtor).update(balance="-1500.50")
    Account.objects.filter(client=other).update(balance="-10")
    topic = Topic.objects.create(profile="krc", code="heating", title="Отопление")
    Contact.objects.create(profile="krc", version="1", channel="phone", client=other, topic=topic, started_at=NOW)
    campaign = message(start=False, ways=["voice", "email"])

    def asked(**wanted: str) -> list[int | None]:
        return [one.client for one in audience.gather(campaign=campaign, asked=Asked(**wanted), country="RU").people]

    assert asked(debt="1 000,5") == [debtor.pk]
    assert asked(debt="0") == [debtor.pk, other.pk]
    for unreadable in ("many", "-5", "NaN", "1e999999999"):
        with pytest.raises(ValidationError, match="debt"):
            asked(debt=unreadable)
    assert asked(topic="heating") == [other.pk]
    listed = audience.gather(campaign=campaign, asked=Asked(numbers="a@example.com\nno@\n12345"), country="RU")
    assert [(one.email, one.ways) for one in listed.people] == [("a@example.com", ("email",))]
    assert listed.reasons == {"invalid_number": 2}


@pytest.mark.parametrize(
    ("number", "told", "zone"),
    [("+380501112233", "", "Europe/Kyiv"), ("+74232111111", "", "Asia/Vladivostok"),
     ("+79271112233", "Asia/Omsk", "Asia/Omsk"), ("+79271112233", "nowhere", ""), ("", "", "")],
)  # fmt: skip
def test_by_whose_clock(number: str, told: str, zone: str) -> None:
    assert zones.zone_of(number, told, "RU").replace("Kiev", "Kyiv") == zone


def test_filters_narrow_each_other_and_a_list_adds(person: Person, message: Made) -> None:
    here, owes, elsewhere = person("+79270000001"), person("+79270000002"), person("+79270000003")
    Account.objects.filter(client__in=[owes, elsewhere]).update(balance=-2000)
    Premise.objects.filter(accounts__client=elsewhere).update(street="ул. Садовая")
    topic = Topic.objects.create(profile="krc", code="heating", title="Отопление")
    for client in (here, elsewhere):
        Contact.objects.create(profile="krc", version="1", channel="phone", client=client, topic=topic, started_at=NOW)
    draft = message(start=False)

    def asked(**wanted: str) -> list[str]:
        found = audience.gather(campaign=draft, asked=Asked(**wanted), country="RU")
        return [one.phone[-1] for one in found.people]

    assert asked(street="Лесная", debt="1000") == ["2"]
    assert asked(debt="1000", topic="heating") == ["3"]
    assert asked(street="Лесная", topic="heating") == ["1"]
    assert asked(street="Лесная", debt="1000", topic="heating") == []
    number = Account.objects.get(client=owes).number
    assert asked(street="Садовая", accounts=number) == []
    assert asked(street="Лесная", debt="1000", numbers="+79270000009") == ["2", "9"]
    assert asked() == []


def test_street_and_debt_are_those_of_one_account(person: Person, message: Made) -> None:
    client, other = person("+79270000001"), person("+79270000002")
    Account.objects.filter(client=client).update(balance=0)
    garden = Premise.objects.create(city="Петрозаводск", street="ул. Садовая", house="1")
    Account.objects.filter(client=other).update(client=client, premise=garden, balance=-5000)
    draft = message(start=False)
    found = audience.gather(campaign=draft, asked=Asked(street="Лесная", debt="1000"), country="RU")
    assert found.people == []


@pytest.mark.parametrize(
    ("street", "house", "is_found"),
    [
        ("Лесная", "", True), ("лесная ул.", "", True), ("Петрозаводск, ул. Лесная", "12 А", True),
        ("Лесная", "д. 12-а", True), ("Лесная", "12", False), ("Лес", "", False), ("Лесная Поляна", "", False),
    ],
)  # fmt: skip
def test_a_street_is_found_by_its_words_and_no_longer_one_with_it(
    person: Person, message: Made, street: str, house: str, is_found: bool
) -> None:
    person("+79270000001")
    person("+79270000002")
    Premise.objects.filter(accounts__client__points__value="+79270000002").update(street="ул. Лесная Поляна")
    draft = message(start=False)
    found = audience.gather(campaign=draft, asked=Asked(street=street, house=house), country="RU")
    meadow = ["+79270000002"] if "Поляна" in street else []
    assert [one.phone for one in found.people] == (["+79270000001"] if is_found else meadow)


def test_a_row_of_a_list_is_one_person(message: Made) -> None:
    draft = message(start=False, ways=["voice", "email"])
    text = "5500012345;8 927 000-00-02;Anna@example.com\nanna@example.com\nb@example.com"
    found = audience.gather(campaign=draft, asked=Asked(numbers=text), country="RU")
    told = [(one.phone, one.email, one.ways) for one in found.people]
    assert told == [("+79270000002", "anna@example.com", ("voice", "email")), ("", "b@example.com", ("email",))]
    assert found.reasons == {"duplicate": 1}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("5500012345;a@b.ru", [("", "a@b.ru")]),
        ("5500012345", [("+75500012345", "")]),
        ("Лицевой счёт;Телефон;Почта\n9270000009;;a@b.ru", [("", "a@b.ru")]),
        ("Счет;Телефон\n9270000008;89270000002", [("+79270000002", "")]),
        ("№ 9270000009;89270000002", [("+79270000002", "")]),
    ],
)  # fmt: skip
def test_an_account_is_no_telephone(message: Made, text: str, people: list[tuple[str, str]]) -> None:
    draft = message(start=False, ways=["voice", "email"])
    found = audience.gather(campaign=draft, asked=Asked(numbers=text), country="RU")
    assert [(one.phone, one.email) for one in found.people] == people


def test_a_row_with_an_account_alone_is_told_as_left_out(message: Made) -> None:
    draft = message(start=False, ways=["voice", "email"])
    found = audience.gather(campaign=draft, asked=Asked(numbers="Особовий рахунок\n9270000009"), country="RU")
    assert [(one.who, one.reason) for one in found.left] == [("№9270000009", "invalid_number")]


@pytest.mark.fault("X6")
def test_who_has_several_numbers_is_called_by_the_first_that_may_be_called(person: Person, message: Made) -> None:
    client = person("+79270000001")
    by = {"country": "RU", "employee_id": None, "actor": "system", "now": NOW}
    clients.add_point(client=client, kind="phone", value="+442071234567", **by)  # type: ignore[arg-type]
    draft = message(start=False)
    found = audience.gather(campaign=draft, asked=Asked(street="Лесная"), country="RU")
    assert [one.phone for one in found.people] == ["+79270000001"]


def test_a_list_that_is_too_long_or_none_is_refused(message: Made) -> None:
    draft = message(start=False)
    long = "\n".join(f"+7927{n:07}" for n in range(lists.ROWS_MAX + 1))
    for text in (long, '"' + "9" * 200_000):
        with pytest.raises(ValidationError, match="numbers"):
            audience.gather(campaign=draft, asked=Asked(numbers=text), country="RU")


@pytest.mark.fault("X6")
@pytest.mark.parametrize("number", ["+442071234567", "+78091234567"])
def test_a_foreign_or_dear_number_is_left_out_when_the_list_is_read(
    person: Person, message: Made, number: str
) -> None:  # fmt: skip
    person(number)
    draft = message(start=False)
    for asked in (Asked(numbers=number), Asked(street="Лесная")):
        found = audience.gather(campaign=draft, asked=asked, country="RU")
        assert (found.people, found.reasons) == ([], {"forbidden": 1})
    written = message(start=False, ways=["voice", "email"])
    found = audience.gather(campaign=written, asked=Asked(numbers=f"{number};a@example.com"), country="RU")
    assert [one.ways for one in found.people] == [("email",)], "nobody is called, but he can be written to"


def test_a_number_that_a_setting_opens_is_called(message: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDLINE_DIAL_PREFIXES", "+44")
    draft = message(start=False)
    found = audience.gather(campaign=draft, asked=Asked(numbers="+442071234567"), country="RU")
    assert len(found.people) == 1


# --- a row of a list, and what the card of its client adds ---
def card(person: Person, phone: str, *more: tuple[str, str]) -> Client:
    """A client with other numbers and addresses besides."""
    client = person(phone)
    for kind, value in more:
        ContactPoint.objects.create(client=client, kind=kind, value=value)
    return client


def found_in(draft: Campaign, *rows: str) -> list[tuple[str, str, tuple[str, ...]]]:
    found = audience.gather(campaign=draft, asked=Asked(numbers="\n".join(rows)), country="RU")
    return [(one.phone, one.email, one.ways) for one in found.people]


@pytest.mark.clause("krc-2-02", "krc-2-42", "krc-5.7.1-40")
def test_a_client_of_a_list_is_reached_by_what_his_card_knows_of_him(person: Person, message: Made) -> None:
    client = card(person, "+79270000001", ("email", "a@example.com"))
    address = PushAddress.objects.create(endpoint="https://push.example/1", language="ru", made_at=NOW)
    PushSubscription.objects.create(client=client, address=address, made_at=NOW)
    draft = message(start=False, ways=["push", "email", "voice"])
    everything = ("+79270000001", "a@example.com", ("push", "email", "voice"))
    assert found_in(draft, "+79270000001") == [everything]
    assert found_in(draft, "a@example.com") == [everything]
    assert found_in(draft, "+79270000009") == [("+79270000009", "", ("voice",))], "nobody of ours"
    stranger = [("+79270000001", "other@example.com", ("push", "email", "voice"))]
    assert found_in(draft, "+79270000001;other@example.com") == stranger, "what is written stands"


def test_another_number_of_the_card_is_taken_only_where_that_of_the_list_is_of_no_use(
    person: Person, message: Made
) -> None:
    card(person, "+79270000001", ("phone", "+78142551234"))
    assert found_in(message(start=False, ways=["sms"]), "+78142551234") == [("+79270000001", "", ("sms",))]
    voice = [("+78142551234", "", ("voice",))]
    assert found_in(message(start=False, ways=["voice", "sms"]), "+78142551234") == voice


def test_a_client_who_stands_in_a_list_twice_has_one_letter(person: Person, message: Made) -> None:
    card(person, "+79270000001", ("email", "a@example.com"), ("phone", "+79270000002"))
    draft = message(start=False, ways=["email", "voice"])
    assert found_in(draft, "+79270000001", "+79270000002") == [
        ("+79270000001", "a@example.com", ("email", "voice")), ("+79270000002", "", ("voice",)),
    ]  # fmt: skip
