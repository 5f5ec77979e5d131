"""What the menu's services say and keep: readings by the one validator, the balance after a proof, outages, guesses."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from kindline.clients import search
from kindline.clients.models import Account, Client, ContactPoint, Premise
from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
from kindline.readings import actions as readings
from kindline.readings.billing import Balance
from kindline.readings.checking import Dial
from kindline.readings.errors import BillingAwayError
from kindline.readings.lines import Line, Sender
from kindline.readings.models import Reading, Sending
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import inquiries, prompts
from kindline.switchboard.machine.commands import LookUp
from kindline.switchboard.machine.turn import NEWS
from kindline.switchboard.models import Guess
from kindline.switchboard.self_service import checks, dialogues, guesses, owed, struck
from kindline.switchboard.self_service.told import Reply, Told

pytestmark = pytest.mark.db
clause = pytest.mark.clause
NOW = dt.datetime(2026, 3, 20, 9, 0, tzinfo=dt.UTC)
HIS_PHONE, STRANGE = "+79001112233", "+79005556677"


@dataclass
class Phone:
    """A call into the menu by which services are asked, as the machine asks them."""

    profile: Profile
    caller: str = STRANGE
    rounds: int = 0
    contact: uuid.UUID = field(default_factory=uuid.uuid4)

    def __post_init__(self) -> None:
        conversations.open_contact(
            profile=self.profile, channel="phone", caller=self.caller, contact_id=self.contact, now=NOW
        )

    def asks(self, service: str, /, **answers: str) -> Reply:
        """The reply to these answers, the last of which was just typed, in a new round."""
        self.rounds += 1
        return self.again(service, **answers)

    def again(self, service: str, /, **answers: str) -> Reply:
        """The same in the same round, as who takes the call over asks it."""
        asked = LookUp(service, answers, next(reversed(answers), ""), self.rounds)
        return inquiries.answer(self.profile, asked, contact=str(self.contact), caller=self.caller, now=NOW).reply

    def kinds(self) -> list[str]:
        return [fact.kind for fact in facts_of("contact", self.contact)]


@pytest.fixture(autouse=True)
def unspoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """No voice is needed to know what is said."""
    monkeypatch.setattr(inquiries, "spoken", lambda _profile, _said: None)


@pytest.fixture
def account(db: None) -> Account:
    """An account of a client who has a telephone, and lives in a flat."""
    owner = Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=NOW, changed_at=NOW)
    ContactPoint.objects.create(client=owner, kind="phone", value=HIS_PHONE)
    place = Premise.objects.create(city="Светлогорье", street="ул. Лесная", house="12/3", flat="7")
    made = Account.objects.create(
        number="5500000012", client=owner, premise=place, service="вода", opened_on="2020-01-01",
        balance="-52.40", balance_on="2026-03-01",
    )  # fmt: skip
    owner.words = search.index_of(owner)
    owner.save()
    return made


def meter(account: Account, number: str, zones: list[str] | None = None, service: str = "холодная вода") -> None:
    dial = Dial(zones or [""], 5, 3, "m3", dt.date(2020, 1, 1))
    readings.add_meter(
        account=account, number=number, service=service, dial=dial, verified_until=None, employee_id=None, now=NOW
    )
    line = [Line(account.number, number, zone, "100", "2026-02-20") for zone in zones or [""]]
    readings.submit_readings(
        profile=loader.load("krc"), key=f"before {number}", lines=line, sender=Sender("account"), now=NOW
    )


def standing(number: str) -> list[Decimal]:
    rows = Reading.objects.filter(meter__number=number, state="accepted").order_by("pk")
    return list(rows.values_list("value", flat=True))


NUMBER = "5500000012"


# --- readings ---
@clause("krc-2-56", "yumek-9.2-07", "yumek-9.2-08")
@pytest.mark.parametrize("profile", ["krc", "voe", "yumek"])
def test_a_reading_of_the_only_meter_is_asked_for_and_taken(account: Account, profile: str) -> None:
    meter(account, "Х-1407")
    call = Phone(loader.load(profile))
    assert call.asks("readings").ask == "account"
    named = call.asks("readings", account=NUMBER)
    assert named.ask == "value", "one meter is not chosen"
    assert not any(one.isdigit() for one in named.said), "figures are not read well"
    done = call.asks("readings", account=NUMBER, value="104")
    assert (done.done, done.ask) == (True, "")
    assert standing("Х-1407") == [Decimal(100), Decimal(104)]
    sending = Sending.objects.latest("pk")
    assert (sending.channel, sending.contact_id) == ("menu", call.contact)
    assert [fact.kind for fact in facts_of("readings", sending.pk)] == ["reading_sent", "reading_accepted"]
    assert "readings_taken" in call.kinds()


def test_the_same_round_twice_is_one_reading(account: Account) -> None:
    meter(account, "Х-1407")
    call = Phone(loader.load("krc"))
    first = call.asks("readings", account=NUMBER, value="104")
    assert call.again("readings", account=NUMBER, value="104") == first
    assert Sending.objects.filter(channel="menu").count() == 1
    again = call.asks("readings", account=NUMBER, value="104")
    assert again.done
    assert again.said != first.said, "we have it already"


def test_several_meters_and_zones_are_chosen_by_a_key_and_one_after_the_other(account: Account) -> None:
    meter(account, "Г-2222", service="горячая вода")
    meter(account, "Э-3333", ["day", "night"], "электроэнергия")
    call = Phone(loader.load("krc"))
    named = call.asks("readings", account=NUMBER)
    assert named.ask == "meter"
    assert named.said == (
        "Горячая вода, номер оканчивается на два два два, нажмите один. "
        "Электроэнергия, номер оканчивается на три три три, день, нажмите два. "
        "Электроэнергия, номер оканчивается на три три три, ночь, нажмите три."
    )
    for unfit in ("0", "4"):
        reply = call.asks("readings", account=NUMBER, meter=unfit)
        assert (reply.wrong, reply.ask, reply.answers) == (True, "meter", {"account": NUMBER})
    assert "ночь" in call.asks("readings", account=NUMBER, meter="3").said
    done = call.asks("readings", account=NUMBER, meter="3", value="101")
    assert (done.done, done.ask, done.answers) == (True, "meter", {"account": NUMBER})
    night = Reading.objects.get(meter__number="Э-3333", value=101)
    assert night.zone == "night"
    assert not Guess.objects.exists(), "a key that is none is no guess"


def test_what_grows_too_much_is_asked_back_without_telling_why_and_stands_once_confirmed(account: Account) -> None:
    meter(account, "Х-1407")
    call = Phone(loader.load("krc"))
    asked = call.asks("readings", account=NUMBER, value="9104")
    assert asked.ask == "sure"
    assert "больше" not in asked.said
    assert standing("Х-1407") == [Decimal(100)]
    assert Reading.objects.get(pk=asked.answers["reading"]).state == "asked_back"
    assert call.asks("readings", **asked.answers, sure="5").ask == "sure"
    for _ in range(2):  # said twice, when a switchboard died meanwhile
        assert call.again("readings", **asked.answers, sure="1").done
    assert standing("Х-1407") == [Decimal(100), Decimal(9104)]


def test_who_typed_it_wrong_types_anew_and_the_first_does_not_stand(account: Account) -> None:
    meter(account, "Х-1407")
    call = Phone(loader.load("krc"))
    asked = call.asks("readings", account=NUMBER, value="9104")
    for _ in range(2):
        anew = call.again("readings", **asked.answers, sure="2")
        assert (anew.ask, anew.answers) == ("value", {"account": NUMBER})
    assert Reading.objects.get(pk=asked.answers["reading"]).state == "declined"
    assert call.asks("readings", **anew.answers, value="104").done
    assert standing("Х-1407") == [Decimal(100), Decimal(104)]


def test_a_value_that_the_meter_cannot_show_is_typed_again(account: Account) -> None:
    meter(account, "Х-1407")
    reply = Phone(loader.load("krc")).asks("readings", account=NUMBER, value="123456")
    assert (reply.wrong, reply.ask, reply.answers) == (True, "value", {"account": NUMBER})
    assert "меньше цифр" in reply.said


def test_an_account_without_meters_is_told_so(account: Account) -> None:
    reply = Phone(loader.load("krc")).asks("readings", account=NUMBER)
    assert (reply.ask, reply.wrong) == ("", False)
    assert "нет счётчиков" in reply.said


# --- balance ---
@clause("krc-5.6.4-06", "krc-6.1-03", "krc-6.1-06", "voe-6-19", "voe-6-20")
@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("krc", "На первого марта Ваш долг составляет пятьдесят два рубля сорок копеек."),
        ("voe", "На першого березня Ваш борг становить п’ятдесят дві гривні сорок копійок."),
    ],
)
def test_the_balance_is_told_after_account_house_and_flat(
    account: Account, settings: Any, profile: str, said: str
) -> None:
    settings.BILLING = ""
    call = Phone(loader.load(profile), HIS_PHONE)
    assert call.asks("balance", account=NUMBER).ask == "house", "his number proves nothing here"
    assert call.asks("balance", account=NUMBER, house="12").ask == "flat"
    assert "account_shown" not in call.kinds()
    assert call.asks("balance", account=NUMBER, house="12", flat="07").said == said
    contact = Contact.objects.get(pk=call.contact)
    assert (contact.client, contact.account, contact.identified_at) == (account.client, account, NOW)
    identified, shown = (fact for fact in facts_of("contact", call.contact) if fact.kind != "contact_opened")
    assert (identified.kind, identified.data["method"]) == ("identified", "menu")
    assert identified.data["fields"] == ["account_number", "address"]
    assert shown.data == {"account": NUMBER}


@pytest.mark.parametrize(("house", "flat"), [("12", "8"), ("13", "7"), ("3", "7"), ("12", "0")])
def test_a_proof_that_does_not_agree_tells_nothing_and_not_what_was_wrong(
    account: Account, house: str, flat: str
) -> None:
    call = Phone(loader.load("krc"))
    reply = call.asks("balance", account=NUMBER, house=house, flat=flat)
    assert (reply.wrong, reply.ask, reply.answers) == (True, "house", {"account": NUMBER})
    assert reply.said == "Сведения не сошлись."
    assert call.kinds() == ["contact_opened"]
    assert Guess.objects.get().caller == STRANGE


def test_the_house_may_be_typed_whole_and_a_place_without_flat_needs_none(account: Account, settings: Any) -> None:
    settings.BILLING = ""
    Premise.objects.filter(pk=account.premise_id).update(flat="")
    call = Phone(loader.load("krc"))
    assert call.asks("balance", account=NUMBER, house="123").done
    assert call.asks("balance", account=NUMBER, house="124").wrong


def test_the_number_that_calls_proves_only_where_the_profile_says_so(account: Account, settings: Any) -> None:
    settings.BILLING = ""
    yumek = loader.load("yumek")
    his, strange = Phone(yumek, HIS_PHONE), Phone(yumek)
    assert his.asks("balance", account=NUMBER).done
    assert facts_of("contact", his.contact).get(kind="identified").data["fields"] == ["account_number", "phone"]
    assert strange.asks("balance", account=NUMBER).ask == "house"


@clause("krc-5.6.4-06")
def test_where_the_standard_asks_for_more_than_keys_can_prove_an_operator_tells_it(account: Account) -> None:
    lax = replace(
        loader.load("krc"),
        variables={**loader.load("krc").variables, "self_service": {"known_number_proves": True}},
    )
    call = Phone(lax, HIS_PHONE)
    reply = call.asks("balance", account=NUMBER)
    assert (reply.stop, reply.done) == ("operator", False)
    assert "account_shown" not in call.kinds()
    nothing = replace(lax, variables={**lax.variables, "self_service": {}})
    assert Phone(nothing, HIS_PHONE).asks("balance", account=NUMBER).stop == "operator"


class Books:
    """A billing system that tells one balance, or is away."""

    def __init__(self, amount: str | None) -> None:
        self.amount = amount

    def balance(self, _account: str) -> Balance:
        if self.amount is None:
            raise BillingAwayError
        return Balance(Decimal(self.amount), dt.date(2026, 3, 20))


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("10.00", "На двадцатого марта на Вашем счёте переплата, десять рублей."),
        ("0", "На двадцатого марта долга на Вашем счёте нет."),
        (None, "На первого марта Ваш долг составляет пятьдесят два рубля сорок копеек."),
    ],
)
def test_the_billing_system_is_asked_and_while_it_is_away_its_last_word_is_told(
    account: Account, monkeypatch: pytest.MonkeyPatch, amount: str | None, said: str
) -> None:
    monkeypatch.setattr(owed, "billing", lambda: Books(amount))
    call = Phone(loader.load("krc"))
    assert call.asks("balance", account=NUMBER, house="12", flat="7").said == said


# --- outages ---
def told_of(_profile: Profile, places: list[Premise], _now: dt.datetime) -> list[str]:
    return [f"Беда: {place.street}." for place in places]


@pytest.fixture
def trouble(settings: Any) -> None:
    settings.OUTAGES = {"at": f"{__name__}.told_of", "any": f"{__name__}.anything"}


def anything(_profile: Profile, _now: dt.datetime) -> bool:
    return True


@pytest.mark.usefixtures("trouble")
def test_outages_are_told_by_the_callers_own_place_or_by_an_account(account: Account) -> None:
    krc = loader.load("krc")
    his = Phone(krc, HIS_PHONE)
    assert his.asks("outages").said == "Беда: ул. Лесная."
    assert his.asks(NEWS).said == "Беда: ул. Лесная."
    strange = Phone(krc)
    assert strange.asks("outages").ask == "account"
    assert strange.asks(NEWS) == Reply("")
    assert strange.asks("outages", account=NUMBER).said == "Беда: ул. Лесная."
    assert strange.asks("outages", account="1").wrong
    assert struck.any_open(krc, NOW)


def test_a_place_without_trouble_is_told_so(account: Account) -> None:
    reply = Phone(loader.load("krc"), HIS_PHONE).asks("outages")
    assert reply.done
    assert "не известно" in reply.said


# --- guesses ---
def test_accounts_cannot_be_guessed_however_often_somebody_calls(account: Account) -> None:
    krc = loader.load("krc")
    limit = dialogues.Guesses.of(krc).a_number
    for _ in range(limit):
        assert Phone(krc).asks("readings", account="5").wrong
    assert Phone(krc).asks("readings", account=NUMBER) == Reply(stop="too_often")
    assert Phone(krc, HIS_PHONE).asks("outages").done, "nobody else suffers"
    later = NOW + dt.timedelta(seconds=dialogues.Guesses.of(krc).within_s + 1)
    assert not guesses.too_often(dialogues.Guesses.of(krc), STRANGE, later)
    assert guesses.forget(NOW + dt.timedelta(days=2)) == limit


def test_all_callers_together_cannot_guess_either_and_the_profile_may_set_the_limits(account: Account) -> None:
    few = replace(
        loader.load("krc"), variables={**loader.load("krc").variables, "self_service": {"guesses": {"all": 2}}}
    )
    for number in ("+79000000001", "+79000000002"):
        assert Phone(few, number).asks("balance", account="5").wrong
    assert Phone(few, HIS_PHONE).asks("balance", account=NUMBER).stop == "too_often"


# --- the data themselves ---
def test_every_question_has_its_words_in_both_languages_and_every_check_is_there() -> None:
    for name in dialogues.names():
        for part in dialogues.parts(name):
            assert not part.check or part.check in checks.CHECKS
    for profile in ("krc", "voe"):
        spoken = {one.key for one in prompts.system_messages(loader.load(profile))}
        dynamic = {"self.meter"}
        assert {f"self.{one}" for one in dialogues.questions()} - dynamic <= spoken
        assert {f"self.{one}" for one in prompts.SELF_SERVICE} <= spoken
    told = Told(loader.load("voe"), "readings", NOW)
    assert told.words("accepted") == "Показання прийнято. Дякуємо."
